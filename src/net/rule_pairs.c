#include "net/rule_pairs.h"

#include "net/wiring_lists.h"
#include "net/wiring_tiles.h"
#include "net/wiring_writer.h"

static uint64_t count_all(const struct wiring *wiring, uint64_t tile)
{
    return wiring_pairs(wiring, wiring_first_target(wiring, tile), wiring_end_target(wiring, tile));
}

/* All sources but, perhaps, the target itself. */
static void connect_all(struct wiring_writer *writer, uint64_t target, uint32_t place)
{
    struct wiring_batch *batch = &writer->batch;
    uint64_t self = wiring_source_of(writer->wiring, target);
    uint64_t sources = writer->wiring->sources - (self != WIRING_NONE);
    for (uint64_t s = 0; s < sources;) {
        size_t n = wiring_writer_room(writer, sources - s);
        for (size_t i = batch->count; i < batch->count + n; i++, s++) {
            batch->source[i] = s + (s >= self);
            batch->target[i] = place;
        }
        batch->count += n;
    }
}

static enum status draw_all(struct wiring_writer *writer, struct error *err)
{
    (void)err;
    uint64_t first = wiring_first_target(writer->wiring, writer->tile);
    uint64_t end = wiring_end_target(writer->wiring, writer->tile);
    for (uint64_t target = first; target < end; target++)
        connect_all(writer, target, (uint32_t)(target - first));
    return STATUS_OK;
}

static bool is_itself(const struct wiring *wiring, uint64_t place)
{
    return wiring_source_of(wiring, place) == place;
}

static uint64_t count_one(const struct wiring *wiring, uint64_t tile)
{
    uint64_t count = 0, end = wiring_end_target(wiring, tile);
    for (uint64_t place = wiring_first_target(wiring, tile); place < end; place++)
        count += !is_itself(wiring, place);
    return count;
}

static enum status draw_one(struct wiring_writer *writer, struct error *err)
{
    (void)err;
    struct wiring_batch *batch = &writer->batch;
    uint64_t first = wiring_first_target(writer->wiring, writer->tile);
    uint64_t end = wiring_end_target(writer->wiring, writer->tile);
    for (uint64_t place = first; place < end; place++) {
        if (is_itself(writer->wiring, place))
            continue;
        wiring_writer_room(writer, 1);
        batch->source[batch->count] = place;
        batch->target[batch->count++] = (uint32_t)(place - first);
    }
    return STATUS_OK;
}

const struct wiring_rule rule_one_to_one = {.count = count_one, .draw = draw_one};
const struct wiring_rule rule_all_to_all = {.count = count_all, .draw = draw_all};
