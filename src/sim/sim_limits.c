/* Says in words what limits a run has met. */
#include "sim/sim_limits.h"

#include "base/decimal.h"

#include <inttypes.h>
#include <stdio.h>

/* "(20 ms, 21 ms]" */
static const char *bin_text(const struct config *config, uint64_t bin, char *text, size_t size)
{
    uint64_t steps = config_steps_of_1_ms(config);
    snprintf(text, size, "(%.10g ms, %.10g ms]", decimal_times_steps(config->dt, bin * steps),
             decimal_times_steps(config->dt, (bin + 1) * steps));
    return text;
}

static const char *max_rate_text(const struct config *config, char *text)
{
    return decimal_format(config->max_rate.exact, text);
}

static void why_max_rate(const struct config *config, const struct limit_met *met, char *text,
                         size_t size)
{
    char bin[80], rate[48];
    snprintf(text, size,
             "population %s has %" PRIu64 " spikes in the rate bin %s; max_rate = %s Hz allows "
             "%" PRIu64,
             config->population[met->population].name, met->spikes,
             bin_text(config, met->bin, bin, sizeof bin), max_rate_text(config, rate),
             limits_bin_most(config, met->population, config_steps_of_1_ms(config)));
}

enum status sim_limits_why(const struct config *config, const struct engine *engine, char *text,
                           size_t size)
{
    struct limit_met met = engine_limit_met(engine);
    text[0] = '\0';
    if (met.limit == LIMIT_MAX_RATE)
        why_max_rate(config, &met, text, size);
    else if (met.limit == LIMIT_SPIKES)
        snprintf(text, size, "%" PRIu64 " spikes; stop_after_spikes = %" PRIu64, met.spikes,
                 config->stop_after_spikes);
    return met.limit == LIMIT_MAX_RATE ? STATUS_RANGE : STATUS_OK;
}

/* The bins of one population that are above max_rate. */
static void warn_population(const struct config *config, const struct engine *engine, size_t i,
                            struct messages *warnings)
{
    const struct rate_bins *own = engine_totals(engine, i)->bins;
    const uint64_t *bins = own->spikes, width = own->width;
    uint64_t most = limits_bin_most(config, i, width), above = 0, first = 0, highest = 0;
    uint64_t count = rate_bins_begun(own, engine_steps_done(engine));
    char first_text[80], highest_text[80], rate[48];
    for (uint64_t b = 0; b < count; b++) {
        if (bins[b] <= most)
            continue;
        first = above++ == 0 ? b : first;
        highest = bins[b] > bins[highest] ? b : highest;
    }
    if (above > 0)
        messages_add(warnings,
                     "population %s is above max_rate = %s Hz (%" PRIu64
                     " spikes in a rate bin) in %" PRIu64 " of %" PRIu64
                     " bins; the first is %s with %" PRIu64 " spikes, the highest %s with %" PRIu64,
                     config->population[i].name, max_rate_text(config, rate), most, above, count,
                     bin_text(config, first, first_text, sizeof first_text), bins[first],
                     bin_text(config, highest, highest_text, sizeof highest_text), bins[highest]);
}

void sim_limits_warn(const struct config *config, const struct engine *engine,
                     struct messages *warnings)
{
    for (size_t i = 0; i < config->population_count; i++)
        if (config->max_rate.present && !config->max_rate_stops)
            warn_population(config, engine, i, warnings);
}
