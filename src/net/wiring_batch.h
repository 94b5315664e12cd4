/* Synapses as they are drawn, some at a time. */
#ifndef MEGALIF_NET_WIRING_BATCH_H
#define MEGALIF_NET_WIRING_BATCH_H

#include "net/wiring_dice.h"

#include <stddef.h>
#include <stdint.h>

/* Targets of a canonical tile: the random numbers depend on it, so it belongs to `numerics`. Of
 * fixed_outdegree with multapses a tile has up to WIRING_TILE_MOST, which a source is worth drawing
 * alone for. */
enum { WIRING_TILE = 4096, WIRING_TILE_MOST = 65536 };

/* The synapses first ... first + count - 1 of a canonical tile. */
struct wiring_batch {
    uint64_t first;
    size_t count;
    uint64_t source[WIRING_BATCH]; /* place in the projection's list of sources */
    uint32_t target[WIRING_BATCH]; /* place in the list of targets minus the tile's first */
    double weight[WIRING_BATCH];   /* in the key's unit, as drawn */
    uint32_t delay[WIRING_BATCH];  /* steps, >= 1 */
};

/* WIRING_PAIRS: sources and targets only, which is several times cheaper. */
enum wiring_what { WIRING_PAIRS, WIRING_ALL };

/* The batch is valid until the call returns. */
typedef void wiring_sink(void *context, const struct wiring_batch *batch);

#endif
