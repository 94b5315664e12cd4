/* Hands the rows of recorders of traces to report files, one for each recorder, or, in
 * segments, one for each recorder and cut; and to the caller's callback. */
#include "output/output_traces.h"

#include "base/decimal.h"
#include "base/float_env.h"
#include "config/units.h"
#include "engine/selection.h"
#include "population/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *output_trace_path(const char *output, const struct record_config *record)
{
    size_t length = strlen(output);
    bool ends = length > 3 && strcmp(output + length - 3, ".h5") == 0;
    int stem = (int)(ends ? length - 3 : length);
    size_t size = length + strlen(record->name) + sizeof "..h5";
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s.%s.h5", stem, output, record->name);
    return path;
}

enum status output_traces_check(const struct setup *setup, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; r < setup->config->record_count && !status; r++) {
        if (!record_is_trace(&setup->config->record[r]))
            continue;
        char *path = output_trace_path(setup->output, &setup->config->record[r]);
        status = path ? report_check_path(path, setup->force, err)
                      : error_no_memory(err, "for the names of the traces");
        free(path);
    }
    return status;
}

uint64_t output_trace_rows(const struct record_config *record, uint64_t steps)
{
    const struct trace look = {
        .start = record->start_step, .stop = record->stop_step, .interval = record->interval_steps};
    return trace_rows_before(&look, steps);
}

double output_trace_bytes(const struct config *config)
{
    double bytes = 0;
    for (size_t r = 0; r < config->record_count; r++) {
        const struct record_config *record = &config->record[r];
        for (size_t i = 0; record_is_trace(record) && i < record->population_count; i++)
            bytes +=
                (double)sizeof(float) * (double)output_trace_rows(record, config->steps) *
                (double)selection_count(record, config->population[record->population[i]].size);
    }
    return bytes;
}

uint64_t output_trace_memory(const struct config *config)
{
    uint64_t bytes = 0;
    for (size_t r = 0; r < config->record_count; r++) {
        const struct record_config *record = &config->record[r];
        for (size_t i = 0; record_is_trace(record) && i < record->population_count; i++)
            bytes += report_memory(
                selection_count(record, config->population[record->population[i]].size),
                output_trace_rows(record, config->steps));
    }
    return bytes;
}

/* Opens a report of a recorder's rows from first_row on; rows: as in report_settings. */
static enum status open_report(struct output_traces *t, size_t r, char *path, bool force,
                               uint64_t first_row, uint64_t rows, struct error *err)
{
    const struct config *config = t->setup->config;
    const struct record_config *record = &config->record[r];
    size_t now, count = record->population_count;
    struct report_population *population = calloc(count, sizeof *population);
    enum status status = STATUS_OK;
    for (size_t i = 0; population && i < count; i++) {
        const struct trace *trace = engine_trace(t->engine, r, record->population[i], &now);
        population[i] = (struct report_population){config->population[record->population[i]].name,
                                                   trace->ids, trace->count};
    }
    const struct report_settings settings = {
        .path = path,
        .force = force,
        .variable = record_what_name(record),
        .units = config_kept_unit(record->trace->dimension),
        .start_ms = decimal_times_steps(config->dt,
                                        record->start_step + first_row * record->interval_steps),
        .interval_ms = decimal_times_steps(config->dt, record->interval_steps),
        .rows = rows,
        .checked = t->place.next != NULL,
        .population = population,
        .population_count = count,
    };
    if (population && path)
        status = report_create(&t->report[r], &settings, err);
    else
        status = error_no_memory(err, "for the recorder %s", record->name);
    free(population);
    return status;
}

/* Opens the whole file of a recorder in a run of so many steps. */
static enum status open_whole(struct output_traces *t, size_t r, bool force, uint64_t steps,
                              struct error *err)
{
    char *path = output_trace_path(t->setup->output, &t->setup->config->record[r]);
    uint64_t rows = output_trace_rows(&t->setup->config->record[r], steps);
    enum status status = open_report(t, r, path, force, 0, rows, err);
    free(path);
    return status;
}

/* A run that is joined before its end has as many rows as one of that duration. */
enum status output_traces_open_whole(struct output_traces *t, size_t r, bool replaces,
                                     struct report_writer **out, struct error *err)
{
    bool limited = engine_limit_met(t->engine).limit != LIMIT_NONE;
    uint64_t steps = limited ? t->setup->config->steps : engine_steps_done(t->engine);
    enum status status = open_whole(t, r, t->setup->force || replaces, steps, err);
    *out = t->report[r];
    return status;
}

static enum status open_segment(struct output_traces *t, size_t r, uint64_t first_row,
                                struct error *err)
{
    const struct config *config = t->setup->config;
    const struct record_config *record = &config->record[r];
    uint64_t rows = output_trace_rows(record, config->steps) - first_row;
    uint64_t until_next = config->checkpoint_steps / record->interval_steps;
    char *path = t->place.next(t->place.context, r);
    enum status status =
        open_report(t, r, path, true, first_row, rows < until_next ? rows : until_next + 1, err);
    free(path);
    return status;
}

