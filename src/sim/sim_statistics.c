/* Statistics, counts and rates of a simulation, for a host program. */
#include "base/decimal.h"
#include "base/float_env.h"
#include "output/output_results.h"
#include "sim/sim_handle.h"
#include "sim/sim_messages.h"
#include "sim/sim_range.h"

#include <math.h>
#include <string.h>

/* The counts of all neurons; *counts is NULL where there are none. STATUS_CONFIG: this rank has but
 * its own. */
static enum status find_counts(const struct mlif_simulation *s, size_t population,
                               const struct neuron_counts **counts, struct error *err)
{
    *counts = engine_totals(s->engine, population)->counts;
    if (!*counts || (*counts)->size == s->setup.config->population[population].size)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "counts of all neurons are in rank 0 alone, once the simulation is finished");
}

/* ---- statistics */

static void copy_counts(const struct count_statistics *from, struct mlif_population_statistics *to)
{
    _Static_assert((int)MLIF_QUANTILES == (int)COUNT_QUANTILES, "the same quantiles");
    to->counted = 1;
    to->rate_standard_error_Hz = from->rate_standard_error;
    memcpy(to->rate_quantile_Hz, from->rate_quantile, sizeof to->rate_quantile_Hz);
    to->silent_fraction = from->silent_fraction;
    to->fano_factor = from->fano_factor;
    to->mean_cv = from->mean_cv;
    to->cv_neurons = from->cv_neurons;
}

static enum status read_statistics(const struct mlif_simulation *s, size_t population,
                                   struct mlif_population_statistics *out, struct error *err)
{
    const struct config *config = s->setup.config;
    const struct engine_totals *totals = engine_totals(s->engine, population);
    const uint64_t steps = engine_steps_done(s->engine);
    const double seconds = output_counted_seconds(config, steps);
    struct count_statistics counts = {NAN, {NAN, NAN, NAN, NAN, NAN}, NAN, NAN, NAN, 0};
    const struct neuron_counts *all;
    enum status status = find_counts(s, population, &all, err);
    if (!status && all)
        status = output_count_statistics(config, totals, steps, &counts, err);
    if (status)
        return status;
    memset(out, 0, sizeof *out);
    copy_counts(&counts, out);
    out->counted = totals->counts != NULL;
    out->spikes = totals->digest.spikes;
    out->after_warmup = totals->after_warmup;
    out->mean_rate_Hz = output_mean_rate(config, population, totals, seconds);
    out->synchrony = rate_bins_synchrony(totals->bins, config->warmup_steps, steps);
    digest_format(&totals->digest, out->digest);
    return STATUS_OK;
}

enum mlif_status mlif_read_statistics(const struct mlif_simulation *simulation, size_t population,
                                      struct mlif_population_statistics *statistics,
                                      struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_OK, ""};
    enum status status = sim_range_population(simulation->setup.config, population, &err);
    if (!status)
        status = read_statistics(simulation, population, statistics, &err);
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}

/* ---- counts */

static void copy_range(uint64_t *to, const uint64_t *from, uint64_t begin, uint64_t end)
{
    if (to && end > begin)
        memcpy(to, from + begin, (end - begin) * sizeof *to);
}

enum mlif_status mlif_read_counts(const struct mlif_simulation *simulation, size_t population,
                                  uint64_t begin, uint64_t end, uint64_t *spikes,
                                  uint64_t *first_step, uint64_t *last_step,
                                  uint64_t *interval_square_sum, struct mlif_messages *errors)
{
    const struct config *config = simulation->setup.config;
    struct error err = {STATUS_OK, ""};
    if (sim_range_check(config, population, begin, end, &err))
        return sim_tell_error(errors, &err);
    const struct neuron_counts *counts;
    if (find_counts(simulation, population, &counts, &err))
        return sim_tell_error(errors, &err);
    if (!counts) {
        error_set(&err, STATUS_CONFIG,
                  "no counts recorder names population %s; add a section [record.NAME] with "
                  "population = %s and what = counts",
                  config->population[population].name, config->population[population].name);
        return sim_tell_error(errors, &err);
    }
    copy_range(spikes, counts->spikes, begin, end);
    copy_range(first_step, counts->first, begin, end);
    copy_range(last_step, counts->last, begin, end);
    copy_range(interval_square_sum, counts->square_sum, begin, end);
    return MLIF_OK;
}

/* ---- rates */

/* The bins of a rate recorder, or with NULL those of 1 ms. */
static const struct rate_bins *find_bins(const struct mlif_simulation *s, const char *recorder,
                                         size_t population, struct error *err)
{
    const struct config *config = s->setup.config;
    if (sim_range_population(config, population, err))
        return NULL;
    if (!recorder)
        return engine_totals(s->engine, population)->bins;
    for (size_t r = 0; r < config->record_count; r++)
        if (strcmp(config->record[r].name, recorder) == 0 && engine_rate(s->engine, r, population))
            return engine_rate(s->engine, r, population);
    error_set(err, STATUS_CONFIG, "there is no rate recorder %s of population %s", recorder,
              config->population[population].name);
    return NULL;
}

enum mlif_status mlif_rate_bins(const struct mlif_simulation *simulation, const char *recorder,
                                size_t population, double *start_ms, double *width_ms,
                                uint64_t *count, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_OK, ""};
    const struct decimal dt = simulation->setup.config->dt;
    const struct rate_bins *bins = find_bins(simulation, recorder, population, &err);
    if (!bins)
        return sim_tell_error(errors, &err);
    *start_ms = decimal_times_steps(dt, bins->start);
    *width_ms = decimal_times_steps(dt, bins->width);
    *count = rate_bins_begun(bins, engine_steps_done(simulation->engine));
    return MLIF_OK;
}

enum mlif_status mlif_read_rates(const struct mlif_simulation *simulation, const char *recorder,
                                 size_t population, uint64_t begin, uint64_t end, uint64_t *spikes,
                                 struct mlif_messages *errors)
{
    struct error err = {STATUS_OK, ""};
    const struct rate_bins *bins = find_bins(simulation, recorder, population, &err);
    if (!bins)
        return sim_tell_error(errors, &err);
    const uint64_t begun = rate_bins_begun(bins, engine_steps_done(simulation->engine));
    if (begin > end || end > begun) {
        error_set(&err, STATUS_CONFIG, "%llu bins have begun: there is no range %llu:%llu",
                  (unsigned long long)begun, (unsigned long long)begin, (unsigned long long)end);
        return sim_tell_error(errors, &err);
    }
    copy_range(spikes, bins->spikes, begin, end);
    return MLIF_OK;
}
