#include "neuron/poisson_table.h"

#include <math.h>
#include <stdlib.h>

static void normalise(double *p, size_t length)
{
    double sum = 0;
    for (size_t n = 0; n < length; n++)
        sum += p[n];
    for (size_t n = 0; n < length; n++)
        p[n] /= sum;
}

/* Probabilities relative to the mode's, by the ratio p(n + 1) / p(n) = mean / (n + 1) both ways, so
 * that no mean underflows; then normalised. Returns how many (the tail beyond is below 2^-80). */
static size_t weights(double mean, double *p, size_t most)
{
    size_t mode = (size_t)mean, length = mode + 1;
    p[mode] = 1.0;
    for (size_t n = mode; n > 0; n--)
        p[n - 1] = p[n] * ((double)n / mean);
    for (; length < most && (p[length - 1] > 0x1p-80 || length < mode + 2); length++)
        p[length] = p[length - 1] * (mean / (double)length);
    normalise(p, length);
    return length;
}

/* Likewise for p(n + 1) / p(n) = (trials - n) / (n + 1) chance / (1 - chance); length: trials + 1.
 */
static void binomial_weights(uint32_t trials, double chance, double *p)
{
    size_t mode = (size_t)((trials + 1.0) * chance);
    mode = mode < trials ? mode : trials;
    double odds = chance < 1.0 ? chance / (1.0 - chance) : 0.0; /* not used at 1 */
    p[mode] = 1.0;
    for (size_t n = mode; n > 0; n--)
        p[n - 1] = chance < 1.0 ? p[n] * ((double)n / ((double)(trials - n + 1) * odds)) : 0.0;
    for (size_t n = mode; n < trials; n++)
        p[n + 1] = p[n] * ((double)(trials - n) / (double)(n + 1) * odds);
    normalise(p, (size_t)trials + 1);
}

/* 2^64 P(N <= n): from below up to the middle, from above beyond it, where 1 - tail keeps its
 * digits. Thresholds that would be 2^64 are never reached and left out. */
static uint32_t thresholds(const double *p, size_t length, uint64_t *cdf)
{
    size_t middle = 0;
    double below = 0, above = 0;
    for (; middle < length && below + p[middle] < 0.5; middle++) {
        below += p[middle];
        cdf[middle] = (uint64_t)(below * 0x1p64);
    }
    size_t used = length;
    for (size_t n = length; n-- > middle;) {
        uint64_t tail = (uint64_t)(above * 0x1p64);
        cdf[n] = 0 - tail;
        if (tail == 0)
            used = n;
        above += p[n];
    }
    return (uint32_t)used;
}

static void fill_guide(struct poisson_table *t)
{
    const struct counts_table *c = &t->counts;
    uint32_t n = 0;
    for (uint32_t i = 0; i < 4096; i++) {
        while (n < c->length && t->high[n] < 16 * i)
            n++;
        t->guide[i] = (uint16_t)n;
    }
}

/* Entries that hold the distribution up to where its tail is below 2^-80. */
static size_t entries(double mean)
{
    return (size_t)(mean + 16.0 * sqrt(mean)) + 64;
}

/* A tail is a sum of hundreds of rounded numbers: a mean that is greater by more than their errors
 * has the longer table. */
uint32_t poisson_table_most(double mean)
{
    enum { ENTRIES_MOST = 1600 }; /* of a mean of 1e3, and a little more */
    double p[ENTRIES_MOST];
    uint64_t cdf[ENTRIES_MOST];
    mean *= 1.0 + 1e-9;
    return thresholds(p, weights(mean, p, entries(mean)), cdf);
}

uint64_t poisson_table_bytes(double mean)
{
    const struct poisson_table *t = NULL;
    return sizeof *t + entries(mean) * (sizeof *t->cdf + sizeof *t->high) +
           COUNTS_SLACK * sizeof *t->high;
}

/* A table with room for so many entries, and as many probabilities to make it from. */
static enum status allocate(struct poisson_table **out, double **p, size_t most, struct error *err)
{
    struct poisson_table *t = calloc(1, sizeof *t);
    *out = t;
    *p = malloc(most * sizeof **p);
    if (t) {
        t->cdf = malloc(most * sizeof *t->cdf);
        t->high = malloc((most + COUNTS_SLACK) * sizeof *t->high);
    }
    if (t && *p && t->cdf && t->high)
        return STATUS_OK;
    free(*p);
    poisson_table_close(t);
    *out = NULL;
    return error_no_memory(err, "for a table of %zu probabilities", most);
}

static void fill_table(struct poisson_table *t, const double *p, size_t length)
{
    t->counts = (struct counts_table){t->cdf, t->high, t->guide, 0, 0};
    t->counts.length = thresholds(p, length, t->cdf);
    for (uint32_t n = 0; n < t->counts.length; n++) {
        t->high[n] = (uint16_t)(t->cdf[n] >> 48);
        if (n == 0 || t->high[n - 1] < UINT16_MAX)
            t->counts.compares = n + 1; /* the last compares for ties alone */
    }
    for (uint32_t n = 0; n < COUNTS_SLACK; n++)
        t->high[t->counts.length + n] = UINT16_MAX;
    fill_guide(t);
}

enum status poisson_table_open(struct poisson_table **out, double mean, struct error *err)
{
    double *p;
    size_t most = entries(mean);
    if (allocate(out, &p, most, err))
        return STATUS_MEMORY;
    fill_table(*out, p, weights(mean, p, most));
    free(p);
    return STATUS_OK;
}

enum status poisson_table_open_binomial(struct poisson_table **out, uint32_t trials, double chance,
                                        struct error *err)
{
    double *p;
    if (allocate(out, &p, (size_t)trials + 1, err))
        return STATUS_MEMORY;
    binomial_weights(trials, chance, p);
    fill_table(*out, p, (size_t)trials + 1);
    free(p);
    return STATUS_OK;
}

void poisson_table_close(struct poisson_table *table)
{
    if (!table)
        return;
    free(table->cdf);
    free(table->high);
    free(table);
}
