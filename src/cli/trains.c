#include "cli/trains.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 u128;

/* What a spike of a neuron changes lies together. */
struct train {
    uint64_t spikes, first, last, interval; /* interval: the last one; steps */
    uint64_t square_sum;                    /* of intervals */
    double cv2_sum;
    uint32_t cv2_pairs, in_bin; /* in_bin: spikes in the bin of `last` */
};

/* A neuron of the sample, over whole bins. */
struct sampled {
    uint64_t sum, square_sum;
};

struct trains {
    struct trains_window window;
    uint64_t size, bins;          /* whole ones */
    uint64_t step, count;         /* one of `step` neurons has a train; so many have */
    uint64_t bin, in_bin;         /* where we are, and the population's spikes there */
    u128 sum, square_sum;         /* of the population's spikes in a bin */
    u128 own_squares, own_counts; /* over trains: sums of count^2 in a bin, of count^2 in all */
    uint64_t sample_step, sample_count, active_count;
    struct train *train;
    struct sampled *sample;
    uint64_t *product;                           /* [sample_count][sample_count], a < b: of pairs */
    uint32_t active[TRAINS_CORRELATED], *counts; /* those with spikes in this bin; how many */
};

static uint64_t every(uint64_t size, uint64_t most)
{
    return size > most ? (size - 1) / most + 1 : 1;
}

enum status trains_open(struct trains **out, uint64_t size, struct trains_window window,
                        struct error *err)
{
    struct trains *t = *out = calloc(1, sizeof *t);
    if (!t)
        return error_no_memory(err, "for statistics");
    t->window = window;
    t->size = size;
    t->bins = window.end > window.begin ? (window.end - window.begin) / window.bin : 0;
    t->step = every(size, TRAINS_MOST);
    t->count = (size + t->step - 1) / t->step;
    t->sample_step = every(size, TRAINS_CORRELATED);
    t->sample_count = (size + t->sample_step - 1) / t->sample_step;
    t->train = calloc(t->count + 1, sizeof *t->train);
    t->sample = calloc(t->sample_count + 1, sizeof *t->sample);
    t->counts = calloc(t->sample_count + 1, sizeof *t->counts);
    t->product = calloc(t->sample_count * t->sample_count + 1, sizeof *t->product);
    if (t->train && t->sample && t->counts && t->product)
        return STATUS_OK;
    return error_no_memory(err, "for the statistics of %llu neurons", (unsigned long long)size);
}

void trains_close(struct trains *t)
{
    if (!t)
        return;
    free(t->train);
    free(t->sample);
    free(t->counts);
    free(t->product);
    free(t);
}

/* The sample's counts in the bin that ends go to the sums. */
static void end_bin_of_sample(struct trains *t)
{
    for (uint64_t i = 0; i < t->active_count; i++) {
        const uint64_t a = t->active[i], n = t->counts[a];
        t->sample[a].sum += n;
        t->sample[a].square_sum += n * n;
        for (uint64_t k = 0; k < i; k++) { /* active ones came in any order within the bin */
            const uint64_t b = t->active[k];
            t->product[a < b ? a * t->sample_count + b : b * t->sample_count + a] +=
                n * t->counts[b];
        }
    }
    for (uint64_t i = 0; i < t->active_count; i++)
        t->counts[t->active[i]] = 0;
    t->active_count = 0;
}

static void end_bin(struct trains *t)
{
    t->sum += t->in_bin;
    t->square_sum += (u128)t->in_bin * t->in_bin;
    t->in_bin = 0;
    end_bin_of_sample(t);
}

static void add_to_sample(struct trains *t, uint64_t id)
{
    if (id % t->sample_step != 0)
        return;
    const uint64_t i = id / t->sample_step;
    if (t->counts[i]++ == 0)
        t->active[t->active_count++] = (uint32_t)i;
}

/* An interval, and the pair it makes with the one before. */
static void add_interval(struct train *train, uint64_t interval)
{
    const uint64_t before = train->interval, sum = before + interval;
    train->square_sum += interval * interval;
    train->interval = interval;
    if (train->spikes < 2 || sum == 0)
        return;
    train->cv2_sum +=
        2.0 * (double)(interval > before ? interval - before : before - interval) / (double)sum;
    train->cv2_pairs++;
}

