/* One simulation from the config's text to the finished file: opened, stepped, finished, closed. */
#include "base/clock.h"
#include "base/decimal.h"
#include "base/float_env.h"
#include "base/memory.h"
#include "base/team.h"
#include "base/version.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/resume.h"
#include "checkpoint/save.h"
#include "output/output_results.h"
#include "sim/sim_change.h"
#include "sim/sim_estimate.h"
#include "sim/sim_handle.h"
#include "sim/sim_limits.h"
#include "sim/sim_messages.h"
#include "sim/sim_options.h"
#include "sim/sim_paths.h"
#include "sim/sim_ranks.h"
#include "sim/sim_report.h"
#include "sim/sim_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *mlif_version(void)
{
    return version_number();
}

int mlif_numerics(void)
{
    return NUMERICS;
}

static uint64_t neurons_of(const struct config *config)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < config->population_count; i++)
        sum += config->population[i].size;
    return sum;
}

/* A run with checkpoints writes segments, and takes up the rows that no segment has. */
static enum status open_spikes(struct mlif_simulation *s, const struct mlif_options *options,
                               struct error *err)
{
    struct checkpoint *cp = &s->checkpoint;
    if (!cp->on || !s->setup.output)
        return output_spikes_open(&s->record, &s->setup, s->engine, options, NULL, err);
    enum status status = checkpoint_begin(cp, err);
    if (status)
        return status;
    char *path = spike_segments_next_path(&cp->spikes);
    status = path ? output_spikes_open(&s->record, &s->setup, s->engine, options, path, err)
                  : error_no_memory(err, "for the name of a segment");
    free(path);
    if (!status && cp->reader)
        status = resume_raster(cp, s->record.raster, err);
    return status;
}

static enum status open_traces(struct mlif_simulation *s, const struct mlif_options *options,
                               struct error *err)
{
    const struct checkpoint *cp = &s->checkpoint;
    const struct trace_place whole_files = {NULL, NULL};
    return output_traces_open(&s->traces, &s->setup, s->engine, options,
                              cp->on ? trace_segments_place(&cp->traces) : whole_files, err);
}

/* Calls the progress callback while synapses are made. */
static bool tell_synapses(void *context, uint64_t made, uint64_t all)
{
    const struct mlif_simulation *s = context;
    const struct config *config = s->setup.config;
    struct mlif_progress progress = {
        .duration_ms = decimal_times_steps(config->dt, config->steps),
        .elapsed_s = clock_seconds() - s->opened_at,
        .neurons = neurons_of(config),
        .output = s->setup.output,
        .synapses = all,
        .synapses_made = made,
    };
    float_env_give(s->env);
    bool stop = s->progress(&progress, s->context) != 0;
    float_env_take(s->env);
    return stop;
}

/* Nothing is lost but time: where there is a checkpoint, the run can go on from it. */
static enum status explain_interruption(const struct mlif_simulation *s, struct error *err)
{
    if (!s->checkpoint.reader)
        return error_set(err, STATUS_INTERRUPTED,
                         "interrupted while synapses were made; no output is left");
    return error_set(err, STATUS_STOPPED,
                     "while synapses were made, with a checkpoint in %s; go on with: %s",
                     s->checkpoint.folder.path, s->setup.resume_command);
}

/* What the progress callback is told of populations; their spikes come with each call. */
static enum status open_told(struct mlif_simulation *s, struct error *err)
{
    const struct config *config = s->setup.config;
    if (!s->progress)
        return STATUS_OK;
    s->told = calloc(config->population_count, sizeof *s->told);
    if (!s->told)
        return error_no_memory(err, "for progress");
    for (size_t i = 0; i < config->population_count; i++)
        s->told[i] = (struct mlif_population_progress){config->population[i].name,
                                                       config->population[i].size, 0};
    return STATUS_OK;
}

static enum status open_engine(struct mlif_simulation *s, struct messages *errors,
                               struct error *err)
{
    s->watch = (struct net_watch){tell_synapses, s};
    s->setup.settings.watch = s->progress ? &s->watch : NULL;
    enum status status =
        engine_open(&s->engine, s->setup.config, &s->setup.settings, errors, &s->warnings, err);
    if (!status && s->checkpoint.reader) {
        status = resume_engine(&s->checkpoint, s->engine, err);
        status = comm_agree(s->setup.settings.comm, status, err);
    }
    return status == STATUS_INTERRUPTED ? explain_interruption(s, err) : status;
}

