/* Spikes of a whole population in bins of time: bin i counts those of the steps from
 * start + i width on, so of the times (start + i width, start + (i + 1) width]. */
#ifndef MEGALIF_ENGINE_RATE_BINS_H
#define MEGALIF_ENGINE_RATE_BINS_H

#include "base/error.h"
#include "config/config.h"

struct rate_bins {
    uint64_t start, stop, width; /* steps; stop at most the end of the simulation */
    uint64_t count;              /* bins; the last one may be cut off by stop */
    uint64_t *spikes;            /* [count] */
};

/* Is it a rate recorder that names the population? */
bool rate_bins_wanted(const struct record_config *record, size_t population);

/* The bins of a rate recorder; NULL: those of 1 ms that every population has. Only the geometry:
 * spikes stays NULL. */
struct rate_bins rate_bins_of(const struct config *config, const struct record_config *record);

/* Allocates what rate_bins_of describes, all 0. STATUS_MEMORY on failure. */
enum status rate_bins_open(struct rate_bins *out, const struct config *config,
                           const struct record_config *record, struct error *err);
void rate_bins_close(struct rate_bins *bins);

/* What the bin of a step holds so far; start <= step < stop. */
static inline uint64_t rate_bins_at(const struct rate_bins *bins, uint64_t step)
{
    return bins->spikes[(step - bins->start) / bins->width];
}

/* How many bins the first `steps` steps have reached. */
static inline uint64_t rate_bins_begun(const struct rate_bins *bins, uint64_t steps)
{
    uint64_t end = steps < bins->stop ? steps : bins->stop;
    return end > bins->start ? (end - bins->start - 1) / bins->width + 1 : 0;
}

/* Adds the spikes of one step. */
static inline void rate_bins_add(struct rate_bins *bins, uint64_t step, uint64_t spikes)
{
    if (step >= bins->start && step < bins->stop)
        bins->spikes[(step - bins->start) / bins->width] += spikes;
}

/* Variance of the spikes per bin over their mean, over the whole bins in [from, to) (steps): 1 for
 * independent Poisson trains of any number of neurons, above 1 where they fire together; NaN
 * without spikes or with fewer than two bins. Potjans and Diesmann (2014), Cereb. Cortex 24:785,
 * call it synchrony (bins of 3 ms). Both moments are exact until the division at the end. */
double rate_bins_synchrony(const struct rate_bins *bins, uint64_t from, uint64_t to);

#endif
