/* What a population will need, known before anything is drawn; shared by its plan and its making.
 */
#ifndef MEGALIF_POPULATION_SHAPE_H
#define MEGALIF_POPULATION_SHAPE_H

#include "neuron/neuron_draw.h"

enum { QUEUE_BYTES = sizeof(uint16_t) };

/* Which fields differ between the neurons of a population, and so need an array. */
struct population_shape {
    bool decay, bias, gain, reset, floor, bridge, refractory, coefficient;
};

struct population_shape population_shape_of(const struct neuron_source *source);

/* Elements of every array of a population. */
uint64_t population_padded(uint64_t size);

/* How many ids a neuron of a pilot stands for, which has at most so many (0: all). */
uint64_t population_stride(uint64_t size, uint64_t most);

/* How many drives a population will have: one for each input and target range. */
size_t population_target_count(const struct config *config, size_t population);

#endif
