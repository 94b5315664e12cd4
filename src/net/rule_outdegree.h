/* fixed_outdegree: as many synapses from each source, on its targets alike. A tree for each source
 * shares them out among tiles. Order: by source, then as drawn. */
#ifndef MEGALIF_NET_RULE_OUTDEGREE_H
#define MEGALIF_NET_RULE_OUTDEGREE_H

#include "net/wiring_private.h"
#include "net/wiring_tree.h"

/* count[i], i < TREE_SOURCES: synapses of source first + i into a tile; as wiring_tree_counts. */
void rule_outdegree_counts(const struct wiring *wiring, uint64_t tile, uint64_t first,
                           uint64_t count[TREE_SOURCES]);

/* The same for many tiles at once, as wiring_tree_tiles. */
void rule_outdegree_tiles(const struct wiring *wiring, const uint32_t *before, uint64_t first,
                          uint32_t *count, uint64_t stride);

extern const struct wiring_rule rule_fixed_outdegree;

#endif
