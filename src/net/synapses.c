/* Synapses as they are drawn, by target, are dealt to their sources; then each source's are sorted
 * by delay and written as its list. */
#include "net/synapses.h"

#include "base/memory.h"
#include "net/connectivity.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENT_MOST = 65535 }; /* synapses that a head can count */

/* A synapse that has been drawn; its weight in units of 2^stored. */
struct drawn {
    int64_t weight;
    uint32_t source;
    uint16_t target, delay;
};

/* What is at hand while lists are made. */
struct making {
    struct synapses *out;
    struct synapses_work *work;
    const struct wiring *wiring;
    const struct synapses_part *part;
    uint64_t tile_first; /* place of the first target of the canonical tile */
    uint64_t count;
    uint64_t elements; /* of the lists so far, in work->list */
    struct connectivity names;
    double grid, per_grid; /* 2^part->unit.stored, and its inverse */
    bool stop;
};

/* ---- memory */

/* Memory that is kept from table to table; what is in it is lost when it grows. */
static void *grown(struct work_memory *memory, uint64_t bytes)
{
    if (bytes <= memory->bytes)
        return memory->data;
    memory_free(memory->data, memory->bytes);
    memory->data = memory_alloc(bytes);
    memory->bytes = memory->data ? bytes : 0;
    return memory->data;
}

void synapses_work_close(struct synapses_work *work)
{
    memory_free(work->drawn.data, work->drawn.bytes);
    memory_free(work->dealt.data, work->dealt.bytes);
    memory_free(work->list.data, work->list.bytes);
    memory_free(work->next.data, work->next.bytes);
    memory_free(work->sum.data, work->sum.bytes);
    memset(work, 0, sizeof *work);
}

void synapses_close(struct synapses *synapses)
{
    memory_free(synapses->first, (synapses->sources + 1) * sizeof *synapses->first);
    memory_free(synapses->list, synapses->bytes);
    memset(synapses, 0, sizeof *synapses);
}

/* ---- drawing */

static void keep(struct making *m, const struct wiring_batch *batch, size_t i, uint64_t place)
{
    const struct synapses_part *part = m->part;
    struct drawn *drawn = m->work->drawn.data;
    uint64_t *sum = m->work->sum.data, *next = m->work->next.data;
    const double weight = batch->weight[i];
    const bool stored = weight > 0 ? part->positive : part->negative;
    if (!stored && !(part->zeros && weight == 0))
        return;
    const int64_t rounded = llrint(weight * m->per_grid); /* weight_round, without calls */
    const uint64_t number = place - part->begin;
    const uint16_t target = (uint16_t)(part->local + number);
    const uint32_t source = (uint32_t)batch->source[i], delay = batch->delay[i];
    connectivity_note(&m->names, &m->out->digest, source, part->id + number, delay,
                      (double)rounded * m->grid);
    if (!stored)
        return;
    drawn[m->count++] = (struct drawn){rounded, source, target, (uint16_t)delay};
    sum[target] += rounded < 0 ? -(uint64_t)rounded : (uint64_t)rounded;
    next[source + 1]++;
    m->out->longest = delay > m->out->longest ? delay : m->out->longest;
}

static void take_batch(void *context, const struct wiring_batch *batch)
{
    struct making *m = context;
    uint64_t before = m->count;
    for (size_t i = 0; i < batch->count && !m->stop; i++) {
        uint64_t place = m->tile_first + batch->target[i];
        if (place >= m->part->begin && place < m->part->end)
            keep(m, batch, i, place);
    }
    m->stop = net_progress_add(m->part->progress, m->count - before);
}

/* Room for as many synapses as there can be. */
static bool open_work(struct making *m, uint64_t begin, uint64_t end)
{
    struct synapses_work *work = m->work;
    uint64_t room = 1, sums = m->part->tile * sizeof(uint64_t);
    uint64_t nexts = (m->out->sources + 2) * sizeof(uint64_t);
    for (uint64_t tile = begin; tile < end; tile++)
        room += wiring_tile_count(m->wiring, tile);
    bool good = grown(&work->drawn, room * sizeof(struct drawn)) && grown(&work->sum, sums) &&
                grown(&work->next, nexts);
    if (!good)
        return false;
    memset(work->sum.data, 0, sums);
    memset(work->next.data, 0, nexts);
    return true;
}

