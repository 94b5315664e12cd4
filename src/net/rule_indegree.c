#include "net/rule_indegree.h"

#include "net/wiring_distinct.h"
#include "net/wiring_lists.h"
#include "net/wiring_tiles.h"
#include "net/wiring_writer.h"

static double number(const struct wiring *wiring, enum projection_key key)
{
    return wiring->projection->value[key].number.parameter[0];
}

/* A target that must not connect to itself has a source less. */
static uint64_t sources_for(const struct wiring *wiring, int is_source)
{
    return wiring->sources - (uint64_t)is_source;
}

static void open_indegree(struct wiring *wiring)
{
    for (int i = 0; i < 2; i++)
        wiring->in_degree[i] =
            wiring_count_constant(wiring->projection->value[PROJECTION_INDEGREE].integer);
}

static void open_bernoulli(struct wiring *wiring)
{
    double p = number(wiring, PROJECTION_P);
    for (int i = 0; i < 2; i++)
        wiring->in_degree[i] = wiring_count_binomial(sources_for(wiring, i), p, 1 - p);
}

static void open_poisson(struct wiring *wiring)
{
    double of_pair = number(wiring, PROJECTION_AVG);
    for (int i = 0; i < 2; i++)
        wiring->in_degree[i] = wiring_count_poisson((double)sources_for(wiring, i) * of_pair);
}

static uint64_t in_degree(const struct wiring *wiring, uint64_t target, bool is_source)
{
    const struct wiring_count *count = &wiring->in_degree[is_source];
    if (count->law == LAW_CONSTANT)
        return count->n;
    return wiring_count_draw(count, wiring_bits(wiring->count_key, target, 0));
}

static uint64_t count_tile(const struct wiring *wiring, uint64_t tile)
{
    uint64_t count = 0, end = wiring_end_target(wiring, tile);
    for (uint64_t target = wiring_first_target(wiring, tile); target < end; target++)
        count += in_degree(wiring, target, wiring_source_of(wiring, target) != WIRING_NONE);
    return count;
}

/* A target and what it still needs. */
struct row {
    uint32_t place;   /* in the tile */
    uint64_t self;    /* its place among the sources if that is forbidden, or WIRING_NONE */
    uint64_t sources; /* it may have */
    uint64_t left;    /* synapses */
};

static struct row row_of(const struct wiring *wiring, uint64_t target)
{
    uint64_t self = wiring_source_of(wiring, target);
    bool is_source = self != WIRING_NONE;
    return (struct row){(uint32_t)(target % WIRING_TILE), self, sources_for(wiring, is_source),
                        in_degree(wiring, target, is_source)};
}

static void write_targets(struct wiring_batch *batch, size_t n, uint32_t place)
{
    for (size_t i = batch->count; i < batch->count + n; i++)
        batch->target[i] = place;
    batch->count += n;
}

static void draw_independent(struct wiring_writer *writer, struct row row)
{
    struct wiring_batch *batch = &writer->batch;
    while (row.left > 0) {
        size_t n = wiring_writer_room(writer, row.left);
        for (size_t i = batch->count; i < batch->count + n; i++) {
            uint64_t source = wiring_dice_below(&writer->dice, i, row.sources);
            batch->source[i] = source + (source >= row.self);
        }
        write_targets(batch, n, row.place);
        row.left -= n;
    }
}

static enum status draw_distinct(struct wiring_writer *writer, struct row row,
                                 struct wiring_distinct *distinct, struct error *err)
{
    struct wiring_batch *batch = &writer->batch;
    enum status status = wiring_distinct_begin(distinct, row.left, row.sources, err);
    while (row.left > 0 && status == STATUS_OK) {
        size_t n = wiring_writer_room(writer, row.left);
        for (size_t i = batch->count; i < batch->count + n; i++) {
            uint64_t source = wiring_distinct_next(distinct, &writer->dice, i);
            batch->source[i] = source + (source >= row.self);
        }
        write_targets(batch, n, row.place);
        row.left -= n;
    }
    return status;
}

static enum status draw_tile(struct wiring_writer *writer, bool multapses, struct error *err)
{
    const struct wiring *wiring = writer->wiring;
    struct wiring_distinct distinct = {0};
    enum status status = STATUS_OK;
    uint64_t end = wiring_end_target(wiring, writer->tile);
    wiring_writer_dice(writer, wiring->source_key, wiring->sources);
    for (uint64_t target = wiring_first_target(writer->wiring, writer->tile); target < end;
         target++) {
        if (multapses)
            draw_independent(writer, row_of(wiring, target));
        else if (status == STATUS_OK)
            status = draw_distinct(writer, row_of(wiring, target), &distinct, err);
    }
    wiring_distinct_free(&distinct);
    return status;
}

static enum status draw_indegree(struct wiring_writer *writer, struct error *err)
{
    return draw_tile(writer, writer->wiring->projection->multapses, err);
}

static enum status draw_bernoulli(struct wiring_writer *writer, struct error *err)
{
    return draw_tile(writer, false, err);
}

static enum status draw_poisson(struct wiring_writer *writer, struct error *err)
{
    return draw_tile(writer, true, err);
}

const struct wiring_rule rule_fixed_indegree = {
    .count = count_tile, .draw = draw_indegree, .open = open_indegree};
const struct wiring_rule rule_pairwise_bernoulli = {
    .count = count_tile, .draw = draw_bernoulli, .open = open_bernoulli};
const struct wiring_rule rule_pairwise_poisson = {
    .count = count_tile, .draw = draw_poisson, .open = open_poisson};
