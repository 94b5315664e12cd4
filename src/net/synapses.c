/* Synapses are drawn twice, by target: to count those of each source, and to deal them to their
 * sources; then each source's are sorted by delay and written as its list. Drawing the pairs twice
 * costs less than keeping them would. */
#include "net/synapses.h"

#include "base/memory.h"
#include "net/connectivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENT_MOST = 65535 }; /* synapses that a head can count */

/* A synapse of a source that is known; its weight in units of 2^stored. */
struct dealt {
    int64_t weight;
    uint16_t target, delay;
};

/* What is at hand while lists are made. */
struct making {
    struct synapses *out;
    struct synapses_work *work;
    struct synapses_part *part; /* that is being drawn */
    struct connectivity names;  /* of its synapses, for the digest */
    double grid;                /* 2^stored */
    struct net_progress *progress;
    bool stop;
    size_t targets;
    uint64_t tile_first; /* place of the first target of the canonical tile */
    bool counts;         /* the first time */
    uint64_t count, longest_list;
    uint64_t elements; /* of the lists so far, in work->list */
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
    memory_free(work->dealt.data, work->dealt.bytes);
    memory_free(work->spare.data, work->spare.bytes);
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

/* next[s + 1] counts the synapses of source s. */
static void count_source(struct making *m, uint64_t source)
{
    uint64_t *next = m->work->next.data;
    next[source + 1]++;
    m->count++;
}

/* next[s] is where the next synapse of source s goes; `number` counts the part's targets. */
static void deal_to(struct making *m, uint64_t source, uint64_t number, uint32_t delay,
                    int64_t weight)
{
    struct dealt *dealt = m->work->dealt.data;
    uint64_t *sum = m->work->sum.data, *next = m->work->next.data;
    const uint16_t target = (uint16_t)(m->part->local + number);
    dealt[next[source]++] = (struct dealt){weight, target, (uint16_t)delay};
    sum[target] += weight < 0 ? -(uint64_t)weight : (uint64_t)weight;
    m->out->longest = delay > m->out->longest ? delay : m->out->longest;
}

static void take(struct making *m, uint64_t place, uint64_t number, uint32_t delay, double weight)
{
    struct synapses_part *part = m->part;
    const uint64_t source = part->source_id + (place - part->source_begin);
    if (m->counts) {
        count_source(m, source);
        return;
    }
    const int64_t rounded = weight_round(part->unit, weight);
    deal_to(m, source, number, delay, rounded);
    connectivity_note(&m->names, &part->digest, place, part->id + number, delay,
                      (double)rounded * m->grid);
}

static void take_batch(void *context, const struct wiring_batch *batch)
{
    struct making *m = context;
    const struct synapses_part *part = m->part;
    const uint64_t before = part->digest.spikes;
    for (size_t i = 0; i < batch->count && !m->stop; i++) {
        const uint64_t target = m->tile_first + batch->target[i], source = batch->source[i];
        if (target < part->begin || target >= part->end || source < part->source_begin ||
            source >= part->source_end)
            continue;
        if (part->selects && !(batch->weight[i] > 0 ? part->positive : part->negative))
            continue;
        take(m, source, target - part->begin, batch->delay[i], batch->weight[i]);
    }
    m->stop = net_progress_add(m->progress, part->digest.spikes - before);
}

static enum status draw_tiles(struct making *m, struct error *err)
{
    const uint64_t end = (m->part->end + WIRING_TILE - 1) / WIRING_TILE;
    const enum wiring_what what = m->counts && !m->part->selects ? WIRING_PAIRS : WIRING_ALL;
    enum status status = STATUS_OK;
    for (uint64_t tile = m->part->begin / WIRING_TILE; tile < end && !status; tile++) {
        m->tile_first = tile * WIRING_TILE;
        status = wiring_draw(m->part->wiring, tile, what, take_batch, m, err);
        if (!status && m->stop)
            status = STATUS_INTERRUPTED;
    }
    return status;
}

static enum status draw_part(struct making *m, struct synapses_part *part, struct error *err)
{
    m->part = part;
    m->grid = ldexp(1.0, part->unit.stored);
    enum status status =
        connectivity_open(&m->names, part->config, part->projection, part->population, err);
    if (!status)
        status = draw_tiles(m, err);
    connectivity_close(&m->names);
    return status;
}

static enum status draw(struct making *m, struct synapses_part *part, size_t parts, bool counts,
                        struct error *err)
{
    enum status status = STATUS_OK;
    m->counts = counts;
    for (size_t i = 0; i < parts && !status; i++)
        status = draw_part(m, &part[i], err);
    return status;
}

/* Room for what has been counted; next[s] becomes where the synapses of source s begin. */
static bool open_dealt(struct making *m)
{
    uint64_t *next = m->work->next.data;
    for (uint64_t s = 0; s < m->out->sources; s++) {
        m->longest_list = next[s + 1] > m->longest_list ? next[s + 1] : m->longest_list;
        next[s + 1] += next[s];
    }
    return grown(&m->work->dealt, (m->count + 1) * sizeof(struct dealt)) &&
           grown(&m->work->spare, (m->longest_list + 1) * sizeof(struct dealt));
}

static bool open_work(struct making *m)
{
    struct synapses_work *work = m->work;
    uint64_t sums = m->targets * sizeof(uint64_t);
    uint64_t nexts = (m->out->sources + 2) * sizeof(uint64_t);
    if (!grown(&work->sum, sums) || !grown(&work->next, nexts))
        return false;
    memset(work->sum.data, 0, sums);
    memset(work->next.data, 0, nexts);
    return true;
}

/* ---- by delay */

static int by_delay(const void *left, const void *right)
{
    return ((const struct dealt *)left)->delay - ((const struct dealt *)right)->delay;
}

/* For lists that are longer than their delays are spread; to[count] is sorted, stably. */
static void count_delays(struct making *m, const struct dealt *from, uint64_t count,
                         struct dealt *to)
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

static void insert_sort(struct dealt *list, uint64_t count)
{
    for (uint64_t i = 1; i < count; i++) {
        struct dealt one = list[i];
        uint64_t at = i;
        for (; at > 0 && list[at - 1].delay > one.delay; at--)
            list[at] = list[at - 1];
        list[at] = one;
    }
}

/* The source's synapses by delay; the order of equal ones does not matter, as sums are exact. */
static struct dealt *sort(struct making *m, struct dealt *list, uint64_t count)
{
    enum { FEW = 12, SPREAD = 4 };
    struct dealt *spare = m->work->spare.data;
    if (!m->out->form.segments)
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
    if (m->out->form.kind == SYNAPSE_TARGET) {
        put_narrow(m, delay);
        put_narrow(m, count);
    } else {
        put_wide(m, delay << 16 | count);
    }
}

static void put_synapses(struct making *m, const struct dealt *list, uint64_t count)
{
    switch (m->out->form.kind) {
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
            if (m->out->form.kind == SYNAPSE_WEIGHT_64)
                put_wide(m, (uint32_t)((uint64_t)list[i].weight >> 32));
        }
    }
}

