#include "cli/trains.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 u128;

enum {
    AHEAD = 24 /* spikes: their neurons' memory is asked for so long before */
};

/* What a spike of a neuron changes lies together, in half a cache line: neighbours in time are none
 * in memory, so a spike costs what it takes to get this. Steps count from the window's begin; of
 * the lower 32 bits, struct wide has the rest. */
struct train {
    uint64_t square_sum; /* of intervals */
    double cv2_sum;
    uint32_t last, interval; /* interval: the last one */
    uint32_t spikes, in_bin; /* in_bin: spikes in the bin of `last` */
};

/* What a spike seldom changes. */
struct beside {
    uint32_t first;
    uint32_t left_out; /* pairs of intervals of 0 */
};

/* The higher 32 bits. */
struct wide {
    uint32_t first, last, interval;
};

/* One of so many neurons: n = divisor * k exactly where rotating n * inverse by `shift` gives a k
 * of at most `most` (Granlund and Montgomery 1994), without a division. */
struct every {
    uint64_t divisor, inverse, most;
    unsigned shift;
};

/* A neuron of the sample, over whole bins. */
struct sampled {
    uint64_t sum, square_sum;
};

struct trains {
    struct trains_window window;
    uint64_t size, bins;          /* whole ones */
    struct every step;            /* one of so many neurons has a train */
    uint64_t count;               /* trains */
    uint64_t bin, in_bin;         /* where we are, and the population's spikes there */
    uint64_t bin_begin, bin_end;  /* steps from the window's begin: (begin, end] */
    u128 sum, square_sum;         /* of the population's spikes in a bin */
    u128 own_squares, own_counts; /* over trains: sums of count^2 in a bin, of count^2 in all */
    struct every sample_step;
    uint64_t sample_count, active_count;
    struct train *train;
    struct beside *beside;
    struct wide *wide; /* NULL: 32 bits are enough for all steps of the window */
    struct sampled *sample;
    uint64_t *product;                           /* [sample_count][sample_count], a < b: of pairs */
    uint32_t active[TRAINS_CORRELATED], *counts; /* those with spikes in this bin; how many */
};

static struct every every(uint64_t size, uint64_t most)
{
    struct every e = {.divisor = size > most ? (size - 1) / most + 1 : 1};
    e.shift = (unsigned)__builtin_ctzll(e.divisor);
    const uint64_t odd = e.divisor >> e.shift;
    e.inverse = odd; /* modulo 2^3; each round doubles the bits that are right */
    for (int bits = 3; bits < 64; bits *= 2)
        e.inverse *= 2 - odd * e.inverse;
    e.most = UINT64_MAX / e.divisor;
    return e;
}

/* n / divisor, or above `most` where that is no whole number. */
static inline uint64_t place(const struct every *e, uint64_t n)
{
    const uint64_t product = n * e->inverse;
    return product >> e->shift | product << (-e->shift & 63);
}

static uint64_t count_of(const struct every *e, uint64_t size)
{
    return (size + e->divisor - 1) / e->divisor;
}

/* Zeros, on huge pages: else most spikes would also wait for an address to be translated. */
static void *open_table(size_t bytes)
{
    void *table = memory_alloc(bytes);
    if (table)
        memset(table, 0, bytes);
    return table;
}

enum status trains_open(struct trains **out, uint64_t size, struct trains_window window,
                        struct error *err)
{
    struct trains *t = *out = calloc(1, sizeof *t);
    if (!t)
        return error_no_memory(err, "for statistics");
    const uint64_t steps = window.end > window.begin ? window.end - window.begin : 0;
    const bool is_wide = steps > UINT32_MAX;
    t->window = window;
    t->size = size;
    t->bins = steps / window.bin;
    t->bin_end = window.bin;
    t->step = every(size, TRAINS_MOST);
    t->count = count_of(&t->step, size);
    t->sample_step = every(size, TRAINS_CORRELATED);
    t->sample_count = count_of(&t->sample_step, size);
    t->train = open_table(t->count * sizeof *t->train);
    t->beside = open_table(t->count * sizeof *t->beside);
    t->wide = is_wide ? open_table(t->count * sizeof *t->wide) : NULL;
    t->sample = calloc(t->sample_count + 1, sizeof *t->sample);
    t->counts = calloc(t->sample_count + 1, sizeof *t->counts);
    t->product = calloc(t->sample_count * t->sample_count + 1, sizeof *t->product);
    if (t->train && t->beside && (t->wide || !is_wide) && t->sample && t->counts && t->product)
        return STATUS_OK;
    return error_no_memory(err, "for the statistics of %llu neurons", (unsigned long long)size);
}

