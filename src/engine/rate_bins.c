/* Bins of the spikes of a population: their geometry, memory and synchrony. */
#include "engine/rate_bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool rate_bins_wanted(const struct record_config *record, size_t population)
{
    for (size_t i = 0; record->what == RECORD_RATE && i < record->population_count; i++)
        if (record->population[i] == population)
            return true;
    return false;
}

struct rate_bins rate_bins_of(const struct config *config, const struct record_config *record)
{
    struct rate_bins bins = {
        .start = record ? record->start_step : 0,
        .stop = record && record->stop_step < config->steps ? record->stop_step : config->steps,
        .width = record ? record->interval_steps : config_steps_of_1_ms(config),
    };
    uint64_t steps = bins.stop > bins.start ? bins.stop - bins.start : 0;
    bins.count = steps / bins.width + (steps % bins.width != 0);
    return bins;
}

enum status rate_bins_open(struct rate_bins *out, const struct config *config,
                           const struct record_config *record, struct error *err)
{
    *out = rate_bins_of(config, record);
    out->spikes = calloc(out->count, sizeof *out->spikes);
    return out->spikes ? STATUS_OK
                       : error_no_memory(err, "for %llu rate bins", (unsigned long long)out->count);
}

void rate_bins_close(struct rate_bins *bins)
{
    free(bins->spikes);
    memset(bins, 0, sizeof *bins);
}

double rate_bins_synchrony(const struct rate_bins *bins, uint64_t from, uint64_t to)
{
    uint64_t begin = from > bins->start ? (from - bins->start - 1) / bins->width + 1 : 0;
    uint64_t last = to < bins->stop ? to : bins->stop;
    uint64_t end = last > bins->start ? (last - bins->start) / bins->width : 0;
    unsigned __int128 sum = 0, squares = 0;
    if (end < begin + 2)
        return NAN;
    for (uint64_t i = begin; i < end; i++) {
        sum += bins->spikes[i];
        squares += (unsigned __int128)bins->spikes[i] * bins->spikes[i];
    }
    unsigned __int128 n = end - begin;
    return sum > 0 ? (double)(n * squares - sum * sum) / ((double)n * (double)sum) : NAN;
}
