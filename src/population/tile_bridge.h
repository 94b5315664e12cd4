/* crossing = bridge, for a tile. */
#ifndef MEGALIF_TILE_BRIDGE_H
#define MEGALIF_TILE_BRIDGE_H

#include "population/tile_run.h"

/* To be called before the step: keeps u as it is then. */
void tile_before_bridge(struct tile_run *r, uint64_t step);

/* To be called at its end: lists its crossings anew, in scratch, those within the step included;
 * returns in how many groups they are. */
size_t tile_bridge(struct tile_run *r, uint64_t step);

#endif
