/* The lists of sources and targets of a projection, and the neurons that are in both. */
#ifndef MEGALIF_NET_WIRING_LISTS_H
#define MEGALIF_NET_WIRING_LISTS_H

#include "net/wiring_private.h"

uint64_t wiring_list_size(const struct target *list, size_t count);

/* Fills overlap and overlap_count; false: no memory. */
bool wiring_lists_overlap(struct wiring *wiring);

/* The place among the sources of a target that must not connect to itself, or WIRING_NONE; and the
 * other way round. */
uint64_t wiring_source_of(const struct wiring *wiring, uint64_t target);
uint64_t wiring_target_of(const struct wiring *wiring, uint64_t source);

/* Pairs of sources and targets begin ... end - 1 that may connect. */
uint64_t wiring_pairs(const struct wiring *wiring, uint64_t begin, uint64_t end);

/* Pair number `rank` of a tile, below wiring_pairs of it: by source, then target. */
struct wiring_pair {
    uint64_t source, target; /* the target's place minus the tile's first */
};
struct wiring_pair wiring_pair_at(const struct wiring *wiring, uint64_t tile, uint64_t rank);

#endif
