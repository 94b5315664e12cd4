/* What a config says once resolved, and what running it will take, without running it. */
#include "base/clock.h"
#include "base/decimal.h"
#include "base/float_env.h"
#include "base/memory_plan.h"
#include "config/write.h"
#include "engine/engine_plan.h"
#include "engine/engine_state.h"
#include "io/disk_speed.h"
#include "neuron/generator.h"
#include "population/population_open.h"
#include "setup/setup.h"
#include "sim/sim_check_network.h"
#include "sim/sim_estimate.h"
#include "sim/sim_messages.h"
#include "sim/sim_options.h"
#include "sim/sim_paths.h"
#include "sim/sim_pilot.h"
#include "sonata/raster_writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEST_BYTES = 16 << 20 }; /* of the disk's speed */

static bool describe_memory(const struct setup *setup, struct mlif_check_report *report)
{
    struct memory_plan plan;
    sim_plan_memory(setup, &plan);
    report->memory = calloc(plan.count, sizeof *report->memory);
    if (!report->memory)
        return false;
    report->memory_count = plan.count;
    for (size_t i = 0; i < plan.count; i++)
        report->memory[i] = (struct mlif_memory){plan.line[i].what, plan.line[i].bytes};
    report->memory_bytes = memory_plan_total(&plan);
    return true;
}

static bool describe_populations(const struct config *config, struct mlif_check_report *report)
{
    report->population = calloc(config->population_count, sizeof *report->population);
    if (!report->population)
        return false;
    report->population_count = config->population_count;
    for (size_t i = 0; i < config->population_count; i++) {
        struct mlif_population_check *p = &report->population[i];
        double least[MEMBRANE_FACTS], most[MEMBRANE_FACTS];
        for (int f = 0; f < MEMBRANE_FACTS; f++)
            least[f] = most[f] = NAN;
        if (!config->population[i].model->source_only)
            population_membrane_range(config, i, least, most);
        p->name = strdup(config->population[i].name);
        p->size = config->population[i].size;
        for (int end = 0; end < 2; end++) {
            const double *fact = end == 0 ? least : most;
            p->C_m_pF[end] = fact[0];
            p->tau_m_ms[end] = fact[1];
            p->g_L_nS[end] = fact[2];
            p->R_m_MOhm[end] = fact[3];
            p->rheobase_pA[end] = fact[4];
        }
        if (!p->name)
            return false;
    }
    return true;
}

/* What is known without drawing a neuron. */
static enum status describe(const struct setup *setup, struct mlif_check_report *report,
                            struct error *err)
{
    report->config = config_to_text(setup->config);
    report->output = setup->output ? strdup(setup->output) : NULL;
    report->threads = setup->settings.threads;
    report->ranks = comm_ranks(setup->settings.comm);
    report->dt_ms = setup->config->dt_ms;
    report->steps = setup->config->steps;
    for (size_t i = 0; i < setup->config->population_count; i++)
        report->neurons += setup->config->population[i].size;
    report->free_bytes = setup->output ? sim_free_disk(setup->output) : UINT64_MAX;
    report->checkpoint_bytes = engine_state_bytes(setup->config) +
                               setup->config->population_count * RASTER_CHUNK_ROWS * 16;
    report->disk_bytes_per_s =
        setup->checkpoint ? disk_speed_measure(setup->output, TEST_BYTES) : NAN;
    if (report->config && (report->output || !setup->output) && describe_memory(setup, report) &&
        describe_populations(setup->config, report))
        return STATUS_OK;
    return error_no_memory(err, "for the report");
}

/* A file that is there, or a folder that is not, may be otherwise when the run begins: no error. */
static enum status foresee(const struct setup *setup, struct mlif_check_report *report,
                           struct error *err)
{
    if (!setup->output || !sim_paths_check(setup, err))
        return STATUS_OK;
    if (err->status != STATUS_MEMORY && !(report->refusal = strdup(err->text)))
        error_no_memory(err, "for the report");
    return err->status == STATUS_MEMORY ? STATUS_MEMORY : STATUS_OK;
}

static void warn_of_late(const char *what, const char *name, double start, double pilot_ms,
                         struct messages *warnings)
{
    if (start >= pilot_ms)
        messages_add(warnings,
                     "%s %s begins at %.10g ms, after the pilot's %.4g ms: the rates to expect are "
                     "without it",
                     what, name, start, pilot_ms);
}

/* The pilot knows nothing of what comes later. */
static void warn_of_late_inputs(const struct config *config, double pilot_ms,
                                struct messages *warnings)
{
    for (size_t i = 0; i < config->population_count; i++) {
        const struct population_config *p = &config->population[i];
        uint64_t start = p->value[GENERATOR_START].integer;
        if (p->model->source_only && start < config->steps)
            warn_of_late("population", p->name, decimal_times_steps(config->dt, start), pilot_ms,
                         warnings);
    }
    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->input[i];
        if (input->start_step < config->steps)
            warn_of_late("input", input->name, decimal_times_steps(config->dt, input->start_step),
                         pilot_ms, warnings);
    }
}

