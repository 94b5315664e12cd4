/* Draws the synapses of some parts of projections, as often as who makes them needs them. */
#ifndef MEGALIF_SYNAPSE_DRAW_H
#define MEGALIF_SYNAPSE_DRAW_H

#include "net/synapses.h"

/* Of a batch those that are the part's. */
struct synapse_batch {
    const struct wiring_batch *drawn;
    size_t count;
    uint16_t place[WIRING_BATCH]; /* [count] in the batch, ascending */
    uint64_t behind;              /* what to add to the place of a source for its id, */
    uint64_t local; /* and to a target's place in the tile for its number in the cell: mod 2^64 */
    int64_t weight[WIRING_BATCH]; /* [count] in units of 2^stored; of WIRING_ALL */
};

/* The batch is valid until the call returns. */
typedef void synapse_sink(void *context, const struct synapse_batch *batch);

/* Calls sink(context, batch) for all synapses of the parts. WIRING_ALL: they are made by that,
 * which is told to `progress`, and noted in the digest of their part. STATUS_INTERRUPTED without a
 * text, or what wiring_draw returns. */
enum status synapses_draw(struct synapses_part *part, size_t parts, enum wiring_what what,
                          synapse_sink *sink, void *context, struct net_progress *progress,
                          struct error *err);

#endif
