/* The canonical tiles of a projection's targets (docs/numerics.md, Connectivity). */
#ifndef MEGALIF_NET_WIRING_TILES_H
#define MEGALIF_NET_WIRING_TILES_H

#include "config/config.h"

struct wiring;

/* Lists them; false: no memory. */
bool wiring_tiles_open(struct wiring *wiring);

uint64_t wiring_tiles(const struct wiring *wiring);

/* Targets of the largest tile there can be. */
uint64_t wiring_tile_size(const struct projection_config *projection);

/* The targets of a tile, and the tile of a target: places. */
uint64_t wiring_first_target(const struct wiring *wiring, uint64_t tile);
uint64_t wiring_end_target(const struct wiring *wiring, uint64_t tile);
uint64_t wiring_tile_of(const struct wiring *wiring, uint64_t target);

#endif
