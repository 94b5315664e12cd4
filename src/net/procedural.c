#include "net/procedural.h"

#include "net/procedural_targets.h"
#include "net/wiring_rows.h"

enum { AHEAD = 32 /* spikes: counts lie anywhere in memory */ };

struct drawing {
    const struct synapse_rule *rule;
    struct tally tally; /* of the rule's targets */
    uint64_t events;
    struct wiring_rows rows;
    uint16_t number[WIRING_ROWS_ROOM];
};

/* All rows; `self` is left out, and those from it on are moved up by one. */
static void add_rows(struct drawing *d, uint64_t self)
{
    const size_t count = wiring_rows_draw_any(&d->rows, d->number);
    d->rows.count = 0;
    procedural_move_up(d->number, count, self);
    const size_t kept = procedural_clip(d->rule, d->number, NULL, count);
    tally_add(&d->tally, d->number, kept);
    d->events += kept;
}

static void draw_source(struct drawing *d, uint64_t source, uint64_t count, uint64_t self)
{
    for (uint64_t at = 0; at < count;) {
        if (wiring_rows_full(&d->rows))
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

static void draw_spike(struct drawing *d, uint64_t i)
{
    const struct synapse_rule *rule = d->rule;
    const uint64_t source = rule->source + i, count = rule->few ? rule->few[i] : rule->many[i];
    const uint64_t self = procedural_self(rule, source);
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

/* (As a function gcc takes it for one that does nothing, and leaves out its calls.) */
static inline __attribute__((always_inline)) void prefetch(const struct synapse_rule *rule,
                                                           uint64_t i)
{
    if (i < rule->sources)
        __builtin_prefetch(rule->few ? (const void *)&rule->few[i] : &rule->many[i]);
}

/* Of the cell's targets those that are the rule's. */
static struct tally tally_part(const struct tally *all, const struct synapse_rule *rule)
{
    struct tally part = *all;
    part.sum = (char *)all->sum + rule->local * (size_t)all->kernels->bits / 8;
    part.targets = rule->end - rule->begin;
    return part;
}

uint64_t procedural_deliver(const struct synapses *synapses, const struct step_spikes *spikes,
                            const struct tally *tally)
{
    const struct synapse_rule *rule = &synapses->rule;
    struct drawing d; /* large: not all of it is to be cleared */
    if (spikes->count == 0)
        return 0;
    d.rule = rule;
    d.tally = tally_part(tally, rule);
    d.events = 0;
    wiring_rows_open(&d.rows, tally->kernels, rule->wiring->target_key, rule->tile);
    wiring_rows_begin(&d.rows, (uint32_t)(rule->source >> 32), rule->all);
    for (size_t i = 0; i < spikes->count; i++) {
        if (i + AHEAD < spikes->count)
            prefetch(rule, spikes->ids[i + AHEAD] - rule->id);
        if (spikes->ids[i] - rule->id < rule->sources)
            draw_spike(&d, spikes->ids[i] - rule->id);
    }
    add_rows(&d, WIRING_NONE);
    tally_close(&d.tally);
    return d.events;
}
