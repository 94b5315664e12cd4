/* Synapses are drawn twice, by target: to count those of each source, and to deal them to their
 * sources; then each source's are sorted by delay and written as its list, over what was dealt.
 * Drawing the pairs twice costs less than keeping them would. */
#include "net/synapse_lists.h"

#include "base/memory.h"
#include "net/synapse_draw.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEGMENT_MOST = 65535, /* synapses that a head can count */
    AHEAD = 24            /* synapses */
};

/* A synapse of a source that is known; its weight in units of 2^stored. */
struct dealt {
    int64_t weight;
    uint16_t target, delay;
};

/* The same in less memory, where weights have 32 bits at most. */
struct narrow {
    int32_t weight;
    uint16_t target, delay;
};

/* What is at hand while lists are made. */
struct making {
    struct synapses *out;
    struct synapses_work *work;
    uint32_t *next; /* [sources + 1]: of each; the places' first, from its second number on */
    size_t targets;
    uint64_t count, longest_list;
    void *dealt; /* synapses by source: targets, struct narrow or struct dealt */
    uint64_t dealt_bytes;
    void *list;        /* that is being written: often over what was dealt */
    uint64_t elements; /* of the lists so far */
};

/* Is a list of targets all there is to a list? */
static bool is_plain(const struct synapse_form *form)
{
    return form->kind == SYNAPSE_TARGET && !form->segments;
}

static size_t dealt_size(const struct synapse_form *form)
{
    if (is_plain(form))
        return sizeof(uint16_t);
    return form->kind == SYNAPSE_WEIGHT_64 ? sizeof(struct dealt) : sizeof(struct narrow);
}

/* Of synapses, or elements of lists: places have 32 bits. */
static enum status check_number(uint64_t number, struct error *err)
{
    if (number <= UINT32_MAX)
        return STATUS_OK;
    return error_set(err, STATUS_MEMORY,
                     "more than 2^32 synapses into one tile; choose smaller tiles "
                     "(MEGALIF_TILE)");
}

/* ---- counting */

/* next[s + 1] counts the synapses of source s. */
static void count_batch(void *context, const struct synapse_batch *batch)
{
    struct making *m = context;
    uint32_t *next = m->next;
    const uint64_t *source = batch->drawn->source, behind = batch->behind + 1;
    const uint16_t *place = batch->place;
    for (size_t k = 0; k < batch->count; k++) {
        if (k + AHEAD < batch->count)
            __builtin_prefetch(&next[source[place[k + AHEAD]] + behind], 1);
        next[source[place[k]] + behind]++;
    }
    m->count += batch->count;
}

/* ---- dealing */

static void put_dealt(const struct making *m, uint64_t at, struct dealt one)
{
    switch (dealt_size(&m->out->form)) {
    case sizeof(uint16_t):
        ((uint16_t *)m->dealt)[at] = one.target;
        break;
    case sizeof(struct narrow):
        ((struct narrow *)m->dealt)[at] =
            (struct narrow){(int32_t)one.weight, one.target, one.delay};
        break;
    default:
        ((struct dealt *)m->dealt)[at] = one;
    }
}

static struct dealt get_dealt(const struct making *m, uint64_t at)
{
    if (m->out->form.kind == SYNAPSE_WEIGHT_64)
        return ((const struct dealt *)m->dealt)[at];
    const struct narrow one = ((const struct narrow *)m->dealt)[at];
    return (struct dealt){one.weight, one.target, one.delay};
}

/* next[s] is where the next synapse of source s goes: anywhere in memory, so that is asked for
 * ahead, as is next[s] itself. */
static void deal_batch(void *context, const struct synapse_batch *batch)
{
    struct making *m = context;
    uint64_t *sum = m->work->sum.data;
    uint32_t *next = m->next;
    const struct wiring_batch *drawn = batch->drawn;
    const uint64_t *source = drawn->source, behind = batch->behind;
    const uint16_t *place = batch->place;
    const size_t size = dealt_size(&m->out->form), count = batch->count;
    uint32_t longest = m->out->longest;
    for (size_t k = 0; k < count; k++) {
        const size_t i = place[k];
        if (k + 2 * AHEAD < count)
            __builtin_prefetch(&next[source[place[k + 2 * AHEAD]] + behind], 1);
        if (k + AHEAD < count)
            __builtin_prefetch((char *)m->dealt + next[source[place[k + AHEAD]] + behind] * size,
                               1);
        const uint16_t target = (uint16_t)(batch->local + drawn->target[i]);
        const uint32_t delay = drawn->delay[i];
        const int64_t weight = batch->weight[k];
        put_dealt(m, next[source[i] + behind]++, (struct dealt){weight, target, (uint16_t)delay});
        sum[target] += weight < 0 ? -(uint64_t)weight : (uint64_t)weight;
        longest = delay > longest ? delay : longest;
    }
    m->out->longest = longest;
}

