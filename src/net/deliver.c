/* Lists are added in whole; a loop of its own for each kind of synapse. */
#include "net/deliver.h"

#include "net/deliver_bits.h"
#include "net/procedural.h"
#include "net/tally.h"

#include <stdlib.h>
#include <string.h>

enum {
    LONG = 256,    /* synapses of a list: shorter ones wait for memory, not for sums */
    PREFETCH = 12, /* spikes ahead: a list is somewhere in memory */
    LINE = 64,
    REST = 64,
    LINES = 4 /* of a segment that are asked for: more come by themselves, or are not there */
};

void flights_close(struct flights *flights)
{
    free(flights->list);
    free(flights->due);
    free(flights->now);
    memset(flights, 0, sizeof *flights);
}

/* ---- adding */

static void add_16(const uint32_t *synapse, size_t count, int shift, int32_t *sum)
{
    const int32_t one = (int32_t)1 << shift;
#pragma GCC unroll 8
    for (size_t i = 0; i < count; i++)
        sum[synapse[i] >> 16] += (int16_t)(synapse[i] & 0xffff) * one;
}

static void add_32(const uint32_t *synapse, size_t count, int32_t *sum)
{
    for (size_t i = 0; i < count; i++, synapse += 2)
        sum[synapse[0]] += (int32_t)synapse[1];
}

static void add_64(const uint32_t *synapse, size_t count, int64_t *sum)
{
    for (size_t i = 0; i < count; i++, synapse += 3)
        sum[synapse[0]] += (int64_t)((uint64_t)synapse[2] << 32 | synapse[1]);
}

static const void *element(const struct synapses *s, uint32_t at)
{
    return (const char *)s->list + at * synapse_element_bytes(s->form.kind);
}

/* The receptor's. */
static void *row_of_sums(const struct delivery *d, const struct delivery_table *table, void *sums)
{
    return (char *)sums + table->receptor * d->targets * (size_t)d->sum_bytes;
}

static struct tally tally_of(const struct delivery *d, const struct delivery_table *table,
                             void *sums)
{
    return (struct tally){.kernels = d->kernels,
                          .sum = row_of_sums(d, table, sums),
                          .targets = d->targets,
                          .weight = table->synapses.form.weight};
}

/* `count` synapses from element `at` on. */
static void add(const struct delivery *d, const struct delivery_table *table, uint32_t at,
                size_t count, void *sums)
{
    const struct synapses *s = &table->synapses;
    void *sum = row_of_sums(d, table, sums);
    switch (s->form.kind) {
    case SYNAPSE_TARGET:
        tally_add(&(struct tally){d->kernels, sum, NULL, d->targets, s->form.weight},
                  element(s, at), count);
        break;
    case SYNAPSE_WEIGHT_16:
        add_16(element(s, at), count, s->form.shift, sum);
        break;
    case SYNAPSE_WEIGHT_32:
        add_32(element(s, at), count, sum);
        break;
    case SYNAPSE_WEIGHT_64:
        add_64(element(s, at), count, sum);
        break;
    }
}

/* Asks for a list or segment. (As a function gcc takes it for one that does nothing, and leaves out
 * its calls.) */
static inline __attribute__((always_inline)) void fetch(const struct synapses *s, uint32_t at)
{
    const char *first = element(s, at);
    for (size_t i = 0; i < LINES; i++)
        __builtin_prefetch(first + i * LINE);
}

/* Of the list that is next all of what lies behind that, which may be long. */
static inline __attribute__((always_inline)) void fetch_rest(const struct synapses *s, uint32_t id)
{
    const char *from = element(s, synapse_places_begin(&s->places, id));
    const char *to = element(s, synapse_places_begin(&s->places, id + UINT64_C(1)));
    to = to - from > REST * LINE ? from + REST * LINE : to;
    for (from += LINES * LINE; from < to; from += LINE)
        __builtin_prefetch(from, 0, 2);
}

/* ---- one delay for all */

/* Is what a step's spikes bring counted first? By the mean of all sources' synapses. */
static uint8_t *counts_for(const struct delivery *d, const struct synapses *s, uint64_t synapses,
                           uint64_t least, const struct step_spikes *spikes)
{
    const double each = (double)synapses / (double)s->sources;
    const bool pays = tally_pays(d->targets, each * (double)spikes->count);
    return pays && each >= (double)least ? d->count : NULL;
}

