/* Opens the traces of a population, in the order of the recorders. */
#include "engine/traces.h"

#include "base/memory.h"
#include "engine/selection.h"
#include "neuron/neuron_draw.h"

#include <stdlib.h>
#include <string.h>

size_t traces_rows(const struct record_config *record, uint64_t steps)
{
    return (size_t)((steps - 1) / record->interval_steps + 1);
}

static bool names(const struct record_config *record, size_t population)
{
    for (size_t i = 0; i < record->population_count; i++)
        if (record->population[i] == population)
            return true;
    return false;
}

static bool traces(const struct record_config *record, size_t population)
{
    return record_is_trace(record) && names(record, population);
}

uint64_t traces_block_bytes(const struct config *config, uint64_t steps, size_t value_bytes)
{
    uint64_t bytes = 0;
    for (size_t r = 0; r < config->record_count; r++) {
        const struct record_config *record = &config->record[r];
        for (size_t i = 0; record_is_trace(record) && i < record->population_count; i++)
            bytes += traces_rows(record, steps) * value_bytes *
                     selection_count(record, config->population[record->population[i]].size);
    }
    return bytes;
}

uint64_t traces_bytes(const struct config *config, size_t population, uint64_t tiles,
                      uint64_t block, size_t value_bytes)
{
    uint64_t bytes = 0, size = config->population[population].size;
    for (size_t r = 0; r < config->record_count; r++) {
        const struct record_config *record = &config->record[r];
        if (value_bytes > 0 && traces(record, population))
            bytes += trace_bytes(selection_count(record, size), tiles, traces_rows(record, block),
                                 value_bytes);
    }
    return bytes;
}

size_t traces_place(const struct config *config, size_t record, size_t population)
{
    size_t place = 0;
    for (size_t r = 0; r < record; r++)
        place += traces(&config->record[r], population);
    return traces(&config->record[record], population) ? place : SIZE_MAX;
}

enum status traces_select(const struct record_config *record, uint64_t size, uint64_t first,
                          uint64_t neurons, uint64_t **ids, uint64_t *bytes, uint64_t *count,
                          struct error *err)
{
    struct selected selected;
    const uint64_t all = selection_count(record, size);
    uint64_t begin = 0, end = all;
    *bytes = all * sizeof **ids;
    *ids = memory_alloc(*bytes);
    enum status status = selection_open(&selected, record, size, err);
    if (!*ids && !status)
        status = error_no_memory(err, "for the recorder %s", record->name);
    if (!status) {
        selection_list(&selected, *ids);
        while (begin < end && (*ids)[begin] < first)
            begin++;
        while (end > begin && (*ids)[end - 1] - first >= neurons)
            end--;
        memmove(*ids, *ids + begin, (end - begin) * sizeof **ids);
        *count = end - begin;
    }
    selection_close(&selected);
    return status;
}

static enum status open_one(struct trace *trace, const struct population *p,
                            const struct neuron_source *source, const struct record_config *record,
                            uint64_t block, size_t value_bytes, int threads, struct error *err)
{
    uint64_t *ids, bytes, count;
    enum status status = traces_select(record, p->description->size, p->first_id, p->size, &ids,
                                       &bytes, &count, err);
    if (!status)
        status = trace_open(trace, record, source, ids, count, p->first_id, p->tile, p->tiles,
                            traces_rows(record, block), value_bytes, threads, err);
    memory_free(ids, bytes);
    return status;
}

enum status traces_open(struct population *p, uint64_t block, size_t value_bytes, int threads,
                        struct error *err)
{
    const struct config *config = p->config;
    size_t population = (size_t)(p->description - config->population);
    enum status status = STATUS_OK;
    struct neuron_source source;
    neuron_source_init(&source, config, population);
    p->traces = calloc(config->record_count + 1, sizeof *p->traces);
    if (!p->traces)
        return error_no_memory(err, "for the recorders");
    for (size_t r = 0; r < config->record_count && !status; r++)
        if (traces(&config->record[r], population))
            status = open_one(&p->traces[p->trace_count++], p, &source, &config->record[r], block,
                              value_bytes, threads, err);
    return status;
}

void traces_close(struct population *p)
{
    for (size_t t = 0; t < p->trace_count; t++)
        trace_close(&p->traces[t]);
    free(p->traces);
    p->traces = NULL;
    p->trace_count = 0;
}

void traces_begin(struct population *p, uint64_t step)
{
    for (size_t t = 0; t < p->trace_count; t++)
        trace_begin(&p->traces[t], step);
}
