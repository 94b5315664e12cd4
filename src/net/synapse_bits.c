/* Synapses are drawn twice where a pair may have several: to count those beyond its first one, for
 * which there is a list, and to set bits and write lists. */
#include "net/synapse_bits.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    TOGETHER = 64, /* neurons: what kernels add to at once */
    AHEAD = 24     /* synapses */
};

struct making {
    struct synapses *out;
    uint32_t *next; /* as of synapse_lists.c; NULL: no pair has several */
    uint64_t *sum;  /* as of struct synapses_work */
    uint16_t *list;
    uint64_t copies; /* beyond the first of a pair */
};

/* Rows for all sources and targets of the parts. */
static void lay_out(struct synapse_bits *bits, const struct synapses_part *part, size_t parts)
{
    uint64_t begin = UINT64_MAX, end = 0;
    for (size_t i = 0; i < parts; i++) {
        const uint64_t behind = part[i].local + (part[i].end - part[i].begin);
        begin = part[i].local < begin ? part[i].local : begin;
        end = behind > end ? behind : end;
    }
    bits->source = part[0].source_id;
    bits->rows = part[0].source_end - part[0].source_begin;
    bits->begin = (uint32_t)(begin / TOGETHER * TOGETHER);
    bits->targets = (uint32_t)((end - bits->begin + TOGETHER - 1) / TOGETHER * TOGETHER);
    bits->stride = storage_row_bytes(bits->targets);
}

static uint8_t *byte_of(const struct synapse_bits *bits, uint64_t id, uint64_t target)
{
    return bits->row + (id - bits->source) * bits->stride + (target - bits->begin) / 8;
}

/* Sets the bit of a pair; false: it is set already. */
static bool set(uint8_t *byte, uint64_t target)
{
    const uint8_t bit = (uint8_t)(1 << target % 8);
    const bool first = !(*byte & bit);
    *byte |= bit;
    return first;
}

/* Rows are anywhere in memory, so they are asked for ahead. */
static void ask(const struct synapse_bits *bits, const struct synapse_batch *batch, size_t k)
{
    const struct wiring_batch *drawn = batch->drawn;
    if (k < batch->count)
        __builtin_prefetch(byte_of(bits, drawn->source[batch->place[k]] + batch->behind,
                                   drawn->target[batch->place[k]] + batch->local),
                           1);
}

/* next[s + 1] counts the further copies of source s. */
static void count_batch(void *context, const struct synapse_batch *batch)
{
    struct making *m = context;
    const struct synapse_bits *bits = &m->out->bits;
    for (size_t k = 0; k < batch->count; k++) {
        const uint64_t id = batch->drawn->source[batch->place[k]] + batch->behind;
        const uint64_t target = batch->drawn->target[batch->place[k]] + batch->local;
        ask(bits, batch, k + AHEAD);
        if (!set(byte_of(bits, id, target), target)) {
            m->next[id + 1]++;
            m->copies++;
        }
    }
}

/* next[s] is where the next copy of source s goes. */
static void make_batch(void *context, const struct synapse_batch *batch)
{
    struct making *m = context;
    const struct synapse_bits *bits = &m->out->bits;
    const uint64_t weight = (uint64_t)llabs(m->out->form.weight);
    for (size_t k = 0; k < batch->count; k++) {
        const uint64_t id = batch->drawn->source[batch->place[k]] + batch->behind;
        const uint64_t target = batch->drawn->target[batch->place[k]] + batch->local;
        ask(bits, batch, k + AHEAD);
        if (set(byte_of(bits, id, target), target))
            bits->count[id - bits->source]++;
        else
            m->list[m->next[id]++] = (uint16_t)target;
        m->sum[target] += weight;
    }
    m->out->count += batch->count;
}

static bool open_rows(struct making *m, struct synapses_work *work, size_t targets)
{
    struct synapse_bits *bits = &m->out->bits;
    const uint64_t sums = targets * sizeof *m->sum;
    bits->count = calloc(bits->rows + 1, sizeof *bits->count);
    bits->row = memory_alloc((bits->rows + 1) * bits->stride);
    m->sum = synapses_work_memory(&work->sum, sums);
    if (!bits->count || !bits->row || !m->sum)
        return false;
    memset(m->sum, 0, sums);
    memset(bits->row, 0, synapse_bits_bytes(bits));
    return true;
}

/* Lists for the copies that have been counted. */
static bool open_lists(struct making *m)
{
    struct synapses *out = m->out;
    out->bytes = m->copies * sizeof *m->list + 1;
    out->list = m->list = memory_alloc(out->bytes);
    if (!out->list)
        return false;
    for (uint64_t s = 0; s < out->sources; s++)
        m->next[s + 1] += m->next[s];
    memset(out->bits.row, 0, synapse_bits_bytes(&out->bits));
    return true;
}

static enum status check_copies(const struct making *m, struct error *err)
{
    if (m->copies <= UINT32_MAX)
        return STATUS_OK;
    return error_set(err, STATUS_MEMORY,
                     "more than 2^32 synapses of pairs that have one already into one tile; choose "
                     "storage = lists");
}

enum status synapse_bits_open(struct synapses *out, struct synapses_part *part, size_t parts,
                              size_t targets, struct net_progress *progress,
                              struct synapses_work *work, struct error *err)
{
    struct making m = {.out = out};
    lay_out(&out->bits, part, parts);
    out->longest = out->form.delay;
    if (!open_rows(&m, work, targets))
        return error_no_memory(err, "for bitmaps of %llu sources",
                               (unsigned long long)out->bits.rows);
    if (!storage_has_copies(&part->config->projection[part->projection]))
        return synapses_draw(part, parts, WIRING_ALL, make_batch, &m, progress, err);
    if (!synapse_places_open(&out->places, out->sources))
        return error_no_memory(err, "for lists of synapses");
    m.next = out->places.first + 1;
    enum status status = synapses_draw(part, parts, WIRING_PAIRS, count_batch, &m, progress, err);
    if (!status)
        status = check_copies(&m, err);
    if (!status && !open_lists(&m))
        status = error_no_memory(err, "for lists of synapses");
    if (!status)
        status = synapses_draw(part, parts, WIRING_ALL, make_batch, &m, progress, err);
    if (!status && !synapse_places_pack(&out->places))
        status = error_no_memory(err, "for lists of synapses");
    return status;
}
