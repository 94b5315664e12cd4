#include "net/procedural.h"

#include "base/memory.h"
#include "net/rule_outdegree.h"
#include "net/synapse_draw.h"
#include "net/wiring_lists.h"
#include "net/wiring_rows.h"

#include <math.h>
#include <string.h>

enum { AHEAD = 32 /* spikes: counts lie anywhere in memory */ };

/* ---- making */

/* A source has more into a tile with a chance below 1e-25. */
static double count_most(const struct projection_config *p)
{
    const double degree = (double)p->value[PROJECTION_OUTDEGREE].integer;
    const double others = (double)p->targets - (p->autapses ? 0 : 1);
    const double mean = degree * fmin(WIRING_TILE_MOST / fmax(others, 1), 1);
    return fmin(degree, mean + 12 * sqrt(mean) + 24);
}

size_t procedural_count_bytes(const struct projection_config *p)
{
    return count_most(p) <= UINT8_MAX ? sizeof(uint8_t) : sizeof(uint32_t);
}

static bool open_counts(struct synapse_rule *rule, const struct projection_config *p)
{
    if (procedural_count_bytes(p) == sizeof *rule->few)
        rule->few = memory_alloc(rule->sources * sizeof *rule->few);
    else
        rule->many = memory_alloc(rule->sources * sizeof *rule->many);
    return rule->few || rule->many;
}

static bool set_counts(struct synapse_rule *rule)
{
    const uint64_t most = rule->few ? UINT8_MAX : UINT32_MAX;
    uint64_t count[TREE_SOURCES], larger = 0;
    for (uint64_t i = 0; i < rule->sources; i++) {
        const uint64_t source = rule->source + i, own = source % TREE_SOURCES;
        if (i == 0 || own == 0)
            rule_outdegree_counts(rule->wiring, rule->tile, source - own, count);
        if (rule->few)
            rule->few[i] = (uint8_t)count[own];
        else
            rule->many[i] = (uint32_t)count[own];
        larger |= count[own] > most;
    }
    return !larger;
}

static enum status count_synapses(struct synapse_rule *rule, const struct projection_config *p,
                                  struct error *err)
{
    if (!open_counts(rule, p))
        return error_no_memory(err, "for the numbers of synapses of [projection.%s]", p->name);
    if (set_counts(rule))
        return STATUS_OK;
    return error_set(err, STATUS_MEMORY,
                     "[projection.%s]: a source has more synapses onto %d targets than is to be "
                     "expected; choose another seed, or storage = lists",
                     p->name, WIRING_TILE_MOST);
}

struct summing {
    uint64_t *sum; /* [targets]: of |weights| */
    uint64_t count;
};

static void sum_batch(void *context, const struct synapse_batch *batch)
{
    struct summing *s = context;
    for (size_t k = 0; k < batch->count; k++) {
        const int64_t weight = batch->weight[k];
        const uint64_t target = batch->local + batch->drawn->target[batch->place[k]];
        s->sum[target] += weight < 0 ? -(uint64_t)weight : (uint64_t)weight;
    }
    s->count += batch->count;
}

enum status procedural_open(struct synapses *out, struct synapses_part *part, size_t targets,
                            struct net_progress *progress, struct synapses_work *work,
                            struct error *err)
{
    const uint64_t tile = wiring_tile_of(part->wiring, part->begin);
    const uint64_t first = wiring_first_target(part->wiring, tile);
    struct summing summing = {.sum = synapses_work_memory(&work->sum, targets * sizeof(uint64_t))};
    out->rule =
        (struct synapse_rule){.wiring = part->wiring,
                              .tile = tile,
                              .source = part->source_begin,
                              .id = part->source_id,
                              .sources = part->source_end - part->source_begin,
                              .begin = (uint32_t)(part->begin - first),
                              .end = (uint32_t)(part->end - first),
                              .local = part->local,
                              .all = (uint32_t)(wiring_end_target(part->wiring, tile) - first)};
    if (!summing.sum)
        return error_no_memory(err, "for drawing synapses");
    memset(summing.sum, 0, targets * sizeof *summing.sum);
    enum status status =
        count_synapses(&out->rule, &part->config->projection[part->projection], err);
    if (!status)
        status = synapses_draw(part, 1, WIRING_ALL, sum_batch, &summing, progress, err);
    out->count = summing.count;
    return status;
}

/* ---- delivery */

struct drawing {
    const struct synapse_rule *rule;
    int64_t weight;
    int32_t *narrow; /* sums of the cell, of 32 bits; or */
    int64_t *wide;
    uint64_t events;
    struct wiring_rows rows;
    uint16_t number[WIRING_ROWS_ROOM];
};

