/* Adds up what a run will need, before it is begun: memory, threads, and room on the disk. */
#include "sim/sim_estimate.h"

#include "base/memory.h"
#include "base/team.h"
#include "checkpoint/checkpoint_file.h"
#include "engine/engine_plan.h"
#include "engine/selection.h"
#include "io/provenance.h"
#include "net/net_survey.h"
#include "net/wiring_bounds.h"
#include "output/output_spikes.h"
#include "output/output_traces.h"
#include "population/population_plan.h"
#include "sim/sim_pilot.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum { ROW_BYTES = 16 };

static uint64_t longer(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Numbers in the longest dataset under /megalif: one for each neuron, or rate bins. */
static uint64_t longest_numbers(const struct config *config)
{
    uint64_t longest = rate_bins_of(config, NULL).count;
    for (size_t i = 0; i < config->population_count; i++)
        if (config->output_parameters || engine_has_counts(config, i))
            longest = longer(longest, config->population[i].size);
    for (size_t k = 0; k < config->record_count; k++)
        if (config->record[k].what == RECORD_RATE)
            longest = longer(longest, rate_bins_of(config, &config->record[k]).count);
    return longest;
}

/* What rank 0 has of all neurons, beside its own: counts at the end, the spikes of a block at
 * 100 Hz. */
static uint64_t gathered_bytes(const struct setup *setup)
{
    enum { SPIKE_BYTES = 24 }; /* as they come, and as rows, with room to grow */
    const double per_ms = 0.1,
                 block_ms = (double)engine_plan_block(setup->config, &setup->settings) *
                            setup->config->dt_ms;
    double bytes = 0;
    for (size_t i = 0; i < setup->config->population_count; i++) {
        const double size = (double)setup->config->population[i].size;
        bytes += engine_has_counts(setup->config, i) ? size * NEURON_COUNTS_BYTES : 0;
        bytes += setup->settings.record ? size * per_ms * block_ms * SPIKE_BYTES : 0;
    }
    return (uint64_t)bytes;
}

void sim_plan_memory(const struct setup *setup, struct memory_plan *plan)
{
    memset(plan, 0, sizeof *plan);
    engine_plan(plan, setup->config, &setup->settings);
    if (setup->values.bytes > 0)
        memory_plan_add(plan, "parameters from files", setup->values.bytes);
    if (setup->edges.bytes > 0)
        memory_plan_add(plan, "edges from files", setup->edges.bytes);
    if (setup->rows)
        memory_plan_add(plan, "rows of files, read ahead", feed_rows_bytes(setup->rows));
    if (setup->output)
        memory_plan_add(plan, "output buffers", output_spikes_memory(setup));
    if (setup->output)
        memory_plan_add(
            plan, "parameters and counts, packed",
            provenance_numbers_memory(longest_numbers(setup->config), setup->settings.threads));
    if (setup->checkpoint) /* the writer of the joined file, too; a buffer for each thread */
        memory_plan_add(plan, "checkpoints and joining",
                        output_spikes_memory(setup) +
                            (uint64_t)setup->settings.threads * CHECKPOINT_PIECE);
    if (setup->output && output_trace_memory(setup->config) > 0)
        memory_plan_add(plan, "traces on their way to files", output_trace_memory(setup->config));
    if (comm_is_shared(setup->settings.comm) && comm_rank(setup->settings.comm) == 0)
        memory_plan_add(plan, "counts and spikes of all ranks", gathered_bytes(setup));
    if (setup->calls_back)
        memory_plan_add(plan, "spikes for the callback", MLIF_SPIKES_MOST * ROW_BYTES);
}

/* "; most of it ... [projection.NAME] ...": of the one whose synapses take most; "" where they are
 * no fifth of all. */
static const char *name_largest(const struct setup *setup, uint64_t needed, char *text, size_t size)
{
    const struct config *config = setup->config;
    const struct net_settings settings = engine_plan_network(config, &setup->settings);
    double most = 0;
    *text = '\0';
    for (size_t i = 0; i < config->projection_count; i++) {
        const struct projection_config *p = &config->projection[i];
        struct net_survey survey;
        double count = wiring_expected_count(p);
        double bytes = net_survey(&survey, config, i, &settings, NULL)
                           ? count * (double)sizeof(uint64_t) /* not even to look: many */
                           : survey.bytes;
        if (bytes <= most || bytes < 0.2 * (double)needed)
            continue;
        most = bytes;
        snprintf(text, size, "; the %.4g synapses of [projection.%s] alone take %.3g GB", count,
                 p->name, bytes * 1e-9);
    }
    return text;
}

enum status sim_check_memory(const struct setup *setup, struct error *err)
{
    struct memory_plan plan;
    char limited_by[64], largest[400];
    sim_plan_memory(setup, &plan);
    uint64_t needed = memory_plan_total(&plan);
    uint64_t available = memory_available(limited_by, sizeof limited_by);
    if (setup->ranks_here > 1)
        available /= (uint64_t)setup->ranks_here;
    if (needed <= available)
        return STATUS_OK;
    return error_set(
        err, STATUS_MEMORY,
        "%s: not enough memory: %llu bytes needed (%.3g GB), %llu available (%.3g GB, "
        "%s)%s; use fewer neurons%s or a bigger machine (`megalif check` lists what needs "
        "how much)",
        setup->config->file, (unsigned long long)needed, (double)needed * 1e-9,
        (unsigned long long)available, (double)available * 1e-9, limited_by,
        name_largest(setup, needed, largest, sizeof largest),
        setup->config->projection_count > 0 ? ", fewer synapses" : "");
}

enum status sim_start_threads(const struct setup *setup, struct error *err)
{
    enum { FEW = 4096 }; /* neurons: more are drawn by all threads */
    const struct config *config = setup->config;
    int threads = engine_plan_threads(config, &setup->settings);
    for (size_t i = 0; i < config->population_count; i++)
        if (config->population[i].size > FEW)
            threads = setup->settings.threads;
    int failure = team_start(threads);
    if (!failure)
        return STATUS_OK;
    return error_set(err, STATUS_MEMORY, "cannot start %d threads: %s; take fewer (--threads)",
                     threads, strerror(failure));
}

/* The share of a population's spikes that are recorded: of its neurons, and of the time. */
static double recorded_share(const struct config *config, size_t population)
{
    const struct record_config *record = selection_recorder(config, RECORD_SPIKES, population);
    uint64_t size = config->population[population].size, stop = config->steps, start = 0;
    if (record && record->stop_step < stop)
        stop = record->stop_step;
    if (record)
        start = record->start_step;
    return (double)selection_count(record, size) / (double)size * (double)(stop - start) /
           (double)config->steps;
}

/* Datasets of what inputs have drawn for a population. */
static size_t drawn_by_inputs(const struct config *config, size_t population)
{
    size_t count = 0;
    for (size_t i = 0; i < config->input_count && config->output_parameters; i++)
        for (size_t k = 0; k < config->input[i].type->key_count; k++)
            count += input_draws_key(&config->input[i], population, (int)k);
    return count;
}

/* What the files hold beside spikes: traces, drawn parameters, counts per neuron, rate bins. */
static double fixed_bytes(const struct config *config)
{
    double bytes = output_trace_bytes(config);
    for (size_t i = 0; i < config->population_count; i++) {
        const struct population_config *p = &config->population[i];
        bytes += 8.0 * (double)rate_bins_of(config, NULL).count;
        bytes += engine_has_counts(config, i) ? 40.0 * (double)p->size : 0.0;
        for (int key = 0; key < config_population_key_count(p) && config->output_parameters; key++)
            if (config_population_key(p, key)->kind == VALUE_DISTRIBUTION &&
                p->value[key].present && p->value[key].number.kind != DISTRIBUTION_CONSTANT)
                bytes += 8.0 * (double)p->size;
        bytes += 8.0 * (double)p->size * (double)drawn_by_inputs(config, i);
    }
    return bytes;
}

enum status sim_expect(const struct setup *setup, struct sim_expected *out, struct error *err)
{
    const struct config *config = setup->config;
    const double seconds = (double)config->steps * config->dt_ms * 1e-3;
    *out = (struct sim_expected){.rate_Hz = calloc(config->population_count, sizeof(double))};
    if (!out->rate_Hz)
        return error_no_memory(err, "for a pilot run");
    enum status status = sim_pilot_run(setup, out->rate_Hz, &out->model_ms, err);
    for (size_t i = 0; i < config->population_count; i++) {
        if (config->projection_count > 0 && !config->population[i].model->source_only)
            out->rate_Hz[i] = SIM_NETWORK_RATE;
        double spikes = out->rate_Hz[i] * seconds * (double)config->population[i].size;
        out->spikes += spikes;
        out->recorded += spikes * recorded_share(config, i);
    }
    out->bytes = out->recorded * ROW_BYTES + fixed_bytes(config);
    return status;
}

void sim_expected_free(struct sim_expected *expected)
{
    free(expected->rate_Hz);
    memset(expected, 0, sizeof *expected);
}

uint64_t sim_free_disk(const char *path)
{
    char folder[PATH_MAX] = ".";
    struct statvfs disk;
    const char *slash = strrchr(path, '/');
    if (slash && (size_t)(slash - path) < sizeof folder) {
        size_t length = slash == path ? 1 : (size_t)(slash - path);
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    if (statvfs(folder, &disk) != 0)
        return UINT64_MAX;
    return (uint64_t)disk.f_bavail * disk.f_frsize;
}

/* Bytes if every recorded neuron fired as often as it can. */
static double most_bytes(const struct setup *setup)
{
    double bytes = fixed_bytes(setup->config);
    for (size_t i = 0; i < setup->config->population_count; i++) {
        uint64_t shortest, longest;
        population_refractory_bounds(setup->config, i, &shortest, &longest);
        bytes += ROW_BYTES * recorded_share(setup->config, i) *
                 (double)setup->config->population[i].size *
                 ((double)setup->config->steps / (double)(shortest + 1) + 1.0);
    }
    return bytes;
}

void sim_warn_disk(const struct setup *setup, struct messages *warnings)
{
    struct sim_expected expected;
    struct error err;
    uint64_t free_bytes = sim_free_disk(setup->output);
    if (most_bytes(setup) <= (double)free_bytes)
        return;
    if (!sim_expect(setup, &expected, &err) && expected.bytes > (double)free_bytes)
        messages_add(warnings,
                     "%s: about %.3g GB of output are to be expected before compression%s, %.3g GB "
                     "are free there; record fewer neurons ([record.*] neurons = sample(1000)), or "
                     "write elsewhere (-o)",
                     setup->output, expected.bytes * 1e-9,
                     setup->config->projection_count > 0 ? " if neurons fire at 10 Hz" : "",
                     (double)free_bytes * 1e-9);
    sim_expected_free(&expected);
}
