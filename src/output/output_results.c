/* Writes what stands under /megalif beside the raster: how the run came about, and what was
 * counted. */
#include "output/output_results.h"

#include "base/float_env.h"
#include "base/version.h"
#include "config/units.h"
#include "config/write.h"
#include "engine/change.h"
#include "io/provenance.h"
#include "population/population_plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first error stays; after it nothing more is written. */
struct writer {
    struct provenance to;
    enum status status;
    struct error *err;
};

static struct writer begin(hid_t file, struct error *err)
{
    struct writer w = {.err = err};
    w.status = provenance_begin(&w.to, file, err);
    return w;
}

static enum status end(struct writer *w)
{
    return w->status ? w->status : provenance_end(&w->to, w->err);
}

static void put_string(struct writer *w, const char *group, const char *name, const char *text)
{
    if (!w->status)
        w->status = provenance_put_string(&w->to, group, name, text, w->err);
}

static void put_u64(struct writer *w, const char *group, const char *name, uint64_t value)
{
    if (!w->status)
        w->status = provenance_put_u64(&w->to, group, name, value, w->err);
}

static void put_u8(struct writer *w, const char *group, const char *name, bool value)
{
    if (!w->status)
        w->status = provenance_put_u8(&w->to, group, name, value, w->err);
}

static void put_f64(struct writer *w, const char *group, const char *name, double value)
{
    if (!w->status)
        w->status = provenance_put_f64(&w->to, group, name, value, w->err);
}

/* text NULL: there was no memory for it. */
static void put_text(struct writer *w, const char *path, const char *text)
{
    if (!w->status)
        w->status = text ? provenance_put_text(&w->to, path, text, w->err)
                         : error_no_memory(w->err, "for the file's provenance");
}

static void put_simulation(struct writer *w, const struct output_results *r)
{
    const struct config *config = r->setup->config;
    const char *group = "/megalif";
    put_string(w, group, "version", version_number());
    put_string(w, group, "git_commit", version_commit());
    put_u64(w, group, "numerics", NUMERICS);
    put_f64(w, group, "dt_ms", config->dt_ms);
    put_f64(w, group, "duration_ms", r->report->duration_ms);
    put_f64(w, group, "warmup_ms", decimal_times_steps(config->dt, config->warmup_steps));
    put_u64(w, group, "seed", config->seed);
    put_string(w, group, "precision", r->report->precision);
    put_string(w, group, "digest", r->report->digest);
    put_u64(w, group, "spikes", r->report->spikes);
    if (r->report->ended_early[0])
        put_string(w, group, "ended_early", r->report->ended_early);
    else if (r->report->steps < config->steps)
        put_string(w, group, "ended_early", PROVENANCE_ENDED_BY_CALLER);
}

static void put_complete(struct writer *w, const struct output_results *r)
{
    bool complete = true;
    for (size_t i = 0; i < r->setup->config->population_count; i++)
        complete = complete && engine_totals(r->engine, i)->records_all;
    put_u8(w, "/megalif", "complete_raster", complete);
}

static void put_config(struct writer *w, const struct config *config)
{
    char *text = config_to_text(config);
    put_text(w, "/megalif/config", text);
    free(text);
}

static void put_warnings(struct writer *w, const struct messages *warnings)
{
    size_t length = 1;
    for (size_t i = 0; i < warnings->count; i++)
        length += strlen(warnings->line[i]) + 1;
    char *text = calloc(length, 1), *end = text;
    for (size_t i = 0; text && i < warnings->count; i++)
        end += sprintf(end, "%s%s", i > 0 ? "\n" : "", warnings->line[i]);
    put_text(w, "/megalif/run/warnings", text);
    free(text);
}

double output_counted_seconds(const struct config *config, uint64_t steps_done)
{
    uint64_t warmup = config->warmup_steps;
    return steps_done > warmup ? config->dt_ms * 1e-3 * (double)(steps_done - warmup) : 0.0;
}

double output_mean_rate(const struct config *config, size_t population,
                        const struct engine_totals *totals, double seconds)
{
    const double neurons = (double)config->population[population].size;
    return seconds > 0 ? (double)totals->after_warmup / seconds / neurons : NAN;
}