enum status output_traces_open(struct output_traces *traces, const struct setup *setup,
                               const struct engine *engine, const struct mlif_options *options,
                               struct trace_place place, struct error *err)
{
    const struct config *config = setup->config;
    enum status status = STATUS_OK;
    *traces = (struct output_traces){.setup = setup,
                                     .engine = engine,
                                     .place = place,
                                     .call_back = options->traces,
                                     .context = options->context};
    traces->report = calloc(config->record_count + 1, sizeof *traces->report);
    traces->finished = calloc(config->record_count + 1, sizeof *traces->finished);
    if (!traces->report || !traces->finished)
        return error_no_memory(err, "for the traces");
    for (size_t r = 0; setup->output && !place.next && r < config->record_count && !status; r++)
        if (record_is_trace(&config->record[r]))
            status = open_whole(traces, r, setup->force, config->steps, err);
    return status;
}

/* Hands one recorder's rows in one population to the callback; true when it asked to stop. */
static bool call_back(const struct output_traces *t, size_t r, size_t population,
                      const struct trace *trace, size_t rows, struct float_env *env)
{
    const struct record_config *record = &t->setup->config->record[r];
    const struct mlif_trace values = {
        .recorder = record->name,
        .what = record_what_name(record),
        .units = config_kept_unit(record->trace->dimension),
        .population = population,
        .name = t->setup->config->population[population].name,
        .count = trace->count,
        .node_ids = trace->ids,
        .start_ms = decimal_times_steps(t->setup->config->dt, record->start_step),
        .interval_ms = decimal_times_steps(t->setup->config->dt, record->interval_steps),
        .first_row = trace->first_row,
        .rows = rows,
        .values = trace->values,
    };
    float_env_give(env);
    bool stop = t->call_back(&values, t->context) != 0;
    float_env_take(env);
    return stop;
}

/* The rows of the last block in one population, to the recorder's file. */
static enum status append(struct output_traces *t, size_t r, size_t i, const struct trace *trace,
                          size_t rows, struct error *err)
{
    enum status status = STATUS_OK;
    if (rows == 0 || !t->setup->output)
        return STATUS_OK;
    if (!t->report[r])
        status = open_segment(t, r, trace->first_row, err);
    if (status)
        return status;
    return trace->value_bytes == sizeof(float)
               ? report_append_floats(t->report[r], i, rows, trace->values, err)
               : report_append(t->report[r], i, rows, trace->values, err);
}

enum status output_traces_block(struct output_traces *t, struct float_env *env, bool *stop,
                                struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; r < t->setup->config->record_count; r++) {
        const struct record_config *record = &t->setup->config->record[r];
        for (size_t i = 0; record_is_trace(record) && i < record->population_count; i++) {
            size_t rows = 0, population = record->population[i];
            const struct trace *trace = engine_trace(t->engine, r, population, &rows);
            if (!status)
                status = append(t, r, i, trace, rows, err);
            if (rows > 0 && t->call_back && trace->count > 0 && !status)
                *stop = call_back(t, r, population, trace, rows, env) || *stop;
        }
    }
    return status;
}

enum status output_traces_cut(struct output_traces *traces, size_t record,
                              struct report_segment *out, bool *cut, struct error *err)
{
    struct report_writer *report = traces->report[record];
    *cut = false;
    if (!report)
        return STATUS_OK;
    enum status status = report_complete(report, err);
    if (!status)
        status = report_describe(report, out, err);
    if (status)
        return status;
    traces->report[record] = NULL;
    *cut = true;
    return report_publish(report, err);
}

enum status output_traces_complete(struct output_traces *traces,
                                   const struct output_results *results, struct error *err)
{
    const struct config *config = traces->setup->config;
    enum status status = STATUS_OK;
    for (size_t r = 0; r < config->record_count && !status; r++) {
        struct report_writer *report = traces->report[r];
        if (!report)
            continue;
        status =
            output_write_trace_results(report_file(report), results, config->record[r].name, err);
        if (!status)
            status = report_complete(report, err);
        if (!status)
            status = report_describe(report, &traces->finished[r], err);
    }
    return status;
}

enum status output_traces_publish(struct output_traces *traces, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; r < traces->setup->config->record_count && !status; r++) {
        if (traces->report[r])
            status = report_publish(traces->report[r], err);
        traces->report[r] = NULL;
    }
    return status;
}

void output_traces_close(struct output_traces *traces)
{
    for (size_t r = 0; traces->report && r < traces->setup->config->record_count; r++)
        report_abandon(traces->report[r]);
    free(traces->report);
    free(traces->finished);
    memset(traces, 0, sizeof *traces);
}
