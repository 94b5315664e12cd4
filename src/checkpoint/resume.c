/* Going on from a checkpoint: everything is checked before anything is computed. */
#include "base/version.h"
#include "checkpoint/checkpoint.h"
#include "config/write.h"

#include "config/config_hash.h"
#include "engine/engine_state.h"
#include "io/provenance_read.h"
#include "sonata/raster_segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_MEMORY, "no memory to go on from a checkpoint");
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* ---- the file */

/* The present checkpoint is no good: the previous one takes its place. */
static enum status go_back(const struct checkpoint_folder *folder,
                           struct checkpoint_reader **reader, const struct error *why,
                           struct messages *warnings, struct error *err)
{
    struct error second;
    enum status status = checkpoint_file_open(reader, folder->previous, &second);
    if (status)
        return error_set(err, status, "%s; nor can the run go on from the one before: %s",
                         why->text, second.text);
    messages_add(warnings, "%s; the run goes on from the checkpoint before it", why->text);
    status = checkpoint_folder_go_back(folder, err);
    if (status)
        checkpoint_file_close(*reader);
    return status;
}

/* *reader stays NULL when there is no checkpoint at all. */
static enum status open_reader(const struct checkpoint_folder *folder,
                               struct checkpoint_reader **reader, struct messages *warnings,
                               struct error *err)
{
    struct error why = {STATUS_OK, ""};
    bool previous = is_there(folder->previous);
    *reader = NULL;
    if (!is_there(folder->checkpoint) && !previous)
        return STATUS_OK;
    enum status status = checkpoint_file_open(reader, folder->checkpoint, &why);
    if (status != STATUS_CHECKPOINT)
        return status ? error_set(err, status, "%s", why.text) : STATUS_OK;
    if (previous)
        return go_back(folder, reader, &why, warnings, err);
    return error_set(err, status, "%s; there is no earlier one to go on from", why.text);
}

/* ---- what must fit */

static enum status check_numerics(const struct checkpoint *cp, struct error *err)
{
    uint64_t numerics;
    enum status status =
        checkpoint_file_read(cp->reader, "numerics", 0, sizeof numerics, &numerics, err);
    if (status || numerics == NUMERICS)
        return status;
    return error_set(err, STATUS_CHECKPOINT,
                     "%s was written with numerics %llu, this program computes with numerics %d: "
                     "go on with the version that began, or start anew with --force",
                     cp->folder.path, (unsigned long long)numerics, NUMERICS);
}

static enum status check_config(const struct checkpoint *cp, struct messages *errors,
                                struct error *err)
{
    struct messages differences = {NULL, 0};
    char *before = NULL, *now = config_to_text(cp->setup->config);
    enum status status = checkpoint_file_load(cp->reader, "config", &before, NULL, err);
    if (!status && !now)
        status = no_memory(err);
    if (!status)
        config_compare_text(before, now, CONFIG_RESUMED, &differences);
    for (size_t i = 0; i < differences.count; i++)
        messages_add(errors, "%s", differences.line[i]);
    if (differences.count > 0)
        status = error_set(err, STATUS_CONFIG,
                           "%s: the run in %s began with another config, see above; only "
                           "simulation.duration, [output] and [checkpoint] may change",
                           cp->setup->config->file, cp->folder.path);
    messages_free(&differences);
    free(before);
    free(now);
    return status;
}

static enum status read_step(struct checkpoint *cp, struct error *err)
{
    const struct config *config = cp->setup->config;
    enum status status =
        checkpoint_file_read(cp->reader, "step", 0, sizeof cp->safe_step, &cp->safe_step, err);
    cp->saved = !status;
    if (status || cp->safe_step <= config->steps)
        return status;
    return error_set(err, STATUS_CONFIG,
                     "%s: [simulation] duration: %.10g ms is less than what %s has simulated, "
                     "%.10g ms; choose it at least as long",
                     config->file, decimal_times_steps(config->dt, config->steps), cp->folder.path,
                     decimal_times_steps(config->dt, cp->safe_step));
}

static enum status check_file(const struct checkpoint *cp, const char *before,
                              struct sim_file *file, struct error *err)
{
    const struct setup_files one = {file, 1};
    char *now = setup_files_text(&one);
    enum status status = now ? STATUS_OK : no_memory(err);
    if (now && !strstr(before, now))
        status = error_set(err, STATUS_CONFIG,
                           "%s: [%s] %s: %s is not what it was when the run in %s began (by its "
                           "SHA-256); bring it back, or start anew with --force",
                           cp->setup->config->file, file->section, file->key, file->path,
                           cp->folder.path);
    free(now);
    return status;
}

