#include "net/wiring_writer.h"

#include "net/wiring_file.h"
#include "net/wiring_values.h"

static const struct distribution *distribution_of(const struct wiring *wiring,
                                                  enum projection_key key)
{
    return &wiring->projection->value[key].number;
}

/* What is the same in all batches is written once. */
static void write_constants(struct wiring_writer *writer)
{
    const struct wiring *wiring = writer->wiring;
    for (size_t i = 0; wiring->weight_is_constant && i < WIRING_BATCH; i++)
        writer->batch.weight[i] = wiring->weight;
    for (size_t i = 0; wiring->delay_is_constant && i < WIRING_BATCH; i++)
        writer->batch.delay[i] = wiring->delay_steps;
}

void wiring_writer_open(struct wiring_writer *writer, const struct wiring *wiring, uint64_t tile,
                        enum wiring_what what, wiring_sink *sink, void *context)
{
    writer->wiring = wiring;
    writer->tile = tile;
    writer->what = what;
    writer->sink = sink;
    writer->context = context;
    writer->has_dice = false;
    writer->batch.first = 0;
    writer->batch.count = 0;
    if (what == WIRING_ALL)
        write_constants(writer);
}

void wiring_writer_dice(struct wiring_writer *writer, struct philox_key key, uint64_t most)
{
    wiring_dice_open(&writer->dice, writer->wiring->kernels, key, writer->tile, most);
    wiring_dice_fill(&writer->dice, writer->batch.first, WIRING_BATCH);
    writer->has_dice = true;
}

static void draw_weights(struct wiring_writer *writer)
{
    const struct wiring *wiring = writer->wiring;
    const struct projection_config *p = wiring->projection;
    struct wiring_batch *batch = &writer->batch;
    bool drawn = p->value[PROJECTION_WEIGHT].present;
    if (drawn)
        wiring_values(batch->weight, wiring, distribution_of(wiring, PROJECTION_WEIGHT),
                      wiring->weight_key, writer->tile, batch->first, batch->count);
    if (p->edges)
        wiring_file_weights(p->edges, writer->tile, batch->first, batch->count, drawn,
                            batch->weight);
}

static void draw_delays(struct wiring_writer *writer)
{
    const struct wiring *wiring = writer->wiring;
    struct wiring_batch *batch = &writer->batch;
    double delay[WIRING_BATCH];
    const struct projection_config *p = wiring->projection;
    if (!p->value[PROJECTION_DELAY].present) {
        wiring_file_delays(p->edges, writer->tile, batch->first, batch->count, batch->delay);
        return;
    }
    wiring_values(delay, wiring, distribution_of(wiring, PROJECTION_DELAY), wiring->delay_key,
                  writer->tile, batch->first, batch->count);
    for (size_t i = 0; i < batch->count; i++)
        batch->delay[i] = wiring_delay_steps(delay[i], wiring->config->dt_ms);
}

void wiring_writer_flush(struct wiring_writer *writer)
{
    struct wiring_batch *batch = &writer->batch;
    if (batch->count == 0)
        return;
    if (writer->what == WIRING_ALL && !writer->wiring->weight_is_constant)
        draw_weights(writer);
    if (writer->what == WIRING_ALL && !writer->wiring->delay_is_constant)
        draw_delays(writer);
    writer->sink(writer->context, batch);
    batch->first += batch->count;
    batch->count = 0;
}

void wiring_writer_next(struct wiring_writer *writer)
{
    wiring_writer_flush(writer);
    if (writer->has_dice)
        wiring_dice_fill(&writer->dice, writer->batch.first, WIRING_BATCH);
}
