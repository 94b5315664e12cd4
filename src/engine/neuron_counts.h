/* A counts recorder: per neuron what a transfer function and a CV need, without a raster. Times are
 * step numbers (time / dt); warmup is left out. */
#ifndef MEGALIF_ENGINE_NEURON_COUNTS_H
#define MEGALIF_ENGINE_NEURON_COUNTS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct neuron_counts {
    uint64_t size;
    uint64_t *spikes;     /* [size] */
    uint64_t *first;      /* step number of the first spike; 0: none */
    uint64_t *last;       /* of the last spike; 0: none */
    uint64_t *square_sum; /* of intervals, steps^2, modulo 2^64 */
};

enum { NEURON_COUNTS_BYTES = 32 }; /* a neuron */

/* STATUS_MEMORY on failure. */
enum status neuron_counts_open(struct neuron_counts *out, uint64_t size, struct error *err);
void neuron_counts_close(struct neuron_counts *counts);

/* One spike. Different threads may add spikes of different neurons. */
static inline void neuron_counts_add(struct neuron_counts *counts, uint64_t id, uint64_t step)
{
    if (counts->spikes[id]++ == 0) {
        counts->first[id] = step;
    } else {
        uint64_t interval = step - counts->last[id];
        counts->square_sum[id] += interval * interval;
    }
    counts->last[id] = step;
}

/* What a population's counts say. Sums over neurons are in integers, or in double in id order. */
enum { COUNT_QUANTILES = 5 };
extern const double count_quantile[COUNT_QUANTILES]; /* 0.05, 0.25, 0.5, 0.75, 0.95 */

struct count_statistics {
    double rate_standard_error; /* of the mean rate, from the spread between neurons, Hz */
    double rate_quantile[COUNT_QUANTILES]; /* of the neurons' rates, Hz */
    double silent_fraction;
    double fano_factor; /* NaN without spikes */
    double mean_cv;     /* over neurons with at least 10 intervals; NaN without any */
    uint64_t cv_neurons;
};

/* seconds: how long was counted; where it is 0, all is NaN and cv_neurons 0.
 *   rate_quantile  interpolated between the two nearest of the sorted rates, at (size - 1) q from
 *                  the lowest (Hyndman and Fan 1996, definition 7: numpy's default)
 *   fano_factor    variance of the neurons' spike counts over their mean (Fano 1947, with neurons
 *                  in place of trials, as Elephant's fanofactor): 1 for equal Poisson neurons; a
 *                  spread of rates adds to it
 *   mean_cv        of each neuron's intervals, their standard deviation over their mean
 * Takes memory for a histogram of the counts. STATUS_MEMORY on failure. */
enum status neuron_counts_statistics(const struct neuron_counts *counts, double seconds,
                                     struct count_statistics *out, struct error *err);

/* The same of `size` neurons whose counts are kept in another way: `read` tells those of one. */
struct neuron_count {
    uint64_t spikes, span, square_sum; /* span: steps from the first to the last */
};
typedef struct neuron_count neuron_count_read(const void *context, uint64_t id);
enum status neuron_counts_describe(uint64_t size, neuron_count_read *read, const void *context,
                                   double seconds, struct count_statistics *out, struct error *err);

#endif
