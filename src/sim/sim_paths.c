/* Refuses to write over what a run reads, and over files of an earlier run. */
#include "sim/sim_paths.h"

#include "base/same_file.h"
#include "checkpoint/checkpoint.h"
#include "io/output_path.h"
#include "output/output_traces.h"

#include <stdlib.h>
#include <string.h>

enum status sim_paths_keep(const char *path, const struct config *config,
                           const struct setup_files *files, struct error *err)
{
    if (output_path_meets(path, config->file))
        return error_set(err, STATUS_OUTPUT,
                         "the output %s is the config itself; choose another name with -o", path);
    for (size_t i = 0; i < files->count; i++)
        if (output_path_meets(path, files->file[i].path))
            return error_set(err, STATUS_OUTPUT,
                             "the output %s is a file that the config reads ([%s] %s); choose "
                             "another name with -o",
                             path, files->file[i].section, files->file[i].key);
    return STATUS_OK;
}

/* What is no longer needed in the folder of checkpoints is removed. */
static enum status keep_in_folder(const char *output, const char *read, struct error *err)
{
    static const char folder[] = ".checkpoint/";
    const char *slash = strrchr(read, '/'), *name = slash ? slash + 1 : read;
    char *inside = malloc(strlen(output) + sizeof folder + strlen(name));
    if (!inside)
        return error_no_memory(err, "for the names of files");
    strcat(strcat(strcpy(inside, output), folder), name);
    enum status status = STATUS_OK;
    if (same_file(inside, read))
        status = error_set(err, STATUS_OUTPUT,
                           "%s, which is read, lies in %s.checkpoint, the folder of this run's "
                           "checkpoints; choose another output with -o",
                           read, output);
    free(inside);
    return status;
}

static enum status check_reads(const struct setup *setup, struct error *err)
{
    const struct config *config = setup->config;
    enum status status = sim_paths_keep(setup->output, config, &setup->files, err);
    for (size_t r = 0; r < config->record_count && !status; r++) {
        if (!record_is_trace(&config->record[r]))
            continue;
        char *path = output_trace_path(setup->output, &config->record[r]);
        status = path ? sim_paths_keep(path, config, &setup->files, err)
                      : error_no_memory(err, "for the names of files");
        free(path);
    }
    if (!status)
        status = keep_in_folder(setup->output, config->file, err);
    for (size_t i = 0; i < setup->files.count && !status; i++)
        status = keep_in_folder(setup->output, setup->files.file[i].path, err);
    return status;
}

enum status sim_paths_check(const struct setup *setup, struct error *err)
{
    enum status status = check_reads(setup, err);
    if (status || setup->resume)
        return status;
    status = raster_check_path(setup->output, setup->force, err);
    if (!status)
        status = output_traces_check(setup, err);
    return status ? status : checkpoint_check_folder(setup, err);
}
