/* Parameters of single neurons from a population's description, and the checks that only drawn
 * values need. */
#ifndef MEGALIF_MODEL_NEURON_DRAW_H
#define MEGALIF_MODEL_NEURON_DRAW_H

#include "kernel/philox.h"
#include "model/draw.h"
#include "model/finding.h"
#include "model/membrane.h"

/* Everything needed to draw any neuron of a population; immutable, shared by threads. */
struct neuron_source {
    const struct config *config;
    const struct population_config *population;
    unsigned given;                              /* bit per key that has a value */
    unsigned drawn;                              /* bit per key that varies between neurons */
    bool membrane_varies;                        /* tau_m or the resistance does */
    struct finding_range range[POPULATION_KEYS]; /* of drawn keys */
    struct philox_key key[POPULATION_KEYS];
    uint64_t name_hash[POPULATION_KEYS]; /* fnv1a64 of the key's name, for the digest */
};

void neuron_source_init(struct neuron_source *source, const struct config *config,
                        size_t population);

/* Where neuron id stands: copies of a cell draw the same. */
struct draw_place neuron_place(const struct population_config *population, uint64_t id);

/* All values of neuron id < population->size, derived ones included. */
void neuron_draw(struct neuron *neuron, const struct neuron_source *source, uint64_t id);

/* Random words for the next neurons, drawn 16 at a time. Begin with the kernels alone set. */
enum { NEURON_WORDS = 16 };
struct neuron_words {
    const struct kernels *kernels; /* of any precision */
    bool ready;
    uint64_t first;
    uint32_t word[POPULATION_KEYS][NEURON_WORDS][4];
};

/* The same for a neuron that holds another one of this source: draws only what differs. Its step is
 * still right unless source->membrane_varies. */
void neuron_redraw(struct neuron *neuron, const struct neuron_source *source, uint64_t id,
                   struct neuron_words *words);

/* Refractory steps: t_ref to the nearest step, halves up. */
uint64_t neuron_refractory_steps(const struct neuron *neuron, const struct neuron_source *source);

/* What single neurons are found with. */
enum finding_kind {
    /* 0 .. POPULATION_KEYS - 1: a drawn value outside its key's range */
    FINDING_RESET_ABOVE_THRESHOLD = POPULATION_KEYS,
    FINDING_FLOOR_ABOVE_RESET,
    FINDING_TAU_BELOW_DT,
    FINDING_TAU_BELOW_10_DT,
    FINDING_STARTS_ABOVE_THRESHOLD,
    FINDINGS
};
struct findings {
    struct finding of[FINDINGS];
    uint64_t
        digest; /* of all drawn values: a sum modulo 2^64 over (key, neuron, bits of the value) */
};

/* Adds what is to be said of one neuron, and its drawn values to the digest. */
void findings_check(struct findings *findings, const struct neuron_source *source,
                    const struct neuron *neuron, uint64_t id);
void findings_merge(struct findings *into, const struct findings *part);

/* Writes findings as lines; returns STATUS_CONFIG if any is an error. */
enum status findings_report(const struct findings *findings, const struct neuron_source *source,
                            struct messages *errors, struct messages *warnings);

#endif
