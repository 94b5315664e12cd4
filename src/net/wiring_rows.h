/* Numbers below a tile's number of targets for many sources at once, with multapses: each row has
 * the words of one source's synapses 8 g ... 8 g + 7 or 4 g ... 4 g + 3 in the tile
 * (docs/numerics.md, fixed_outdegree), and needs no other row. */
#ifndef MEGALIF_NET_WIRING_ROWS_H
#define MEGALIF_NET_WIRING_ROWS_H

#include "kernel/kernel.h"

#include <stdbool.h>
#include <string.h>

enum {
    WIRING_ROWS = 256,             /* drawn at once; a multiple of 16 */
    WIRING_ROWS_ABREAST = 16,      /* added at once */
    WIRING_ROW_MOST = HALVES_MOST, /* numbers in a row */
    WIRING_ROWS_ROOM = WIRING_ROWS * WIRING_ROW_MOST + HALVES_SLACK
};

struct wiring_rows {
    const struct kernels *kernels;
    struct philox_key key;
    uint64_t tile;
    uint64_t below; /* 1 ... WIRING_TILE_MOST */
    uint32_t high;  /* of all sources: their places / 2^32 */
    unsigned shift; /* 2^shift numbers in a row */
    size_t count;
    uint32_t source[WIRING_ROWS], group[WIRING_ROWS];
    uint8_t keep[WIRING_ROWS]; /* the first so many numbers count */
    uint32_t word[WIRING_ROWS][4];
};

void wiring_rows_open(struct wiring_rows *rows, const struct kernels *kernels,
                      struct philox_key key, uint64_t tile);

/* For what comes: sources 2^32 high ..., numbers below this. There must be no rows. */
void wiring_rows_begin(struct wiring_rows *rows, uint32_t high, uint64_t below);

/* No more can be added. */
static inline bool wiring_rows_full(const struct wiring_rows *rows)
{
    return rows->count + WIRING_ROWS_ABREAST > WIRING_ROWS;
}

/* Adds rows for synapses `first` (a multiple of 2^shift) ... n - 1 > first of a source, as many as
 * are added at once; returns the first that has none, or n. They must not be full. All of these are
 * written, without a branch that nobody could foresee. */
static inline uint64_t wiring_rows_add(struct wiring_rows *rows, uint32_t source, uint64_t first,
                                       uint64_t n)
{
    const uint64_t most = (uint64_t)WIRING_ROWS_ABREAST << rows->shift;
    const uint64_t left = n - first < most ? n - first : most, whole = left >> rows->shift;
    const uint32_t group = (uint32_t)(first >> rows->shift);
    const uint8_t each = (uint8_t)(1 << rows->shift), rest = (uint8_t)(left & (each - 1));
    uint32_t *sources = rows->source + rows->count, *groups = rows->group + rows->count;
    uint8_t *keep = rows->keep + rows->count;
#pragma GCC unroll 16
    for (uint32_t i = 0; i < WIRING_ROWS_ABREAST; i++)
        sources[i] = source;
#pragma GCC unroll 16
    for (uint32_t i = 0; i < WIRING_ROWS_ABREAST; i++)
        groups[i] = group + i;
    memset(keep, each, WIRING_ROWS_ABREAST);
    if (whole < WIRING_ROWS_ABREAST)
        keep[whole] = rest;
    rows->count += whole + (rest > 0);
    return first + left;
}

/* Writes all numbers one after the other and returns how many: `to` has room for WIRING_ROWS_ROOM.
 * The rows stay as they are; rows->count = 0 empties them. */
size_t wiring_rows_draw(struct wiring_rows *rows, uint16_t *to);

/* The same numbers in any order. */
size_t wiring_rows_draw_any(struct wiring_rows *rows, uint16_t *to);

#endif
