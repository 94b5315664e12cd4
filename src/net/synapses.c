/* Synapses as they are drawn, by target, become lists by source: sorted by delay first, then dealt
 * to their sources, which keeps the delays in order. */
#include "net/synapses.h"

#include "base/memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENT_MOST = 65535 }; /* synapses that a head can count */

/* A synapse that has been drawn. */
struct drawn {
    uint32_t source;
    uint16_t target, delay;
    int64_t weight; /* in its stored unit */
};

/* What is at hand while lists are made. */
struct making {
    struct synapses *out;
    const struct wiring *wiring;
    const struct synapses_part *part;
    uint64_t tile_first;          /* place of the first target of the canonical tile */
    struct drawn *drawn, *sorted; /* [room] */
    uint64_t count, room;
    uint64_t *sum;  /* [part->tile]: |weights| of each target */
    uint64_t *at;   /* [sources + 1]: where the next element of each list goes */
    uint64_t *head; /* [sources]: where the head of its last segment is */
    uint32_t *last; /* [sources]: the delay of that segment; 0: none yet */
};

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
    double weight = batch->weight[i];
    if (weight > 0 ? !part->positive : !part->negative)
        return;
    m->drawn[m->count++] = (struct drawn){
        .source = (uint32_t)batch->source[i],
        .target = (uint16_t)(part->local + (place - part->begin)),
        .delay = (uint16_t)batch->delay[i],
        .weight = weight_round(part->unit, weight),
    };
}

static void take_batch(void *context, const struct wiring_batch *batch)
{
    struct making *m = context;
    for (size_t i = 0; i < batch->count; i++) {
        uint64_t place = m->tile_first + batch->target[i];
        if (place >= m->part->begin && place < m->part->end)
            keep(m, batch, i, place);
    }
}

static enum status draw(struct making *m, struct error *err)
{
    uint64_t begin = m->part->begin / WIRING_TILE;
    uint64_t end = (m->part->end + WIRING_TILE - 1) / WIRING_TILE;
    enum status status = STATUS_OK;
    for (uint64_t tile = begin; tile < end; tile++)
        m->room += wiring_tile_count(m->wiring, tile);
    m->drawn = memory_alloc((m->room + 1) * sizeof *m->drawn);
    if (!m->drawn)
        return error_no_memory(err, "for drawing synapses");
    for (uint64_t tile = begin; tile < end && !status; tile++) {
        m->tile_first = tile * WIRING_TILE;
        status = wiring_draw(m->wiring, tile, WIRING_ALL, take_batch, m, err);
    }
    return status;
}

/* ---- sums */

static uint64_t in_sum_unit(const struct making *m, int64_t weight)
{
    uint64_t size = weight < 0 ? -(uint64_t)weight : (uint64_t)weight;
    return size << (m->part->unit.stored - m->part->unit.sum);
}

/* The largest sum that a target can get at once. */
static bool find_largest(struct making *m)
{
    m->sum = calloc(m->part->tile, sizeof *m->sum);
    for (uint64_t i = 0; m->sum && i < m->count; i++)
        m->sum[m->drawn[i].target] += in_sum_unit(m, m->drawn[i].weight);
    for (size_t t = 0; m->sum && t < m->part->tile; t++)
        m->out->largest = m->sum[t] > m->out->largest ? m->sum[t] : m->out->largest;
    return m->sum != NULL;
}

/* ---- sorting by delay */

/* drawn becomes sorted, stably. */
static bool sort_by_delay(struct making *m)
{
    uint64_t *next = calloc(UINT16_MAX + 2, sizeof *next);
    m->sorted = memory_alloc((m->room + 1) * sizeof *m->sorted);
    if (!next || !m->sorted) {
        free(next);
        return false;
    }
    for (uint64_t i = 0; i < m->count; i++)
        next[m->drawn[i].delay + 1]++;
    for (size_t d = 1; d < UINT16_MAX + 2; d++)
        next[d] += next[d - 1];
    for (uint64_t i = 0; i < m->count; i++)
        m->sorted[next[m->drawn[i].delay]++] = m->drawn[i];
    free(next);
    return true;
}

/* ---- lists */

/* A new segment, or a head that is full. */
static bool begins_segment(const struct making *m, const struct drawn *s, uint64_t in_segment)
{
    return m->out->segments && (m->last[s->source] != s->delay || in_segment == SEGMENT_MOST);
}

/* Sizes of the lists: `head` counts the synapses of the last segment meanwhile. */
static void measure(struct making *m, const struct drawn *drawn)
{
    const size_t each = synapse_elements(m->out->kind), head = synapse_head(m->out->kind);
    for (uint64_t i = 0; i < m->count; i++) {
        const struct drawn *s = &drawn[i];
        if (begins_segment(m, s, m->head[s->source])) {
            m->at[s->source + 1] += head;
            m->last[s->source] = s->delay;
            m->head[s->source] = 0;
        }
        m->head[s->source]++;
        m->at[s->source + 1] += each;
    }
    for (uint64_t s = 0; s < m->out->sources; s++)
        m->at[s + 1] += m->at[s];
}

