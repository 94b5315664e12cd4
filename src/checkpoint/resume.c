/* Goes on from a checkpoint: opens the file, checks that this run is the one that it is of, and
 * puts engine and outputs where it stands. */
#include "checkpoint/resume.h"

#include "base/decimal.h"
#include "base/version.h"
#include "config/config_hash.h"
#include "config/write.h"
#include "engine/engine_state.h"
#include "io/provenance_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the file */

/* The present checkpoint is no good: the previous one takes its place. */
static enum status go_back(const struct checkpoint_folder *folder,
                           struct checkpoint_reader **reader, const struct error *why,
                           struct messages *warnings, struct error *err)
{
    struct error second;
    enum status status = checkpoint_reader_open(reader, folder->previous, &second);
    if (status)
        return error_set(err, status, "%s; nor can the run go on from the one before: %s",
                         why->text, second.text);
    messages_add(warnings, "%s; the run goes on from the checkpoint before it", why->text);
    status = checkpoint_folder_go_back(folder, err);
    if (status)
        checkpoint_reader_close(*reader);
    return status;
}

/* *reader stays NULL when there is no checkpoint at all. */
static enum status open_reader(const struct checkpoint_folder *folder,
                               struct checkpoint_reader **reader, struct messages *warnings,
                               struct error *err)
{
    struct error why = {STATUS_OK, ""};
    bool previous = checkpoint_folder_is_there(folder->previous);
    *reader = NULL;
    if (!checkpoint_folder_is_there(folder->checkpoint) && !previous)
        return STATUS_OK;
    enum status status = checkpoint_reader_open(reader, folder->checkpoint, &why);
    if (status != STATUS_CHECKPOINT)
        return status ? error_set(err, status, "%s", why.text) : STATUS_OK;
    if (previous)
        return go_back(folder, reader, &why, warnings, err);
    return error_set(err, status, "%s; there is no earlier one to go on from", why.text);
}

/* A number that says yes or no; *value stays where earlier versions have written none. */
static enum status read_bool(const struct checkpoint_reader *reader, const char *name, bool *value,
                             struct error *err)
{
    uint64_t number;
    if (checkpoint_reader_bytes(reader, name) == UINT64_MAX)
        return STATUS_OK;
    enum status status = checkpoint_reader_read(reader, name, 0, sizeof number, &number, err);
    if (!status)
        *value = number != 0;
    return status;
}

/* ---- what must fit */

static enum status check_numerics(const struct checkpoint *cp, struct error *err)
{
    uint64_t numerics;
    enum status status =
        checkpoint_reader_read(cp->reader, "numerics", 0, sizeof numerics, &numerics, err);
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
    enum status status = checkpoint_reader_load(cp->reader, "config", &before, NULL, err);
    if (!status && !now)
        status = error_no_memory(err, "to go on from a checkpoint");
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
        checkpoint_reader_read(cp->reader, "step", 0, sizeof cp->safe_step, &cp->safe_step, err);
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
    enum status status = now ? STATUS_OK : error_no_memory(err, "to go on from a checkpoint");
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
    enum status status = checkpoint_reader_load(cp->reader, "files", &before, NULL, err);
    for (size_t i = 0; !status && i < files->count; i++)
        status = check_file(cp, before, &files->file[i], err);
    free(before);
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
                         "%s is there already, without a checkpoint to go on from; choose another "
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
        status = spike_segments_resume(&cp->spikes, cp->reader, err);
    return status ? status : trace_segments_resume(&cp->traces, cp->reader, err);
}

