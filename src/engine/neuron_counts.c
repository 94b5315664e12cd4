#include "engine/neuron_counts.h"

#include "base/memory.h"

#include <math.h>
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
        return error_set(err, STATUS_MEMORY, "no memory to count the spikes of %llu neurons",
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

void neuron_counts_statistics(const struct neuron_counts *counts, double seconds,
                              struct count_statistics *out)
{
    double sum = 0, squares = 0, cv_sum = 0, n = (double)counts->size;
    uint64_t silent = 0, cv_neurons = 0;
    for (uint64_t id = 0; id < counts->size; id++) {
        double rate = (double)counts->spikes[id] / seconds;
        sum += rate;
        squares += rate * rate;
        silent += counts->spikes[id] == 0;
        if (counts->spikes[id] <= LEAST_INTERVALS)
            continue;
        cv_sum += variation((double)(counts->spikes[id] - 1),
                            (double)(counts->last[id] - counts->first[id]),
                            (double)counts->square_sum[id]);
        cv_neurons++;
    }
    double variance = n > 1 ? (squares - sum * sum / n) / (n - 1) : NAN;
    out->rate_standard_error = sqrt(fmax(variance, 0.0) / n);
    if (n <= 1)
        out->rate_standard_error = NAN;
    out->silent_fraction = (double)silent / n;
    out->mean_cv = cv_neurons > 0 ? cv_sum / (double)cv_neurons : NAN;
    out->cv_neurons = cv_neurons;
}