/* What is cheap to refuse comes before what takes time and memory. */
static enum status prepare(struct mlif_simulation *s, const struct mlif_options *options,
                           struct messages *errors, struct error *err)
{
    enum status status = setup_open(&s->setup, options, errors, &s->warnings);
    status = sim_ranks_settle(&s->setup, options, status, errors, err);
    if (status)
        return status;
    if (s->setup.output)
        status = sim_paths_check(&s->setup, err);
    if (!status && s->setup.checkpoint)
        status = checkpoint_open(&s->checkpoint, &s->setup, errors, &s->warnings, err);
    if (!status && s->setup.output && s->setup.resume && !s->checkpoint.reader)
        status = output_traces_check(&s->setup, err);
    if (!status)
        status = open_told(s, err);
    if (!status)
        status = sim_start_threads(&s->setup, err);
    if (!status)
        status = sim_check_memory(&s->setup, err);
    if (!status)
        status = setup_files_digest(&s->setup.files, err);
    status = comm_agree(s->setup.settings.comm, status, err);
    return status ? status : checkpoint_share(&s->checkpoint, err);
}

static enum status build(struct mlif_simulation *s, const struct mlif_options *options,
                         struct messages *errors, struct error *err)
{
    enum status status = prepare(s, options, errors, err);
    if (!status)
        status = open_engine(s, errors, err);
    if (status)
        return status;
    s->first_step = engine_steps_done(s->engine);
    s->first_events = engine_events(s->engine);
    if (s->setup.output)
        sim_warn_disk(&s->setup, &s->warnings);
    if (s->setup.output && !s->setup.checkpoint)
        status = checkpoint_forget(&s->setup, err);
    if (!status)
        status = open_spikes(s, options, err);
    if (!status)
        status = open_traces(s, options, err);
    return comm_agree(s->setup.settings.comm, status, err);
}

static struct mlif_simulation *new_simulation(const struct mlif_options *options)
{
    struct mlif_simulation *s = calloc(1, sizeof *s);
    time_t now = time(NULL);
    struct tm utc;
    if (!s)
        return NULL;
    s->opened_at = clock_seconds();
    s->progress = options->progress;
    s->context = options->context;
    strftime(s->started, sizeof s->started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return s;
}

enum mlif_status mlif_open(struct mlif_simulation **simulation, const struct mlif_options *options,
                           struct mlif_messages *errors, struct mlif_messages *warnings)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_MEMORY, "not enough memory for a simulation"};
    struct messages error_lines = {NULL, 0};
    struct mlif_options own;
    *simulation = NULL;
    if (sim_options_take(&own, options, &err))
        return sim_tell_error(errors, &err);
    struct mlif_simulation *s = *simulation = new_simulation(&own);
    if (!s)
        return sim_tell_error(errors, &err);
    err = (struct error){STATUS_OK, ""};
    s->env = &env;
    char *text;
    enum status status = sim_ranks_take_config(&own, &text, &error_lines, &err);
    if (!status)
        status = build(s, &own, &error_lines, &err);
    free(text);
    s->build_s = clock_seconds() - s->opened_at;
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
    output_spikes_close(&s->record);
    output_traces_close(&s->traces);
    checkpoint_close(&s->checkpoint);
    engine_close(s->engine);
    setup_close(&s->setup);
    messages_free(&s->warnings);
    free(s->told);
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
        .first_step = s->first_step,
        .checkpoints = s->checkpoint.clock.written,
        .checkpoint_ms = decimal_times_steps(config->dt, s->checkpoint.safe_step),
        .neurons = neurons_of(config),
        .output = s->setup.output,
        .population = s->told,
        .population_count = config->population_count,
        .synapses = engine_connectivity(s->engine).spikes,
    };
    progress.synapses_made = progress.synapses;
    for (size_t i = 0; i < config->population_count; i++)
        s->told[i].spikes = engine_totals(s->engine, i)->digest.spikes;
    float_env_give(s->env);
    bool stop = s->progress(&progress, s->context) != 0;
    float_env_take(s->env);
    return stop;
}

/* The same after a block: a rank that is asked asks the others; then all stop. */
static bool must_stop(const struct mlif_simulation *s, bool stop)
{
    stop = tell_progress(s) || stop;
    if (!comm_is_shared(s->setup.settings.comm))
        return stop;
    if (stop)
        engine_ask_stop(s->engine);
    return engine_is_stopped(s->engine);
}

/* Can this rank not tell the others of its error before the next block? */
static bool must_wait(const struct mlif_simulation *s)
{
    return comm_is_shared(s->setup.settings.comm) && !engine_has_failed_together(s->engine);
}

