/* megalif info: what a spike file holds and how it came about. */
#include "cli/cli_json.h"
#include "cli/cli_options.h"
#include "cli/result_file.h"
#include "commands/cmd.h"
#include "commands/edges_show.h"
#include "commands/info_files.h"
#include "commands/info_network.h"
#include "commands/info_statistics.h"
#include "io/hdf5_text.h"
#include "io/provenance_read.h"
#include "sonata/edges_reader.h"
#include "sonata/report_reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_JSON, OPTION_CONFIG, OPTION_MOST_SPIKES, OPTION_BIN };

static const struct cli_syntax syntax = {
    "info",
    "FILE [options]",
    "Shows what a spike file holds: populations, spikes, rates, and for files of megalif the\n"
    "simulation, its digest, how it was run, and the warnings it gave. Other SONATA spike files "
    "are\n"
    "shown as far as they go; of a report (traces), its neurons, rows and times; of edges, their "
    "ends,\n"
    "degrees, weights and delays.\n"
    "Statistics that no recorder has counted are worked out from the spikes, when all of a\n"
    "population's are there (docs/format.md says how).\n"
    "Exit codes: 0 fine, 2 usage, 3 FILE cannot be read or is damaged.\n",
    1,
    {{"json", 0, NULL, "one JSON object; what is not in the file is null"},
     {"config", 0, NULL,
      "only the config, with its defaults and overrides, as INI text that runs\n"
      "again: megalif info --config FILE | megalif run - -o AGAIN.h5"},
     {"most-spikes", 0, "N",
      "reads only so many spikes of each population for its statistics, the\n"
      "first ones; 0: none, which is quick; default: 100000000"},
     {"bin", 0, "TIME", "of chi and the correlation, e.g. 5ms; default: 2 ms"}},
    0,
};

/* Facts of /megalif and /megalif/run. NULL, NaN or absent where the file does not have them. */
struct facts {
    char *version, *git_commit, *precision, *warnings, *ended_early;
    char *command_line, *host, *started, *isa, *compiler, *hdf5, *slurm_job_id;
    bool has_numerics, has_seed, has_ranks, has_threads, has_peak;
    uint64_t numerics, seed, ranks, threads, peak;
    double build, simulate, wall;
};

static enum status read_texts(hid_t file, struct facts *f, struct error *err)
{
    const char *all = "/megalif", *run = "/megalif/run";
    const struct {
        const char *group, *name;
        char **text;
    } texts[] = {{all, "version", &f->version},           {all, "git_commit", &f->git_commit},
                 {all, "precision", &f->precision},       {all, "ended_early", &f->ended_early},
                 {run, "command_line", &f->command_line}, {run, "host", &f->host},
                 {run, "started", &f->started},           {run, "isa", &f->isa},
                 {run, "compiler", &f->compiler},         {run, "hdf5", &f->hdf5},
                 {run, "slurm_job_id", &f->slurm_job_id}};
    enum status status = hdf5_text_of_dataset(file, "/megalif/run/warnings", &f->warnings, err);
    for (size_t i = 0; !status && i < sizeof texts / sizeof *texts; i++)
        status = hdf5_text_of_attribute(file, texts[i].group, texts[i].name, texts[i].text, err);
    return status;
}

static enum status read_facts(hid_t file, struct facts *f, struct error *err)
{
    const char *all = "/megalif", *run = "/megalif/run";
    *f = (struct facts){.build = NAN, .simulate = NAN, .wall = NAN};
    f->has_numerics = provenance_get_u64(file, all, "numerics", &f->numerics);
    f->has_seed = provenance_get_u64(file, all, "seed", &f->seed);
    f->has_ranks = provenance_get_u64(file, run, "ranks", &f->ranks);
    f->has_threads = provenance_get_u64(file, run, "threads", &f->threads);
    f->has_peak = provenance_get_u64(file, run, "peak_rss_bytes", &f->peak);
    provenance_get_f64(file, run, "build_s", &f->build);
    provenance_get_f64(file, run, "simulate_s", &f->simulate);
    provenance_get_f64(file, run, "wall_s", &f->wall);
    enum status status = read_texts(file, f, err);
    if (!status)
        status = info_check_network(file, err);
    return status ? status : info_check_files(file, err);
}

static void free_facts(struct facts *f)
{
    char *const texts[] = {f->version,      f->git_commit, f->precision,    f->warnings,
                           f->command_line, f->host,       f->started,      f->isa,
                           f->compiler,     f->hdf5,       f->slurm_job_id, f->ended_early};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
}

/* ---- for people
 * ---------------------------------------------------------------------------------- */

static const char *known(const char *text)
{
    return text && *text ? text : "unknown";
}

