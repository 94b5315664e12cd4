/* How many of a projection's synapses, or of one source's, fall into a canonical tile: a binary
 * tree over the tiles, in which each node splits its number at random. A tile's number is a
 * function of the path to it alone. */
#ifndef MEGALIF_NET_WIRING_TREE_H
#define MEGALIF_NET_WIRING_TREE_H

#include "net/wiring_private.h"

enum { TREE_SOURCES = 16 };

/* Of `synapses` that fall on all pairs of sources and targets alike. */
uint64_t wiring_tree_count(const struct wiring *wiring, uint64_t tile, uint64_t synapses);

/* Goes down the upper part of the tree of all sources, of which each has `synapses` on its targets
 * alike, and keeps up to 16 numbers of each, at most a byte a synapse. Nothing is kept where there
 * are few or there is no memory: then tiles take longer. */
void wiring_tree_open(struct wiring *wiring, uint64_t synapses);

/* What it keeps. */
uint64_t wiring_tree_bytes(const struct wiring *wiring, uint64_t synapses);

/* count[i], i < TREE_SOURCES: of `synapses` that source first + i has on its targets alike. `first`
 * is a multiple of TREE_SOURCES; sources that are none have numbers without meaning. */
void wiring_tree_counts(const struct wiring *wiring, uint64_t tile, uint64_t synapses,
                        uint64_t first, uint64_t count[TREE_SOURCES]);

/* The same for many tiles, down the tree but once: count[tile * stride + i]. before[tile], tile <=
 * tiles: how many of the tiles before it are wanted; the others' numbers are left as they are.
 * UINT32_MAX: so many or more. */
void wiring_tree_tiles(const struct wiring *wiring, const uint32_t *before, uint64_t synapses,
                       uint64_t first, uint32_t *count, uint64_t stride);

#endif