/* Steps through one block, at most `most` steps, and hands its spikes over. */
static enum status advance_block(struct mlif_simulation *s, uint64_t most, bool *stop,
                                 struct error *err)
{
    double start = clock_seconds(), waited = team_waited();
    uint64_t block = engine_block(s->engine), wanted = most < block ? most : block, ready;
    enum status status =
        feed_rows_next(s->setup.rows, engine_steps_done(s->engine), wanted, &ready, err);
    if (status)
        return must_wait(s) ? engine_give_up(s->engine, err) : status;
    engine_advance(s->engine, ready);
    double stepped = clock_seconds();
    status = engine_failure(s->engine, err);
    if (!status)
        status = output_spikes_block(&s->record, s->env, stop, err);
    if (!status)
        status = output_traces_block(&s->traces, s->env, stop, err);
    double end = clock_seconds();
    s->record_s += end - stepped;
    s->simulate_s += end - start;
    s->wait_s += team_waited() - waited;
    s->checkpoint.clock.longest_block = fmax(s->checkpoint.clock.longest_block, end - start);
    return status;
}

/* Nothing can be recorded any more: gives up the file. */
static enum mlif_status fail(struct mlif_simulation *s, struct mlif_messages *errors,
                             struct error *err)
{
    output_spikes_close(&s->record);
    output_traces_close(&s->traces);
    if (s->checkpoint.on)
        checkpoint_explain(&s->checkpoint, err);
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

/* Ranks decide together: rank 0 has asked for what the clock wants before the block. */
static bool is_due(const struct mlif_simulation *s)
{
    const struct checkpoint *cp = &s->checkpoint;
    const bool now = comm_is_shared(s->setup.settings.comm) ? engine_is_to_be_saved(s->engine)
                                                            : checkpoint_due_now(cp);
    return now || checkpoint_due_at(cp, engine_steps_done(s->engine));
}

/* The end has a checkpoint of its own. */
static enum status checkpoint_if_due(struct mlif_simulation *s, struct error *err)
{
    struct checkpoint *cp = &s->checkpoint;
    if (!cp->on || at_the_end(s) || !is_due(s))
        return STATUS_OK;
    if (comm_agree(s->setup.settings.comm, s->pending.status, &s->pending)) {
        *err = s->pending;
        return err->status;
    }
    return save_checkpoint(cp, s->engine, s->record.raster, &s->traces, err);
}

/* A block, and the checkpoint that is due after it. An error of this rank alone is kept for the
 * next block, in which all ranks give up. */
static enum status next_block(struct mlif_simulation *s, uint64_t most, bool *stop,
                              struct error *err)
{
    if (s->pending.status) {
        *err = s->pending;
        return engine_give_up(s->engine, err);
    }
    if (comm_is_shared(s->setup.settings.comm) && s->setup.output &&
        checkpoint_due_now(&s->checkpoint))
        engine_ask_checkpoint(s->engine);
    enum status status = advance_block(s, most, stop, err);
    if (status && !must_wait(s))
        return status;
    if (status)
        s->pending = *err;
    return checkpoint_if_due(s, err);
}

enum mlif_status mlif_checkpoint(struct mlif_simulation *simulation, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct mlif_simulation *s = simulation;
    struct error err = {STATUS_OK, ""};
    if (sim_state_check(s, &err))
        return sim_tell_error(errors, &err);
    if (!s->checkpoint.on) {
        error_set(&err, STATUS_CONFIG, "this simulation has no checkpoints");
        return sim_tell_error(errors, &err);
    }
    if (save_checkpoint(&s->checkpoint, s->engine, s->record.raster, &s->traces, &err))
        return fail(s, errors, &err);
    return MLIF_OK;
}

enum mlif_status mlif_advance(struct mlif_simulation *simulation, uint64_t steps,
                              struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct mlif_simulation *s = simulation;
    struct error err = {STATUS_OK, ""};
    s->env = &env;
    uint64_t done = engine_steps_done(s->engine), all = s->setup.config->steps;
    uint64_t until = steps < all - done ? done + steps : all;
    if (sim_state_check(s, &err))
        return sim_tell_error(errors, &err);
    bool stop = done == s->first_step && must_stop(s, false);
    while (!stop && done < until && !at_the_end(s)) {
        uint64_t most = checkpoint_most(&s->checkpoint, done, until - done);
        if (next_block(s, most, &stop, &err))
            return fail(s, errors, &err);
        done = engine_steps_done(s->engine);
        stop = must_stop(s, stop || checkpoint_out_of_time(&s->checkpoint, s->opened_at));
    }
    err = s->pending;
    if (comm_agree(s->setup.settings.comm, err.status, &err))
        return fail(s, errors, &err);
    if (stop && !at_the_end(s))
        return MLIF_INTERRUPTED;
    err.status = sim_limits_why(s->setup.config, s->engine, err.text, sizeof err.text);
    return err.status ? sim_tell_error(errors, &err) : MLIF_OK;
}

/* Completes the files and gives them their names. */
static enum status finish_files(struct mlif_simulation *s, struct error *err)
{
    struct mlif_report report;
    hid_t file;
    enum status status = raster_drain(s->record.raster, &file, err);
    if (status)
        return status;
    status = sim_report_fill(s, &report, err);
    if (status)
        return status;
    const struct output_results results = {&s->setup, s->engine, &report, &s->warnings, s->started};
    status = output_write_results(file, &results, err);
    if (!status)
        status = output_traces_complete(&s->traces, &results, err);
    mlif_report_free(&report);
    if (status)
        return status;
    status = raster_complete(s->record.raster, err);
    if (!status) /* the raster gets its name last: where it stands, all is there */
        status = output_traces_publish(&s->traces, err);
    if (status)
        return status;
    status = raster_finish(s->record.raster, &s->written, err);
    s->record.raster = NULL;
    return status;
}

/* The work of the writer that made the segments counts, too. */
static void add_statistics(struct raster_statistics *to, const struct raster_writer *writer)
{
    struct raster_statistics more;
    raster_read_statistics(writer, &more);
    to->write_seconds += more.write_seconds;
    to->stalls += more.stalls;
    to->stall_seconds += more.stall_seconds;
}

/* Begins the output, with all rows of the segments and of the writer that made the segments. The
 * output's writer replaces the segments' writer in the record; the caller abandons the latter. */
static enum status join(struct mlif_simulation *s, struct error *err)
{
    const struct checkpoint *cp = &s->checkpoint;
    const struct raster_writer *segments = s->record.raster;
    bool replaces = cp->outputs.owned;
    enum status status = output_spikes_open_whole(&s->record, replaces, err);
    if (!status)
        status = spike_segments_join(&cp->spikes, segments, s->record.raster, err);
    return status ? status : trace_segments_join(&cp->traces, replaces, &s->traces, err);
}

/* First all is made safe, then the segments are joined, then the checkpoint is kept or removed: a
 * run that ends in between only has the rest to do again. */
static enum status finish_checkpoints(struct mlif_simulation *s, struct error *err)
{
    struct checkpoint *cp = &s->checkpoint;
    const struct comm *comm = s->setup.settings.comm;
    struct raster_writer *segments = s->record.raster;
    s->complete_before =
        comm_of_first(comm, checkpoint_is_settled(cp, engine_steps_done(s->engine)));
    if (s->complete_before)
        return STATUS_OK;
    enum status status = save_checkpoint(cp, s->engine, segments, &s->traces, err);
    if (status)
        return status;
    if (segments)
        status = join(s, err);
    if (segments && !status)
        status = finish_files(s, err);
    status = comm_agree(comm, status, err);
    if (!status)
        status = save_settled(cp, s->engine, segments, s->written.checksum, &s->traces, err);
    if (!segments)
        return status;
    add_statistics(&s->written, segments);
    raster_abandon(segments);
    return status;
}

/* Figures of all ranks, for the report. */
static void compare_ranks(struct mlif_simulation *s)
{
    const struct comm *comm = s->setup.settings.comm;
    const double step_s = s->simulate_s - s->record_s - engine_exchange_seconds(s->engine);
    const uint64_t ns = step_s > 0 ? (uint64_t)(1e9 * step_s) : 0;
    s->largest_rss = ~comm_least(comm, ~memory_peak_rss());
    s->rank_steps[0] = comm_least(comm, ns);
    s->rank_steps[1] = ~comm_least(comm, ~ns);
}

static enum status finish(struct mlif_simulation *s, struct error *err)
{
    const struct comm *comm = s->setup.settings.comm;
    enum status status = engine_complete(s->engine, err);
    if (comm_is_shared(comm))
        compare_ranks(s);
    if (!status && s->checkpoint.on)
        status = finish_checkpoints(s, err);
    else if (!status && s->record.raster)
        status = finish_files(s, err);
    return comm_agree(comm, status, err);
}

enum mlif_status mlif_finish(struct mlif_simulation *simulation, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct mlif_simulation *s = simulation;
    struct error err = {STATUS_OK, ""};
    double start = clock_seconds();
    if (sim_state_check(s, &err))
        return sim_tell_error(errors, &err);
    sim_limits_warn(s->setup.config, s->engine, &s->warnings);
    sim_change_warn(s->engine, &s->warnings);
    if (finish(s, &err))
        return fail(s, errors, &err);
    s->finish_s = clock_seconds() - start;
    s->wall_s = clock_seconds() - s->opened_at;
    s->state = SIM_FINISHED;
    return MLIF_OK;
}
