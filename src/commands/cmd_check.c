/* megalif check: what a config says once resolved, and what running it will take; or the same model
 * as a script for another simulator. */
#include "cli/cli_numbers.h"
#include "cli/cli_options.h"
#include "cli/cli_report.h"
#include "commands/check_json.h"
#include "commands/check_points.h"
#include "commands/cmd.h"
#include "commands/connections_edges.h"
#include "config/read.h"
#include "config/sweep.h"
#include "config/sweep_points.h"
#include "emit/emit_model.h"
#include "emit/emit_script.h"
#include "io/output_stream.h"
#include "population/population_open.h"
#include "setup/setup.h"
#include "sim/sim_paths.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SET, OUTPUT, THREADS, RANKS, JSON, EMIT, RANDOM, FORCE };

static const struct cli_syntax syntax = {
    .name = "check",
    .usage = "CONFIG [options]",
    .about =
        "Reads CONFIG (- reads standard input), draws and checks every neuron's parameters, and\n"
        "prints the resolved config, the membrane of each population, the memory a run will take,\n"
        "and from a pilot of at most 2,048 neurons a population the rates and output to expect.\n"
        "Writes no file, unless --emit asks for a script that runs the same model in NEST or "
        "Brian2\n"
        "and compares the spikes.\n"
        "\n"
        "Exit codes: 0 the config can be run (warnings tell what stands in the way of its "
        "output),\n"
        "2 config or usage, 3 a file cannot be read or written, 4 not enough memory for a run.\n",
    .files = 1,
    .repeats = 1u << SET,
    .option =
        {
            [SET] = {"set", 's', "S.KEY=VALUE", "replaces or adds a value; repeatable"},
            [OUTPUT] = {"output", 'o', "FILE",
                        "the output that run would be given; with --emit: the script (- prints\n"
                        "it), default CONFIG_nest.py or CONFIG_brian2.py in this folder"},
            [THREADS] = {"threads", 't', "N", "the threads that run would be given"},
            [RANKS] = {"ranks", 'n', "N",
                       "the memory of one of N processes that share the run (docs/mpi.md), that\n"
                       "which has most; all else is told as of one process"},
            [JSON] = {"json", 0, NULL, "all of it as one JSON object on standard output"},
            [EMIT] = {"emit", 0, "nest|brian2",
                      "writes the model as a Python script instead, with what is drawn; spikes\n"
                      "are then the same, step by step. Synapses, one by one, are beside it in\n"
                      "NAME.edges.h5. Beyond 10 million drawn numbers of noise and Poisson\n"
                      "input the simulator draws its own"},
            [RANDOM] = {"random", 0, NULL, "with --emit: the simulator draws its own in any case"},
            [FORCE] = {"force", 'f', NULL,
                       "with --emit: replaces an existing script and what lies beside it"},
        },
};

static void print_range(const char *name, const double range[2], const char *unit)
{
    printf(" %s = %.6g", name, range[0]);
    if (range[1] - range[0] > 1e-9 * fabs(range[0])) /* beyond rounding */
        printf(" .. %.6g", range[1]);
    printf(" %s", unit);
}

static void print_membrane(const struct mlif_population_check *p)
{
    if (isnan(p->tau_m_ms[0])) {
        printf("# population %s: a source of spikes without a membrane\n", p->name);
        return;
    }
    printf("# population %s:", p->name);
    print_range("C_m", p->C_m_pF, "pF,");
    print_range("tau_m", p->tau_m_ms, "ms,");
    print_range("g_L", p->g_L_nS, "nS,");
    print_range("R_m", p->R_m_MOhm, "MOhm\n#   ");
    print_range("rheobase", p->rheobase_pA, "pA, the least constant current that fires it\n");
}

static void print_memory(const struct mlif_check_report *r)
{
    if (r->ranks > 1)
        printf("\n# memory of the largest of %d ranks with %d thread%s", r->ranks, r->threads,
               r->threads == 1 ? "" : "s each");
    else
        printf("\n# memory of a run with %d thread%s", r->threads, r->threads == 1 ? "" : "s");
    putchar('\n');
    for (size_t i = 0; i < r->memory_count; i++)
        printf("# %-32s %12.6g MB\n", r->memory[i].what, (double)r->memory[i].bytes * 1e-6);
    printf("# %-32s %12.6g MB\n", "total", (double)r->memory_bytes * 1e-6);
}

