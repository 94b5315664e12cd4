/* The refractory neurons of a population as a checkpoint has them: in place of the queue, whose
 * lists are a tile's (tile_park.h), for each neuron how soon it is released. */
#ifndef MEGALIF_RELEASE_QUEUE_H
#define MEGALIF_RELEASE_QUEUE_H

#include "population/population.h"

/* Bytes of the number that one neuron needs: 1, 2, 4 or 8; 0 when no neuron is ever refractory.
 * longest: the most steps that one is. */
size_t release_queue_bytes(uint64_t longest);

/* Writes those of neurons first ... first + count - 1 to out[count]: 0 for a neuron that is not
 * refractory, else 1 + the number of steps from `step` (the next one) to the one that it starts at
 * V_reset. Any number of threads may call it. */
void release_queue_save(const struct population *population, uint64_t step, uint64_t first,
                        uint64_t count, void *out);

/* The reverse, for a population that has just been opened; u comes by itself. One thread at a time;
 * every neuron once. False when a number is too large for this population. */
bool release_queue_restore(struct population *population, uint64_t step, uint64_t first,
                           uint64_t count, const void *in);

#endif