/* Room for what has been counted; next[s] becomes where the synapses of source s begin. */
static bool open_dealt(struct making *m)
{
    uint32_t *next = m->next;
    for (uint64_t s = 0; s < m->out->sources; s++) {
        m->longest_list = next[s + 1] > m->longest_list ? next[s + 1] : m->longest_list;
        next[s + 1] += next[s];
    }
    m->dealt_bytes = (m->count + 1) * dealt_size(&m->out->form);
    m->dealt = memory_alloc(m->dealt_bytes);
    return m->dealt &&
           synapses_work_memory(&m->work->spare, 2 * (m->longest_list + 1) * sizeof(struct dealt));
}

static bool open_work(struct making *m)
{
    struct synapses_work *work = m->work;
    uint64_t sums = m->targets * sizeof(uint64_t);
    if (!synapses_work_memory(&work->sum, sums) ||
        !synapse_places_open(&m->out->places, m->out->sources))
        return false;
    memset(work->sum.data, 0, sums);
    m->next = m->out->places.first + 1;
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
static struct dealt *sort(struct making *m, struct dealt *list, uint64_t count, struct dealt *spare)
{
    enum { FEW = 12, SPREAD = 4 };
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
    ((uint16_t *)m->list)[m->elements++] = (uint16_t)element;
}

static void put_wide(struct making *m, uint32_t element)
{
    ((uint32_t *)m->list)[m->elements++] = element;
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

/* Of a synapse: with a head for each, which no list exceeds. */
static size_t most_bytes(const struct synapse_form *form)
{
    const size_t head = form->segments ? synapse_head(form->kind) : 0;
    return (synapse_elements(form->kind) + head) * synapse_element_bytes(form->kind);
}

static bool is_in_place(const struct synapse_form *form)
{
    return most_bytes(form) <= dealt_size(form);
}

size_t synapse_lists_making_bytes(const struct synapse_form *form)
{
    const size_t element = synapse_elements(form->kind) * synapse_element_bytes(form->kind);
    return is_in_place(form) ? dealt_size(form) - element : dealt_size(form);
}

/* A source's synapses have been read before its list is written: so lists may come in the place of
 * what was dealt, where none of them can be longer. */
static void make_list(struct making *m, uint64_t begin, uint64_t count)
{
    struct dealt *one = m->work->spare.data;
    for (uint64_t i = 0; i < count; i++)
        one[i] = get_dealt(m, begin + i);
    const struct dealt *list = sort(m, one, count, one + m->longest_list);
    if (m->out->form.segments)
        put_list(m, list, count);
    else
        put_synapses(m, list, count);
}

/* The lists keep memory of just their size. */
static enum status close_list(struct making *m, uint64_t bytes, struct error *err)
{
    struct synapses *out = m->out;
    enum status status;
    out->bytes = m->elements * synapse_element_bytes(out->form.kind) + 1;
    out->list = memory_shrink(m->list, bytes, out->bytes);
    if (!out->list)
        return error_no_memory(err, "for %llu synapses", (unsigned long long)m->count);
    status = check_number(m->elements, err);
    if (!status && !synapse_places_pack(&out->places))
        status = error_no_memory(err, "for lists of synapses");
    return status;
}

/* Behind the last synapse of each source, next[s] has come to stand: where the list of the next one
 * begins, unless lists have become longer or shorter than what was dealt. */
static void write_lists(struct making *m)
{
    struct synapses *out = m->out;
    if (is_plain(&out->form)) {
        m->elements = m->count;
        return;
    }
    for (uint64_t s = 0, begin = 0; s < out->sources; s++) {
        const uint64_t behind = m->next[s];
        out->places.first[s] = (uint32_t)m->elements;
        make_list(m, begin, behind - begin);
        begin = behind;
    }
    out->places.first[out->sources] = (uint32_t)m->elements;
}

static enum status make_lists(struct making *m, struct error *err)
{
    const struct synapse_form *form = &m->out->form;
    const bool in_place = is_in_place(form);
    const uint64_t bytes = in_place ? m->dealt_bytes : m->count * most_bytes(form) + 1;
    m->list = in_place ? m->dealt : memory_alloc(bytes);
    if (!m->list) {
        memory_free(m->dealt, m->dealt_bytes);
        return error_no_memory(err, "for lists of synapses");
    }
    write_lists(m);
    if (!in_place)
        memory_free(m->dealt, m->dealt_bytes);
    return close_list(m, bytes, err);
}

enum status synapse_lists_open(struct synapses *out, struct synapses_part *part, size_t parts,
                               size_t targets, struct net_progress *progress,
                               struct synapses_work *work, struct error *err)
{
    struct making m = {.out = out, .work = work, .targets = targets};
    if (!open_work(&m))
        return error_no_memory(err, "for drawing synapses");
    enum status status = synapses_draw(part, parts, WIRING_PAIRS, count_batch, &m, progress, err);
    if (!status)
        status = check_number(m.count, err);
    if (!status && !open_dealt(&m))
        status = error_no_memory(err, "for sorting %llu synapses", (unsigned long long)m.count);
    if (!status)
        status = synapses_draw(part, parts, WIRING_ALL, deal_batch, &m, progress, err);
    if (status) {
        memory_free(m.dealt, m.dealt_bytes);
        return status;
    }
    out->count = m.count;
    return make_lists(&m, err);
}
