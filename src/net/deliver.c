/* Lists are added in whole; a loop of its own for each kind of synapse. */
#include "net/deliver.h"

#include <stdlib.h>
#include <string.h>

enum {
    PREFETCH = 12, /* spikes ahead: a list is somewhere in memory */
    LINE = 64
};

void flights_close(struct flights *flights)
{
    free(flights->list);
    free(flights->due);
    free(flights->now);
    memset(flights, 0, sizeof *flights);
}

/* ---- adding */

static void add_same(const struct delivery *d, const uint16_t *target, size_t count, void *sum)
{
    int32_t *narrow = sum;
    int64_t *wide = sum;
    const int64_t weight = d->synapses->weight;
    if (d->sum_bytes == 4)
        for (size_t i = 0; i < count; i++)
            narrow[target[i]] += (int32_t)weight;
    else
        for (size_t i = 0; i < count; i++)
            wide[target[i]] += weight;
}

static void add_16(const uint32_t *synapse, size_t count, int shift, int32_t *sum)
{
    const int32_t one = (int32_t)1 << shift;
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
    return (const char *)s->list + at * synapse_element_bytes(s->kind);
}

/* `count` synapses from element `at` on. */
static void add(const struct delivery *d, uint32_t at, size_t count, void *sum)
{
    const struct synapses *s = d->synapses;
    switch (s->kind) {
    case SYNAPSE_TARGET:
        add_same(d, element(s, at), count, sum);
        break;
    case SYNAPSE_WEIGHT_16:
        add_16(element(s, at), count, s->shift, sum);
        break;
    case SYNAPSE_WEIGHT_32:
        add_32(element(s, at), count, sum);
        break;
    case SYNAPSE_WEIGHT_64:
        add_64(element(s, at), count, sum);
        break;
    }
}

/* ---- who spiked */

/* The ids of a step that are sources: [*begin, *end) of its list. */
static const struct step_spikes *sources_of(const struct delivery *d,
                                            const struct source_range *range, uint64_t step,
                                            size_t *begin, size_t *end)
{
    const struct step_spikes *spikes = history_at(d->history, range->population, step);
    *begin = 0;
    *end = spikes->count;
    while (*begin < *end && spikes->ids[*begin] < range->begin)
        ++*begin;
    while (*end > *begin && spikes->ids[*end - 1] >= range->end)
        --*end;
    return spikes;
}

/* ---- one delay for all */

static uint64_t deliver_same(const struct delivery *d, uint64_t step, void *sum)
{
    const struct synapses *s = d->synapses;
    const size_t each = synapse_elements(s->kind);
    uint64_t events = 0;
    if (step < s->delay)
        return 0;
    for (size_t r = 0; r < d->ranges; r++) {
        size_t begin, end;
        const struct source_range *range = &d->range[r];
        const struct step_spikes *spikes = sources_of(d, range, step - s->delay, &begin, &end);
        for (size_t i = begin; i < end; i++) {
            if (i + PREFETCH < end) {
                uint64_t ahead = range->place + spikes->ids[i + PREFETCH] - range->begin;
                __builtin_prefetch(element(s, s->first[ahead]));
            }
            uint64_t place = range->place + spikes->ids[i] - range->begin;
            uint32_t from = s->first[place], to = s->first[place + 1];
            add(d, from, (to - from) / each, sum);
            events += (to - from) / each;
        }
    }
    return events;
}

/* ---- delays that differ */

struct head {
    uint32_t delay, count;
};

static struct head head_at(const struct synapses *s, uint32_t at)
{
    if (s->kind == SYNAPSE_TARGET) {
        const uint16_t *head = element(s, at);
        return (struct head){head[0], head[1]};
    }
    uint32_t head = *(const uint32_t *)element(s, at);
    return (struct head){head >> 16, head & 0xffff};
}

static uint32_t behind(const struct synapses *s, uint32_t at, struct head head)
{
    return at + (uint32_t)(synapse_head(s->kind) + head.count * synapse_elements(s->kind));
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
static enum status take(const struct synapses *s, struct flights *f, uint64_t place,
                        uint64_t spiked, uint64_t step, struct error *err)
{
    uint32_t next = s->first[place], end = s->first[place + 1];
    while (next < end && spiked + head_at(s, next).delay < step)
        next = behind(s, next, head_at(s, next));
    if (next == end)
        return STATUS_OK;
    if (f->count == f->room && !grow(f))
        return error_no_memory(err, "for spikes under way");
    f->due[f->count] = (uint32_t)spiked + head_at(s, next).delay;
    f->list[f->count++] = (struct in_flight){next, end, (uint32_t)spiked};
    return STATUS_OK;
}

static enum status take_step(const struct delivery *d, struct flights *f, uint64_t spiked,
                             uint64_t step, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; r < d->ranges; r++) {
        size_t begin, end;
        const struct source_range *range = &d->range[r];
        const struct step_spikes *spikes = sources_of(d, range, spiked, &begin, &end);
        for (size_t i = begin; i < end && !status; i++)
            status = take(d->synapses, f, range->place + spikes->ids[i] - range->begin, spiked,
                          step, err);
    }
    return status;
}

/* All spikes under way in `step`: those that are known, and those since; or, where the last step
 * was another than the one before, all anew. */
static enum status take_spikes(const struct delivery *d, struct flights *f, uint64_t step,
                               uint64_t known, struct error *err)
{
    enum status status = STATUS_OK;
    if (f->step != step) {
        f->count = 0;
        f->until = step > d->synapses->longest ? step - d->synapses->longest : 0;
    }
    for (; f->until < known && !status; f->until++)
        status = take_step(d, f, f->until, step, err);
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

/* Fetches a segment, which mostly has one or two lines. */
static void fetch(const struct delivery *d, const struct flights *f, uint32_t i)
{
    const char *segment = element(d->synapses, f->list[i].next);
    __builtin_prefetch(segment);
    __builtin_prefetch(segment + LINE);
}

/* Adds the next segment of flight i, which is over if that was its last one; returns its synapses.
 */
static uint32_t land(const struct delivery *d, struct flights *f, uint32_t i, void *sum)
{
    const struct synapses *s = d->synapses;
    struct in_flight *flight = &f->list[i];
    struct head head = head_at(s, flight->next);
    add(d, flight->next + (uint32_t)synapse_head(s->kind), head.count, sum);
    flight->next = behind(s, flight->next, head);
    if (flight->next < flight->end) {
        f->due[i] = flight->spiked + head_at(s, flight->next).delay;
    } else {
        f->count--;
        f->list[i] = f->list[f->count];
        f->due[i] = f->due[f->count];
    }
    return head.count;
}

/* From the last to the first, so that the one that takes the place of one that is over is not due
 * any more. Two segments of one delay: due again. */
static uint64_t deliver_due(const struct delivery *d, struct flights *f, uint64_t step, void *sum)
{
    uint64_t events = 0;
    size_t count;
    while ((count = list_due(f, (uint32_t)step)) > 0) {
        for (size_t k = count; k-- > 0;) {
            if (k >= PREFETCH)
                fetch(d, f, f->now[k - PREFETCH]);
            events += land(d, f, f->now[k], sum);
        }
    }
    return events;
}

enum status deliver(const struct delivery *d, struct flights *f, uint64_t step, uint64_t known,
                    void *sum, uint64_t *events, struct error *err)
{
    if (!d->synapses->segments) {
        *events += deliver_same(d, step, sum);
        return STATUS_OK;
    }
    enum status status = take_spikes(d, f, step, known, err);
    if (!status)
        *events += deliver_due(d, f, step, sum);
    f->step = step + 1;
    return status;
}
