/* Fills the report of a simulation, at any time between mlif_open and mlif_close. */
#include "sim/sim_report.h"

#include "base/clock.h"
#include "base/cpu.h"
#include "base/decimal.h"
#include "base/float_env.h"
#include "base/memory.h"
#include "net/storage.h"
#include "output/output_results.h"
#include "sim/sim_handle.h"
#include "sim/sim_limits.h"
#include "sim/sim_messages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void report_figures(const struct mlif_simulation *s, struct mlif_report *report)
{
    report->build_s = s->build_s;
    report->simulate_s = s->simulate_s;
    report->record_s = s->record_s;
    report->finish_s = s->finish_s;
    report->wall_s = s->state == SIM_FINISHED ? s->wall_s : clock_seconds() - s->opened_at;
    report->duration_ms = decimal_times_steps(s->setup.config->dt, report->steps);
    report->warmup_ms = decimal_times_steps(s->setup.config->dt, s->setup.config->warmup_steps);
    report->resumed_ms = decimal_times_steps(s->setup.config->dt, s->first_step);
    double stepped = (double)(report->steps - s->first_step);
    report->neuron_steps_per_s = (double)report->neurons * stepped / report->simulate_s;
    report->realtime_factor = report->simulate_s / (stepped * s->setup.config->dt_ms * 1e-3);
    report->complete_before = s->complete_before;
    report->checkpoints = s->checkpoint.clock.written;
    report->checkpoint_s = s->checkpoint.clock.seconds;
    report->checkpoint_bytes = s->checkpoint.clock.bytes;
    report->raw_bytes = s->written.raw_bytes;
    report->stored_bytes = s->written.stored_bytes;
    report->write_s = s->written.write_seconds;
    report->stalls = s->written.stalls;
    report->stall_s = s->written.stall_seconds;
    report->wait_s = s->wait_s;
    report->peak_rss_bytes = s->largest_rss > 0 ? s->largest_rss : memory_peak_rss();
    report->exchange_s = engine_exchange_seconds(s->engine);
    for (int i = 0; i < 2; i++)
        report->rank_step_s[i] = s->largest_rss > 0 ? 1e-9 * (double)s->rank_steps[i]
                                                    : report->simulate_s - report->record_s;
    report->events = engine_events(s->engine);
    report->events_per_s = (double)(report->events - s->first_events) / report->simulate_s;
    report->synapses_s = engine_synapses_seconds(s->engine);
}

/* What would fire neurons of a population that did not, once it is at its end. */
static void report_rheobase(const struct config *config, size_t i, bool ended,
                            struct mlif_population_report *p)
{
    double least[MEMBRANE_FACTS], most[MEMBRANE_FACTS];
    p->rheobase_pA[0] = p->rheobase_pA[1] = NAN;
    if (!ended || p->spikes > 0 || config->population[i].model->source_only)
        return;
    population_membrane_range(config, i, least, most);
    p->rheobase_pA[0] = least[MEMBRANE_RHEOBASE];
    p->rheobase_pA[1] = most[MEMBRANE_RHEOBASE];
}

static bool report_populations(const struct mlif_simulation *s, struct mlif_report *report)
{
    const struct config *config = s->setup.config;
    double seconds = output_counted_seconds(config, report->steps);
    report->population = calloc(config->population_count, sizeof *report->population);
    if (!report->population)
        return false;
    report->population_count = config->population_count;
    for (size_t i = 0; i < config->population_count; i++) {
        const struct engine_totals *totals = engine_totals(s->engine, i);
        struct mlif_population_report *p = &report->population[i];
        p->name = strdup(config->population[i].name);
        if (!p->name)
            return false;
        p->size = config->population[i].size;
        p->spikes = totals->digest.spikes;
        p->recorded = totals->recorded;
        p->mean_rate_Hz = output_mean_rate(config, i, totals, seconds);
        report_rheobase(config, i, report->steps == config->steps, p);
        report->recorded += totals->recorded;
        report->neurons += p->size;
    }
    return true;
}

static bool report_projections(const struct mlif_simulation *s, struct mlif_report *report)
{
    const struct config *config = s->setup.config;
    struct digest all = engine_connectivity(s->engine);
    report->projections = calloc(config->projection_count + 1, sizeof *report->projections);
    if (!report->projections)
        return false;
    report->projection_count = config->projection_count;
    report->synapses = all.spikes;
    if (config->projection_count > 0)
        digest_format(&all, report->connectivity);
    for (size_t i = 0; i < config->projection_count; i++) {
        struct net_facts facts = engine_projection(s->engine, i);
        struct mlif_projection_report *p = &report->projections[i];
        p->name = strdup(config->projection[i].name);
        p->rule = strdup(config->projection[i].value[PROJECTION_RULE].text);
        p->synapses = facts.digest.spikes;
        p->bytes = facts.bytes;
        p->storage = storage_word(facts.storage);
        digest_format(&facts.digest, p->digest);
        report->synapse_bytes += facts.bytes;
        if (!p->name || !p->rule)
            return false;
    }
    return true;
}

static bool report_traces(const struct mlif_simulation *s, struct mlif_report *report)
{
    const struct config *config = s->setup.config;
    report->traces = calloc(config->record_count + 1, sizeof *report->traces);
    for (size_t r = 0; report->traces && s->setup.output && r < config->record_count; r++) {
        struct mlif_trace_report *trace = &report->traces[report->trace_count];
        if (!record_is_trace(&config->record[r]))
            continue;
        trace->path = output_trace_path(s->setup.output, &config->record[r]);
        trace->rows = output_trace_rows(&config->record[r], report->steps);
        if (!trace->path)
            return false;
        report->trace_count++;
    }
    return report->traces != NULL;
}

enum status sim_report_fill(const struct mlif_simulation *s, struct mlif_report *report,
                            struct error *err)
{
    struct digest digest = engine_digest(s->engine);
    memset(report, 0, sizeof *report);
    digest_format(&digest, report->digest);
    report->isa = cpu_isa_name(s->setup.settings.isa);
    report->precision = s->setup.config->precision == PRECISION_DOUBLE ? "double" : "single";
    report->steps = engine_steps_done(s->engine);
    report->spikes = digest.spikes;
    report->threads = engine_threads(s->engine);
    report->ranks = comm_ranks(s->setup.settings.comm);
    report->tile = engine_tile(s->engine);
    report->block = engine_block(s->engine);
    report->output = s->setup.output ? strdup(s->setup.output) : NULL;
    if (!report_populations(s, report) || !report_projections(s, report) ||
        !report_traces(s, report) || (s->setup.output && !report->output)) {
        mlif_report_free(report);
        return error_no_memory(err, "for the report");
    }
    report_figures(s, report);
    sim_limits_why(s->setup.config, s->engine, report->ended_early, sizeof report->ended_early);
    return STATUS_OK;
}

enum mlif_status mlif_read_report(const struct mlif_simulation *simulation,
                                  struct mlif_report *report, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_OK, ""};
    enum status status = sim_report_fill(simulation, report, &err);
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}

void mlif_report_free(struct mlif_report *report)
{
    for (size_t i = 0; i < report->population_count; i++)
        free((char *)report->population[i].name);
    for (size_t i = 0; i < report->trace_count; i++)
        free(report->traces[i].path);
    for (size_t i = 0; i < report->projection_count; i++) {
        free((char *)report->projections[i].name);
        free((char *)report->projections[i].rule);
    }
    free(report->projections);
    free(report->traces);
    free(report->population);
    free(report->output);
    memset(report, 0, sizeof *report);
}
