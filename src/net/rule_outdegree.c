#include "net/rule_outdegree.h"

#include "net/wiring_distinct.h"
#include "net/wiring_lists.h"
#include "net/wiring_rows.h"
#include "net/wiring_tiles.h"
#include "net/wiring_tree.h"
#include "net/wiring_writer.h"

static void prepare(struct wiring *wiring)
{
    wiring_tree_open(wiring, wiring->projection->value[PROJECTION_OUTDEGREE].integer);
}

void rule_outdegree_counts(const struct wiring *wiring, uint64_t tile, uint64_t first,
                           uint64_t count[TREE_SOURCES])
{
    uint64_t degree = wiring->projection->value[PROJECTION_OUTDEGREE].integer;
    wiring_tree_counts(wiring, tile, degree, first, count);
}

void rule_outdegree_tiles(const struct wiring *wiring, const uint32_t *before, uint64_t first,
                          uint32_t *count, uint64_t stride)
{
    uint64_t degree = wiring->projection->value[PROJECTION_OUTDEGREE].integer;
    wiring_tree_tiles(wiring, before, degree, first, count, stride);
}

static uint64_t count_tile(const struct wiring *wiring, uint64_t tile)
{
    uint64_t sum = 0, count[TREE_SOURCES];
    for (uint64_t source = 0; source < wiring->sources; source++) {
        if (source % TREE_SOURCES == 0)
            rule_outdegree_counts(wiring, tile, source, count);
        sum += count[source % TREE_SOURCES];
    }
    return sum;
}

/* Its place in the tile, if it must not connect to itself, or WIRING_NONE. */
static uint64_t self_of(const struct wiring *wiring, uint64_t tile, uint64_t source)
{
    const uint64_t first = wiring_first_target(wiring, tile), end = wiring_end_target(wiring, tile);
    const uint64_t self = wiring_target_of(wiring, source);
    return self >= first && self < end ? self - first : WIRING_NONE;
}

static uint64_t targets_for(const struct wiring *wiring, uint64_t tile, uint64_t self)
{
    return wiring_end_target(wiring, tile) - wiring_first_target(wiring, tile) -
           (self != WIRING_NONE);
}

/* ---- with multapses: rows that stand for themselves */

struct drawing {
    struct wiring_writer *writer;
    struct wiring_rows rows;
    uint16_t number[WIRING_ROWS_ROOM];
};

/* The numbers of one row, as targets. */
static void write_row(struct wiring_writer *writer, uint64_t source, const uint16_t *number,
                      size_t left)
{
    const uint64_t self = self_of(writer->wiring, writer->tile, source);
    struct wiring_batch *batch = &writer->batch;
    while (left > 0) {
        const size_t n = wiring_writer_room(writer, left);
        for (size_t i = 0; i < n; i++) {
            batch->source[batch->count + i] = source;
            batch->target[batch->count + i] = number[i] + (uint32_t)(number[i] >= self);
        }
        batch->count += n;
        number += n;
        left -= n;
    }
}

static void write_rows(struct drawing *d)
{
    struct wiring_rows *rows = &d->rows;
    const uint16_t *number = d->number;
    wiring_rows_draw(rows, d->number);
    for (size_t r = 0; r < rows->count; number += rows->keep[r++])
        write_row(d->writer, (uint64_t)rows->high << 32 | rows->source[r], number, rows->keep[r]);
    rows->count = 0;
}

static void draw_source(struct drawing *d, uint64_t source, uint64_t n)
{
    const struct wiring_writer *writer = d->writer;
    const uint64_t self = self_of(writer->wiring, writer->tile, source);
    const uint64_t below = targets_for(writer->wiring, writer->tile, self);
    const uint32_t high = (uint32_t)(source >> 32);
    struct wiring_rows *rows = &d->rows;
    if (below != rows->below || high != rows->high) {
        write_rows(d);
        wiring_rows_begin(rows, high, below);
    }
    for (uint64_t at = 0; at < n;) {
        if (wiring_rows_full(rows))
            write_rows(d);
        at = wiring_rows_add(rows, (uint32_t)source, at, n);
    }
}

static void draw_rows(struct wiring_writer *writer)
{
    const struct wiring *wiring = writer->wiring;
    struct drawing d; /* large: not all of it is to be cleared */
    uint64_t count[TREE_SOURCES];
    d.writer = writer;
    wiring_rows_open(&d.rows, wiring->kernels, wiring->target_key, writer->tile);
    for (uint64_t source = 0; source < wiring->sources; source++) {
        if (source % TREE_SOURCES == 0)
            rule_outdegree_counts(wiring, writer->tile, source, count);
        if (count[source % TREE_SOURCES] > 0)
            draw_source(&d, source, count[source % TREE_SOURCES]);
    }
    write_rows(&d);
}

/* ---- without: by their numbers in the tile */

static void write_distinct(struct wiring_writer *writer, uint64_t source, uint64_t left,
                           struct wiring_distinct *distinct)
{
    const uint64_t self = self_of(writer->wiring, writer->tile, source);
    struct wiring_batch *batch = &writer->batch;
    while (left > 0) {
        size_t n = wiring_writer_room(writer, left);
        for (size_t i = batch->count; i < batch->count + n; i++) {
            uint64_t target = wiring_distinct_next(distinct, &writer->dice, i);
            batch->source[i] = source;
            batch->target[i] = (uint32_t)(target + (target >= self));
        }
        batch->count += n;
        left -= n;
    }
}

static enum status draw_distinct(struct wiring_writer *writer, struct error *err)
{
    const struct wiring *wiring = writer->wiring;
    struct wiring_distinct distinct = {0};
    enum status status = STATUS_OK;
    uint64_t count[TREE_SOURCES];
    wiring_writer_dice(writer, wiring->target_key, WIRING_TILE);
    for (uint64_t source = 0; source < wiring->sources && status == STATUS_OK; source++) {
        if (source % TREE_SOURCES == 0)
            rule_outdegree_counts(wiring, writer->tile, source, count);
        const uint64_t n = count[source % TREE_SOURCES];
        const uint64_t self = self_of(wiring, writer->tile, source);
        status = wiring_distinct_begin(&distinct, n, targets_for(wiring, writer->tile, self), err);
        if (status == STATUS_OK)
            write_distinct(writer, source, n, &distinct);
    }
    wiring_distinct_free(&distinct);
    return status;
}

static enum status draw(struct wiring_writer *writer, struct error *err)
{
    if (!writer->wiring->projection->multapses)
        return draw_distinct(writer, err);
    draw_rows(writer);
    return STATUS_OK;
}

const struct wiring_rule rule_fixed_outdegree = {
    .count = count_tile, .draw = draw, .prepare = prepare};
