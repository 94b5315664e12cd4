/* Numbers below a tile's number of targets for many sources at once, with multapses: each row has
 * the words of one source's synapses 8 g ... 8 g + 7 or 4 g ... 4 g + 3 in the tile
 * (docs/numerics.md, fixed_outdegree), and needs no other row. */
#ifndef MEGALIF_NET_WIRING_ROWS_H
#define MEGALIF_NET_WIRING_ROWS_H

#include "kernel/kernel.h"

#include <stdbool.h>

enum {
    WIRING_ROWS = 256,   /* drawn at once; a multiple of 16 */
    WIRING_ROW_MOST = 8, /* numbers in a row */
    WIRING_ROWS_ROOM = WIRING_ROWS * WIRING_ROW_MOST
};

struct wiring_rows {
    const struct kernels *kernels;
    struct philox_key key;
    uint64_t tile;
    uint64_t below; /* 1 ... WIRING_TILE_MOST */
    uint32_t high;  /* of all sources: their places / 2^32 */
    size_t of_row;  /* numbers */
    size_t count;
    uint32_t source[WIRING_ROWS], group[WIRING_ROWS];
    uint8_t keep[WIRING_ROWS]; /* the first so many numbers count */
    uint32_t word[WIRING_ROWS][4];
};

void wiring_rows_open(struct wiring_rows *rows, const struct kernels *kernels,
                      struct philox_key key, uint64_t tile);

/* For what comes: sources 2^32 high ..., numbers below this. There must be no rows. */
void wiring_rows_begin(struct wiring_rows *rows, uint32_t high, uint64_t below);

/* Adds rows for synapses `first` (a multiple of of_row) ... n - 1 of a source, as many as there is
 * room for; returns the first that has none, or n. */
static inline uint64_t wiring_rows_add(struct wiring_rows *rows, uint32_t source, uint64_t first,
                                       uint64_t n)
{
    const size_t each = rows->of_row;
    for (; first < n && rows->count < WIRING_ROWS; first += each) {
        rows->source[rows->count] = source;
        rows->group[rows->count] = (uint32_t)(first / each);
        rows->keep[rows->count++] = (uint8_t)(n - first < each ? n - first : each);
    }
    return first < n ? first : n;
}

/* Writes all numbers one after the other and returns how many: `to` has room for WIRING_ROWS_ROOM.
 * The rows stay as they are; rows->count = 0 empties them. */
size_t wiring_rows_draw(struct wiring_rows *rows, uint16_t *to);

#endif
