/* Canonical tile by canonical tile; of each batch those are picked that are the part's. */
#include "net/synapse_draw.h"

#include "net/connectivity.h"
#include "net/net_progress.h"

#include <math.h>

struct drawing {
    struct synapses_part *part;
    const struct kernels *kernels;
    struct connectivity names; /* of its synapses, for the digest */
    double grid;               /* 2^stored */
    bool same;                 /* all weights are: */
    int64_t weight;
    uint64_t tile_first; /* place of the first target of the canonical tile */
    bool whole;          /* all synapses onto the tile are the part's */
    bool makes, stop;
    synapse_sink *sink;
    void *context;
    struct net_progress *progress;
};

/* What to add to the place of a source for its id, modulo 2^64. */
static uint64_t id_behind(const struct synapses_part *part)
{
    return part->source_id - part->source_begin;
}

static bool is_of(const struct drawing *d, const struct wiring_batch *batch, size_t i)
{
    const struct synapses_part *part = d->part;
    const uint64_t target = d->tile_first + batch->target[i], source = batch->source[i];
    return target >= part->begin && target < part->end && source >= part->source_begin &&
           source < part->source_end &&
           (!part->selects || (batch->weight[i] > 0 ? part->positive : part->negative));
}

/* Which of a batch's synapses are the part's. */
static void pick(const struct drawing *d, const struct wiring_batch *batch,
                 struct synapse_batch *picked)
{
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        picked->place[count] = (uint16_t)i;
        count += d->whole || is_of(d, batch, i);
    }
    picked->count = count;
}

static void weigh(const struct drawing *d, struct synapse_batch *picked)
{
    for (size_t k = 0; k < picked->count; k++)
        picked->weight[k] =
            d->same ? d->weight
                    : weight_round(d->part->unit, picked->drawn->weight[picked->place[k]]);
}

static void note(struct drawing *d, const struct synapse_batch *picked)
{
    const struct wiring_batch *drawn = picked->drawn;
    uint64_t pair[WIRING_BATCH], weight[WIRING_BATCH], source[WIRING_BATCH];
    for (size_t k = 0; k < picked->count; k++) {
        const size_t i = picked->place[k];
        pair[k] = connectivity_pair(&d->names, drawn->target[i], drawn->delay[i]);
        weight[k] = connectivity_bits((double)picked->weight[k] * d->grid);
        source[k] = drawn->source[i] + picked->behind;
    }
    d->kernels->digest_pairs(&d->part->digest, pair, weight, source, picked->count);
}

static void take_batch(void *context, const struct wiring_batch *batch)
{
    struct drawing *d = context;
    struct synapse_batch picked;
    if (d->stop)
        return;
    picked.drawn = batch;
    picked.behind = id_behind(d->part);
    picked.local = d->part->local + d->tile_first - d->part->begin;
    pick(d, batch, &picked);
    if (d->makes)
        weigh(d, &picked);
    d->sink(d->context, &picked);
    if (d->makes)
        note(d, &picked);
    d->stop = net_progress_add(d->progress, d->makes ? picked.count : 0);
}

/* The part's targets in the tile have their names from now on. */
static void begin_tile(struct drawing *d, uint64_t tile)
{
    const struct synapses_part *part = d->part;
    const uint64_t first = wiring_first_target(part->wiring, tile);
    const uint64_t behind = wiring_end_target(part->wiring, tile);
    const uint64_t begin = part->begin > first ? part->begin : first;
    const uint64_t end = part->end < behind ? part->end : behind;
    d->tile_first = first;
    d->whole = !part->selects && part->source_begin == 0 &&
               part->source_end == wiring_sources(part->wiring) && begin == first && end == behind;
    connectivity_tile(&d->names, begin - first, end - first, part->id + (begin - part->begin));
}

static enum status draw_tiles(struct drawing *d, enum wiring_what what, struct error *err)
{
    const uint64_t end = wiring_tile_of(d->part->wiring, d->part->end - 1) + 1;
    uint64_t tile = wiring_tile_of(d->part->wiring, d->part->begin);
    enum status status = STATUS_OK;
    for (; tile < end && !status; tile++) {
        begin_tile(d, tile);
        status = wiring_draw(d->part->wiring, tile, d->part->selects ? WIRING_ALL : what,
                             take_batch, d, err);
        if (!status && d->stop)
            status = STATUS_INTERRUPTED;
    }
    return status;
}

static enum status draw_part(struct drawing *d, struct synapses_part *part, enum wiring_what what,
                             struct error *err)
{
    double weight;
    d->part = part;
    d->kernels = wiring_kernels(part->wiring);
    d->grid = ldexp(1.0, part->unit.stored);
    d->same = wiring_weight_is_constant(part->wiring, &weight);
    d->weight = d->same ? weight_round(part->unit, weight) : 0;
    enum status status = connectivity_open(&d->names, part->config, part->projection,
                                           part->source_begin, part->population, err);
    if (!status)
        status = draw_tiles(d, what, err);
    connectivity_close(&d->names);
    return status;
}

enum status synapses_draw(struct synapses_part *part, size_t parts, enum wiring_what what,
                          synapse_sink *sink, void *context, struct net_progress *progress,
                          struct error *err)
{
    struct drawing d = {
        .makes = what == WIRING_ALL, .sink = sink, .context = context, .progress = progress};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < parts && !status; i++)
        status = draw_part(&d, &part[i], what, err);
    return status;
}
