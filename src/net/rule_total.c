#include "net/rule_total.h"

#include "net/wiring_distinct.h"
#include "net/wiring_lists.h"
#include "net/wiring_tiles.h"
#include "net/wiring_tree.h"
#include "net/wiring_writer.h"

#include <inttypes.h>
#include <stdlib.h>

static uint64_t count_tile(const struct wiring *wiring, uint64_t tile)
{
    uint64_t synapses = wiring->projection->value[PROJECTION_N].integer;
    return wiring_tree_count(wiring, tile, synapses);
}

static uint64_t pairs_of_tile(const struct wiring *wiring, uint64_t tile)
{
    return wiring_pairs(wiring, wiring_first_target(wiring, tile), wiring_end_target(wiring, tile));
}

/* count[source] = its synapses. Where some pairs of the tile must not be, sources differ in their
 * number of targets: then the source of a pair is drawn. */
static void count_sources(const struct wiring *wiring, uint64_t tile, uint64_t synapses,
                          uint32_t *count)
{
    const uint64_t width = wiring_end_target(wiring, tile) - wiring_first_target(wiring, tile);
    const uint64_t pairs = pairs_of_tile(wiring, tile);
    const bool alike = pairs == width * wiring->sources;
    const uint64_t most = alike ? wiring->sources : pairs;
    struct wiring_dice dice;
    wiring_dice_open(&dice, wiring->kernels, wiring->source_key, tile, most);
    for (uint64_t first = 0; first < synapses; first += WIRING_BATCH) {
        uint64_t left = synapses - first;
        size_t n = left < WIRING_BATCH ? (size_t)left : WIRING_BATCH;
        wiring_dice_fill(&dice, first, n);
        for (size_t i = 0; i < n; i++) {
            uint64_t drawn = wiring_dice_below(&dice, i, most);
            count[alike ? drawn : wiring_pair_at(wiring, tile, drawn).source]++;
        }
    }
}

/* The synapses of one source: targets below `targets`, but not `self`. */
static void write_source(struct wiring_writer *writer, uint64_t source, uint64_t synapses,
                         uint64_t self, uint64_t targets)
{
    struct wiring_batch *batch = &writer->batch;
    while (synapses > 0) {
        size_t n = wiring_writer_room(writer, synapses);
        for (size_t i = batch->count; i < batch->count + n; i++) {
            uint64_t target = wiring_dice_below(&writer->dice, i, targets);
            batch->source[i] = source;
            batch->target[i] = (uint32_t)(target + (target >= self));
        }
        batch->count += n;
        synapses -= n;
    }
}

static void write_sources(struct wiring_writer *writer, const uint32_t *count)
{
    const struct wiring *wiring = writer->wiring;
    const uint64_t first = wiring_first_target(wiring, writer->tile);
    const uint64_t width = wiring_end_target(wiring, writer->tile) - first;
    wiring_writer_dice(writer, wiring->target_key, width);
    for (uint64_t source = 0; source < wiring->sources; source++) {
        if (count[source] == 0)
            continue;
        uint64_t self = wiring_target_of(wiring, source);
        self = self >= first && self < first + width ? self - first : WIRING_NONE;
        write_source(writer, source, count[source], self, width - (self != WIRING_NONE));
    }
}

static enum status draw_independent(struct wiring_writer *writer, uint64_t synapses,
                                    struct error *err)
{
    const struct wiring *wiring = writer->wiring;
    if (synapses > UINT32_MAX)
        return error_no_memory(err, "for %" PRIu64 " synapses of [projection.%s] onto %d neurons",
                               synapses, wiring->projection->name, WIRING_TILE);
    uint32_t *count = calloc(wiring->sources, sizeof *count);
    if (!count)
        return error_no_memory(err, "to draw the synapses of [projection.%s]",
                               wiring->projection->name);
    count_sources(wiring, writer->tile, synapses, count);
    write_sources(writer, count);
    free(count);
    return STATUS_OK;
}

static enum status draw_distinct(struct wiring_writer *writer, uint64_t synapses, struct error *err)
{
    const struct wiring *wiring = writer->wiring;
    struct wiring_batch *batch = &writer->batch;
    struct wiring_distinct distinct = {0};
    uint64_t pairs = pairs_of_tile(wiring, writer->tile);
    enum status status = wiring_distinct_begin(&distinct, synapses, pairs, err);
    wiring_writer_dice(writer, wiring->source_key, pairs);
    for (uint64_t i = 0; i < synapses && status == STATUS_OK; i++) {
        wiring_writer_room(writer, 1);
        uint64_t rank = wiring_distinct_next(&distinct, &writer->dice, batch->count);
        struct wiring_pair pair = wiring_pair_at(wiring, writer->tile, rank);
        batch->source[batch->count] = pair.source;
        batch->target[batch->count++] = (uint32_t)pair.target;
    }
    wiring_distinct_free(&distinct);
    return status;
}

static enum status draw(struct wiring_writer *writer, struct error *err)
{
    uint64_t synapses = count_tile(writer->wiring, writer->tile);
    return writer->wiring->projection->multapses ? draw_independent(writer, synapses, err)
                                                 : draw_distinct(writer, synapses, err);
}

const struct wiring_rule rule_fixed_total_number = {.count = count_tile, .draw = draw};
