/* What a population will need, known before anything is drawn. */
#ifndef MEGALIF_POPULATION_PLAN_H
#define MEGALIF_POPULATION_PLAN_H

#include "base/memory_plan.h"
#include "neuron/neuron_draw.h"
#include "population/population.h"

/* Does a coefficient of a model need an array in this population? */
bool population_needs_field(const struct neuron_source *source, const struct model *model,
                            size_t field);

/* Elements of every array of a population. */
uint64_t population_padded(uint64_t size);

/* What population_open will allocate. With a t_ref distribution the queue is an estimate. */
void population_plan(struct memory_plan *plan, const struct config *config, size_t population,
                     const struct population_settings *settings);

/* Bounds on the refractory steps of any neuron before anything is drawn (the upper one is 8 sd out
 * for distributions without one). */
void population_refractory_bounds(const struct config *config, size_t population,
                                  uint64_t *shortest, uint64_t *longest);

/* The most spikes that a neuron of the population can have in one step. */
uint32_t population_spikes_most(const struct config *config, size_t population);

/* Bytes of what stepping changes, before anything is allocated. With a t_ref distribution `held` is
 * an estimate, and `saved` an upper bound. */
struct population_state_bytes {
    uint64_t held;  /* by a population with tiles of `tile` neurons */
    uint64_t saved; /* in a checkpoint at the end of a run */
};
struct population_state_bytes population_state_bytes(const struct config *config, size_t population,
                                                     size_t tile);

#endif
