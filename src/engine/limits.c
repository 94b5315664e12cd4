/* Counting towards the limits of a run. */
#include "engine/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool limits_stop(const struct config *config)
{
    return config->stop_after_spikes > 0 || (config->max_rate.present && config->max_rate_stops);
}

uint64_t limits_bin_most(const struct config *config, size_t population, uint64_t bin_steps)
{
    if (!config->max_rate.present)
        return UINT64_MAX;
    double width_s = config->dt_ms * (double)bin_steps / 1000.0;
    double most = config->max_rate.number.parameter[0] * width_s *
                  (double)config->population[population].size;
    /* A product that is whole in decimals shall stay whole: 500 Hz in 1 ms of 1,000 neurons. */
    double whole = floor(most + 0.5);
    most = fabs(most - whole) <= 1e-12 * whole ? whole : floor(most);
    return most < 0x1p63 ? (uint64_t)most : UINT64_MAX;
}

enum status limits_open(struct limits *out, const struct config *config, uint64_t bin_steps,
                        struct error *err)
{
    size_t count = config->population_count;
    *out = (struct limits){.config = config, .bin_steps = bin_steps};
    out->bin_most = calloc(count, sizeof *out->bin_most);
    out->in_bin = calloc(count, sizeof *out->in_bin);
    if (!out->bin_most || !out->in_bin)
        return error_no_memory(err, "for the limits of %zu populations", count);
    for (size_t i = 0; i < count; i++)
        out->bin_most[i] =
            config->max_rate_stops ? limits_bin_most(config, i, bin_steps) : UINT64_MAX;
    return STATUS_OK;
}

void limits_close(struct limits *limits)
{
    free(limits->bin_most);
    free(limits->in_bin);
    memset(limits, 0, sizeof *limits);
}

void limits_count(struct limits *limits, size_t population, uint64_t step, uint64_t spikes)
{
    if (step % limits->bin_steps == 0)
        limits->in_bin[population] = 0;
    limits->in_bin[population] += spikes;
    limits->spikes += spikes;
}

struct limit_met limits_test(const struct limits *limits, uint64_t step)
{
    for (size_t i = 0; i < limits->config->population_count; i++)
        if (limits->in_bin[i] > limits->bin_most[i])
            return (struct limit_met){LIMIT_MAX_RATE, i, step / limits->bin_steps,
                                      limits->in_bin[i]};
    if (limits->config->stop_after_spikes && limits->spikes >= limits->config->stop_after_spikes)
        return (struct limit_met){LIMIT_SPIKES, 0, 0, limits->spikes};
    return (struct limit_met){LIMIT_NONE, 0, 0, 0};
}
