/* The refractory neurons of a tile. Nothing is counted down: a neuron that spikes is parked, and
 * found again in the step that releases it: within a block, where all have the same period, among
 * the tile's own spikes of so many steps before; else in the list of that step (population.h:
 * queue_head). */
#ifndef MEGALIF_TILE_PARK_H
#define MEGALIF_TILE_PARK_H

#include "population/tile_run.h"

/* The neurons behind ids[total] spike in `step` and the steps after it, count[k] in each: those
 * without a refractory period are reset, all others parked until it is over. */
void tile_park(struct tile_run *r, uint64_t step, const uint32_t *count, size_t steps);

/* The neurons whose refractory period ends before this step: into ids, which has room for the
 * tile's and LEAP_SLACK more; returns how many. To be called once for every step. */
size_t tile_release(struct tile_run *r, uint64_t step, uint16_t *ids);

#endif
