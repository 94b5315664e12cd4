/* From the selection that a config writes to bits. */
#include "engine/selection.h"

#include "base/memory.h"
#include "neuron/draw.h"

#include <string.h>

const struct record_config *selection_recorder(const struct config *config, enum record_what what,
                                               size_t population)
{
    for (size_t r = 0; r < config->record_count; r++) {
        const struct record_config *record = &config->record[r];
        for (size_t i = 0; record->what == what && i < record->population_count; i++)
            if (record->population[i] == population)
                return record;
    }
    return NULL;
}

static void set(struct selected *selected, uint64_t id)
{
    selected->bits[id / 64] |= UINT64_C(1) << (id % 64);
}

/* The high 64 bits of a 64-bit random number times bound: uniform below bound to within 2^-64. */
static uint64_t below(uint64_t bound, struct philox_key key, uint64_t draw)
{
    uint32_t word[4];
    philox_draw(word, key, draw, 0, 0);
    uint64_t random = (uint64_t)word[0] << 32 | word[1];
    return (uint64_t)((unsigned __int128)random * bound >> 64);
}

static void sample(struct selected *selected, const struct record_config *record, uint64_t size)
{
    struct philox_key key = draw_stream_key(record->seed, "record.", record->name, NULL);
    uint64_t n = record->neurons.sample;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t last = size - n + i, id = below(last + 1, key, i);
        set(selected, selection_has(selected, id) ? last : id);
    }
}

bool selection_is_none(const struct config *config, size_t population)
{
    const struct record_config *record = selection_recorder(config, RECORD_SPIKES, population);
    return record && record->neurons.kind == SELECT_NONE;
}

uint64_t selection_count(const struct record_config *record, uint64_t size)
{
    const struct selection *neurons = record ? &record->neurons : NULL;
    if (!record || neurons->kind == SELECT_ALL)
        return size;
    switch (neurons->kind) {
    case SELECT_RANGE:
        return (neurons->end - neurons->begin - 1) / neurons->step + 1;
    case SELECT_LIST:
        return neurons->list_count;
    case SELECT_SAMPLE:
        return neurons->sample;
    default:
        return 0;
    }
}

uint64_t selection_bytes(const struct record_config *record, uint64_t size)
{
    bool some = record && record->neurons.kind != SELECT_ALL && record->neurons.kind != SELECT_NONE;
    return some ? (size + 63) / 64 * sizeof(uint64_t) : 0;
}

enum status selection_open(struct selected *out, const struct record_config *record, uint64_t size,
                           struct error *err)
{
    const struct selection *neurons = record ? &record->neurons : NULL;
    *out = (struct selected){SELECTED_ALL, NULL, size};
    if (!record || neurons->kind == SELECT_ALL)
        return STATUS_OK;
    if (neurons->kind == SELECT_NONE) {
        out->kind = SELECTED_NONE;
        return STATUS_OK;
    }
    uint64_t bytes = selection_bytes(record, size);
    out->kind = SELECTED_SOME;
    out->bits = memory_alloc(bytes);
    if (!out->bits)
        return error_no_memory(err, "for the recorder %s", record->name);
    memset(out->bits, 0, bytes);
    if (neurons->kind == SELECT_RANGE)
        for (uint64_t id = neurons->begin; id < neurons->end; id += neurons->step)
            set(out, id);
    else if (neurons->kind == SELECT_LIST)
        for (size_t i = 0; i < neurons->list_count; i++)
            set(out, neurons->list[i]);
    else
        sample(out, record, size);
    return STATUS_OK;
}

void selection_close(struct selected *selected)
{
    memory_free(selected->bits, (selected->size + 63) / 64 * sizeof(uint64_t));
    selected->bits = NULL;
}

void selection_list(const struct selected *selected, uint64_t *ids)
{
    size_t count = 0;
    for (uint64_t id = 0; selected->kind == SELECTED_ALL && id < selected->size; id++)
        ids[count++] = id;
    for (uint64_t i = 0; selected->kind == SELECTED_SOME && i < (selected->size + 63) / 64; i++)
        for (uint64_t word = selected->bits[i]; word; word &= word - 1)
            ids[count++] = 64 * i + (uint64_t)__builtin_ctzll(word);
}
