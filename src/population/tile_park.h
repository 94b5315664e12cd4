/* The refractory neurons of a tile: kept in its own spikes within a block, in lists beyond it. */
#ifndef MEGALIF_TILE_PARK_H
#define MEGALIF_TILE_PARK_H

#include "population/tile_run.h"

/* The neurons behind ids[total] spike in `step` and the steps after it, count[k] in each: those
 * without a refractory period are reset, all others parked until it is over. */
void tile_park(struct tile_run *r, uint64_t step, const uint32_t *count, size_t steps);

/* The neurons whose refractory period ends before this step: into ids; returns how many. To be
 * called once for every step. */
size_t tile_release(struct tile_run *r, uint64_t step, uint16_t *ids);

#endif