/* Segment by segment. */
static void put_list(struct making *m, const struct dealt *list, uint64_t count)
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
    const enum synapse_kind kind = m->out->form.kind;
    uint64_t each = synapse_elements(kind) + (m->out->form.segments ? synapse_head(kind) : 0);
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
    out->bytes = m->elements * synapse_element_bytes(out->form.kind) + 1;
    out->list = memory_alloc(out->bytes);
    if (!out->list)
        return error_no_memory(err, "for %llu synapses", (unsigned long long)m->count);
    memcpy(out->list, m->work->list.data, out->bytes - 1);
    return STATUS_OK;
}

/* Behind the last synapse of each source, next[s] has come to stand. */
static enum status make_lists(struct making *m, struct error *err)
{
    struct synapses *out = m->out;
    const uint64_t *behind = m->work->next.data;
    struct dealt *dealt = m->work->dealt.data;
    if (!open_list(m))
        return error_no_memory(err, "for lists of synapses");
    for (uint64_t s = 0, begin = 0; s < out->sources; begin = behind[s++]) {
        const uint64_t length = behind[s] - begin;
        const struct dealt *list = sort(m, dealt + begin, length);
        out->first[s] = (uint32_t)m->elements;
        if (out->form.segments)
            put_list(m, list, length);
        else
            put_synapses(m, list, length);
    }
    out->first[out->sources] = (uint32_t)m->elements;
    return close_list(m, err);
}

struct synapse_form synapses_form(const struct synapses_part *part)
{
    double weight;
    struct synapse_form form = {.shift = part->unit.stored - part->unit.sum};
    form.segments = !wiring_delay_is_constant(part->wiring, &form.delay);
    form.delay = form.segments ? 0 : form.delay;
    if (wiring_weight_is_constant(part->wiring, &weight)) {
        form.kind = SYNAPSE_TARGET;
        form.weight = weight_round(part->unit, weight);
    } else {
        form.kind = part->unit.bits == 16   ? SYNAPSE_WEIGHT_16
                    : part->unit.bits == 32 ? SYNAPSE_WEIGHT_32
                                            : SYNAPSE_WEIGHT_64;
    }
    return form;
}

enum status synapses_open(struct synapses *out, struct synapses_part *part, size_t parts,
                          uint64_t sources, size_t targets, struct net_progress *progress,
                          struct synapses_work *work, struct error *err)
{
    struct making m = {.out = out, .work = work, .targets = targets, .progress = progress};
    *out = (struct synapses){.form = synapses_form(&part[0]), .sources = sources};
    if (!open_work(&m))
        return error_no_memory(err, "for drawing synapses");
    enum status status = draw(&m, part, parts, true, err);
    if (!status && !open_dealt(&m))
        status = error_no_memory(err, "for sorting %llu synapses", (unsigned long long)m.count);
    if (!status)
        status = draw(&m, part, parts, false, err);
    if (status)
        return status;
    out->count = m.count;
    return make_lists(&m, err);
}
