/* The config that stands in a file, and which spikes it says are recorded. */
#include "plot/plot_config.h"

#include "config/read.h"
#include "drive/drive.h"
#include "engine/selection.h"
#include "io/hdf5_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LISTED_MOST = 1 << 24 };

struct config *plot_parse_config(const char *text, const char *set)
{
    struct config *config = NULL;
    struct messages errors = {NULL, 0};
    config_read_text(text, strlen(text), "config", &set, set ? 1 : 0, &drive_config_types, &config,
                     &errors);
    messages_free(&errors);
    return config;
}

struct config *plot_read_config(hid_t file)
{
    char *text;
    hdf5_text_of_dataset(file, "/megalif/config", &text, NULL);
    struct config *config = text ? plot_parse_config(text, NULL) : NULL;
    free(text);
    return config;
}

size_t plot_config_place(const struct config *config, const char *population)
{
    for (size_t i = 0; config && i < config->population_count; i++)
        if (strcmp(config->population[i].name, population) == 0)
            return i;
    return SIZE_MAX;
}

void plot_config_window(const struct config *config, size_t place, double *from, double *to)
{
    const struct record_config *record = selection_recorder(config, RECORD_SPIKES, place);
    uint64_t first = config->record_warmup ? 0 : config->warmup_steps;
    if (record && record->start_step > first)
        first = record->start_step;
    *from = (double)first * config->dt_ms;
    *to = record && record->stop_step < config->steps ? (double)record->stop_step * config->dt_ms
                                                      : INFINITY;
}

enum status plot_config_records(const struct config *config, size_t place, uint64_t id,
                                bool *recorded, struct error *err)
{
    const struct record_config *record = selection_recorder(config, RECORD_SPIKES, place);
    uint64_t size = config->population[place].size;
    struct selected selected;
    enum status status = selection_open(&selected, record, size, err);
    if (status)
        return status;
    *recorded = selected.kind == SELECTED_ALL ||
                (selected.kind == SELECTED_SOME && id < size && selection_has(&selected, id));
    selection_close(&selected);
    return STATUS_OK;
}

enum status plot_config_recorded(const struct config *config, size_t place, uint64_t **ids,
                                 uint64_t *count, bool *all, struct error *err)
{
    const struct record_config *record = selection_recorder(config, RECORD_SPIKES, place);
    uint64_t size = config->population[place].size;
    struct selected selected;
    *ids = NULL;
    *count = selection_count(record, size);
    *all = *count == size;
    if (*all || *count > LISTED_MOST)
        return STATUS_OK;
    enum status status = selection_open(&selected, record, size, err);
    if (status)
        return status;
    *ids = malloc((*count + 1) * sizeof **ids);
    if (*ids && selected.kind == SELECTED_SOME)
        selection_list(&selected, *ids);
    selection_close(&selected);
    return *ids ? STATUS_OK : error_no_memory(err, NULL);
}
