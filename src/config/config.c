/* What several rooms ask of a config that has been read: steps, words, places for messages. */
#include "config/config.h"

#include "config/report.h"

#include <math.h>
#include <string.h>

uint64_t config_steps_of_1_ms(const struct config *config)
{
    double steps = floor(1.0 / config->dt_ms + 0.5);
    return steps >= 1.0 ? (uint64_t)steps : 1;
}

size_t config_times_passed(const struct value *times, uint64_t step)
{
    size_t low = 0, high = times->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (times->steps[middle] <= step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct recordable config_recordables[CONFIG_RECORDABLES] = {
    {"V_m", DIMENSION_VOLTAGE}, {"I", DIMENSION_CURRENT}, {"jumps", DIMENSION_VOLTAGE}};

const char *record_what_name(const struct record_config *record)
{
    static const char *const names[] = {"spikes", "counts", "rate"};
    return record_is_trace(record) ? record->trace->name : names[record->what];
}

static const struct recordable *find(const struct recordable *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

const struct recordable *config_find_recordable(const struct model_type *model, const char *name)
{
    const struct recordable *own =
        model ? find(model->recordables, model->recordable_count, name) : NULL;
    bool membrane = !model || !model->source_only;
    return own || !membrane ? own : find(config_recordables, CONFIG_RECORDABLES, name);
}

const char *config_where(const struct config *config, const char *section, const char *key,
                         const struct value *value, char *buffer, size_t size)
{
    struct place place = {.line = value->line,
                          .section = section,
                          .key = key,
                          .fallback = !value->given,
                          .override = value->given && value->line == 0};
    return config_place_format(strcmp(config->file, "-") == 0 ? "stdin" : config->file, &place,
                               buffer, size);
}