/* Of some targets of the tile those that are in the cell. */
static size_t clip(const struct drawing *d, uint16_t *number, size_t count)
{
    const uint32_t begin = d->rule->begin, width = d->rule->end - begin;
    size_t kept = 0;
    if (width == d->rule->all)
        return count;
    for (size_t i = 0; i < count; i++) {
        const uint32_t place = number[i] - begin;
        number[kept] = (uint16_t)place;
        kept += place < width;
    }
    return kept;
}

static void add(struct drawing *d, size_t count)
{
    const uint16_t *number = d->number;
    if (d->narrow) {
        int32_t *sum = d->narrow + d->rule->local;
        const int32_t weight = (int32_t)d->weight;
#pragma GCC unroll 8
        for (size_t i = 0; i < count; i++)
            sum[number[i]] += weight;
    } else {
        int64_t *sum = d->wide + d->rule->local;
        for (size_t i = 0; i < count; i++)
            sum[number[i]] += d->weight;
    }
    d->events += count;
}

/* All rows; `self` is left out, and those from it on are moved up by one. */
static void add_rows(struct drawing *d, uint64_t self)
{
    const size_t count = wiring_rows_draw(&d->rows, d->number);
    d->rows.count = 0;
    for (size_t i = 0; i < count && self != WIRING_NONE; i++)
        d->number[i] = (uint16_t)(d->number[i] + (d->number[i] >= self));
    add(d, clip(d, d->number, count));
}

static void draw_source(struct drawing *d, uint64_t source, uint64_t count, uint64_t self)
{
    for (uint64_t at = 0; at < count;) {
        if (d->rows.count == WIRING_ROWS)
            add_rows(d, self);
        at = wiring_rows_add(&d->rows, (uint32_t)source, at, count);
    }
}

/* A source that must not connect to a target of the tile, itself: it has rows of its own. */
static void draw_alone(struct drawing *d, uint64_t source, uint64_t count, uint64_t self)
{
    const uint32_t high = (uint32_t)(source >> 32);
    add_rows(d, WIRING_NONE);
    wiring_rows_begin(&d->rows, high, d->rule->all - 1);
    draw_source(d, source, count, self);
    add_rows(d, self);
    wiring_rows_begin(&d->rows, high, d->rule->all);
}

static uint64_t self_in(const struct synapse_rule *rule, uint64_t source)
{
    const uint64_t first = wiring_first_target(rule->wiring, rule->tile);
    const uint64_t self = wiring_target_of(rule->wiring, source) - first;
    return self < rule->all ? self : WIRING_NONE;
}

static void draw_spike(struct drawing *d, uint64_t i)
{
    const struct synapse_rule *rule = d->rule;
    const uint64_t source = rule->source + i, count = rule->few ? rule->few[i] : rule->many[i];
    const uint64_t self = rule->wiring->overlap_count > 0 ? self_in(rule, source) : WIRING_NONE;
    if (count > 0 && self != WIRING_NONE) {
        draw_alone(d, source, count, self);
        return;
    }
    if (source >> 32 != d->rows.high) {
        add_rows(d, WIRING_NONE);
        wiring_rows_begin(&d->rows, (uint32_t)(source >> 32), rule->all);
    }
    draw_source(d, source, count, WIRING_NONE);
}

static void prefetch(const struct synapse_rule *rule, uint64_t i)
{
    if (i < rule->sources)
        __builtin_prefetch(rule->few ? (const void *)&rule->few[i] : &rule->many[i]);
}

uint64_t procedural_deliver(const struct kernels *kernels, const struct synapses *synapses,
                            const struct step_spikes *spikes, void *sum)
{
    const struct synapse_rule *rule = &synapses->rule;
    struct drawing d; /* large: not all of it is to be cleared */
    if (spikes->count == 0)
        return 0;
    d.rule = rule;
    d.weight = synapses->form.weight;
    d.narrow = kernels->bits == 32 ? sum : NULL;
    d.wide = kernels->bits == 32 ? NULL : sum;
    d.events = 0;
    wiring_rows_open(&d.rows, kernels, rule->wiring->target_key, rule->tile);
    wiring_rows_begin(&d.rows, (uint32_t)(rule->source >> 32), rule->all);
    for (size_t i = 0; i < spikes->count; i++) {
        if (i + AHEAD < spikes->count)
            prefetch(rule, spikes->ids[i + AHEAD] - rule->id);
        if (spikes->ids[i] - rule->id < rule->sources)
            draw_spike(&d, spikes->ids[i] - rule->id);
    }
    add_rows(&d, WIRING_NONE);
    return d.events;
}
