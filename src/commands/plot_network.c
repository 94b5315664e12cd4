#include "commands/plot_network.h"

#include "cli/cli_report.h"
#include "commands/edges_rows.h"
#include "commands/network_rows.h"
#include "io/hdf5_input.h"
#include "plot/plot_outputs.h"
#include "plot/plot_words.h"
#include "sim/sim_paths.h"
#include "sonata/edges_reader.h"

#include <string.h>

bool plot_network_is(const char *path)
{
    size_t length = strlen(path);
    return strcmp(path, "-") == 0 || (length > 4 && strcmp(path + length - 4, ".ini") == 0) ||
           edges_reader_is(path);
}

static enum status draw(const struct network_rows *rows, const char *path,
                        const struct plot_options *plot, struct error *err)
{
    const struct connections_picture picture = {plot_base_name(path), rows->row, rows->count};
    return plot_connections(&picture, plot, err);
}

static enum status draw_edges(const char *path, const char *only, const struct plot_options *plot,
                              struct error *err)
{
    struct network_rows rows = {NULL, 0};
    enum status status =
        edges_reader_is(path)
            ? edges_rows_read(&rows, path, only, err)
            : error_set(err, STATUS_CONFIG,
                        "%s holds no connections; they are drawn from a config, as in megalif plot "
                        "CONFIG.ini --what connections, or read from SONATA edges, which megalif "
                        "connections writes",
                        path);
    if (!status)
        status = draw(&rows, path, plot, err);
    network_rows_free(&rows);
    return status;
}

/* No picture may replace a file that the config reads. */
static enum status keep_files(const struct setup *setup, const struct plot_options *plot,
                              struct error *err)
{
    enum status status = STATUS_OK;
    if (plot->output)
        status = sim_paths_keep(plot->output, setup->config, &setup->files, err);
    if (!status && plot->csv && strcmp(plot->csv, "-") != 0)
        status = sim_paths_keep(plot->csv, setup->config, &setup->files, err);
    return status;
}

static enum status draw_config(const struct mlif_options *options, const char *only,
                               const struct plot_options *plot, struct messages *errors,
                               struct error *err)
{
    struct messages warnings = {NULL, 0};
    struct network_rows rows = {NULL, 0};
    struct setup setup;
    enum status status = setup_open(&setup, options, errors, &warnings);
    cli_report_lines("warning", &(struct mlif_messages){warnings.line, warnings.count});
    messages_free(&warnings);
    if (!status)
        status = keep_files(&setup, plot, err);
    if (!status)
        status = network_rows_read(&rows, &setup, only, err);
    if (!status)
        status = draw(&rows, setup.config->file, plot, err);
    network_rows_free(&rows);
    setup_close(&setup);
    return status;
}

int plot_network(const struct mlif_options *options, const char *only,
                 const struct plot_options *plot)
{
    struct messages errors = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    enum status status = plot_outputs_check(plot, &err);
    if (!status)
        status = hdf5_input_is_hdf5(options->config)
                     ? draw_edges(options->config, only, plot, &err)
                     : draw_config(options, only, plot, &errors, &err);
    if (status && err.text[0])
        messages_add(&errors, "%s", err.text);
    cli_report_lines("error", &(struct mlif_messages){errors.line, errors.count});
    messages_free(&errors);
    return (int)status;
}
