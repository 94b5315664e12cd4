/* LEAP_STEPS steps of a tile in one pass. */
#ifndef MEGALIF_TILE_LEAP_H
#define MEGALIF_TILE_LEAP_H

#include "population/tile_run.h"

/* Can the tile take the LEAP_STEPS steps from `step` on at once: before the block's end, with an
 * unchanged drift, nothing that acts in single steps, no neuron that is parked and released within?
 */
bool tile_can_leap(const struct tile_run *r, uint64_t step);

/* Takes them: adds their spikes to the block's. */
void tile_leap(struct tile_run *r, uint64_t step);

#endif
