/* Counts against the Poisson distribution. */
#ifndef MEGALIF_TESTS_POISSON_CHECKS_H
#define MEGALIF_TESTS_POISSON_CHECKS_H

#include "sampler_checks.h"

#include <stdio.h>

enum { POISSON_ROW = 8192, POISSON_MOST = 2048 };

static const double poisson_means[] = {1e-6, 1e-3, 0.2, 0.5, 3, 20, 23.5, 500, 1000};
enum { POISSON_MEANS = sizeof poisson_means / sizeof poisson_means[0] };

/* Chi-squared over counts, neighbours taken together until 20 are expected; with fewer than 5 such
 * bins the sum of all counts says it all. */
static inline void expect_poisson_shape(const uint64_t *count, double n, double mean,
                                        const char *what)
{
    static uint64_t found[POISSON_MOST];
    static double expected[POISSON_MOST];
    size_t bins = 0;
    double left = n;
    found[0] = 0;
    expected[0] = 0;
    for (size_t i = 0; i < POISSON_MOST; i++) {
        double here = n * (double)poisson_probability(mean, i);
        expected[bins] += here;
        found[bins] += count[i];
        left -= here;
        if (expected[bins] >= 20 && left >= 20 && i + 1 < POISSON_MOST) {
            bins++;
            expected[bins] = 0;
            found[bins] = 0;
        }
    }
    if (bins + 1 >= 5)
        expect_counts(found, expected, bins + 1, (double)bins, what);
}

/* The sum of n counts is Poisson(n mean), exactly; (N - mean)^2 has variance mean + 2 mean^2. */
static inline void check_poisson_mean(double mean, uint64_t samples)
{
    static uint64_t count[POISSON_MOST];
    static _Alignas(64) float row[POISSON_ROW];
    const struct sampler s = poisson_sampler(mean);
    char what[64];
    uint64_t sum = 0, n = 0;
    double squares = 0;
    snprintf(what, sizeof what, "Poisson, mean %g", mean);
    const struct philox_key key = philox_stream_key(42, fnv1a64(what));
    memset(count, 0, sizeof count);
    for (uint64_t step = 0; n < samples; step++, n += POISSON_ROW) {
        sample_row(&s, row, POISSON_ROW, key, step, 0);
        for (size_t i = 0; i < POISSON_ROW; i++) {
            assert_true(row[i] >= 0 && row[i] < POISSON_MOST);
            count[(size_t)row[i]]++;
        }
    }
    for (size_t i = 0; i < POISSON_MOST; i++) {
        sum += i * count[i];
        squares += (double)count[i] * ((double)i - mean) * ((double)i - mean);
    }
    double total = (double)n, variance = squares / total;
    print_message("%s: sum %llu, expected %.1f; variance %.8g\n", what, (unsigned long long)sum,
                  total * mean, variance);
    expect_poisson(sum, total * mean, what);
    if (total * mean > 1000)
        expect_z((variance - mean) / sqrt((mean + 2 * mean * mean) / total), what);
    expect_poisson_shape(count, total, mean, what);
    poisson_table_close(s.table);
}

static inline void check_poisson(uint64_t samples)
{
    for (size_t i = 0; i < POISSON_MEANS; i++)
        check_poisson_mean(poisson_means[i], samples);
    expect_end();
}

#endif