enum status output_count_statistics(const struct config *config, const struct engine_totals *totals,
                                    uint64_t steps_done, struct count_statistics *out,
                                    struct error *err)
{
    const uint64_t end = steps_done < totals->counts_stop ? steps_done : totals->counts_stop;
    const uint64_t counted = end > totals->counts_start ? end - totals->counts_start : 0;
    const double seconds = config->dt_ms * 1e-3 * (double)counted;
    return neuron_counts_statistics(totals->counts, seconds, out, err);
}

/* What a counts recorder has for those who ask first for a few numbers. */
static void put_statistics(struct writer *w, const struct output_results *r,
                           const struct engine_totals *totals, const char *group)
{
    static const char *const quantile[COUNT_QUANTILES] = {
        "rate_q05_Hz", "rate_q25_Hz", "rate_median_Hz", "rate_q75_Hz", "rate_q95_Hz"};
    struct count_statistics s;
    if (w->status || !totals->counts)
        return;
    w->status =
        output_count_statistics(r->setup->config, totals, engine_steps_done(r->engine), &s, w->err);
    put_f64(w, group, "rate_standard_error_Hz", s.rate_standard_error);
    for (int q = 0; q < COUNT_QUANTILES; q++)
        put_f64(w, group, quantile[q], s.rate_quantile[q]);
    put_f64(w, group, "silent_fraction", s.silent_fraction);
    put_f64(w, group, "fano_factor", s.fano_factor);
    put_f64(w, group, "mean_cv", s.mean_cv);
    put_u64(w, group, "cv_neurons", s.cv_neurons);
}

static void put_population(struct writer *w, const struct output_results *r, size_t i)
{
    const struct config *config = r->setup->config;
    const struct engine_totals *totals = engine_totals(r->engine, i);
    char group[400], digest[33];
    snprintf(group, sizeof group, "/megalif/populations/%s", config->population[i].name);
    digest_format(&totals->digest, digest);
    put_u64(w, group, "size", config->population[i].size);
    put_u64(w, group, "seed", config->population[i].seed);
    put_u64(w, group, "spikes", totals->digest.spikes);
    put_f64(w, group, "mean_rate_Hz", r->report->population[i].mean_rate_Hz);
    put_u8(w, group, "recorded", totals->recorded == totals->digest.spikes && totals->records_all);
    put_string(w, group, "digest", digest);
    if (config->population[i].model->source_only)
        put_u64(w, group, "most_spikes_in_step", population_spikes_most(config, i));
    snprintf(digest, sizeof digest, "%016" PRIx64, totals->parameters_digest);
    put_string(w, group, "parameters_digest", digest);
    put_f64(w, group, "synchrony",
            rate_bins_synchrony(totals->bins, config->warmup_steps, engine_steps_done(r->engine)));
    put_statistics(w, r, totals, group);
}

/* What was connected: the same for any threads, tiles and blocks. */
static void put_network(struct writer *w, const struct output_results *r)
{
    const struct config *config = r->setup->config;
    if (config->projection_count == 0)
        return;
    put_string(w, "/megalif", "connectivity", r->report->connectivity);
    put_u64(w, "/megalif", "synapses", r->report->synapses);
    put_u64(w, "/megalif", "events", r->report->events);
    for (size_t i = 0; i < config->projection_count; i++) {
        const struct mlif_projection_report *p = &r->report->projections[i];
        char group[400];
        snprintf(group, sizeof group, "/megalif/projections/%s", p->name);
        put_string(w, group, "rule", p->rule);
        put_u64(w, group, "seed", config->projection[i].seed);
        put_u64(w, group, "synapses", p->synapses);
        put_string(w, group, "digest", p->digest);
    }
}

/* What the config does not tell: spikes and values that a program has put in on the way. */
static void put_changes(struct writer *w, const struct engine_changes *changes)
{
    const char *group = "/megalif/changes";
    if (changes->spikes + changes->V_m + changes->currents + changes->rates == 0)
        return;
    put_u64(w, group, "spikes", changes->spikes);
    put_u64(w, group, "V_m", changes->V_m);
    put_u64(w, group, "currents", changes->currents);
    put_u64(w, group, "rates", changes->rates);
}

static void put_numbers(struct writer *w, const struct setup *setup,
                        const struct provenance_numbers *numbers)
{
    if (!w->status)
        w->status = provenance_put_numbers(&w->to, numbers, setup->settings.threads, w->err);
}