void trains_close(struct trains *t)
{
    if (!t)
        return;
    memory_free(t->train, t->count * sizeof *t->train);
    memory_free(t->beside, t->count * sizeof *t->beside);
    memory_free(t->wide, t->count * sizeof *t->wide);
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

/* step: from the window's begin. */
static void go_to_bin_of(struct trains *t, uint64_t step)
{
    if (step <= t->bin_end)
        return;
    end_bin(t);
    t->bin = (step - 1) / t->window.bin;
    t->bin_begin = t->bin * t->window.bin;
    t->bin_end = t->bin_begin + t->window.bin;
}

static void add_to_sample(struct trains *t, const uint64_t *ids, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        const uint64_t i = place(&t->sample_step, ids[k]);
        if (i <= t->sample_step.most && t->counts[i]++ == 0)
            t->active[t->active_count++] = (uint32_t)i;
    }
}

/* An interval, and the pair it makes with the one before. */
static inline void add_interval(struct trains *t, uint64_t i, uint64_t interval)
{
    struct train *train = &t->train[i];
    const uint64_t high = t->wide ? (uint64_t)t->wide[i].interval << 32 : 0;
    const uint64_t before = high | train->interval;
    const int64_t sum = (int64_t)(before + interval), more = (int64_t)(interval - before);
    train->square_sum += interval * interval;
    train->interval = (uint32_t)interval;
    if (t->wide)
        t->wide[i].interval = (uint32_t)(interval >> 32);
    if (train->spikes < 2)
        return;
    if (sum == 0)
        t->beside[i].left_out++;
    else
        train->cv2_sum += 2.0 * fabs((double)more) / (double)sum;
}

static inline void note_first(struct trains *t, uint64_t i, uint64_t step)
{
    t->beside[i].first = (uint32_t)step;
    if (t->wide)
        t->wide[i].first = (uint32_t)(step >> 32);
}

static inline void note_last(struct trains *t, uint64_t i, uint64_t step)
{
    t->train[i].last = (uint32_t)step;
    if (t->wide)
        t->wide[i].last = (uint32_t)(step >> 32);
}

static uint64_t first_of(const struct trains *t, uint64_t i)
{
    return (t->wide ? (uint64_t)t->wide[i].first << 32 : 0) | t->beside[i].first;
}

static inline uint64_t last_of(const struct trains *t, uint64_t i)
{
    return (t->wide ? (uint64_t)t->wide[i].last << 32 : 0) | t->train[i].last;
}

/* Sums over the spikes of one call, which fit 64 bits. */
struct own_sums {
    uint64_t squares, counts;
};

static inline void add_to_train(struct trains *t, uint64_t i, uint64_t step, struct own_sums *own)
{
    struct train *train = &t->train[i];
    const uint64_t last = last_of(t, i);
    if (train->spikes == 0)
        note_first(t, i, step);
    else
        add_interval(t, i, step - last);
    if (last <= t->bin_begin) /* it is 0 before the first spike */
        train->in_bin = 0;
    own->squares += 2 * (uint64_t)train->in_bin + 1; /* (n + 1)^2 - n^2 */
    own->counts += 2 * (uint64_t)train->spikes + 1;
    train->in_bin++;
    train->spikes++;
    note_last(t, i, step);
}

static void add_to_trains(struct trains *t, const uint64_t *ids, size_t count, size_t known,
                          uint64_t step)
{
    struct own_sums own = {0, 0};
    for (size_t k = 0; k < count; k++) {
        const uint64_t ahead = place(&t->step, ids[k + AHEAD < known ? k + AHEAD : k]);
        const uint64_t i = place(&t->step, ids[k]);
        if (ahead <= t->step.most)
            __builtin_prefetch(&t->train[ahead], 1);
        if (i <= t->step.most)
            add_to_train(t, i, step, &own);
    }
    if (t->bin < t->bins) {
        t->own_squares += own.squares;
        t->own_counts += own.counts;
    }
}

void trains_add(struct trains *t, const uint64_t *ids, size_t count, size_t known, uint64_t step)
{
    if (step <= t->window.begin || step > t->window.end)
        return;
    step -= t->window.begin;
    go_to_bin_of(t, step);
    if (t->bin < t->bins) {
        t->in_bin += count;
        add_to_sample(t, ids, count);
    }
    add_to_trains(t, ids, count, known, step);
}

/* ---- what came of it */

static struct neuron_count read_count(const void *context, uint64_t i)
{
    const struct trains *t = context;
    return (struct neuron_count){t->train[i].spikes, last_of(t, i) - first_of(t, i),
                                 t->train[i].square_sum};
}

static enum status describe_counts(const struct trains *t, double seconds,
                                   struct train_statistics *out, struct error *err)
{
    enum status status =
        neuron_counts_describe(t->count, read_count, t, seconds, &out->counts, err);
    /* The spread of a subset tells that of all; the mean of all is more certain. */
    out->counts.rate_standard_error *= sqrt((double)t->count / (double)t->size);
    return status;
}

static double mean_cv2(const struct trains *t)
{
    double sum = 0, neurons = 0;
    for (uint64_t i = 0; i < t->count; i++) {
        const struct train *train = &t->train[i];
        if (train->spikes <= TRAINS_LEAST_INTERVALS)
            continue;
        const uint32_t pairs = train->spikes - 2 - t->beside[i].left_out;
        if (pairs == 0)
            continue;
        sum += train->cv2_sum / pairs;
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