/* A number in the table, or a dash where there is none. */
static void print_cell(int width, bool there, const char *format, double value)
{
    char text[48] = "-";
    if (there)
        snprintf(text, sizeof text, format, value);
    printf(" %*s", width, text);
}

static void print_population(const struct result_population *p, double cv)
{
    uint64_t spikes = p->described ? p->spikes : p->rows;
    printf("%-16s", p->name);
    print_cell(13, p->described, "%.0f", (double)p->size);
    print_cell(15, true, "%.0f", (double)spikes);
    print_cell(15, true, "%.0f", (double)p->rows);
    print_cell(11, isfinite(p->mean_rate), "%.4g", p->mean_rate);
    print_cell(8, isfinite(cv), "%.4g", cv);
    putchar('\n');
}

static void print_populations(const struct result_file *file,
                              const struct result_statistics *statistics)
{
    printf("%-16s %13s %15s %15s %11s %8s\n", "population", "neurons", "spikes", "recorded",
           "rate (Hz)", "mean CV");
    for (size_t i = 0; i < file->population_count; i++)
        print_population(&file->population[i], statistics[i].value[STATISTIC_CV]);
    if (file->population_count == 0)
        printf("(none)\n");
}

static void print_simulation(const struct result_file *file, const struct facts *f)
{
    printf(
        "\nsimulation   %.10g ms in steps of %.10g ms, warmup %.10g ms (left out of rates, CV)\n",
        file->duration, file->dt, file->warmup);
    if (f->ended_early)
        printf("ended early  %s\n", f->ended_early);
    printf("precision    %s\n", known(f->precision));
    if (f->has_seed)
        printf("seed         %" PRIu64 "\n", f->seed);
    if (f->has_numerics)
        printf("numerics     %" PRIu64 "\n", f->numerics);
    printf("digest       %s  (%" PRIu64 " spikes, %s)\n", known(file->digest), file->spikes,
           file->complete ? "all in the file" : "not all in the file");
    printf("version      %s, git commit %s\n", known(f->version), known(f->git_commit));
}

static void print_run(const struct facts *f)
{
    printf("run          %s\n", known(f->command_line));
    printf("             started %s on %s", known(f->started), known(f->host));
    if (f->slurm_job_id)
        printf(", Slurm job %s", f->slurm_job_id);
    printf("\n             %s", known(f->isa));
    if (f->has_ranks && f->ranks > 1)
        printf(", %" PRIu64 " ranks of", f->ranks);
    if (f->has_threads)
        printf("%s %" PRIu64 " thread%s", f->has_ranks && f->ranks > 1 ? "" : ",", f->threads,
               f->threads == 1 ? "" : "s");
    printf(", %s, HDF5 %s\n", known(f->compiler), known(f->hdf5));
    if (isfinite(f->wall))
        printf("             %.4g s in all: %.4g s building, %.4g s simulating\n", f->wall,
               f->build, f->simulate);
    if (f->has_peak)
        printf("             peak memory %.4g MB\n", (double)f->peak * 1e-6);
}

static void print_warnings(const char *warnings)
{
    if (!warnings || !*warnings) {
        printf("warnings     none\n");
        return;
    }
    for (const char *line = warnings; *line; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n");
        printf("warning      %.*s\n", (int)length, line);
        line += length;
    }
}

static int print_text(const struct result_file *file, const struct facts *f,
                      const struct result_statistics *statistics)
{
    printf("%s: SONATA spike file, %" PRIu64 " recorded spikes\n\n", file->path,
           result_file_rows(file));
    print_populations(file, statistics);
    if (!file->ours) {
        printf("\nNot in this file: /megalif, as megalif writes it (sizes, rates, simulation, "
               "digest,\n"
               "config, how it was run).\n");
        return 0;
    }
    info_print_statistics(file, statistics);
    print_simulation(file, f);
    info_print_network(file->file);
    info_print_files(file->file);
    print_run(f);
    print_warnings(f->warnings);
    return 0;
}

/* ---- for programs
 * -------------------------------------------------------------------------------- */

static void json_population(struct cli_json *json, const struct result_population *p,
                            const struct result_statistics *statistics)
{
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "name", p->name);
    cli_json_u64_if(json, "size", p->described, p->size);
    cli_json_u64_if(json, "spikes", p->described, p->spikes);
    cli_json_u64(json, "recorded_spikes", p->rows);
    cli_json_f64(json, "mean_rate_Hz", p->mean_rate);
    result_statistics_json(json, statistics);
    cli_json_bool(json, "sorted_by_time", p->sorted_by_time);
    cli_json_close(json, '}');
}