static enum status draw(struct making *m, struct error *err)
{
    uint64_t begin = m->part->begin / WIRING_TILE;
    uint64_t end = (m->part->end + WIRING_TILE - 1) / WIRING_TILE;
    enum status status = STATUS_OK;
    if (!open_work(m, begin, end))
        return error_no_memory(err, "for drawing synapses");
    for (uint64_t tile = begin; tile < end && !status && !m->stop; tile++) {
        m->tile_first = tile * WIRING_TILE;
        status = wiring_draw(m->wiring, tile, WIRING_ALL, take_batch, m, err);
    }
    return !status && m->stop ? STATUS_INTERRUPTED : status;
}

/* The largest sum that a target can get at once, in the sum's unit. */
static void find_largest(struct making *m)
{
    const uint64_t *sum = m->work->sum.data;
    uint64_t largest = 0;
    for (size_t t = 0; t < m->part->tile; t++)
        largest = sum[t] > largest ? sum[t] : largest;
    m->out->largest = largest << (m->part->unit.stored - m->part->unit.sum);
}

/* ---- by source */

/* drawn becomes dealt; next[s] then is where the synapses of source s end. */
static bool deal(struct making *m)
{
    const struct drawn *drawn = m->work->drawn.data;
    uint64_t *next = m->work->next.data;
    struct drawn *dealt = grown(&m->work->dealt, (m->count + 1) * sizeof *dealt);
    for (uint64_t s = 0; dealt && s < m->out->sources; s++)
        next[s + 1] += next[s];
    for (uint64_t i = 0; dealt && i < m->count; i++)
        dealt[next[drawn[i].source]++] = drawn[i];
    return dealt != NULL;
}

/* ---- by delay */

static int by_delay(const void *left, const void *right)
{
    return ((const struct drawn *)left)->delay - ((const struct drawn *)right)->delay;
}

/* For lists that are longer than their delays are spread; to[count] is sorted, stably. */
static void count_delays(struct making *m, const struct drawn *from, uint64_t count,
                         struct drawn *to)
{
    uint32_t *place = m->work->place;
    memset(place, 0, (m->out->longest + 2) * sizeof *place);
    for (uint64_t i = 0; i < count; i++)
        place[from[i].delay + 1]++;
    for (uint32_t d = 0; d <= m->out->longest; d++)
        place[d + 1] += place[d];
    for (uint64_t i = 0; i < count; i++)
        to[place[from[i].delay]++] = from[i];
}

static void insert_sort(struct drawn *list, uint64_t count)
{
    for (uint64_t i = 1; i < count; i++) {
        struct drawn one = list[i];
        uint64_t at = i;
        for (; at > 0 && list[at - 1].delay > one.delay; at--)
            list[at] = list[at - 1];
        list[at] = one;
    }
}

/* The source's synapses by delay; the order of equal ones does not matter, as sums are exact. */
static struct drawn *sort(struct making *m, struct drawn *list, uint64_t count)
{
    enum { FEW = 12, SPREAD = 4 };
    struct drawn *spare = m->work->drawn.data; /* what was drawn has been dealt */
    if (!m->out->segments)
        return list;
    if (count <= FEW)
        insert_sort(list, count);
    else if (m->out->longest > SPREAD * count)
        qsort(list, count, sizeof *list, by_delay);
    else
        count_delays(m, list, count, spare);
    return count > FEW && m->out->longest <= SPREAD * count ? spare : list;
}

/* ---- lists */

static void put_narrow(struct making *m, uint32_t element)
{
    ((uint16_t *)m->work->list.data)[m->elements++] = (uint16_t)element;
}

static void put_wide(struct making *m, uint32_t element)
{
    ((uint32_t *)m->work->list.data)[m->elements++] = element;
}

static void put_head(struct making *m, uint32_t delay, uint32_t count)
{
    if (m->out->kind == SYNAPSE_TARGET) {
        put_narrow(m, delay);
        put_narrow(m, count);
    } else {
        put_wide(m, delay << 16 | count);
    }
}