/* The files that the config reads must be what they were. */
static enum status check_files(const struct checkpoint *cp, struct error *err)
{
    const struct setup_files *files = &cp->setup->files;
    char *before = NULL;
    enum status status = checkpoint_file_load(cp->reader, "files", &before, NULL, err);
    for (size_t i = 0; !status && i < files->count; i++)
        status = check_file(cp, before, &files->file[i], err);
    free(before);
    return status;
}

/* ---- segments */

static enum status read_chunks(struct checkpoint *cp, size_t population, size_t count,
                               struct error *err)
{
    char name[CHECKPOINT_NAME];
    uint64_t *chunks = malloc((count + 1) * sizeof *chunks);
    if (!chunks)
        return no_memory(err);
    snprintf(name, sizeof name, "recorded.%s.chunks", cp->recorded[population]);
    enum status status =
        checkpoint_file_read(cp->reader, name, 0, count * sizeof *chunks, chunks, err);
    for (size_t s = 0; !status && s < count; s++)
        cp->chunks[s * cp->recorded_count + population] = chunks[s];
    free(chunks);
    return status;
}

/* The number in "segment-000012.h5"; 0 for the output. */
static uint64_t number_of(const struct sim_segment *segment)
{
    unsigned long long number = 0;
    return sscanf(segment->name, "segment-%llu.h5", &number) == 1 ? number : 0;
}

static enum status list_segments(struct checkpoint *cp, struct error *err)
{
    struct sim_segment segment;
    uint64_t bytes = checkpoint_file_bytes(cp->reader, "segments");
    size_t count = bytes == UINT64_MAX ? 0 : (size_t)(bytes / sizeof segment);
    enum status status = STATUS_OK;
    for (size_t s = 0; !status && s < count; s++) {
        status = checkpoint_file_read(cp->reader, "segments", s * sizeof segment, sizeof segment,
                                      &segment, err);
        segment.name[sizeof segment.name - 1] = '\0';
        if (!status && !checkpoint_add_segment(cp, &segment))
            status = no_memory(err);
        cp->number = number_of(&segment) >= cp->number ? number_of(&segment) + 1 : cp->number;
    }
    for (size_t i = 0; !status && i < cp->recorded_count; i++)
        status = read_chunks(cp, i, count, err);
    return status;
}

/* A run begun with a raster goes on with it, one without goes on without. */
static enum status check_raster(const struct checkpoint *cp, struct error *err)
{
    for (size_t i = 0; i < cp->setup->config->population_count; i++) {
        char name[CHECKPOINT_NAME];
        const char *population = cp->setup->config->population[i].name;
        snprintf(name, sizeof name, "recorded.%s.chunks", population);
        bool had = checkpoint_file_bytes(cp->reader, name) != UINT64_MAX, has = false;
        for (size_t r = 0; r < cp->recorded_count; r++)
            has |= strcmp(cp->recorded[r], population) == 0;
        if (had != has)
            return error_set(
                err, STATUS_CONFIG,
                "the run in %s began %s the raster of population %s, and goes on only so",
                cp->folder.path, had ? "with" : "without", population);
    }
    return STATUS_OK;
}

static enum status check_segments(const struct checkpoint *cp, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t s = 0; !status && s < cp->segment_count; s++) {
        const struct raster_segment segment = checkpoint_segment(cp, s);
        char *path = checkpoint_path(cp, s);
        status = path ? raster_check_segment(path, cp->recorded, cp->recorded_count, &segment, err)
                      : no_memory(err);
        free(path);
    }
    return status;
}

/* Did a run, of whatever config, finish in this file? */
static enum status is_complete(const char *path, bool *complete, struct error *err)
{
    char *digest = NULL;
    enum status status = provenance_get_file_string(path, "/megalif", "digest", &digest, err);
    *complete = digest != NULL;
    free(digest);
    return status;
}