static void json_run(struct cli_json *json, const struct facts *f)
{
    cli_json_open(json, "run", '{');
    cli_json_text(json, "command_line", f->command_line);
    cli_json_text(json, "host", f->host);
    cli_json_text(json, "started", f->started);
    cli_json_text(json, "isa", f->isa);
    cli_json_text(json, "compiler", f->compiler);
    cli_json_text(json, "hdf5", f->hdf5);
    cli_json_text(json, "slurm_job_id", f->slurm_job_id);
    cli_json_u64_if(json, "ranks", f->has_ranks, f->ranks);
    cli_json_u64_if(json, "threads", f->has_threads, f->threads);
    cli_json_f64(json, "build_s", f->build);
    cli_json_f64(json, "simulate_s", f->simulate);
    cli_json_f64(json, "wall_s", f->wall);
    cli_json_u64_if(json, "peak_rss_bytes", f->has_peak, f->peak);
    cli_json_close(json, '}');
}

static void json_simulation(struct cli_json *json, const struct result_file *file,
                            const struct facts *f)
{
    cli_json_f64(json, "dt_ms", file->dt);
    cli_json_f64(json, "duration_ms", file->duration);
    cli_json_f64(json, "warmup_ms", file->warmup);
    cli_json_text(json, "ended_early", f->ended_early);
    cli_json_u64_if(json, "seed", f->has_seed, f->seed);
    cli_json_text(json, "precision", f->precision);
    cli_json_u64_if(json, "numerics", f->has_numerics, f->numerics);
    cli_json_text(json, "digest", file->digest);
    cli_json_u64_if(json, "spikes", file->ours, file->spikes);
    cli_json_u64(json, "recorded_spikes", result_file_rows(file));
    cli_json_bool(json, "complete_raster", file->complete);
    cli_json_text(json, "version", f->version);
    cli_json_text(json, "git_commit", f->git_commit);
}

static void json_warnings(struct cli_json *json, char *warnings)
{
    cli_json_open(json, "warnings", '[');
    for (char *line = strtok(warnings ? warnings : (char[]){""}, "\n"); line;
         line = strtok(NULL, "\n"))
        cli_json_text(json, NULL, line);
    cli_json_close(json, ']');
}

static int print_json(const struct result_file *file, const struct facts *f,
                      const struct result_statistics *statistics)
{
    struct cli_json json = {0, false};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "file", file->path);
    json_simulation(&json, file, f);
    cli_json_open(&json, "populations", '[');
    for (size_t i = 0; i < file->population_count; i++)
        json_population(&json, &file->population[i], &statistics[i]);
    cli_json_close(&json, ']');
    info_json_network(&json, file->file);
    info_json_files(&json, file->file);
    json_run(&json, f);
    json_warnings(&json, f->warnings);
    cli_json_close(&json, '}');
    return 0;
}

static int print_config(hid_t file, const char *path)
{
    struct error err;
    char *text = NULL;
    enum status status = hdf5_text_of_dataset(file, "/megalif/config", &text, &err);
    if (!status && !text)
        status = error_set(&err, STATUS_OUTPUT, "%s holds no config (/megalif/config)", path);
    if (status)
        return result_file_error(syntax.name, &err);
    fputs(text, stdout);
    free(text);
    return 0;
}

/* Of each population, allocated. */
static enum status read_statistics(const struct result_file *file,
                                   const struct result_reading *reading,
                                   struct result_statistics **out, struct error *err)
{
    enum status status = STATUS_OK;
    *out = calloc(file->population_count + 1, sizeof **out);
    if (!*out)
        return error_no_memory(err, "for statistics");
    for (size_t i = 0; i < file->population_count && !status; i++)
        status = result_statistics_read(file, &file->population[i], reading, &(*out)[i], err);
    return status;
}

static int print_facts(const struct result_file *file, const struct result_reading *reading,
                       bool json)
{
    struct facts facts;
    struct error err;
    struct result_statistics *statistics = NULL;
    if (result_file_check(file, &err))
        return result_file_error(syntax.name, &err);
    enum status status = read_facts(file->file, &facts, &err);
    if (!status)
        status = read_statistics(file, reading, &statistics, &err);
    int code = status ? result_file_error(syntax.name, &err)
               : json ? print_json(file, &facts, statistics)
                      : print_text(file, &facts, statistics);
    free(statistics);
    free_facts(&facts);
    return code;
}