static void print_storage(const struct mlif_projection_check *p)
{
    if (p->target_bits == 0)
        printf("%s\n", strcmp(p->storage, "bitmaps") == 0
                           ? "bitmaps, a bit for each pair and copies"
                           : "procedural, drawn anew for each spike");
    else if (p->weight_bits == 0)
        printf("lists, target (%d bits)\n", p->target_bits);
    else
        printf("lists, target and weight (%d and %d bits)\n", p->target_bits, p->weight_bits);
}

static void print_projection(const struct mlif_projection_check *p)
{
    printf("# %-20s %s%.10g synapses, %.3g bytes each: ", p->name, p->exact ? "" : "about ",
           p->synapses, p->bytes / p->synapses);
    print_storage(p);
    printf("#   %s: in-degree %.5g (room for %.5g), out-degree %.5g, delays %.10g .. %.10g ms\n",
           p->rule, p->indegree, p->indegree_most, p->outdegree, p->delay_ms[0], p->delay_ms[1]);
    if (isfinite(p->rounding[0]))
        printf("#   weights are rounded by %.2g (rms), %.2g (largest) of their rms\n",
               p->rounding[0], p->rounding[1]);
}

static void print_network(const struct mlif_check_report *r)
{
    double synapses = 0;
    printf("\n# projections\n");
    for (size_t i = 0; i < r->projection_count; i++) {
        print_projection(&r->projections[i]);
        synapses += r->projections[i].synapses;
    }
    printf("# %-32s %12.5g, made in some %.2g s\n", "synapses", synapses, r->synapses_s);
    printf("# %-32s %12.4g /s of model time at 10 Hz (sources at their own rates)\n", "events",
           r->events_per_model_s);
    printf("# %-32s %12.4g ms, at most the least delay\n", "a block", r->block_ms);
}

static void print_pilot(const struct mlif_check_report *r)
{
    if (r->projection_count > 0)
        printf("\n# what a network fires at is not known before; output at these rates\n");
    else
        printf("\n# rates to expect, from a pilot of %.4g ms\n", r->pilot_ms);
    for (size_t i = 0; i < r->population_count; i++)
        printf("# %-32s %12.4g Hz\n", r->population[i].name, r->population[i].rate_Hz);
    printf("# %-32s %12.4g (%.4g recorded)\n", "spikes", r->spikes, r->recorded);
    printf("# %-32s %12.4g MB before compression\n", r->output, r->output_bytes * 1e-6);
    if (r->free_bytes != UINT64_MAX)
        printf("# %-32s %12.4g MB\n", "free on that disk", (double)r->free_bytes * 1e-6);
}

static void print_slurm(const struct mlif_check_report *r, const struct check_sweep *sweep)
{
    struct check_slurm slurm = check_slurm_of(r, sweep);
    if (sweep->seen > 0) {
        struct check_array array = check_array_of(r, sweep);
        printf("# as an array of jobs, in which each point has a core:\n"
               "# sbatch --array=0-%llu --cpus-per-task=%llu --mem-per-cpu=%.0fM --time=%s "
               "configs/slurm/array.sbatch ...\n"
               "# for one job that runs the longest point:\n",
               array.jobs - 1, array.cores, array.core.memory_MB, array.core.time);
    }
    printf("#SBATCH --cpus-per-task=%d --mem=%.0fM --time=%s\n", r->threads, slurm.memory_MB,
           slurm.time);
}

static void print_points(const struct check_sweep *sweep)
{
    char some[64] = "";
    if (sweep->seen < sweep->sweep->point_count)
        snprintf(some, sizeof some, ", by %zu of them", sweep->seen);
    printf("# %-32s %12.3g s, one after the other%s\n", "all points", sweep->all_s, some);
    printf("# %-32s %12.3g s, %s\n", *some ? "the longest of these" : "the longest",
           sweep->longest_s, sweep->sweep->point[sweep->longest].name);
}

static void print_time(const struct mlif_check_report *r, const struct check_sweep *sweep)
{
    printf("\n# time of a run with %d thread%s on this machine, as busy as it is now\n", r->threads,
           r->threads == 1 ? "" : "s");
    if (r->projection_count > 0)
        printf("# %-32s %12.3g s, %.2g s of that on events, in proportion to the rates\n",
               "about, at these rates", r->run_s, r->arrivals_s);
    else
        printf("# %-32s %12.3g s\n", "about", r->run_s);
    if (sweep->sweep)
        print_points(sweep);
    print_slurm(r, sweep);
}

