/* Parameters of neurons from a population's description, one neuron at a time; neuron_rows.h draws
 * many. */
#ifndef MEGALIF_NEURON_DRAW_H
#define MEGALIF_NEURON_DRAW_H

#include "kernel/philox.h"
#include "neuron/draw.h"
#include "neuron/finding.h"
#include "neuron/membrane.h"

/* Everything needed to draw any neuron of a population; immutable, shared by threads. */
struct neuron_source {
    const struct config *config;
    const struct population_config *population;
    unsigned given;                                   /* bit per key that has a value */
    unsigned drawn;                                   /* bit per key that varies between neurons */
    bool membrane_varies;                             /* tau_m or the resistance does */
    struct finding_range range[POPULATION_KEYS_MOST]; /* of drawn keys */
    struct philox_key key[POPULATION_KEYS_MOST];
    uint64_t name_hash[POPULATION_KEYS_MOST]; /* fnv1a64 of the key's name, for the digest */
};

void neuron_source_init(struct neuron_source *source, const struct config *config,
                        size_t population);

/* Where neuron id stands: copies of a cell draw the same. */
struct draw_place neuron_place(const struct population_config *population, uint64_t id);

/* All values of neuron id < population->size, derived ones included. */
void neuron_draw(struct neuron *neuron, const struct neuron_source *source, uint64_t id);

/* The keys of a set, each once: takes the lowest out of it. */
static inline int neuron_next_key(unsigned *keys)
{
    int key = __builtin_ctz(*keys);
    *keys &= *keys - 1;
    return key;
}

/* Refractory steps: t_ref to the nearest step, halves up. */
uint64_t neuron_refractory_steps(const struct neuron *neuron, const struct neuron_source *source);

#endif
