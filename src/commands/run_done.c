/* Tells whether an output file holds what a run would give: by the config in it, and the SHA-256 of
 * the files that the config reads. */
#include "commands/run_done.h"

#include "checkpoint/checkpoint_folder.h"
#include "cli/cli_errors.h"
#include "cli/cli_json.h"
#include "cli/cli_options.h"
#include "cli/result_file.h"
#include "config/config_hash.h"
#include "config/read.h"
#include "config/write.h"
#include "drive/drive.h"
#include "engine/selection.h"
#include "io/hdf5_text.h"
#include "output/output_traces.h"

#include <megalif/megalif.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum status run_done_read(struct run_done *run, const char *config,
                          const struct mlif_options *options, struct messages *errors)
{
    struct error err;
    *run = (struct run_done){.config = config};
    enum status status = config_read(config, options->overrides, options->override_count,
                                     &drive_config_types, &run->read, errors);
    if (status)
        return status;
    char *text = config_to_text(run->read);
    run->hash = text ? config_hash(text) : 0;
    run->output = strdup(options->output ? options->output : run->read->output_file);
    status = setup_files_list(&run->files, run->read, &err);
    free(text);
    if (text && run->output && !status)
        return STATUS_OK;
    messages_add(errors, "%s: no memory", config);
    return STATUS_MEMORY;
}

void run_done_free(struct run_done *run)
{
    config_free(run->read);
    free(run->output);
    free(run->failure);
    setup_files_free(&run->files);
}

static bool has_read(const struct result_file *result, const struct sim_file *file)
{
    char group[512], *sha256 = NULL;
    snprintf(group, sizeof group, "/megalif/files/%s/%s", file->section, file->key);
    hdf5_text_of_attribute(result->file, group, "sha256", &sha256, NULL);
    bool same = sha256 && strcmp(sha256, file->sha256) == 0;
    free(sha256);
    return same;
}

/* The files are what they were when the result was made. */
static bool files_are_same(const struct result_file *result, struct setup_files *files)
{
    struct error err;
    bool same = setup_files_digest(files, &err) == STATUS_OK;
    for (size_t i = 0; i < files->count && same; i++)
        same = has_read(result, &files->file[i]);
    return same;
}

/* Where spikes were to be recorded there is a raster, though it may have no rows. */
static bool has_raster(const struct run_done *run, const struct result_file *result)
{
    bool wanted = false, there = false;
    for (size_t i = 0; i < run->read->population_count; i++)
        wanted |= !selection_is_none(run->read, i);
    for (size_t i = 0; i < result->population_count; i++)
        there |= result->population[i].raster != RESULT_FILE_NO_RASTER;
    return there || !wanted || result->spikes == 0;
}

static bool has_traces(const struct run_done *run)
{
    bool there = true;
    for (size_t i = 0; i < run->read->record_count && there; i++) {
        if (!record_is_trace(&run->read->record[i]))
            continue;
        char *path = output_trace_path(run->output, &run->read->record[i]);
        there = path && access(path, F_OK) == 0;
        free(path);
    }
    return there;
}

bool run_done_before(struct run_done *run, const struct mlif_options *options, int *code)
{
    struct result_file file;
    struct error err;
    if (access(run->output, F_OK) != 0)
        return false;
    bool done = result_file_open(&file, run->output, &err) == STATUS_OK &&
                result_file_check_config(&file, run->hash, &err) == STATUS_OK &&
                (options->no_raster || has_raster(run, &file)) && has_traces(run) &&
                files_are_same(&file, &run->files);
    if (done)
        *code = (int)result_file_exit_code(&file);
    if (done && *code)
        hdf5_text_of_attribute(file.file, "/megalif", "ended_early", &run->failure, NULL);
    result_file_close(&file);
    return done;
}

static void tell(const struct run_done *run, const struct mlif_options *options, bool json)
{
    if (json) {
        struct cli_json out = {0, false};
        cli_json_open(&out, NULL, '{');
        cli_json_text(&out, "output", run->output);
        cli_json_bool(&out, "done_before", true);
        cli_json_close(&out, '}');
    } else if (options->resume) {
        fprintf(stderr,
                "%s is complete already, with the results of this config; there is no checkpoint "
                "from which a longer run could go on\n",
                run->output);
    } else {
        fprintf(stderr, "%s holds the results of this config already; --force runs it again\n",
                run->output);
    }
}

/* A run that was killed while it removed its checkpoints has left segments, of no more use. False
 * where a run is at work there, or has left a checkpoint to go on from. */
static bool remove_rest(const char *output)
{
    struct checkpoint_folder folder;
    struct error err;
    bool there =
        checkpoint_folder_name(&folder, output, &err) || checkpoint_folder_is_there(folder.path);
    checkpoint_folder_close(&folder);
    if (!there)
        return true;
    bool good = checkpoint_folder_open(&folder, output, &err) == STATUS_OK &&
                !checkpoint_folder_has_run(output) &&
                checkpoint_folder_remove(&folder, &err) == STATUS_OK;
    checkpoint_folder_close(&folder);
    return good;
}

int cmd_run_done(const struct mlif_options *options, bool quiet, bool json)
{
    struct messages errors = {NULL, 0};
    struct run_done run;
    int code;
    if (strcmp(options->config, "-") == 0 || options->force)
        return CLI_GO_ON;
    bool done = run_done_read(&run, options->config, options, &errors) == STATUS_OK &&
                run_done_before(&run, options, &code) &&
                (!options->resume || remove_rest(run.output));
    if (done && run.failure)
        cli_errors_text("megalif: error: ", "%s", run.failure);
    if (done && (json || !quiet))
        tell(&run, options, json);
    messages_free(&errors);
    run_done_free(&run);
    return done ? code : CLI_GO_ON;
}
