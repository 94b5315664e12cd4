/* The synapses of a tile on their way to whoever asked for them: rules write sources and targets
 * into batches; weights and delays are added when a batch is full. */
#ifndef MEGALIF_NET_WIRING_WRITER_H
#define MEGALIF_NET_WIRING_WRITER_H

#include "net/wiring_private.h"

struct wiring_writer {
    const struct wiring *wiring;
    uint64_t tile;
    enum wiring_what what;
    wiring_sink *sink;
    void *context;
    bool has_dice;
    struct wiring_dice dice; /* of the synapses of this batch */
    struct wiring_batch batch;
};

void wiring_writer_open(struct wiring_writer *writer, const struct wiring *wiring, uint64_t tile,
                        enum wiring_what what, wiring_sink *sink, void *context);

/* Draws numbers below `most` or less with this key: writer->dice has them for synapse number
 * batch.first + i. Before the first synapse. */
void wiring_writer_dice(struct wiring_writer *writer, struct philox_key key, uint64_t most);

/* Hands the batch on; also begins the next one. */
void wiring_writer_flush(struct wiring_writer *writer);
void wiring_writer_next(struct wiring_writer *writer);

/* How many of `wanted` synapses may be written to batch.source and batch.target from batch.count
 * on, at least one; who writes them adds to batch.count. */
static inline size_t wiring_writer_room(struct wiring_writer *writer, uint64_t wanted)
{
    if (writer->batch.count == WIRING_BATCH)
        wiring_writer_next(writer);
    size_t room = WIRING_BATCH - writer->batch.count;
    return wanted < room ? (size_t)wanted : room;
}

#endif