static void put_head(struct making *m, const struct drawn *s)
{
    uint64_t at = m->at[s->source];
    if (m->out->kind == SYNAPSE_TARGET) {
        ((uint16_t *)m->out->list)[at] = s->delay;
        ((uint16_t *)m->out->list)[at + 1] = 0;
    } else {
        ((uint32_t *)m->out->list)[at] = (uint32_t)s->delay << 16;
    }
    m->head[s->source] = at;
    m->last[s->source] = s->delay;
    m->at[s->source] += synapse_head(m->out->kind);
}

static uint32_t in_segment(const struct making *m, uint64_t source)
{
    uint64_t head = m->head[source];
    return m->out->kind == SYNAPSE_TARGET ? ((uint16_t *)m->out->list)[head + 1]
                                          : ((uint32_t *)m->out->list)[head] & 0xffff;
}

static void count_in_head(struct making *m, uint64_t source)
{
    uint64_t head = m->head[source];
    if (m->out->kind == SYNAPSE_TARGET)
        ((uint16_t *)m->out->list)[head + 1]++;
    else
        ((uint32_t *)m->out->list)[head]++;
}

static void put_synapse(struct making *m, const struct drawn *s)
{
    uint64_t at = m->at[s->source];
    uint32_t *wide = (uint32_t *)m->out->list + at;
    switch (m->out->kind) {
    case SYNAPSE_TARGET:
        ((uint16_t *)m->out->list)[at] = s->target;
        break;
    case SYNAPSE_WEIGHT_16:
        wide[0] = (uint32_t)s->target << 16 | ((uint32_t)s->weight & 0xffff);
        break;
    case SYNAPSE_WEIGHT_64:
        wide[2] = (uint32_t)((uint64_t)s->weight >> 32);
        /* fall through */
    case SYNAPSE_WEIGHT_32:
        wide[0] = s->target;
        wide[1] = (uint32_t)s->weight;
        break;
    }
    m->at[s->source] += synapse_elements(m->out->kind);
}

static void deal(struct making *m, const struct drawn *drawn)
{
    memset(m->last, 0, m->out->sources * sizeof *m->last);
    for (uint64_t i = 0; i < m->count; i++) {
        const struct drawn *s = &drawn[i];
        bool same = m->out->segments && m->last[s->source] == s->delay;
        if (begins_segment(m, s, same ? in_segment(m, s->source) : 0))
            put_head(m, s);
        if (m->out->segments)
            count_in_head(m, s->source);
        put_synapse(m, s);
    }
}

/* Where the lists begin; they are dealt to afterwards. */
static enum status open_lists(struct making *m, struct error *err)
{
    struct synapses *out = m->out;
    uint64_t elements = m->at[out->sources];
    if (elements > UINT32_MAX)
        return error_set(err, STATUS_MEMORY,
                         "more than 2^32 synapses into one tile; choose smaller tiles "
                         "(MEGALIF_TILE)");
    out->first = memory_alloc((out->sources + 1) * sizeof *out->first);
    out->bytes = (elements + 1) * synapse_element_bytes(out->kind);
    out->list = memory_alloc(out->bytes);
    if (!out->first || !out->list)
        return error_no_memory(err, "for %llu synapses", (unsigned long long)m->count);
    for (uint64_t s = 0; s <= out->sources; s++)
        out->first[s] = (uint32_t)m->at[s];
    return STATUS_OK;
}

static enum status make_lists(struct making *m, struct error *err)
{
    uint64_t sources = m->out->sources;
    m->at = calloc(sources + 1, sizeof *m->at);
    m->head = calloc(sources + 1, sizeof *m->head);
    m->last = calloc(sources + 1, sizeof *m->last);
    if (!m->at || !m->head || !m->last || (m->out->segments && !sort_by_delay(m)))
        return error_no_memory(err, "for sorting synapses");
    const struct drawn *drawn = m->out->segments ? m->sorted : m->drawn;
    measure(m, drawn);
    enum status status = open_lists(m, err);
    if (!status)
        deal(m, drawn);
    return status;
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

static void free_making(struct making *m)
{
    memory_free(m->drawn, (m->room + 1) * sizeof *m->drawn);
    memory_free(m->sorted, (m->room + 1) * sizeof *m->sorted);
    free(m->sum);
    free(m->at);
    free(m->head);
    free(m->last);
}

enum status synapses_open(struct synapses *out, const struct wiring *wiring,
                          const struct synapses_part *part, struct error *err)
{
    struct making m = {.out = out, .wiring = wiring, .part = part};
    *out = (struct synapses){.sources = 0};
    settle_kind(out, wiring, part);
    enum status status = draw(&m, err);
    if (!status && !find_largest(&m))
        status = error_no_memory(err, "for sums of weights");
    if (!status)
        status = make_lists(&m, err);
    out->count = m.count;
    for (uint64_t i = 0; !status && i < m.count; i++)
        out->longest = m.drawn[i].delay > out->longest ? m.drawn[i].delay : out->longest;
    free_making(&m);
    return status;
}