enum status resume_share(struct checkpoint *cp, struct error *err)
{
    enum status status = checkpoint_reader_open_checked(&cp->reader, cp->folder.checkpoint, err);
    return status ? status : read_step(cp, err);
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
        enum status status =
            checkpoint_reader_read(cp->reader, name, 0, sizeof digest, &digest, err);
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

/* Synapses are made again, too. */
static enum status check_connectivity(const struct checkpoint *cp, const struct engine *engine,
                                      struct error *err)
{
    struct digest before = {{0, 0}, 0}, now = engine_connectivity(engine);
    char texts[2][33];
    if (cp->setup->config->projection_count == 0)
        return STATUS_OK;
    enum status status =
        checkpoint_reader_read(cp->reader, CHECKPOINT_CONNECTIVITY, 0, sizeof before, &before, err);
    if (status || memcmp(&before, &now, sizeof now) == 0)
        return status;
    digest_format(&before, texts[0]);
    digest_format(&now, texts[1]);
    return error_set(err, STATUS_CHECKPOINT,
                     "%s: the %llu synapses that this program makes (digest %s) are not the %llu "
                     "of the checkpoint (%s): go on with the version that began, or start anew "
                     "with --force",
                     cp->folder.path, (unsigned long long)now.spikes, texts[1],
                     (unsigned long long)before.spikes, texts[0]);
}

static enum status restore_field(const struct checkpoint *cp, struct engine *engine,
                                 struct engine_field *field, void *buffer, struct error *err)
{
    uint64_t step = CHECKPOINT_PIECE / field->bytes;
    const uint64_t bytes = checkpoint_reader_bytes(cp->reader, field->name);
    engine_state_recount(engine, field);
    if (field->young && bytes == UINT64_MAX)
        return STATUS_OK;
    if (bytes != field->whole * field->bytes)
        return error_set(err, STATUS_CHECKPOINT, "%s: section %s is missing or of another length",
                         cp->folder.checkpoint, field->name);
    for (uint64_t first = 0; first < field->count; first += step) {
        uint64_t count = field->count - first < step ? field->count - first : step;
        enum status status =
            checkpoint_reader_read(cp->reader, field->name, (field->first + first) * field->bytes,
                                   count * field->bytes, buffer, err);
        if (status)
            return status;
        status = engine_state_restore(engine, field, first, count, buffer);
        if (status == STATUS_MEMORY)
            return error_no_memory(err, "for %s", field->name);
        if (status)
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
        status = error_no_memory(err, "to go on from a checkpoint");
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
    bool longer = spike_segments_begin_with_output(&cp->spikes);
    char whole[33], shorter[33], *theirs;
    enum status status = provenance_get_file_string(path, "/megalif", "digest", &theirs, err);
    digest_format(&now, whole);
    digest_format(&cp->outputs.finished, shorter);
    *ours = theirs && (strcmp(theirs, whole) == 0 || (longer && strcmp(theirs, shorter) == 0));
    free(theirs);
    return status;
}

static enum status check_output(struct checkpoint *cp, const struct engine *engine,
                                const char *path, struct error *err)
{
    struct checkpoint_outputs *outputs = &cp->outputs;
    bool ours = outputs->replaces;
    if (cp->setup->force || !checkpoint_folder_is_there(path))
        return STATUS_OK;
    enum status status = ours ? STATUS_OK : is_ours(cp, engine, path, &ours, err);
    if (!status && !ours)
        return raster_check_path(path, false, err);
    outputs->owned = outputs->owned || ours;
    return status;
}

static enum status check_outputs(struct checkpoint *cp, const struct engine *engine,
                                 struct error *err)
{
    enum status status = read_bool(cp->reader, "replaces", &cp->outputs.replaces, err);
    if (!status)
        status = check_output(cp, engine, cp->setup->output, err);
    for (size_t r = 0; !status && r < cp->setup->config->record_count; r++) {
        if (!record_is_trace(&cp->setup->config->record[r]))
            continue;
        char *path = output_trace_path(cp->setup->output, &cp->setup->config->record[r]);
        status = path ? check_output(cp, engine, path, err)
                      : error_no_memory(err, "to go on from a checkpoint");
        free(path);
    }
    cp->outputs.replaces |= cp->outputs.owned; /* later checkpoints have another digest */
    return status;
}

/* The output that stands as the only segment is of this step. */
static enum status read_finished(struct checkpoint *cp, const struct engine *engine,
                                 struct error *err)
{
    cp->outputs.finished = engine_digest(engine);
    if (spike_segments_are_output(&cp->spikes))
        return STATUS_OK;
    return checkpoint_reader_read(cp->reader, "finished", 0, sizeof cp->outputs.finished,
                                  &cp->outputs.finished, err);
}

enum status resume_engine(struct checkpoint *cp, struct engine *engine, struct error *err)
{
    enum status status = check_files(cp, err);
    if (!status)
        status = check_parameters(cp, engine, err);
    if (!status)
        status = check_connectivity(cp, engine, err);
    if (!status)
        status = restore(cp, engine, err);
    if (!cp->setup->output) { /* of several ranks: nothing more is read */
        checkpoint_reader_close(cp->reader);
        cp->reader = NULL;
        return status;
    }
    if (status)
        return status;
    status = read_finished(cp, engine, err);
    return status ? status : check_outputs(cp, engine, err);
}

/* ---- the raster's last rows */

enum status resume_raster(struct checkpoint *cp, struct raster_writer *raster, struct error *err)
{
    enum status status = spike_segments_resume_rest(&cp->spikes, cp->reader, raster, err);
    checkpoint_reader_close(cp->reader);
    cp->reader = NULL;
    return status;
}

/* ---- for a run that is to end where it stands */

enum status resume_config(const char *output, char **text, char **path, bool *raster,
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
        status = checkpoint_reader_load(reader, "config", text, NULL, err);
    if (!status)
        status = checkpoint_reader_load(reader, "config_file", path, NULL, err);
    *raster = true;
    if (!status)
        status = read_bool(reader, "raster", raster, err);
    checkpoint_reader_close(reader);
    checkpoint_folder_close(&folder);
    return status;
}