static uint64_t deliver_lists(const struct delivery *d, const struct delivery_table *table,
                              const struct step_spikes *spikes, void *sums)
{
    const struct synapses *s = &table->synapses;
    const size_t each = synapse_elements(s->form.kind);
    const bool same = s->form.kind == SYNAPSE_TARGET;
    struct tally tally = tally_of(d, table, sums);
    uint64_t events = 0;
    if (same)
        tally.count = counts_for(d, s, synapse_places_begin(&s->places, s->sources), LONG, spikes);
    for (size_t i = 0; i < spikes->count; i++) {
        if (i + 2 * PREFETCH < spikes->count)
            __builtin_prefetch(synapse_places_of(&s->places, spikes->ids[i + 2 * PREFETCH]));
        if (i + PREFETCH < spikes->count)
            fetch(s, synapse_places_begin(&s->places, spikes->ids[i + PREFETCH]));
        if (i + 1 < spikes->count)
            fetch_rest(s, spikes->ids[i + 1]);
        const uint32_t from = synapse_places_begin(&s->places, spikes->ids[i]);
        const uint32_t to = synapse_places_begin(&s->places, spikes->ids[i] + UINT64_C(1));
        if (same)
            tally_add(&tally, element(s, from), to - from);
        else
            add(d, table, from, (to - from) / each, sums);
        events += (to - from) / each;
    }
    tally_close(&tally);
    return events;
}

static uint64_t deliver_same(const struct delivery *d, const struct delivery_table *table,
                             uint64_t step, void *sums)
{
    const struct synapses *s = &table->synapses;
    if (step < s->form.delay)
        return 0;
    const struct step_spikes *spikes =
        history_at(d->history, table->population, step - s->form.delay);
    uint64_t events = 0;
    if (s->form.storage == STORAGE_PROCEDURAL) {
        struct tally tally = tally_of(d, table, sums);
        tally.count = counts_for(d, s, s->count, 0, spikes);
        return procedural_deliver(s, spikes, &tally);
    }
    if (s->form.storage == STORAGE_BITMAPS)
        events = deliver_bits(d->kernels, s, spikes, row_of_sums(d, table, sums));
    if (s->list) /* of bitmaps: there are pairs with several synapses */
        events += deliver_lists(d, table, spikes, sums);
    return events;
}

/* ---- delays that differ */

struct head {
    uint32_t delay, count;
};

static struct head head_at(const struct synapses *s, uint32_t at)
{
    if (s->form.kind == SYNAPSE_TARGET) {
        const uint16_t *head = element(s, at);
        return (struct head){head[0], head[1]};
    }
    uint32_t head = *(const uint32_t *)element(s, at);
    return (struct head){head >> 16, head & 0xffff};
}

static uint32_t behind(const struct synapses *s, uint32_t at, struct head head)
{
    return at +
           (uint32_t)(synapse_head(s->form.kind) + head.count * synapse_elements(s->form.kind));
}

static bool grow(struct flights *f)
{
    size_t room = f->room > 0 ? 2 * f->room : 64;
    struct in_flight *list = realloc(f->list, room * sizeof *list);
    f->list = list ? list : f->list;
    uint32_t *due = realloc(f->due, room * sizeof *due);
    f->due = due ? due : f->due;
    uint32_t *now = realloc(f->now, room * sizeof *now);
    f->now = now ? now : f->now;
    if (list && due && now)
        f->room = room;
    return list && due && now;
}

/* A spike of step `spiked`, from the first of its segments on that arrives in `step` or later. */
static enum status take(const struct delivery *d, struct flights *f, size_t table, uint32_t id,
                        uint64_t spiked, uint64_t step, struct error *err)
{
    const struct synapses *s = &d->table[table].synapses;
    uint32_t next = synapse_places_begin(&s->places, id),
             end = synapse_places_begin(&s->places, id + UINT64_C(1));
    while (next < end && spiked + head_at(s, next).delay < step)
        next = behind(s, next, head_at(s, next));
    if (next == end)
        return STATUS_OK;
    if (f->count == f->room && !grow(f))
        return error_no_memory(err, "for spikes under way");
    f->due[f->count] = (uint32_t)spiked + head_at(s, next).delay;
    f->list[f->count++] = (struct in_flight){(uint32_t)table, next, end, (uint32_t)spiked};
    return STATUS_OK;
}