static enum status expect(const struct setup *setup, struct mlif_check_report *report,
                          struct messages *warnings, struct error *err)
{
    struct sim_expected expected;
    enum status status = sim_expect(setup, &expected, err);
    for (size_t i = 0; !status && i < report->population_count; i++)
        report->population[i].rate_Hz = expected.rate_Hz[i];
    if (!status) {
        report->pilot_ms = expected.model_ms;
        report->spikes = expected.spikes;
        report->recorded = expected.recorded;
        report->output_bytes = setup->output ? expected.bytes : 0;
        if (setup->config->projection_count == 0)
            warn_of_late_inputs(setup->config, expected.model_ms, warnings);
    }
    sim_expected_free(&expected);
    return status;
}

/* What comes with each block beside stepping, and with each step of a network's neurons, whose sums
 * of arrivals are added. */
static double around_steps(const struct setup *setup, const struct mlif_check_report *report)
{
    const double block_s = 3e-6; /* spikes, traces, progress, limits */
    const double steps = (double)setup->config->steps;
    const double sums_s = report->projection_count == 0                  ? 0 /* of a neuron */
                          : setup->config->precision == PRECISION_DOUBLE ? 1.2e-9
                                                                         : 0.6e-9;
    return block_s * steps / (double)engine_plan_block(setup->config, &setup->settings) +
           sums_s * (double)report->neurons * steps / report->threads;
}

/* Starting, making neurons and synapses, stepping neurons, arrivals, and recording. */
static enum status foresee_time(const struct setup *setup, double build_s,
                                struct mlif_check_report *report, struct error *err)
{
    const double start_s = 0.02;                            /* the program and its files */
    const double population_s = setup->output ? 0.8e-3 : 0; /* its groups and datasets there */
    const double spike_s = 20e-9;                           /* of processor time, to record one */
    double step_s;
    enum status status = sim_pilot_time(setup, &step_s, err);
    if (!status)
        report->run_s = start_s + population_s * (double)report->population_count + build_s +
                        report->synapses_s + step_s * (double)setup->config->steps +
                        report->arrivals_s + around_steps(setup, report) +
                        report->recorded * spike_s / report->threads;
    return status;
}

/* What a process of the run takes: rank 0 of several, which do not exist yet. */
static enum status describe_process(struct setup *setup, int ranks,
                                    struct mlif_check_report *report, struct error *err)
{
    const struct comm planned = {.rank = 0, .ranks = ranks};
    setup->settings.comm = ranks > 1 ? &planned : NULL;
    enum status status = describe(setup, report, err);
    if (!status)
        status = foresee(setup, report, err);
    if (!status)
        status = sim_check_memory(setup, err);
    setup->settings.comm = NULL;
    return status;
}

static enum status check(struct setup *setup, int ranks, struct mlif_check_report *report,
                         struct messages *errors, struct messages *warnings, struct error *err)
{
    int threads = setup->settings.threads;
    enum status status = describe_process(setup, ranks, report, err);
    if (!status)
        status = sim_start_threads(setup, err);
    const double start = clock_seconds();
    for (size_t i = 0; !status && i < setup->config->population_count; i++)
        status = population_survey(setup->config, i, threads, errors, warnings);
    const double build_s = clock_seconds() - start;
    if (!status)
        status = expect(setup, report, warnings, err);
    if (!status)
        status = sim_check_network(setup, report, warnings, err);
    if (!status)
        status = foresee_time(setup, build_s, report, err);
    if (!status && setup->output)
        sim_warn_disk(setup, warnings);
    return status;
}

enum mlif_status mlif_check(const struct mlif_options *options, struct mlif_check_report *report,
                            struct mlif_messages *errors, struct mlif_messages *warnings)
{
    WITH_OWN_FLOAT_ENV(env);
    struct setup setup;
    struct messages error_lines = {NULL, 0}, warning_lines = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    struct mlif_options own;
    if (sim_options_take(&own, options, &err))
        return sim_tell_error(errors, &err);
    memset(report, 0, sizeof *report);
    enum status status = setup_open(&setup, &own, &error_lines, &warning_lines);
    if (!status)
        status = check(&setup, own.planned_ranks, report, &error_lines, &warning_lines, &err);
    sim_tell_lines(errors, &error_lines, status ? err.text : NULL);
    sim_tell_lines(warnings, &warning_lines, NULL);
    messages_free(&error_lines);
    messages_free(&warning_lines);
    setup_close(&setup);
    return (enum mlif_status)status;
}

void mlif_check_report_free(struct mlif_check_report *report)
{
    for (size_t i = 0; i < report->population_count; i++)
        free((char *)report->population[i].name);
    for (size_t i = 0; i < report->projection_count; i++) {
        free((char *)report->projections[i].name);
        free((char *)report->projections[i].rule);
    }
    free(report->projections);
    free(report->population);
    free(report->memory);
    free(report->config);
    free(report->output);
    free(report->refusal);
    memset(report, 0, sizeof *report);
}