static void put_synapses(struct making *m, const struct drawn *list, uint64_t count)
{
    switch (m->out->kind) {
    case SYNAPSE_TARGET:
        for (uint64_t i = 0; i < count; i++)
            put_narrow(m, list[i].target);
        break;
    case SYNAPSE_WEIGHT_16:
        for (uint64_t i = 0; i < count; i++)
            put_wide(m, (uint32_t)list[i].target << 16 | ((uint32_t)list[i].weight & 0xffff));
        break;
    default:
        for (uint64_t i = 0; i < count; i++) {
            put_wide(m, list[i].target);
            put_wide(m, (uint32_t)list[i].weight);
            if (m->out->kind == SYNAPSE_WEIGHT_64)
                put_wide(m, (uint32_t)((uint64_t)list[i].weight >> 32));
        }
    }
}

/* Segment by segment. */
static void put_list(struct making *m, const struct drawn *list, uint64_t count)
{
    for (uint64_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && list[end].delay == list[i].delay && end - i < SEGMENT_MOST;
             end++)
            ;
        put_head(m, list[i].delay, (uint32_t)(end - i));
        put_synapses(m, list + i, end - i);
    }
}

/* No list is longer than with a head for each synapse. */
static bool open_list(struct making *m)
{
    const enum synapse_kind kind = m->out->kind;
    uint64_t each = synapse_elements(kind) + (m->out->segments ? synapse_head(kind) : 0);
    m->out->first = memory_alloc((m->out->sources + 1) * sizeof *m->out->first);
    return m->out->first &&
           grown(&m->work->list, (m->count * each + 1) * synapse_element_bytes(kind));
}

/* The lists in memory of just their size. */
static enum status close_list(struct making *m, struct error *err)
{
    struct synapses *out = m->out;
    if (m->elements > UINT32_MAX)
        return error_set(err, STATUS_MEMORY,
                         "more than 2^32 synapses into one tile; choose smaller tiles "
                         "(MEGALIF_TILE)");
    out->bytes = m->elements * synapse_element_bytes(out->kind) + 1;
    out->list = memory_alloc(out->bytes);
    if (!out->list)
        return error_no_memory(err, "for %llu synapses", (unsigned long long)m->count);
    memcpy(out->list, m->work->list.data, out->bytes - 1);
    return STATUS_OK;
}

static enum status make_lists(struct making *m, struct error *err)
{
    struct synapses *out = m->out;
    const uint64_t *behind = m->work->next.data;
    if (!deal(m) || !open_list(m))
        return error_no_memory(err, "for sorting synapses");
    struct drawn *dealt = m->work->dealt.data;
    for (uint64_t s = 0, begin = 0; s < out->sources; begin = behind[s++]) {
        const uint64_t count = behind[s] - begin;
        const struct drawn *list = sort(m, dealt + begin, count);
        out->first[s] = (uint32_t)m->elements;
        if (out->segments)
            put_list(m, list, count);
        else
            put_synapses(m, list, count);
    }
    out->first[out->sources] = (uint32_t)m->elements;
    return close_list(m, err);
}

static void settle_kind(struct synapses *out, const struct wiring *wiring,
                        const struct synapses_part *part)
{
    double weight;
    out->sources = wiring_sources(wiring);
    out->segments = !wiring_delay_is_constant(wiring, &out->delay);
    out->shift = part->unit.stored - part->unit.sum;
    if (wiring_weight_is_constant(wiring, &weight)) {
        out->kind = SYNAPSE_TARGET;
        out->weight = weight_round(part->unit, weight);
    } else {
        out->kind = part->unit.bits == 16   ? SYNAPSE_WEIGHT_16
                    : part->unit.bits == 32 ? SYNAPSE_WEIGHT_32
                                            : SYNAPSE_WEIGHT_64;
    }
}

enum status synapses_open(struct synapses *out, const struct wiring *wiring,
                          const struct synapses_part *part, struct synapses_work *work,
                          struct error *err)
{
    struct making m = {.out = out, .work = work, .wiring = wiring, .part = part};
    if (part->unit.stored > INT_MIN) {
        m.grid = ldexp(1, part->unit.stored);
        m.per_grid = ldexp(1, -part->unit.stored);
    }
    *out = (struct synapses){.sources = 0};
    settle_kind(out, wiring, part);
    enum status status =
        connectivity_open(&m.names, part->config, part->projection, part->population, err);
    if (!status)
        status = draw(&m, err);
    connectivity_close(&m.names);
    if (status)
        return status;
    find_largest(&m);
    out->count = m.count;
    return make_lists(&m, err);
}
