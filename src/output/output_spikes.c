/* Hands the recorded spikes of each block to the writer of the file, and to the caller's
 * callback. */
#include "output/output_spikes.h"

#include "base/float_env.h"
#include "engine/selection.h"
#include "output/output_results.h"

#include <stdlib.h>
#include <string.h>

enum { QUEUE_CHUNKS = 16 }; /* 1 MiB each */

uint64_t output_spikes_memory(const struct setup *setup)
{
    const struct raster_settings settings = {.deflate = setup->config->output_deflate,
                                             .population_count = setup->config->population_count,
                                             .threads = setup->settings.threads};
    return raster_memory(&settings, QUEUE_CHUNKS);
}

/* How the whole file is made. */
static struct raster_settings settings_of(const struct output_spikes *r)
{
    return (struct raster_settings){
        .path = r->setup->output,
        .force = r->setup->force,
        .deflate = r->setup->config->output_deflate,
        .population = r->recorded,
        .population_count = r->recorded_count,
        .threads = engine_threads(r->engine),
    };
}

static enum status create_whole(struct output_spikes *r, const struct raster_settings *settings,
                                struct error *err)
{
    enum status status = raster_create(&r->raster, settings, QUEUE_CHUNKS, err);
    return status ? status : output_write_model(raster_begin(r->raster), r->setup, err);
}

enum status output_spikes_open_whole(struct output_spikes *record, bool replaces, struct error *err)
{
    struct raster_settings settings = settings_of(record);
    settings.checked = true;
    settings.force |= replaces;
    record->raster = NULL;
    return create_whole(record, &settings, err);
}

static enum status create_segments(struct output_spikes *r, const char *first, struct error *err)
{
    struct raster_settings settings = settings_of(r);
    settings.segments = settings.force = true;
    settings.path = first;
    return raster_create(&r->raster, &settings, QUEUE_CHUNKS, err);
}

static void list_recorded(struct output_spikes *r)
{
    const struct config *config = r->setup->config;
    for (size_t i = 0; i < config->population_count; i++) {
        bool none = !r->setup->raster || selection_is_none(config, i);
        r->raster_index[i] = none ? SIZE_MAX : r->recorded_count;
        if (!none)
            r->recorded[r->recorded_count++] = config->population[i].name;
    }
}

static enum status open_file(struct output_spikes *r, const char *segment, struct error *err)
{
    size_t populations = r->setup->config->population_count;
    r->recorded = calloc(populations, sizeof *r->recorded);
    r->raster_index = calloc(populations, sizeof *r->raster_index);
    if (!r->recorded || !r->raster_index)
        return error_no_memory(err, "for the output");
    list_recorded(r);
    if (segment)
        return create_segments(r, segment, err);
    const struct raster_settings settings = settings_of(r);
    return create_whole(r, &settings, err);
}

static enum status open_callback(struct output_spikes *r, const struct mlif_options *options,
                                 struct error *err)
{
    r->spikes = options->spikes;
    r->context = options->context;
    r->node_ids = malloc(MLIF_SPIKES_MOST * sizeof *r->node_ids);
    r->timestamps = malloc(MLIF_SPIKES_MOST * sizeof *r->timestamps);
    if (!r->node_ids || !r->timestamps)
        return error_no_memory(err, "for the spikes callback");
    return STATUS_OK;
}

enum status output_spikes_open(struct output_spikes *record, const struct setup *setup,
                               const struct engine *engine, const struct mlif_options *options,
                               const char *segment, struct error *err)
{
    enum status status = STATUS_OK;
    *record = (struct output_spikes){.setup = setup, .engine = engine};
    if (setup->output)
        status = open_file(record, segment, err);
    if (!status && options->spikes)
        status = open_callback(record, options, err);
    return status;
}

struct block_rows {
    const struct engine *engine;
    size_t population;
};

static void read_rows(const void *context, uint64_t first, size_t rows, uint64_t *node_ids,
                      double *timestamps)
{
    const struct block_rows *from = context;
    engine_read_rows(from->engine, from->population, first, rows, node_ids, timestamps);
}

static enum status append(struct output_spikes *r, size_t population, struct error *err)
{
    const struct block_rows from = {r->engine, population};
    if (!r->raster || r->raster_index[population] == SIZE_MAX)
        return STATUS_OK;
    return raster_append(r->raster, r->raster_index[population],
                         engine_block_rows(r->engine, population), read_rows, &from, err);
}

/* One population's rows, a bounded piece at a time; true when the callback asked to stop. */
static bool call_back(struct output_spikes *r, size_t population, struct float_env *env)
{
    uint64_t rows = engine_block_rows(r->engine, population);
    bool stop = false;
    for (uint64_t first = 0; first < rows; first += MLIF_SPIKES_MOST) {
        size_t n = rows - first < MLIF_SPIKES_MOST ? (size_t)(rows - first) : MLIF_SPIKES_MOST;
        engine_read_rows(r->engine, population, first, n, r->node_ids, r->timestamps);
        const struct mlif_spikes spikes = {
            .population = population,
            .name = r->setup->config->population[population].name,
            .count = n,
            .node_ids = r->node_ids,
            .timestamps_ms = r->timestamps,
        };
        float_env_give(env);
        stop = r->spikes(&spikes, r->context) != 0 || stop;
        float_env_take(env);
    }
    return stop;
}

enum status output_spikes_block(struct output_spikes *record, struct float_env *env, bool *stop,
                                struct error *err)
{
    size_t populations = record->setup->config->population_count;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < populations && !status; i++)
        status = append(record, i, err);
    for (size_t i = 0; i < populations && !status && record->spikes; i++)
        *stop = call_back(record, i, env) || *stop;
    return status;
}

void output_spikes_close(struct output_spikes *record)
{
    if (record->raster)
        raster_abandon(record->raster);
    free(record->raster_index);
    free(record->recorded);
    free(record->node_ids);
    free(record->timestamps);
    memset(record, 0, sizeof *record);
}
