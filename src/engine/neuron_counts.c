/* Memory and statistics of what is counted for each neuron. */
#include "engine/neuron_counts.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_INTERVALS = 10 };

enum status neuron_counts_open(struct neuron_counts *out, uint64_t size, struct error *err)
{
    uint64_t bytes = size * sizeof(uint64_t);
    *out = (struct neuron_counts){
        .size = size,
        .spikes = memory_alloc(bytes),
        .first = memory_alloc(bytes),
        .last = memory_alloc(bytes),
        .square_sum = memory_alloc(bytes),
    };
    if (!out->spikes || !out->first || !out->last || !out->square_sum)
        return error_no_memory(err, "to count the spikes of %llu neurons",
                               (unsigned long long)size);
    memset(out->spikes, 0, bytes);
    memset(out->first, 0, bytes);
    memset(out->last, 0, bytes);
    memset(out->square_sum, 0, bytes);
    return STATUS_OK;
}

void neuron_counts_close(struct neuron_counts *counts)
{
    uint64_t bytes = counts->size * sizeof(uint64_t);
    memory_free(counts->spikes, bytes);
    memory_free(counts->first, bytes);
    memory_free(counts->last, bytes);
    memory_free(counts->square_sum, bytes);
    memset(counts, 0, sizeof *counts);
}

/* Coefficient of variation of n intervals with this sum and sum of squares (population variance).
 */
static double variation(double n, double sum, double square_sum)
{
    double mean = sum / n, variance = square_sum / n - mean * mean;
    return variance > 0 ? sqrt(variance) / mean : 0.0;
}

const double count_quantile[COUNT_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

/* Those that are described. */
struct reading {
    uint64_t size;
    neuron_count_read *read;
    const void *context;
};

/* Mean CV over the neurons that have enough intervals. */
static void describe_intervals(const struct reading *r, struct count_statistics *out)
{
    double sum = 0;
    out->cv_neurons = 0;
    for (uint64_t id = 0; id < r->size; id++) {
        const struct neuron_count n = r->read(r->context, id);
        if (n.spikes <= LEAST_INTERVALS)
            continue;
        sum += variation((double)(n.spikes - 1), (double)n.span, (double)n.square_sum);
        out->cv_neurons++;
    }
    out->mean_cv = out->cv_neurons > 0 ? sum / (double)out->cv_neurons : NAN;
}

/* The rank-th lowest count, from 0; neurons[c] of them have c spikes. */
static uint64_t lowest(const uint64_t *neurons, uint64_t rank)
{
    uint64_t count = 0;
    for (uint64_t before = neurons[0]; before <= rank; before += neurons[++count])
        continue;
    return count;
}

static double quantile(const uint64_t *neurons, uint64_t size, double q)
{
    double place = (double)(size - 1) * q, below = floor(place);
    uint64_t rank = (uint64_t)below;
    double low = (double)lowest(neurons, rank);
    double high = rank + 1 < size ? (double)lowest(neurons, rank + 1) : low;
    return low + (place - below) * (high - low);
}

/* What only depends on how many spikes each neuron has. */
static void describe_counts(const uint64_t *neurons, uint64_t most, uint64_t size, double seconds,
                            struct count_statistics *out)
{
    unsigned __int128 sum = 0, squares = 0;
    double n = (double)size;
    for (uint64_t count = 0; count <= most; count++) {
        sum += (unsigned __int128)neurons[count] * count;
        squares += (unsigned __int128)neurons[count] * count * count;
    }
    double spread = (double)(size * squares - sum * sum); /* size^2 times the variance */
    out->fano_factor = sum > 0 ? spread / (n * (double)sum) : NAN;
    out->rate_standard_error = size > 1 ? sqrt(spread / n / (n - 1) / n) / seconds : NAN;
    out->silent_fraction = (double)neurons[0] / n;
    for (int q = 0; q < COUNT_QUANTILES; q++)
        out->rate_quantile[q] = quantile(neurons, size, count_quantile[q]) / seconds;
}

/* Where no time was counted. */
static void describe_nothing(struct count_statistics *out)
{
    out->rate_standard_error = out->silent_fraction = out->fano_factor = out->mean_cv = NAN;
    for (int q = 0; q < COUNT_QUANTILES; q++)
        out->rate_quantile[q] = NAN;
    out->cv_neurons = 0;
}

enum status neuron_counts_describe(uint64_t size, neuron_count_read *read, const void *context,
                                   double seconds, struct count_statistics *out, struct error *err)
{
    const struct reading r = {size, read, context};
    uint64_t most = 0;
    if (!(seconds > 0)) {
        describe_nothing(out);
        return STATUS_OK;
    }
    for (uint64_t id = 0; id < size; id++) {
        const uint64_t spikes = read(context, id).spikes;
        most = spikes > most ? spikes : most;
    }
    uint64_t *neurons = calloc(most + 1, sizeof *neurons);
    if (!neurons)
        return error_no_memory(err, "for the statistics of counts");
    for (uint64_t id = 0; id < size; id++)
        neurons[read(context, id).spikes]++;
    describe_counts(neurons, most, size, seconds, out);
    describe_intervals(&r, out);
    free(neurons);
    return STATUS_OK;
}

static struct neuron_count read_count(const void *context, uint64_t id)
{
    const struct neuron_counts *counts = context;
    return (struct neuron_count){counts->spikes[id], counts->last[id] - counts->first[id],
                                 counts->square_sum[id]};
}

enum status neuron_counts_statistics(const struct neuron_counts *counts, double seconds,
                                     struct count_statistics *out, struct error *err)
{
    return neuron_counts_describe(counts->size, read_count, counts, seconds, out, err);
}
