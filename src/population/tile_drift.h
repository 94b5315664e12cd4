/* The drift of a tile: what moves its neurons but for noise. */
#ifndef MEGALIF_TILE_DRIFT_H
#define MEGALIF_TILE_DRIFT_H

#include "population/tile_run.h"

/* Steps (1) to (3): r->drift of a step, and r->drift_until, the first later one in which it may be
 * another. */
void tile_update_drift(struct tile_run *r, uint64_t step);

#endif