static void put_bins(struct writer *w, const struct output_results *r, const char *path,
                     const struct rate_bins *bins)
{
    const struct config *config = r->setup->config;
    put_numbers(w, r->setup,
                &(struct provenance_numbers){
                    path, DATASET_U64, rate_bins_begun(bins, engine_steps_done(r->engine)),
                    "spikes per bin", provenance_copy_numbers, bins->spikes});
    put_f64(w, path, "bin_width_ms", decimal_times_steps(config->dt, bins->width));
    put_f64(w, path, "start_ms", decimal_times_steps(config->dt, bins->start));
}

/* The bins of 1 ms, and those of the rate recorders that name the population. */
static void put_rates(struct writer *w, const struct output_results *r, size_t i)
{
    const struct config *config = r->setup->config;
    const char *name = config->population[i].name;
    char path[400];
    snprintf(path, sizeof path, "/megalif/rates/%s", name);
    put_bins(w, r, path, engine_totals(r->engine, i)->bins);
    for (size_t k = 0; k < config->record_count; k++) {
        const struct rate_bins *bins = engine_rate(r->engine, k, i);
        snprintf(path, sizeof path, "/megalif/recorders/%s/%s", config->record[k].name, name);
        if (bins)
            put_bins(w, r, path, bins);
    }
}

static void put_count(struct writer *w, const struct output_results *r, size_t i, const char *name,
                      const char *units, number_fill *fill, const void *context)
{
    const struct population_config *p = &r->setup->config->population[i];
    char path[400];
    snprintf(path, sizeof path, "/megalif/counts/%s/%s", p->name, name);
    put_numbers(w, r->setup,
                &(struct provenance_numbers){path, DATASET_U64, p->size, units, fill, context});
}

/* The intervals of a neuron add up to the time from its first spike to its last. */
static void fill_interval_sums(const void *context, uint64_t begin, uint64_t end, void *values)
{
    const struct neuron_counts *counts = context;
    uint64_t *sum = values;
    for (uint64_t id = begin; id < end; id++)
        sum[id - begin] = counts->last[id] - counts->first[id];
}

static void put_counts(struct writer *w, const struct output_results *r, size_t i)
{
    const struct neuron_counts *counts = engine_totals(r->engine, i)->counts;
    number_fill *copy = provenance_copy_numbers;
    if (!counts)
        return;
    put_count(w, r, i, "spikes", "1", copy, counts->spikes);
    put_count(w, r, i, "first", "steps", copy, counts->first);
    put_count(w, r, i, "last", "steps", copy, counts->last);
    put_count(w, r, i, "interval_square_sum", "steps^2", copy, counts->square_sum);
    put_count(w, r, i, "interval_sum", "steps", fill_interval_sums, counts);
}

/* A parameter of population i: a key of its own, or of an input that has drawn for its neurons. */
struct parameter {
    const struct config *config;
    size_t population;
    const struct input_config *input; /* NULL: the population's own */
    int key;
};

/* Draws values again: they are a function of the seed and the id. */
static void fill_parameter(const void *context, uint64_t begin, uint64_t end, void *values)
{
    WITH_OWN_FLOAT_ENV(env);
    const struct parameter *parameter = context;
    if (parameter->input)
        input_draws_read(parameter->config, parameter->input, parameter->population, parameter->key,
                         begin, end, values);
    else
        population_read_parameter(parameter->config, parameter->population, parameter->key, begin,
                                  end, values);
}

/* A dataset of one value for each neuron, or a scalar. */
static void put_parameter(struct writer *w, const struct setup *setup,
                          const struct parameter *parameter, const struct key *key, bool drawn)
{
    const struct population_config *p = &setup->config->population[parameter->population];
    char path[400];
    snprintf(path, sizeof path, "/megalif/parameters/%s/%s%s%s%s", p->name,
             parameter->input ? "input." : "", parameter->input ? parameter->input->name : "",
             parameter->input ? "." : "", key->name);
    put_numbers(w, setup,
                &(struct provenance_numbers){path, DATASET_F64, drawn ? p->size : SIZE_MAX,
                                             config_kept_unit(key->dimension), fill_parameter,
                                             parameter});
}