/* Slurm gives a process KillWait between SIGTERM and SIGKILL. */
static void print_checkpoint(const struct mlif_check_report *r)
{
    const double kill_wait = 30.0, disk = r->disk_bytes_per_s;
    double bytes = (double)r->checkpoint_bytes;
    printf("# %-32s %12.4g MB at most", "a checkpoint", bytes * 1e-6);
    if (isfinite(disk))
        printf(", about %.2g s at %.3g MB/s%s (Slurm's KillWait is %.0f s by default)",
               bytes / disk, disk * 1e-6, bytes / disk > kill_wait ? ": TOO LONG" : "", kill_wait);
    putchar('\n');
}

/* As far as it came. */
static void print_report(const struct mlif_check_report *r, const struct check_sweep *sweep)
{
    if (!r->config)
        return;
    if (sweep->sweep)
        printf("# sweep: %zu points; what follows is the first one, %s\n\n",
               sweep->sweep->point_count, sweep->sweep->point[0].name);
    fputs(r->config, stdout);
    for (size_t i = 0; i < r->population_count; i++)
        print_membrane(&r->population[i]);
    print_memory(r);
    print_checkpoint(r);
    if (r->projection_count > 0)
        print_network(r);
    if (r->pilot_ms > 0)
        print_pilot(r);
    if (r->pilot_ms > 0 && isfinite(r->run_s))
        print_time(r, sweep);
}

static int tell(enum mlif_status status, struct mlif_messages *errors,
                struct mlif_messages *warnings)
{
    fflush(stdout);
    cli_report_lines("warning", warnings);
    cli_report_lines("error", errors);
    mlif_messages_free(errors);
    mlif_messages_free(warnings);
    return (int)status;
}

static void tell_refusal(const char *why)
{
    struct messages refusal = {NULL, 0};
    messages_add(&refusal, "a run would be refused: %s", why);
    cli_report_lines("warning", &(struct mlif_messages){refusal.line, refusal.count});
    messages_free(&refusal);
}

/* A sweep writes elsewhere. */
static int check(const struct mlif_options *options, struct check_sweep *sweep, bool json)
{
    struct mlif_check_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    enum mlif_status status = mlif_check(options, &report, &errors, &warnings);
    if (!status && sweep->sweep)
        status = check_points_foresee(sweep, &report);
    if (!json)
        print_report(&report, sweep);
    if (report.refusal && !sweep->sweep)
        tell_refusal(report.refusal);
    tell(status, &errors, &warnings);
    if (json && report.config)
        check_json(options->config, &report, sweep, (int)status);
    mlif_check_report_free(&report);
    return (int)status;
}

/* What can be told of one run is told of the first point. */
static int check_first(struct check_sweep *sweep, bool json)
{
    struct mlif_options first;
    int status = STATUS_MEMORY;
    if (check_points_open(&first, sweep, 0))
        status = check(&first, sweep, json);
    check_points_close(&first, sweep);
    return status;
}

static int check_all(struct mlif_options *options, bool json)
{
    struct messages errors = {NULL, 0};
    struct sweep *sweep = NULL;
    struct sweep_source source = {.name = options->config,
                                  .overrides = options->overrides,
                                  .override_count = options->override_count};
    source.types = &drive_config_types;
    char *text = config_load(source.name, &source.length, &errors);
    source.text = options->config_text = text;
    int status = text ? (int)config_read_sweep(&source, &sweep, &errors) : STATUS_CONFIG;
    cli_report_lines("error", &(struct mlif_messages){errors.line, errors.count});
    if (!status)
        status = sweep
                     ? check_first(&(struct check_sweep){.sweep = sweep, .options = options}, json)
                     : check(options, &(struct check_sweep){.sweep = NULL}, json);
    config_sweep_free(sweep);
    messages_free(&errors);
    free(text);
    return status;
}

/* What --emit asks for. */
struct emission {
    const char *simulator; /* NULL: nothing */
    const char *path;
    bool random, force;
};

/* demo_nest.py for configs/demo.ini. */
static void default_script(char *path, size_t size, const struct setup *setup,
                           const char *simulator)
{
    const char *name = strcmp(setup->config->file, "-") == 0 ? "stdin" : setup->config->file;
    const char *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    const char *dot = strrchr(name, '.');
    snprintf(path, size, "%.*s_%s.py", (int)(dot && dot > name ? dot - name : (long)strlen(name)),
             name, simulator);
}

/* Whether a file of the script may be written. */
static enum status check_file(const char *path, const struct setup *setup, bool force,
                              struct error *err)
{
    if (output_stream_is_printed(path))
        return STATUS_OK;
    enum status status = sim_paths_keep(path, setup->config, &setup->files, err);
    return status ? status : output_stream_check(path, force, err);
}

