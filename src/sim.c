/* One simulation from the config's text to the finished file: opened, stepped, finished, closed. */
#include "sim_handle.h"

#include "base/decimal.h"
#include "version.h"

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

/* The order matters: what is cheap to refuse comes before what takes time and memory. */
static enum status build(struct mlif_simulation *s, const struct mlif_options *options,
                         struct messages *errors, struct error *err)
{
    enum status status = sim_setup_open(&s->setup, options, errors, &s->warnings);
    if (!status && s->setup.output)
        status = raster_check_path(s->setup.output, s->setup.force, err);
    if (!status && s->setup.output)
        status = sim_traces_check(&s->setup, err);
    if (!status)
        status = sim_check_memory(&s->setup, err);
    if (!status)
        status = sim_files_digest(&s->setup.files, err);
    if (!status)
        status =
            engine_open(&s->engine, s->setup.config, &s->setup.settings, errors, &s->warnings, err);
    if (status)
        return status;
    if (s->setup.output)
        sim_warn_disk(&s->setup, &s->warnings);
    status = sim_record_open(&s->record, &s->setup, s->engine, options, err);
    return status ? status : sim_traces_open(&s->traces, &s->setup, s->engine, options, err);
}

static struct mlif_simulation *new_simulation(const struct mlif_options *options)
{
    struct mlif_simulation *s = calloc(1, sizeof *s);
    time_t now = time(NULL);
    struct tm utc;
    if (!s)
        return NULL;
    s->opened_at = sim_clock();
    s->progress = options->progress;
    s->context = options->context;
    strftime(s->started, sizeof s->started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return s;
}

enum mlif_status mlif_open(struct mlif_simulation **simulation, const struct mlif_options *options,
                           struct mlif_messages *errors, struct mlif_messages *warnings)
{
    struct error err = {STATUS_MEMORY, "no memory for a simulation"};
    struct messages error_lines = {NULL, 0};
    struct mlif_simulation *s = new_simulation(options);
    *simulation = s;
    if (!s)
        return sim_tell_error(errors, &err);
    err = (struct error){STATUS_OK, ""};
    enum status status = build(s, options, &error_lines, &err);
    s->build_s = sim_clock() - s->opened_at;
    sim_tell_lines(warnings, &s->warnings, NULL);
    if (status) {
        sim_tell_lines(errors, &error_lines, err.text);
        mlif_close(simulation);
    }
    messages_free(&error_lines);
    return (enum mlif_status)status;
}

void mlif_close(struct mlif_simulation **simulation)
{
    struct mlif_simulation *s = *simulation;
    if (!s)
        return;
    sim_record_close(&s->record);
    sim_traces_close(&s->traces);
    engine_close(s->engine);
    sim_setup_close(&s->setup);
    messages_free(&s->warnings);
    free(s);
    *simulation = NULL;
}

/* Calls the progress callback; true when it asked to stop. */
static bool tell_progress(const struct mlif_simulation *s)
{
    const struct config *config = s->setup.config;
    uint64_t steps = engine_steps_done(s->engine);
    if (!s->progress)
        return false;
    struct mlif_progress progress = {
        .model_ms = decimal_times_steps(config->dt, steps),
        .duration_ms = decimal_times_steps(config->dt, config->steps),
        .elapsed_s = s->simulate_s,
        .steps_done = steps,
        .spikes = engine_digest(s->engine).spikes,
    };
    for (size_t i = 0; i < config->population_count; i++)
        progress.neurons += config->population[i].size;
    return s->progress(&progress, s->context) != 0;
}

/* Steps through one block, at most `most` steps, and hands its spikes over. */
static enum status advance_block(struct mlif_simulation *s, uint64_t most, bool *stop,
                                 struct error *err)
{
    double start = sim_clock();
    uint64_t block = engine_block(s->engine), wanted = most < block ? most : block, ready;
    enum status status =
        sim_rows_next(s->setup.rows, engine_steps_done(s->engine), wanted, &ready, err);
    if (status)
        return status;
    engine_advance(s->engine, ready);
    double stepped = sim_clock();
    status = sim_record_block(&s->record, stop, err);
    if (!status)
        status = sim_traces_block(&s->traces, stop, err);
    double end = sim_clock();
    s->record_s += end - stepped;
    s->simulate_s += end - start;
    return status;
}

/* STATUS_OK if this simulation can still be stepped or finished. */
static enum status check_state(const struct mlif_simulation *s, struct error *err)
{
    if (s->state == SIM_FAILED)
        return error_set(err, s->failure,
                         "the simulation has failed before: it can only be closed");
    if (s->state == SIM_FINISHED)
        return error_set(err, STATUS_CONFIG, "the simulation is finished: it can only be read");
    return STATUS_OK;
}

/* Nothing can be recorded any more: gives up the file. */
static enum mlif_status fail(struct mlif_simulation *s, struct mlif_messages *errors,
                             const struct error *err)
{
    sim_record_close(&s->record);
    sim_traces_close(&s->traces);
    s->state = SIM_FAILED;
    s->failure = err->status;
    return sim_tell_error(errors, err);
}

/* At the end of the duration, or of the step that met a limit. */
static bool at_the_end(const struct mlif_simulation *s)
{
    return engine_steps_done(s->engine) == s->setup.config->steps ||
           engine_limit_met(s->engine).limit != LIMIT_NONE;
}

enum mlif_status mlif_advance(struct mlif_simulation *simulation, uint64_t steps,
                              struct mlif_messages *errors)
{
    struct mlif_simulation *s = simulation;
    struct error err = {STATUS_OK, ""};
    uint64_t done = engine_steps_done(s->engine), all = s->setup.config->steps;
    uint64_t until = steps < all - done ? done + steps : all;
    if (check_state(s, &err))
        return sim_tell_error(errors, &err);
    bool stop = done == 0 && tell_progress(s);
    while (!stop && done < until && !at_the_end(s)) {
        if (advance_block(s, until - done, &stop, &err))
            return fail(s, errors, &err);
        done = engine_steps_done(s->engine);
        stop = tell_progress(s) || stop;
    }
    if (stop && !at_the_end(s))
        return MLIF_INTERRUPTED;
    err.status = sim_limits_why(s->setup.config, s->engine, err.text, sizeof err.text);
    return err.status ? sim_tell_error(errors, &err) : MLIF_OK;
}

/* Completes the files and gives them their names. */
static enum status finish_file(struct mlif_simulation *s, struct error *err)
{
    struct mlif_report report;
    hid_t file;
    enum status status = raster_drain(s->record.raster, &file, err);
    if (status)
        return status;
    status = sim_report_fill(s, &report, err);
    if (status)
        return status;
    const struct sim_results results = {&s->setup, s->engine, &report, &s->warnings, s->started};
    status = sim_write_results(file, &results, err);
    if (!status)
        status = sim_traces_complete(&s->traces, &results, err);
    mlif_report_free(&report);
    if (status)
        return status;
    status = raster_complete(s->record.raster, err);
    if (!status) /* the raster gets its name last: where it stands, all is there */
        status = sim_traces_publish(&s->traces, err);
    if (status)
        return status;
    status = raster_finish(s->record.raster, &s->written, err);
    s->record.raster = NULL;
    return status;
}

enum mlif_status mlif_finish(struct mlif_simulation *simulation, struct mlif_messages *errors)
{
    struct mlif_simulation *s = simulation;
    struct error err = {STATUS_OK, ""};
    double start = sim_clock();
    if (check_state(s, &err))
        return sim_tell_error(errors, &err);
    sim_limits_warn(s->setup.config, s->engine, &s->warnings);
    if (s->record.raster && finish_file(s, &err))
        return fail(s, errors, &err);
    s->finish_s = sim_clock() - start;
    s->wall_s = sim_clock() - s->opened_at;
    s->state = SIM_FINISHED;
    return MLIF_OK;
}

static enum mlif_status run_to_end(struct mlif_simulation *s, struct mlif_report *report,
                                   struct mlif_messages *errors, struct mlif_messages *warnings)
{
    size_t told = s->warnings.count;
    const struct decimal dt = s->setup.config->dt;
    struct error err;
    enum mlif_status status = mlif_advance(s, MLIF_TO_THE_END, errors);
    if (status == MLIF_INTERRUPTED) {
        error_set(
            &err, STATUS_INTERRUPTED, "interrupted at %.10g ms of %.10g ms; no output is left",
            decimal_times_steps(dt, mlif_steps_done(s)), decimal_times_steps(dt, mlif_steps(s)));
        return sim_tell_error(errors, &err);
    }
    if (status && status != MLIF_RANGE)
        return status;
    enum mlif_status finished = mlif_finish(s, errors);
    sim_tell_lines(warnings, &(struct messages){s->warnings.line + told, s->warnings.count - told},
                   NULL);
    if (!finished && sim_report_fill(s, report, &err)) {
        error_set(&err, err.status, "%s%s%s", err.text, s->setup.output ? "; complete is " : "",
                  s->setup.output ? s->setup.output : "");
        finished = sim_tell_error(errors, &err);
    }
    return finished ? finished : status;
}

enum mlif_status mlif_run(const struct mlif_options *options, struct mlif_report *report,
                          struct mlif_messages *errors, struct mlif_messages *warnings)
{
    struct mlif_simulation *simulation;
    memset(report, 0, sizeof *report);
    enum mlif_status status = mlif_open(&simulation, options, errors, warnings);
    if (!status)
        status = run_to_end(simulation, report, errors, warnings);
    mlif_close(&simulation);
    return status;
}
