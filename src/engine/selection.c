#include "engine/selection.h"

#include "base/memory.h"
#include "model/draw.h"

#include <string.h>

static const struct record_config *recorder_of(const struct config *config, size_t population)
{
    for (size_t r = 0; r < config->record_count; r++) {
        const struct record_config *record = &config->record[r];
        for (size_t i = 0; record->what == RECORD_SPIKES && i < record->population_count; i++)
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
    const struct record_config *record = recorder_of(config, population);
    return record && record->neurons.kind == SELECT_NONE;
}

uint64_t selection_bytes(const struct config *config, size_t population)
{
    const struct record_config *record = recorder_of(config, population);
    bool some = record && record->neurons.kind != SELECT_ALL && record->neurons.kind != SELECT_NONE;
    return some ? (config->population[population].size + 63) / 64 * sizeof(uint64_t) : 0;
}

enum status selection_open(struct selected *out, const struct config *config, size_t population,
                           struct error *err)
{
    const struct record_config *record = recorder_of(config, population);
    const struct selection *neurons = record ? &record->neurons : NULL;
    uint64_t size = config->population[population].size;
    *out = (struct selected){SELECTED_ALL, NULL, size};
    if (!record || neurons->kind == SELECT_ALL)
        return STATUS_OK;
    if (neurons->kind == SELECT_NONE) {
        out->kind = SELECTED_NONE;
        return STATUS_OK;
    }
    uint64_t bytes = selection_bytes(config, population);
    out->kind = SELECTED_SOME;
    out->bits = memory_alloc(bytes);
    if (!out->bits)
        return error_set(err, STATUS_MEMORY, "no memory for the recorder %s", record->name);
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
