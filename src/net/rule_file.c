#include "net/rule_file.h"

#include "net/wiring_file.h"

static const struct wiring_edge *edge_at(const struct wiring_writer *writer, uint64_t number)
{
    const struct wiring_file *file = writer->wiring->projection->edges;
    return &file->edge[file->first[writer->tile] + number];
}

static uint64_t count(const struct wiring *wiring, uint64_t tile)
{
    const struct wiring_file *file = wiring->projection->edges;
    return file->first[tile + 1] - file->first[tile];
}

static enum status draw(struct wiring_writer *writer, struct error *err)
{
    uint64_t left = count(writer->wiring, writer->tile);
    (void)err;
    while (left > 0) {
        size_t room = wiring_writer_room(writer, left);
        struct wiring_batch *batch = &writer->batch;
        const struct wiring_edge *edge = edge_at(writer, batch->first + batch->count);
        for (size_t i = 0; i < room; i++) {
            batch->source[batch->count + i] = wiring_edge_source(&edge[i]);
            batch->target[batch->count + i] = wiring_edge_target(&edge[i]);
        }
        batch->count += room;
        left -= room;
    }
    return STATUS_OK;
}

const struct wiring_rule rule_file = {.count = count, .draw = draw};