static void json_traces(const char *path, const struct report_reader *reader)
{
    struct cli_json json = {0, false};
    const char *variable = report_variable(reader);
    size_t count;
    const struct report_read_population *p = report_populations(reader, &count);
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "file", path);
    cli_json_text(&json, "variable", *variable ? variable : NULL);
    cli_json_open(&json, "populations", '[');
    for (size_t i = 0; i < count; i++) {
        cli_json_open(&json, NULL, '{');
        cli_json_text(&json, "name", p[i].name);
        cli_json_u64(&json, "neurons", p[i].count);
        cli_json_u64_if(&json, "first_id", p[i].count > 0, p[i].count > 0 ? p[i].node_ids[0] : 0);
        cli_json_u64_if(&json, "last_id", p[i].count > 0,
                        p[i].count > 0 ? p[i].node_ids[p[i].count - 1] : 0);
        cli_json_u64(&json, "rows", p[i].rows);
        cli_json_f64(&json, "start_ms", p[i].start);
        cli_json_f64(&json, "interval_ms", p[i].interval);
        cli_json_text(&json, "units", *p[i].units ? p[i].units : NULL);
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    cli_json_close(&json, '}');
}

static void print_traces(const char *path, const struct report_reader *reader)
{
    size_t count;
    const struct report_read_population *p = report_populations(reader, &count);
    printf("%s: SONATA report%s%s (megalif plot shows its traces)\n\n", path,
           *report_variable(reader) ? " of " : "", report_variable(reader));
    printf("%-16s %10s %21s %12s %12s %14s  %s\n", "population", "neurons", "ids", "rows",
           "start (ms)", "interval (ms)", "units");
    for (size_t i = 0; i < count; i++) {
        char ids[48] = "-";
        if (p[i].count > 0)
            snprintf(ids, sizeof ids, "%" PRIu64 " .. %" PRIu64, p[i].node_ids[0],
                     p[i].node_ids[p[i].count - 1]);
        printf("%-16s %10" PRIu64 " %21s %12" PRIu64 " %12.10g %14.10g  %s\n", p[i].name,
               p[i].count, ids, p[i].rows, p[i].start, p[i].interval, p[i].units);
    }
}

/* Of a report, the traces of a run: what was recorded of which neurons, and when. */
static int show_report(const struct cli_arguments *arguments)
{
    const char *path = arguments->file[0];
    struct report_reader *reader;
    struct error err;
    int code = 0;
    if (report_open(&reader, path, &err))
        code = result_file_error(syntax.name, &err);
    else if (arguments->option[OPTION_CONFIG])
        code = print_config(report_reader_file(reader), path);
    else if (arguments->option[OPTION_JSON])
        json_traces(path, reader);
    else
        print_traces(path, reader);
    report_close(reader);
    return code;
}

static int show_edges(const struct cli_arguments *arguments)
{
    const char *path = arguments->file[0];
    struct edges_reader *reader;
    struct error err;
    if (!arguments->option[OPTION_CONFIG])
        return edges_show_info(path, arguments->option[OPTION_JSON] != NULL);
    int code = edges_reader_open(&reader, path, &err)
                   ? result_file_error(syntax.name, &err)
                   : print_config(edges_reader_file(reader), path);
    edges_reader_close(reader);
    return code;
}

/* How the raster is to be read. CLI_GO_ON, or the exit code after saying what is wrong. */
static int take_reading(const struct cli_arguments *arguments, struct result_reading *reading)
{
    const char *most = arguments->option[OPTION_MOST_SPIKES], *bin = arguments->option[OPTION_BIN];
    *reading = (struct result_reading){RESULT_STATISTICS_SPIKES, RESULT_STATISTICS_BIN, true};
    if (most && !cli_options_count(most, 0, INT64_MAX, &reading->most_spikes))
        return cli_options_error(&syntax, "--most-spikes takes a whole number, not %s", most);
    if (bin && !(cli_options_time(bin, &reading->bin) && reading->bin > 0))
        return cli_options_error(&syntax, "--bin takes a time above 0 such as 5ms, not %s", bin);
    return CLI_GO_ON;
}

static int show_spikes(const struct cli_arguments *arguments)
{
    struct result_file file;
    struct result_reading reading;
    struct error err;
    int code = take_reading(arguments, &reading);
    if (code != CLI_GO_ON)
        return code;
    if (result_file_open(&file, arguments->file[0], &err))
        code = result_file_error(syntax.name, &err);
    else if (arguments->option[OPTION_CONFIG])
        code = print_config(file.file, file.path);
    else
        code = print_facts(&file, &reading, arguments->option[OPTION_JSON] != NULL);
    result_file_close(&file);
    return code;
}

static int start_info(int argc, char **argv)
{
    struct cli_arguments arguments;
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code != CLI_GO_ON)
        return code;
    if (arguments.option[OPTION_JSON] && arguments.option[OPTION_CONFIG])
        return cli_options_error(&syntax, "--json and --config exclude each other");
    if (report_is(arguments.file[0]))
        return show_report(&arguments);
    if (edges_reader_is(arguments.file[0]))
        return show_edges(&arguments);
    return show_spikes(&arguments);
}

const struct command cmd_info = {"info", "what a spike file holds and how it came about",
                                 start_info};
