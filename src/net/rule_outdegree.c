#include "net/rule_outdegree.h"

#include "net/wiring_distinct.h"
#include "net/wiring_lists.h"
#include "net/wiring_tree.h"
#include "net/wiring_writer.h"

static void open_outdegree(struct wiring *wiring)
{
    wiring_tree_open(wiring, wiring->projection->value[PROJECTION_OUTDEGREE].integer);
}

static void count_sources(const struct wiring *wiring, uint64_t tile, uint64_t first,
                          uint64_t count[TREE_SOURCES])
{
    uint64_t degree = wiring->projection->value[PROJECTION_OUTDEGREE].integer;
    wiring_tree_counts(wiring, tile, degree, first, count);
}

static uint64_t count_tile(const struct wiring *wiring, uint64_t tile)
{
    uint64_t sum = 0, count[TREE_SOURCES];
    for (uint64_t source = 0; source < wiring->sources; source++) {
        if (source % TREE_SOURCES == 0)
            count_sources(wiring, tile, source, count);
        sum += count[source % TREE_SOURCES];
    }
    return sum;
}

/* A source and the synapses it still needs in the tile. */
struct row {
    uint64_t source;
    uint64_t self;    /* its place in the tile if that is forbidden, or WIRING_NONE */
    uint64_t targets; /* in the tile it may have */
    uint64_t left;
};

static struct row row_of(const struct wiring *wiring, uint64_t tile, uint64_t source,
                         uint64_t synapses)
{
    uint64_t first = wiring_first_target(tile), end = wiring_end_target(wiring, tile);
    uint64_t self = wiring_target_of(wiring, source);
    self = self >= first && self < end ? self - first : WIRING_NONE;
    return (struct row){source, self, end - first - (self != WIRING_NONE), synapses};
}

/* distinct: NULL where multapses may be. */
static void write_row(struct wiring_writer *writer, struct row row,
                      struct wiring_distinct *distinct)
{
    struct wiring_batch *batch = &writer->batch;
    while (row.left > 0) {
        size_t n = wiring_writer_room(writer, row.left);
        for (size_t i = batch->count; i < batch->count + n; i++) {
            uint64_t target = distinct ? wiring_distinct_next(distinct, &writer->dice, i)
                                       : wiring_dice_below(&writer->dice, i, row.targets);
            batch->source[i] = row.source;
            batch->target[i] = (uint32_t)(target + (target >= row.self));
        }
        batch->count += n;
        row.left -= n;
    }
}

static enum status draw(struct wiring_writer *writer, struct error *err)
{
    const struct wiring *wiring = writer->wiring;
    const bool multapses = wiring->projection->multapses;
    struct wiring_distinct distinct = {0};
    enum status status = STATUS_OK;
    uint64_t count[TREE_SOURCES];
    wiring_writer_dice(writer, wiring->target_key, WIRING_TILE);
    for (uint64_t source = 0; source < wiring->sources && status == STATUS_OK; source++) {
        if (source % TREE_SOURCES == 0)
            count_sources(wiring, writer->tile, source, count);
        struct row row = row_of(wiring, writer->tile, source, count[source % TREE_SOURCES]);
        if (!multapses)
            status = wiring_distinct_begin(&distinct, row.left, row.targets, err);
        if (status == STATUS_OK)
            write_row(writer, row, multapses ? NULL : &distinct);
    }
    wiring_distinct_free(&distinct);
    return status;
}

const struct wiring_rule rule_fixed_outdegree = {
    .count = count_tile, .draw = draw, .open = open_outdegree};
