/* What a population will need, known before anything is drawn. */
#ifndef MEGALIF_POPULATION_PLAN_H
#define MEGALIF_POPULATION_PLAN_H

#include "base/memory_plan.h"
#include "neuron/neuron_draw.h"
#include "population/population.h"

/* Which fields differ between the neurons of a population, and so need an array. */
struct population_shape {
    bool decay, bias, gain, reset, floor, bridge, refractory, coefficient;
};

struct population_shape population_shape_of(const struct neuron_source *source);

/* Elements of every array of a population. */
uint64_t population_padded(uint64_t size);

/* How many drives a population will have: one for each input and target range. */
size_t population_target_count(const struct config *config, size_t population);

/* What population_open will allocate. With a t_ref distribution the queue is an estimate. */
void population_plan(struct memory_plan *plan, const struct config *config, size_t population,
                     const struct population_settings *settings);

/* Bounds on the refractory steps of any neuron before anything is drawn (the upper one is 8 sd out
 * for distributions without one). */
void population_refractory_bounds(const struct config *config, size_t population,
                                  uint64_t *shortest, uint64_t *longest);

/* Bytes of the arrays that stepping changes, before anything is allocated. */
uint64_t population_state_bytes(const struct config *config, size_t population,
                                const struct population_settings *settings);

#endif