/* bin: of this step, from 0. */
static void add_to_train(struct trains *t, struct train *train, uint64_t step, uint64_t bin)
{
    const uint64_t bin_begin = t->window.begin + bin * t->window.bin;
    if (train->spikes == 0)
        train->first = step;
    else
        add_interval(train, step - train->last);
    if (train->spikes == 0 || train->last <= bin_begin)
        train->in_bin = 0;
    if (bin < t->bins) { /* (n + 1)^2 - n^2 */
        t->own_squares += 2 * (uint64_t)train->in_bin + 1;
        t->own_counts += 2 * train->spikes + 1;
    }
    train->in_bin++;
    train->spikes++;
    train->last = step;
}

void trains_add(struct trains *t, uint64_t id, uint64_t step)
{
    if (step <= t->window.begin || step > t->window.end)
        return;
    const uint64_t bin = (step - t->window.begin - 1) / t->window.bin;
    if (bin != t->bin) {
        end_bin(t);
        t->bin = bin;
    }
    if (bin < t->bins) {
        t->in_bin++;
        add_to_sample(t, id);
    }
    if (id % t->step == 0)
        add_to_train(t, &t->train[id / t->step], step, bin);
}

/* ---- what came of it */

static enum status describe_counts(const struct trains *t, double seconds,
                                   struct train_statistics *out, struct error *err)
{
    struct neuron_counts counts;
    enum status status = neuron_counts_open(&counts, t->count, err);
    for (uint64_t i = 0; !status && i < t->count; i++) {
        counts.spikes[i] = t->train[i].spikes;
        counts.first[i] = t->train[i].first;
        counts.last[i] = t->train[i].last;
        counts.square_sum[i] = t->train[i].square_sum;
    }
    if (!status)
        status = neuron_counts_statistics(&counts, seconds, &out->counts, err);
    neuron_counts_close(&counts);
    /* The spread of a subset tells that of all; the mean of all is more certain. */
    out->counts.rate_standard_error *= sqrt((double)t->count / (double)t->size);
    return status;
}

static double mean_cv2(const struct trains *t)
{
    double sum = 0, neurons = 0;
    for (uint64_t i = 0; i < t->count; i++) {
        const struct train *train = &t->train[i];
        if (train->spikes <= TRAINS_LEAST_INTERVALS || train->cv2_pairs == 0)
            continue;
        sum += train->cv2_sum / train->cv2_pairs;
        neurons++;
    }
    return neurons > 0 ? sum / neurons : NAN;
}

static double chi(const struct trains *t)
{
    const u128 n = t->bins, of_all = n * t->square_sum - t->sum * t->sum;
    const u128 own = n * t->own_squares - t->own_counts;
    const double size = (double)t->size;
    if (n < 2 || own == 0)
        return NAN;
    return sqrt((double)of_all / (double)own * (double)t->count) / size;
}

/* n^2 times the variance of a neuron's counts in bins. */
static double spread(const struct trains *t, const struct sampled *s)
{
    return (double)((u128)t->bins * s->square_sum - (u128)s->sum * s->sum);
}

static double covariance(const struct trains *t, uint64_t a, uint64_t b)
{
    return (double)((__int128)t->bins * t->product[a * t->sample_count + b] -
                    (__int128)t->sample[a].sum * t->sample[b].sum);
}

static double mean_correlation(const struct trains *t, uint64_t *pairs)
{
    double sum = 0;
    *pairs = 0;
    for (uint64_t a = 0; a < t->sample_count; a++) {
        const double of_a = spread(t, &t->sample[a]);
        for (uint64_t b = a + 1; b < t->sample_count && of_a > 0; b++) {
            const double of_b = spread(t, &t->sample[b]);
            if (of_b <= 0)
                continue;
            sum += covariance(t, a, b) / (sqrt(of_a) * sqrt(of_b));
            ++*pairs;
        }
    }
    return *pairs > 0 ? sum / (double)*pairs : NAN;
}

enum status trains_end(struct trains *t, double seconds, struct train_statistics *out,
                       struct error *err)
{
    memset(out, 0, sizeof *out);
    end_bin(t);
    out->cv2 = mean_cv2(t);
    out->chi = chi(t);
    out->correlation = mean_correlation(t, &out->pairs);
    return describe_counts(t, seconds, out, err);
}
