/* The report of a run as JSON. */
#include "cli/cli_report_json.h"

#include "cli/cli_json.h"
#include "cli/result_statistics.h"

#include <math.h>
#include <string.h>

/* Statistics of a population of the output; what cannot be had is null. */
static void json_statistics(struct cli_json *json, const struct result_file *file, const char *name)
{
    const struct result_reading reading = {RESULT_STATISTICS_SPIKES, RESULT_STATISTICS_BIN, true};
    struct result_statistics statistics = {.bin = NAN, .stop = NAN};
    struct error err;
    for (int k = 0; k < STATISTICS; k++)
        statistics.value[k] = NAN;
    for (size_t i = 0; i < file->population_count; i++)
        if (strcmp(file->population[i].name, name) == 0 &&
            result_statistics_read(file, &file->population[i], &reading, &statistics, &err))
            result_file_error("run", &err);
    result_statistics_json(json, &statistics);
}

static void json_population(struct cli_json *json, const struct mlif_population_report *p,
                            const struct result_file *file)
{
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "name", p->name);
    cli_json_u64(json, "size", p->size);
    cli_json_u64(json, "spikes", p->spikes);
    cli_json_u64(json, "recorded", p->recorded);
    cli_json_f64(json, "mean_rate_Hz", p->mean_rate_Hz);
    cli_json_f64(json, "rheobase_pA", p->rheobase_pA[0]);
    json_statistics(json, file, p->name);
    cli_json_close(json, '}');
}

static void json_populations(struct cli_json *json, const struct mlif_report *r)
{
    struct result_file file = {.path = r->output};
    struct error err;
    if (r->output && result_file_open(&file, r->output, &err))
        result_file_error("run", &err);
    cli_json_open(json, "populations", '[');
    for (size_t i = 0; i < r->population_count; i++)
        json_population(json, &r->population[i], &file);
    cli_json_close(json, ']');
    result_file_close(&file);
}

static void json_traces(struct cli_json *json, const struct mlif_report *r)
{
    cli_json_open(json, "traces", '[');
    for (size_t i = 0; i < r->trace_count; i++) {
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "file", r->traces[i].path);
        cli_json_u64(json, "rows", r->traces[i].rows);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void json_network(struct cli_json *json, const struct mlif_report *r)
{
    cli_json_u64(json, "synapses", r->synapses);
    cli_json_u64(json, "synapse_bytes", r->synapse_bytes);
    cli_json_f64(json, "synapses_s", r->synapses_s);
    cli_json_u64(json, "events", r->events);
    cli_json_f64(json, "events_per_s", r->events_per_s);
    cli_json_text(json, "connectivity", r->connectivity[0] ? r->connectivity : NULL);
    cli_json_open(json, "projections", '[');
    for (size_t i = 0; i < r->projection_count; i++) {
        const struct mlif_projection_report *p = &r->projections[i];
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "name", p->name);
        cli_json_text(json, "rule", p->rule);
        cli_json_u64(json, "synapses", p->synapses);
        cli_json_u64(json, "bytes", p->bytes);
        cli_json_text(json, "storage", p->storage);
        cli_json_text(json, "digest", p->digest);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void json_figures(struct cli_json *json, const struct mlif_report *r)
{
    cli_json_f64(json, "build_s", r->build_s);
    cli_json_f64(json, "simulate_s", r->simulate_s);
    cli_json_f64(json, "record_s", r->record_s);
    cli_json_f64(json, "exchange_s", r->exchange_s);
    cli_json_open(json, "rank_step_s", '[');
    for (int i = 0; i < 2; i++)
        cli_json_f64(json, NULL, r->rank_step_s[i]);
    cli_json_close(json, ']');
    cli_json_f64(json, "finish_s", r->finish_s);
    cli_json_f64(json, "wall_s", r->wall_s);
    cli_json_f64(json, "neuron_steps_per_s", r->neuron_steps_per_s);
    cli_json_f64(json, "realtime_factor", r->realtime_factor);
    cli_json_u64(json, "raw_bytes", r->raw_bytes);
    cli_json_u64(json, "stored_bytes", r->stored_bytes);
    cli_json_f64(json, "write_s", r->write_s);
    cli_json_u64(json, "stalls", r->stalls);
    cli_json_f64(json, "stall_s", r->stall_s);
    cli_json_f64(json, "wait_s", r->wait_s);
    cli_json_u64(json, "peak_rss_bytes", r->peak_rss_bytes);
    cli_json_f64(json, "resumed_ms", r->resumed_ms);
    cli_json_u64(json, "checkpoints", r->checkpoints);
    cli_json_f64(json, "checkpoint_s", r->checkpoint_s);
    cli_json_u64(json, "checkpoint_bytes", r->checkpoint_bytes);
}

void cli_report_json(const struct mlif_report *r, const struct mlif_messages *warnings)
{
    struct cli_json json = {0, false};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "output", r->output);
    cli_json_text(&json, "digest", r->digest);
    cli_json_text(&json, "version", mlif_version());
    cli_json_u64(&json, "numerics", (uint64_t)mlif_numerics());
    cli_json_text(&json, "isa", r->isa);
    cli_json_text(&json, "precision", r->precision);
    cli_json_u64(&json, "neurons", r->neurons);
    cli_json_u64(&json, "steps", r->steps);
    cli_json_u64(&json, "ranks", (uint64_t)r->ranks);
    cli_json_u64(&json, "threads", (uint64_t)r->threads);
    cli_json_u64(&json, "tile", r->tile);
    cli_json_u64(&json, "block", r->block);
    cli_json_f64(&json, "duration_ms", r->duration_ms);
    cli_json_text(&json, "ended_early", r->ended_early[0] ? r->ended_early : NULL);
    cli_json_u64(&json, "spikes", r->spikes);
    cli_json_u64(&json, "recorded", r->recorded);
    json_figures(&json, r);
    json_populations(&json, r);
    json_network(&json, r);
    json_traces(&json, r);
    cli_json_texts(&json, "warnings", (const char *const *)warnings->line, warnings->count);
    cli_json_close(&json, '}');
}