static void tell_script(const struct emit_model *model, const char *path, const char *data,
                        const char *edges)
{
    printf("%s%s%s%s%s: %s%s\npython %s --compare FILE   # an output of megalif run\n", path,
           *data ? ", " : "", data, *edges ? ", " : "", edges,
           model->random ? "it draws its own random numbers; rates and CVs can be compared"
                         : "the same spikes, step by step",
           !model->random && model->config->precision == PRECISION_SINGLE
               ? " (but for a few, in single precision)"
               : "",
           path);
}

static enum status write_script(const struct setup *setup, const struct emission *emission,
                                const char *path, struct error *err)
{
    struct emit_model model = {.config = NULL};
    char data[4096], edges[4096];
    enum status status = emit_model_open(&model, setup, emission->simulator, emission->random, err);
    if (!status)
        status = emit_script_files(&model, path, data, err);
    if (!status)
        status = emit_script_edges(setup->config, path, edges, err);
    if (!status && *data)
        status = check_file(data, setup, emission->force, err);
    if (!status && *edges)
        status = check_file(edges, setup, emission->force, err);
    if (!status && *edges)
        status = connections_edges_write(setup, edges, emission->force, EMIT_SYNAPSES_MOST, err);
    if (!status)
        status = emit_script_write(&model, path, data, emission->force, err);
    if (!status && !output_stream_is_printed(path))
        tell_script(&model, path, data, edges);
    emit_model_close(&model);
    return status;
}

static enum status emit(const struct setup *setup, const struct emission *emission,
                        struct messages *errors, struct messages *warnings, struct error *err)
{
    char script[300];
    enum status status = emit_model_possible(setup->config, emission->simulator, err);
    default_script(script, sizeof script, setup, emission->simulator);
    const char *path = emission->path ? emission->path : script;
    if (!status)
        status = check_file(path, setup, emission->force, err);
    for (size_t i = 0; !status && i < setup->config->population_count; i++)
        status = population_survey(setup->config, i, setup->settings.threads, errors, warnings);
    return status ? status : write_script(setup, emission, path, err);
}

static int open_and_emit(const struct mlif_options *options, const struct emission *emission)
{
    struct setup setup;
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    enum status status = setup_open(&setup, options, &errors, &warnings);
    if (!status)
        status = emit(&setup, emission, &errors, &warnings, &err);
    if (status && err.text[0])
        messages_add(&errors, "%s", err.text);
    setup_close(&setup);
    return tell((enum mlif_status)status, &(struct mlif_messages){errors.line, errors.count},
                &(struct mlif_messages){warnings.line, warnings.count});
}

static int check_emission(const struct emission *emission)
{
    const char *name = emission->simulator;
    if (name && strcmp(name, "nest") != 0 && strcmp(name, "brian2") != 0)
        return cli_options_error(&syntax, "--emit takes nest or brian2, not %s", name);
    if (!name && (emission->random || emission->force))
        return cli_options_error(&syntax, "--random and --force go with --emit");
    return CLI_GO_ON;
}

static int take_ranks(const char *text, struct mlif_options *options)
{
    uint64_t ranks = 0;
    if (text && !cli_options_count(text, 1, 1000000, &ranks))
        return cli_options_error(&syntax, "--ranks takes a whole number from 1 to 1000000, not %s",
                                 text);
    options->planned_ranks = (int)ranks;
    return CLI_GO_ON;
}

static int check_as_asked(const struct cli_arguments *arguments)
{
    struct mlif_options options = mlif_default_options();
    struct emission emission = {arguments->option[EMIT], arguments->option[OUTPUT],
                                arguments->option[RANDOM] != NULL,
                                arguments->option[FORCE] != NULL};
    options.config = arguments->file[0];
    options.overrides = arguments->list[SET].text;
    options.override_count = arguments->list[SET].count;
    options.output = emission.simulator ? NULL : emission.path;
    int code = cli_numbers_take(&syntax, arguments->option[THREADS], &options);
    if (code == CLI_GO_ON)
        code = take_ranks(arguments->option[RANKS], &options);
    if (code == CLI_GO_ON)
        code = check_emission(&emission);
    if (code != CLI_GO_ON)
        return code;
    if (emission.simulator && arguments->option[JSON])
        return cli_options_error(&syntax, "--json and --emit exclude each other");
    return emission.simulator ? open_and_emit(&options, &emission)
                              : check_all(&options, arguments->option[JSON] != NULL);
}

static int start_check(int argc, char **argv)
{
    struct cli_arguments arguments;
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code == CLI_GO_ON)
        code = check_as_asked(&arguments);
    cli_options_free(&arguments);
    return code;
}

const struct command cmd_check = {
    "check", "what a config says, and the memory, rates, output to expect; a script for NEST",
    start_check};
