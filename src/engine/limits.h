/* Where a run ends before its duration: a population that fires more than max_rate in a rate bin,
 * or stop_after_spikes. Both are tested at the end of each step, on all spikes, recorded or not, of
 * the warmup, too: so the step does not depend on threads, tiles or blocks. */
#ifndef MEGALIF_ENGINE_LIMITS_H
#define MEGALIF_ENGINE_LIMITS_H

#include "config/config.h"

enum limit { LIMIT_NONE, LIMIT_MAX_RATE, LIMIT_SPIKES };

struct limit_met {
    enum limit limit;
    size_t population; /* LIMIT_MAX_RATE: the first in the config's order */
    uint64_t bin;      /* LIMIT_MAX_RATE: number of the rate bin */
    uint64_t spikes;   /* MAX_RATE: of the population in the bin so far; SPIKES: in all */
};

/* Does the config set a limit that ends a run? */
bool limits_stop(const struct config *config);

/* The most spikes that a population may have in a rate bin of bin_steps steps: max_rate times size
 * times width, rounded down. UINT64_MAX without max_rate. */
uint64_t limits_bin_most(const struct config *config, size_t population, uint64_t bin_steps);

/* What is counted while steps are gone through one by one. Before a block's first step the owner
 * sets in_bin and spikes to what the steps before it left: nothing here must outlive a block. */
struct limits {
    const struct config *config;
    uint64_t bin_steps;
    uint64_t *bin_most; /* [populations]; UINT64_MAX: no limit */
    uint64_t *in_bin;   /* [populations] spikes in the present bin */
    uint64_t spikes;    /* in all */
};

/* STATUS_MEMORY on failure; limits_close in any case. */
enum status limits_open(struct limits *out, const struct config *config, uint64_t bin_steps,
                        struct error *err);
void limits_close(struct limits *limits);

/* Adds the spikes of one population in step `step` (0, 1, ...), each population once a step. */
void limits_count(struct limits *limits, size_t population, uint64_t step, uint64_t spikes);

/* What the step that was just counted has met. */
struct limit_met limits_test(const struct limits *limits, uint64_t step);

#endif
