/* One tile of one population through the steps of a block: drives, kernel, refractoriness, spikes.
 * Everything of a step is in docs/numerics.md, "A step"; tile.c goes through it in that order. */
#ifndef MEGALIF_TILE_H
#define MEGALIF_TILE_H

#include "population/arrivals.h"
#include "population/population.h"
#include "population/tile_scratch.h"

/* The most spikes a tile can have in so many steps, of which a neuron has at most `most` in one. */
uint64_t tile_most_spikes(size_t tile, uint64_t steps, uint64_t shortest_refractory, uint32_t most);

/* Steps tile `tile` through steps first_step ... first_step + steps - 1. `arrivals`: what spikes
 * bring in these steps; NULL, or sum NULL: nothing. ids receives the neurons that spiked, as
 * numbers within the tile, ascending within each step (a source may have several spikes in it: then
 * its number stands as often), step after step; count[k]
 * how many in step first_step + k. Returns their sum. Different tiles may be stepped by different
 * threads. */
size_t tile_advance(struct population *population, uint64_t tile, uint64_t first_step, size_t steps,
                    const struct arrivals *arrivals, struct tile_scratch *scratch, uint16_t *ids,
                    uint32_t *count);

#endif