enum status resume_open(struct checkpoint *cp, struct messages *errors, struct messages *warnings,
                        struct error *err)
{
    bool complete = false;
    enum status status = open_reader(&cp->folder, &cp->reader, warnings, err);
    if (!status && !cp->reader)
        status = is_complete(cp->setup->output, &complete, err);
    if (status)
        return status;
    if (complete)
        return error_set(err, STATUS_OUTPUT,
                         "%s is complete and has no checkpoint to go on from; choose another "
                         "output with -o, or start anew with --force",
                         cp->setup->output);
    if (!cp->reader) {
        messages_add(warnings, "%s: no checkpoint yet; the run starts from the beginning",
                     cp->folder.path);
        return STATUS_OK;
    }
    status = check_numerics(cp, err);
    if (!status)
        status = check_config(cp, errors, err);
    if (!status)
        status = read_step(cp, err);
    if (!status)
        status = check_raster(cp, err);
    if (!status)
        status = list_segments(cp, err);
    if (!status)
        status = check_segments(cp, err);
    return status ? status : resume_traces(cp, err);
}

/* ---- the engine */

static enum status check_parameters(const struct checkpoint *cp, const struct engine *engine,
                                    struct error *err)
{
    const struct config *config = cp->setup->config;
    for (size_t i = 0; i < config->population_count; i++) {
        char name[CHECKPOINT_NAME];
        uint64_t digest;
        snprintf(name, sizeof name, "population.%s.parameters", config->population[i].name);
        enum status status = checkpoint_file_read(cp->reader, name, 0, sizeof digest, &digest, err);
        if (status)
            return status;
        if (digest != engine_totals(engine, i)->parameters_digest)
            return error_set(err, STATUS_CHECKPOINT,
                             "%s: the parameters of population %s, drawn again, are not those of "
                             "the checkpoint",
                             cp->folder.path, config->population[i].name);
    }
    return STATUS_OK;
}

static enum status restore_field(const struct checkpoint *cp, struct engine *engine,
                                 const struct engine_field *field, void *buffer, struct error *err)
{
    uint64_t step = CHECKPOINT_PIECE / field->bytes;
    if (checkpoint_file_bytes(cp->reader, field->name) != field->count * field->bytes)
        return error_set(err, STATUS_CHECKPOINT, "%s: section %s is missing or of another length",
                         cp->folder.checkpoint, field->name);
    for (uint64_t first = 0; first < field->count; first += step) {
        uint64_t count = field->count - first < step ? field->count - first : step;
        enum status status = checkpoint_file_read(cp->reader, field->name, first * field->bytes,
                                                  count * field->bytes, buffer, err);
        if (status)
            return status;
        if (!engine_state_restore(engine, field, first, count, buffer))
            return error_set(err, STATUS_CHECKPOINT, "%s: section %s holds what cannot be",
                             cp->folder.checkpoint, field->name);
    }
    return STATUS_OK;
}

static enum status restore(const struct checkpoint *cp, struct engine *engine, struct error *err)
{
    struct engine_state state;
    void *buffer = malloc(CHECKPOINT_PIECE);
    engine_state_set_step(engine, cp->safe_step);
    enum status status = engine_state_open(&state, engine, err);
    if (!status && !buffer)
        status = no_memory(err);
    for (size_t i = 0; !status && i < state.count; i++)
        status = restore_field(cp, engine, &state.field[i], buffer, err);
    engine_state_close(&state);
    free(buffer);
    return status;
}

/* ---- the outputs */

/* Is a file of an output's name this run's? Its digest is that of the checkpoint, when the run was
 * stopped between naming its files and saying so; or that of the shorter run which is made longer.
 */
static enum status is_ours(const struct checkpoint *cp, const struct engine *engine,
                           const char *path, bool *ours, struct error *err)
{
    const struct digest now = engine_digest(engine);
    bool longer = cp->segment_count > 0 && number_of(&cp->segment[0]) == 0;
    char whole[33], shorter[33], *theirs;
    enum status status = provenance_get_file_string(path, "/megalif", "digest", &theirs, err);
    digest_format(&now, whole);
    digest_format(&cp->finished, shorter);
    *ours = theirs && (strcmp(theirs, whole) == 0 || (longer && strcmp(theirs, shorter) == 0));
    free(theirs);
    return status;
}

static enum status check_output(struct checkpoint *cp, const struct engine *engine,
                                const char *path, struct error *err)
{
    bool ours = false;
    if (cp->setup->force || !is_there(path))
        return STATUS_OK;
    enum status status = cp->replaces ? STATUS_OK : is_ours(cp, engine, path, &ours, err);
    if (!status && !ours && !cp->replaces)
        return raster_check_path(path, false, err);
    cp->owns_output = cp->owns_output || ours || cp->replaces;
    return status;
}