/* Spikes of a step over one table. Where a list is, is fetched first, then its head. */
static enum status take_table(const struct delivery *d, struct flights *f, size_t table,
                              uint64_t spiked, uint64_t step, struct error *err)
{
    const struct synapses *s = &d->table[table].synapses;
    const struct step_spikes *spikes = history_at(d->history, d->table[table].population, spiked);
    const size_t count = s->form.segments && spiked + s->longest >= step ? spikes->count : 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(synapse_places_of(&s->places, spikes->ids[i]));
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(element(s, synapse_places_begin(&s->places, spikes->ids[i])));
    for (size_t i = 0; i < count && !status; i++)
        status = take(d, f, table, spikes->ids[i], spiked, step, err);
    return status;
}

static uint32_t longest(const struct delivery *d)
{
    uint32_t most = 0;
    for (size_t t = 0; t < d->tables; t++)
        most = d->table[t].synapses.longest > most ? d->table[t].synapses.longest : most;
    return most;
}

/* All spikes under way in `step`: those that are known, and those since; or, where the last step
 * was another than the one before, all anew. */
static enum status take_spikes(const struct delivery *d, struct flights *f, uint64_t step,
                               uint64_t known, struct error *err)
{
    enum status status = STATUS_OK;
    if (f->step != step) {
        f->count = 0;
        f->until = step > longest(d) ? step - longest(d) : 0;
    }
    for (; f->until < known && !status; f->until++)
        for (size_t t = 0; t < d->tables && !status; t++)
            status = take_table(d, f, t, f->until, step, err);
    return status;
}

/* The flights that are due, ascending: without a branch, which nobody could foresee. */
static size_t list_due(struct flights *f, uint32_t now)
{
    const uint32_t *due = f->due;
    uint32_t *list = f->now;
    size_t count = 0;
    for (size_t i = 0; i < f->count; i++) {
        list[count] = (uint32_t)i;
        count += due[i] == now;
    }
    return count;
}

static inline __attribute__((always_inline)) void fetch_flight(const struct delivery *d,
                                                               const struct in_flight *flight)
{
    fetch(&d->table[flight->table].synapses, flight->next);
}

/* Adds the next segment of flight i, which is over if that was its last one. */
static void land(const struct delivery *d, struct flights *f, uint32_t i, void *sums,
                 uint64_t events[RECEPTORS_MOST])
{
    struct in_flight *flight = &f->list[i];
    const struct delivery_table *table = &d->table[flight->table];
    const struct synapses *s = &table->synapses;
    const struct head head = head_at(s, flight->next);
    add(d, table, flight->next + (uint32_t)synapse_head(s->form.kind), head.count, sums);
    events[table->receptor] += head.count;
    flight->next = behind(s, flight->next, head);
    if (flight->next < flight->end) {
        f->due[i] = flight->spiked + head_at(s, flight->next).delay;
    } else {
        f->count--;
        f->list[i] = f->list[f->count];
        f->due[i] = f->due[f->count];
    }
}

/* From the last to the first, so that the one that takes the place of one that is over is not due
 * any more. Two segments of one delay: due again. */
static void deliver_due(const struct delivery *d, struct flights *f, uint64_t step, void *sums,
                        uint64_t events[RECEPTORS_MOST])
{
    size_t count;
    while ((count = list_due(f, (uint32_t)step)) > 0) {
        for (size_t k = count; k-- > 0 && k + PREFETCH >= count;)
            fetch_flight(d, &f->list[f->now[k]]);
        for (size_t k = count; k-- > 0;) {
            if (k >= PREFETCH)
                fetch_flight(d, &f->list[f->now[k - PREFETCH]]);
            land(d, f, f->now[k], sums, events);
        }
    }
}

enum status deliver(const struct delivery *d, struct flights *f, uint64_t step, uint64_t known,
                    void *sums, uint64_t events[RECEPTORS_MOST], struct error *err)
{
    enum status status = take_spikes(d, f, step, known, err);
    if (!status)
        deliver_due(d, f, step, sums, events);
    for (size_t t = 0; t < d->tables && !status; t++)
        if (!d->table[t].synapses.form.segments)
            events[d->table[t].receptor] += deliver_same(d, &d->table[t], step, sums);
    f->step = step + 1;
    return status;
}
