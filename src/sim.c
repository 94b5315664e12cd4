/* One simulation from the config's text to the finished file: config -> engine -> raster. */
#include "sim.h"

#include "base/cpu.h"
#include "base/memory.h"
#include "engine/selection.h"
#include "version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double sim_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *mlif_version(void)
{
    return version_number();
}

int mlif_numerics(void)
{
    return NUMERICS;
}

struct mlif_options mlif_default_options(void)
{
    return (struct mlif_options){.config = NULL};
}

static enum status choose_isa(enum isa *isa, const char *name, struct messages *errors)
{
    *isa = kernels_best_isa();
    if (!name)
        return STATUS_OK;
    if (!cpu_isa_parse(name, isa)) {
        messages_add(errors, "--isa %s: no such instruction set; choose scalar, avx2 or avx512",
                     name);
        return STATUS_CONFIG;
    }
    if (kernels_for(*isa, 32))
        return STATUS_OK;
    messages_add(errors, "--isa %s: %s; the widest here is %s", name,
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
    return asked > 0 ? asked : allowed;
}

enum status sim_open(struct sim *sim, const struct mlif_options *options, struct messages *errors,
                     struct messages *warnings)
{
    size_t type_count;
    const struct input_type *const *types = drive_input_types(&type_count);
    memset(sim, 0, sizeof *sim);
    enum status status = choose_isa(&sim->settings.isa, options->isa, errors);
    enum status read = config_read(options->config, options->overrides, options->override_count,
                                   types, type_count, &sim->config, errors);
    if (status || read)
        return status ? status : read;
    for (size_t i = 0; i < sim->config->warnings.count; i++)
        messages_add(warnings, "%s", sim->config->warnings.line[i]);
    sim->settings.threads = choose_threads(options->threads, warnings);
    sim->settings.tile = options->tile;
    sim->settings.block = options->block;
    sim->settings.record = true;
    sim->output = options->output ? options->output : sim->config->output_file;
    sim->force = options->force;
    sim->command_line = options->command_line;
    return STATUS_OK;
}

void sim_close(struct sim *sim)
{
    config_free(sim->config);
    sim->config = NULL;
}

/* A run in progress. */
struct running {
    struct sim sim;
    struct engine *engine;
    struct raster_writer *raster;
    size_t *raster_index;  /* [populations]: in the file, SIZE_MAX: not recorded */
    const char **recorded; /* names in the file */
    size_t recorded_count;
    const struct mlif_options *options;
    struct mlif_report *report;
    double simulate_start;
    char started[32];
};

static enum status open_raster(struct running *run, struct error *err)
{
    const struct config *config = run->sim.config;
    run->raster_index = calloc(config->population_count, sizeof *run->raster_index);
    run->recorded = calloc(config->population_count, sizeof *run->recorded);
    if (!run->raster_index || !run->recorded)
        return error_set(err, STATUS_MEMORY, "no memory for the output");
    for (size_t i = 0; i < config->population_count; i++) {
        bool none = selection_is_none(config, i);
        run->raster_index[i] = none ? SIZE_MAX : run->recorded_count;
        if (!none)
            run->recorded[run->recorded_count++] = config->population[i].name;
    }
    const struct raster_settings settings = {
        .path = run->sim.output,
        .force = run->sim.force,
        .deflate = config->output_deflate,
        .population = run->recorded,
        .population_count = run->recorded_count,
        .threads = engine_threads(run->engine),
    };
    enum status status = raster_create(&run->raster, &settings, QUEUE_CHUNKS, err);
    return status ? status : sim_write_model(raster_begin(run->raster), &run->sim, err);
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

static enum status record_population(struct running *run, size_t population, struct error *err)
{
    const struct block_rows from = {run->engine, population};
    if (run->raster_index[population] == SIZE_MAX)
        return STATUS_OK;
    return raster_append(run->raster, run->raster_index[population],
                         engine_block_rows(run->engine, population), read_rows, &from, err);
}

static int tell(const struct running *run)
{
    const struct config *config = run->sim.config;
    uint64_t steps = engine_steps_done(run->engine);
    if (!run->options->progress)
        return 0;
    const struct mlif_progress progress = {
        .model_ms = decimal_times_steps(config->dt, steps),
        .duration_ms = decimal_times_steps(config->dt, config->steps),
        .elapsed_s = sim_clock() - run->simulate_start,
        .neurons = run->report->neurons,
        .steps_done = steps,
        .spikes = engine_digest(run->engine).spikes,
    };
    return run->options->progress(&progress, run->options->context);
}

static enum status simulate(struct running *run, struct error *err)
{
    const struct config *config = run->sim.config;
    run->simulate_start = sim_clock();
    int stop = tell(run);
    while (!stop && engine_steps_done(run->engine) < config->steps) {
        engine_advance(run->engine, config->steps - engine_steps_done(run->engine));
        double stepped = sim_clock();
        for (size_t i = 0; i < config->population_count; i++) {
            enum status status = record_population(run, i, err);
            if (status)
                return status;
        }
        run->report->record_s += sim_clock() - stepped;
        stop = tell(run);
    }
    run->report->simulate_s = sim_clock() - run->simulate_start;
    if (engine_steps_done(run->engine) < config->steps)
        return error_set(err, STATUS_INTERRUPTED,
                         "interrupted at %.10g ms of %.10g ms; no output is left",
                         decimal_times_steps(config->dt, engine_steps_done(run->engine)),
                         decimal_times_steps(config->dt, config->steps));
    return STATUS_OK;
}

static enum status fill_report(struct running *run, double start, struct error *err)
{
    const struct config *config = run->sim.config;
    struct mlif_report *report = run->report;
    struct digest digest = engine_digest(run->engine);
    double neuron_steps = (double)report->neurons * (double)config->steps;
    digest_format(&digest, report->digest);
    report->spikes = digest.spikes;
    report->threads = engine_threads(run->engine);
    report->tile = engine_tile(run->engine);
    report->block = engine_block(run->engine);
    report->duration_ms = decimal_times_steps(config->dt, config->steps);
    report->neuron_steps_per_s = neuron_steps / report->simulate_s;
    report->realtime_factor = report->duration_ms * 1e-3 / report->simulate_s;
    report->peak_rss_bytes = memory_peak_rss();
    report->population = calloc(config->population_count, sizeof *report->population);
    if (!report->population)
        return error_set(err, STATUS_MEMORY, "no memory for the report");
    report->population_count = config->population_count;
    double seconds = config->dt_ms * 1e-3 * (double)(config->steps - config->warmup_steps);
    for (size_t i = 0; i < config->population_count; i++) {
        const struct engine_totals *totals = engine_totals(run->engine, i);
        struct mlif_population_report *p = &report->population[i];
        p->name = strdup(config->population[i].name);
        if (!p->name)
            return error_set(err, STATUS_MEMORY, "no memory for the report");
        p->size = config->population[i].size;
        p->spikes = totals->digest.spikes;
        p->recorded = totals->recorded;
        p->mean_rate_Hz =
            seconds > 0 ? (double)totals->after_warmup / seconds / (double)p->size : NAN;
        report->recorded += totals->recorded;
    }
    report->wall_s = sim_clock() - start;
    return STATUS_OK;
}

static enum status finish(struct running *run, const struct messages *warnings, double start,
                          struct error *err)
{
    struct raster_statistics statistics = {0};
    double finish_start = sim_clock();
    hid_t file;
    enum status status = raster_drain(run->raster, &file, err);
    if (!status)
        status = fill_report(run, start, err);
    const struct sim_results results = {&run->sim, run->engine, run->report, warnings,
                                        run->started};
    if (!status)
        status = sim_write_results(file, &results, err);
    if (status) {
        raster_abandon(run->raster);
        run->raster = NULL;
        return status;
    }
    status = raster_finish(run->raster, &statistics, err);
    run->raster = NULL;
    run->report->raw_bytes = statistics.raw_bytes;
    run->report->stored_bytes = statistics.stored_bytes;
    run->report->write_s = statistics.write_seconds;
    run->report->stalls = statistics.stalls;
    run->report->stall_s = statistics.stall_seconds;
    run->report->finish_s = sim_clock() - finish_start;
    run->report->wall_s = sim_clock() - start;
    return status;
}

static enum status describe(struct running *run, struct error *err)
{
    const struct config *config = run->sim.config;
    struct mlif_report *report = run->report;
    time_t now = time(NULL);
    struct tm utc;
    strftime(run->started, sizeof run->started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    for (size_t i = 0; i < config->population_count; i++)
        report->neurons += config->population[i].size;
    report->output = strdup(run->sim.output);
    report->isa = cpu_isa_name(run->sim.settings.isa);
    report->precision = config->precision == PRECISION_DOUBLE ? "double" : "single";
    report->steps = config->steps;
    report->threads = run->sim.settings.threads;
    return report->output ? STATUS_OK : error_set(err, STATUS_MEMORY, "no memory for the report");
}

static enum status run_all(struct running *run, struct messages *errors, struct messages *warnings,
                           struct error *err)
{
    double start = sim_clock();
    enum status status = sim_open(&run->sim, run->options, errors, warnings);
    if (status)
        return status;
    status = describe(run, err);
    if (!status)
        status = raster_check_path(run->sim.output, run->sim.force, err);
    if (!status)
        status = sim_check_memory(&run->sim, err);
    if (!status)
        status =
            engine_open(&run->engine, run->sim.config, &run->sim.settings, errors, warnings, err);
    if (status)
        return status;
    sim_warn_disk(&run->sim, warnings);
    status = open_raster(run, err);
    run->report->build_s = sim_clock() - start;
    if (!status)
        status = simulate(run, err);
    return status ? status : finish(run, warnings, start, err);
}

enum mlif_status mlif_run(const struct mlif_options *options, struct mlif_report *report,
                          struct mlif_messages *errors, struct mlif_messages *warnings)
{
    struct running run = {.options = options, .report = report};
    struct error err = {STATUS_OK, ""};
    struct messages error_lines = {NULL, 0}, warning_lines = {NULL, 0};
    enum status status = run_all(&run, &error_lines, &warning_lines, &err);
    if (status && err.text[0])
        messages_add(&error_lines, "%s", err.text);
    if (run.raster)
        raster_abandon(run.raster);
    engine_close(run.engine);
    sim_close(&run.sim);
    free(run.raster_index);
    free(run.recorded);
    *errors = (struct mlif_messages){error_lines.line, error_lines.count};
    *warnings = (struct mlif_messages){warning_lines.line, warning_lines.count};
    return (enum mlif_status)status;
}

void mlif_report_free(struct mlif_report *report)
{
    for (size_t i = 0; i < report->population_count; i++)
        free((char *)report->population[i].name);
    free(report->population);
    free(report->output);
    memset(report, 0, sizeof *report);
}

void mlif_messages_free(struct mlif_messages *messages)
{
    struct messages lines = {messages->line, messages->count};
    messages_free(&lines);
    *messages = (struct mlif_messages){NULL, 0};
}