static enum status check_outputs(struct checkpoint *cp, const struct engine *engine,
                                 struct error *err)
{
    enum status status = STATUS_OK;
    if (checkpoint_file_bytes(cp->reader, "replaces") != UINT64_MAX)
        status = checkpoint_file_read(cp->reader, "replaces", 0, sizeof cp->replaces, &cp->replaces,
                                      err);
    if (!status)
        status = check_output(cp, engine, cp->setup->output, err);
    for (size_t r = 0; !status && r < cp->setup->config->record_count; r++) {
        if (!checkpoint_has_trace(cp, r))
            continue;
        char *path = output_trace_path(cp->setup, r);
        status = path ? check_output(cp, engine, path, err) : no_memory(err);
        free(path);
    }
    cp->replaces |= cp->owns_output; /* later checkpoints have another digest */
    return status;
}

/* The output that stands as the only segment is of this step. */
static enum status read_finished(struct checkpoint *cp, const struct engine *engine,
                                 struct error *err)
{
    cp->finished = engine_digest(engine);
    if (cp->segment_count > 0 && cp->segment[0].name[0] == '\0')
        return STATUS_OK;
    return checkpoint_file_read(cp->reader, "finished", 0, sizeof cp->finished, &cp->finished, err);
}

enum status resume_engine(struct checkpoint *cp, struct engine *engine, struct error *err)
{
    enum status status = check_files(cp, err);
    if (!status)
        status = check_parameters(cp, engine, err);
    if (!status)
        status = restore(cp, engine, err);
    if (!status)
        status = read_finished(cp, engine, err);
    return status ? status : check_outputs(cp, engine, err);
}

/* ---- the raster's last rows */

struct rest {
    const uint64_t *node_ids;
    const double *timestamps;
};

static void copy_rest(const void *context, uint64_t first, size_t rows, uint64_t *node_ids,
                      double *timestamps)
{
    const struct rest *rest = context;
    memcpy(node_ids, rest->node_ids + first, rows * sizeof *node_ids);
    memcpy(timestamps, rest->timestamps + first, rows * sizeof *timestamps);
}

static enum status append_rest(struct checkpoint *cp, struct raster_writer *raster, size_t i,
                               struct error *err)
{
    char name[CHECKPOINT_NAME], *node_ids = NULL, *timestamps = NULL;
    uint64_t bytes = 0, same = 0;
    snprintf(name, sizeof name, "recorded.%s.node_ids", cp->recorded[i]);
    enum status status = checkpoint_file_load(cp->reader, name, &node_ids, &bytes, err);
    snprintf(name, sizeof name, "recorded.%s.timestamps", cp->recorded[i]);
    if (!status)
        status = checkpoint_file_load(cp->reader, name, &timestamps, &same, err);
    const struct rest rest = {(const uint64_t *)node_ids, (const double *)timestamps};
    if (!status && bytes != same)
        status = error_set(err, STATUS_CHECKPOINT, "%s: section %s is of another length",
                           cp->folder.checkpoint, name);
    if (!status)
        status = raster_append(raster, i, bytes / sizeof(uint64_t), copy_rest, &rest, err);
    free(node_ids);
    free(timestamps);
    return status;
}

enum status resume_raster(struct checkpoint *cp, struct raster_writer *raster, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; !status && i < cp->recorded_count; i++)
        status = append_rest(cp, raster, i, err);
    checkpoint_file_close(cp->reader);
    cp->reader = NULL;
    return status;
}

/* ---- for a run that is to end where it stands */

enum status resume_config(const char *output, char **text, char **path, uint64_t *raster,
                          struct messages *warnings, struct error *err)
{
    struct checkpoint_folder folder;
    struct checkpoint_reader *reader = NULL;
    *text = *path = NULL;
    if (!checkpoint_folder_has_run(output))
        return error_set(err, STATUS_OUTPUT,
                         "there is no checkpoint in %s.checkpoint; name the output file of a run "
                         "with checkpoints",
                         output);
    enum status status = checkpoint_folder_open(&folder, output, err);
    if (!status)
        status = open_reader(&folder, &reader, warnings, err);
    if (!status)
        status = checkpoint_file_load(reader, "config", text, NULL, err);
    if (!status)
        status = checkpoint_file_load(reader, "config_file", path, NULL, err);
    *raster = 1;
    if (!status && checkpoint_file_bytes(reader, "raster") != UINT64_MAX)
        status = checkpoint_file_read(reader, "raster", 0, sizeof *raster, raster, err);
    checkpoint_file_close(reader);
    checkpoint_folder_close(&folder);
    return status;
}
