/* Reads a simulation's config and settles what does not belong to the model: threads, instruction
 * set, output. */
#include "setup/setup.h"

#include "base/cpu.h"
#include "config/read.h"
#include "drive/drive.h"

#include <stdlib.h>
#include <string.h>

static enum status choose_isa(enum isa *isa, const char *name, struct messages *errors)
{
    *isa = kernels_best_isa();
    if (!name)
        return STATUS_OK;
    if (!cpu_isa_parse(name, isa)) {
        messages_add(errors, "no instruction set %s; choose scalar, avx2 or avx512", name);
        return STATUS_CONFIG;
    }
    if (kernels_for(*isa, 32))
        return STATUS_OK;
    messages_add(errors, "instruction set %s: %s; the widest here is %s", name,
                 kernels_built(*isa) ? "this processor does not have it" : "not built in",
                 cpu_isa_name(kernels_best_isa()));
    return STATUS_CONFIG;
}

static int choose_threads(int asked, struct messages *warnings)
{
    int allowed = cpu_threads_allowed();
    if (asked > allowed)
        messages_add(warnings,
                     "%d threads asked for, but this process may use %d (affinity, cgroup): more "
                     "threads than cores slow a run down",
                     asked, allowed);
    return asked > 0 ? asked : cpu_cores_allowed();
}

static enum status read_config(struct config **config, const struct mlif_options *options,
                               struct messages *errors)
{
    const struct config_types *types = &drive_config_types;
    const char *text = options->config_text, *name = options->config;
    if (!text && !name) {
        messages_add(errors, "no config: give the path of an INI file, or its text");
        return STATUS_CONFIG;
    }
    if (!text)
        return config_read(name, options->overrides, options->override_count, types, config,
                           errors);
    return config_read_text(text, strlen(text), name ? name : SETUP_TEXT_NAME, options->overrides,
                            options->override_count, types, config, errors);
}

/* Copies that outlive the options. */
static enum status keep_strings(struct setup *setup, const struct mlif_options *options,
                                struct messages *errors)
{
    const char *output = options->output ? options->output : setup->config->output_file;
    const char *line = options->command_line;
    setup->output = options->no_file ? NULL : strdup(output);
    setup->command_line = strdup(line ? line : "");
    line = options->resume_command;
    setup->resume_command = strdup(line ? line : "the option `resume`");
    if (setup->command_line && setup->resume_command && (setup->output || options->no_file))
        return STATUS_OK;
    messages_add(errors, "not enough memory for the names of config and output");
    return STATUS_MEMORY;
}

static enum status settle_checkpoints(struct setup *setup, const struct mlif_options *options,
                                      struct messages *errors)
{
    bool asked = options->checkpoint || options->resume || options->max_wall_s > 0;
    setup->resume = options->resume != 0;
    setup->max_wall_s = options->max_wall_s;
    setup->checkpoint = !options->no_file && (asked || setup->config->checkpoint);
    if (!(asked && options->no_file))
        return STATUS_OK;
    messages_add(errors, "checkpoints stand beside the output file, and no file is wanted; leave "
                         "out checkpoint, resume and max_wall_s, or no_file");
    return STATUS_CONFIG;
}

enum status setup_open(struct setup *setup, const struct mlif_options *options,
                       struct messages *errors, struct messages *warnings)
{
    memset(setup, 0, sizeof *setup);
    enum status status = choose_isa(&setup->settings.isa, options->isa, errors);
    enum status read = read_config(&setup->config, options, errors);
    if (status || read)
        return status ? status : read;
    for (size_t i = 0; i < setup->config->warnings.count; i++)
        messages_copy(warnings, setup->config->warnings.line[i]);
    setup->calls_back = options->spikes != NULL;
    setup->force = options->force != 0;
    setup->settings.threads = choose_threads(options->threads, warnings);
    setup->settings.tile = options->tile;
    setup->settings.block = options->block;
    setup->raster = !options->no_file && !options->no_raster;
    setup->settings.record = setup->raster || setup->calls_back;
    setup->settings.trace_bytes = options->traces     ? sizeof(double)
                                  : !options->no_file ? sizeof(float)
                                                      : 0;
    status = setup_values_read(&setup->values, setup->config, &setup->files, errors);
    enum status edges =
        setup_edges_read(&setup->edges, setup->config, &setup->files, errors, warnings);
    status = status ? status : edges;
    enum status rows = feed_rows_open(&setup->rows, setup->config, &setup->files, errors, warnings);
    setup->settings.rows = feed_rows_list(setup->rows);
    setup->settings.fed = feed_rows_sources(setup->rows);
    for (size_t i = 0; i < setup->config->population_count; i++)
        setup->config->population[i].file_most = feed_rows_most(setup->rows, i);
    status = status ? status : rows;
    if (!status)
        status = settle_checkpoints(setup, options, errors);
    return status ? status : keep_strings(setup, options, errors);
}

void setup_close(struct setup *setup)
{
    feed_rows_close(setup->rows);
    setup_files_free(&setup->files);
    config_free(setup->config);
    setup_values_free(&setup->values);
    setup_edges_free(&setup->edges);
    free(setup->output);
    free(setup->shared_output);
    free(setup->command_line);
    free(setup->resume_command);
    memset(setup, 0, sizeof *setup);
}