static void put_parameters(struct writer *w, const struct setup *setup, size_t i)
{
    const unsigned membrane =
        1u << POPULATION_C_M | 1u << POPULATION_TAU_M | 1u << POPULATION_G_L | 1u << POPULATION_R_M;
    const struct population_config *p = &setup->config->population[i];
    for (int key = 0; key < config_population_key_count(p) && !w->status; key++) {
        bool fixes = !(membrane >> key & 1) || (membrane_keys(p->membrane) >> key & 1);
        if (config_population_key(p, key)->kind == VALUE_DISTRIBUTION && p->value[key].present &&
            fixes)
            put_parameter(w, setup, &(struct parameter){setup->config, i, NULL, key},
                          config_population_key(p, key),
                          p->value[key].number.kind != DISTRIBUTION_CONSTANT);
    }
}

/* What inputs have drawn for the neurons of population i. */
static void put_input_parameters(struct writer *w, const struct setup *setup, size_t i)
{
    for (size_t n = 0; n < setup->config->input_count; n++) {
        const struct input_config *input = &setup->config->input[n];
        for (size_t k = 0; k < input->type->key_count && !w->status; k++)
            if (input_draws_key(input, i, (int)k))
                put_parameter(w, setup, &(struct parameter){setup->config, i, input, (int)k},
                              &input->keys[k], true);
    }
}

static void put_run(struct writer *w, const struct output_results *r)
{
    const char *group = "/megalif/run", *job = getenv("SLURM_JOB_ID");
    const struct mlif_report *report = r->report;
    char host[256] = "", hdf5[48];
    gethostname(host, sizeof host - 1);
    put_string(w, group, "command_line", r->setup->command_line);
    put_string(w, group, "host", host);
    put_string(w, group, "started", r->started);
    put_string(w, group, "isa", report->isa);
    put_string(w, group, "compiler", version_compiler());
    put_string(w, group, "hdf5", provenance_hdf5_version(hdf5));
    put_u64(w, group, "ranks", (uint64_t)report->ranks);
    put_u64(w, group, "threads", (uint64_t)report->threads);
    put_f64(w, group, "build_s", report->build_s);
    put_f64(w, group, "simulate_s", report->simulate_s);
    put_f64(w, group, "wall_s", report->wall_s);
    put_u64(w, group, "peak_rss_bytes", report->peak_rss_bytes);
    if (report->projection_count > 0) {
        put_f64(w, group, "synapses_s", report->synapses_s);
        put_u64(w, group, "synapse_bytes", report->synapse_bytes);
    }
    if (job)
        put_string(w, group, "slurm_job_id", job);
    for (size_t i = 0; i < report->projection_count; i++)
        put_string(w, "/megalif/run/storage", report->projections[i].name,
                   report->projections[i].storage);
}

/* One group for each place that names a file, so that a reader finds it by that. */
static void put_files(struct writer *w, const struct setup_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct sim_file *file = &files->file[i];
        char group[400];
        snprintf(group, sizeof group, "/megalif/files/%s/%s", file->section, file->key);
        put_string(w, group, "name", file->name);
        put_u64(w, group, "bytes", file->bytes);
        put_string(w, group, "sha256", file->sha256);
    }
}

enum status output_write_model(hid_t file, const struct setup *setup, struct error *err)
{
    struct writer w = begin(file, err);
    put_config(&w, setup->config);
    put_files(&w, &setup->files);
    for (size_t i = 0; i < setup->config->population_count && setup->config->output_parameters;
         i++) {
        put_parameters(&w, setup, i);
        put_input_parameters(&w, setup, i);
    }
    return end(&w);
}

enum status output_write_results(hid_t file, const struct output_results *results,
                                 struct error *err)
{
    const struct config *config = results->setup->config;
    struct writer w = begin(file, err);
    put_simulation(&w, results);
    put_complete(&w, results);
    for (size_t i = 0; i < config->population_count; i++)
        put_population(&w, results, i);
    put_network(&w, results);
    put_changes(&w, change_counts(results->engine));
    for (size_t i = 0; i < config->population_count; i++)
        put_rates(&w, results, i);
    for (size_t i = 0; i < config->population_count; i++)
        put_counts(&w, results, i);
    put_run(&w, results);
    put_warnings(&w, results->warnings);
    return end(&w);
}

enum status output_write_trace_results(hid_t file, const struct output_results *results,
                                       const char *name, struct error *err)
{
    struct writer w = begin(file, err);
    put_simulation(&w, results);
    put_string(&w, "/megalif", "recorder", name);
    put_config(&w, results->setup->config);
    put_run(&w, results);
    put_warnings(&w, results->warnings);
    return end(&w);
}
