/* One normal by itself, and the two that are made of one radius and one angle. */
#ifndef MEGALIF_TESTS_NORMAL_CHECKS_H
#define MEGALIF_TESTS_NORMAL_CHECKS_H

#include "sampler_checks.h"

enum {
    ROW = 8192,
    FINE = 65536,  /* bins of equal probability, for Kolmogorov-Smirnov */
    COARSE = 4096, /* the same for chi-squared */
    NEAR = 200,    /* bins of 1e-4 in |x| < 0.01 */
    TAIL = 50,     /* bins of 0.05 from 3 to 5.5 and, last, beyond; on either side */
    SQUARE = 64    /* bins of radius and angle in their joint table */
};

/* What is gathered over all samples. */
struct normal_sums {
    uint64_t n;
    double moment[7];
    uint64_t fine[FINE], near[NEAR], tail[2][TAIL + 1];
};

static inline void normal_sums_add(struct normal_sums *s, const float *row)
{
    double moment[7] = {0};
    for (size_t i = 0; i < ROW; i++) {
        double x = (double)row[i], power = 1;
        for (int k = 1; k <= 6; k++)
            moment[k] += power *= x;
        s->fine[bin_of(normal_cdf(x), FINE)]++;
        if (fabs(x) < 0.01)
            s->near[bin_of((x + 0.01) / 0.02, NEAR)]++;
        if (fabs(x) >= 3)
            s->tail[x > 0][fabs(x) < 5.5 ? bin_of((fabs(x) - 3) / 2.5, TAIL) : TAIL]++;
    }
    for (int k = 1; k <= 6; k++)
        s->moment[k] += moment[k];
    s->n += ROW;
}

/* Variances of x^k: E x^2k - (E x^k)^2; their means 0, 1, 0, 3, 0, 15. */
static inline void expect_moments(const struct normal_sums *s)
{
    static const double mean[7] = {1, 0, 1, 0, 3, 0, 15};
    static const double variance[7] = {0, 1, 2, 15, 96, 945, 10170};
    static const char *const name[7] = {"",
                                        "mean",
                                        "second moment",
                                        "third moment",
                                        "fourth moment",
                                        "fifth moment",
                                        "sixth moment"};
    for (int k = 1; k <= 6; k++) {
        double found = s->moment[k] / (double)s->n;
        double error = sqrt(variance[k] / (double)s->n);
        print_message("%s %.8f, expected %g, standard error %.2g\n", name[k], found, mean[k],
                      error);
        expect_z((found - mean[k]) / error, name[k]);
    }
}

static inline void expect_shape(const struct normal_sums *s)
{
    static uint64_t coarse[COARSE];
    static double expected[NEAR];
    memset(coarse, 0, sizeof coarse);
    for (size_t i = 0; i < FINE; i++)
        coarse[i / (FINE / COARSE)] += s->fine[i];
    expect_uniform(coarse, COARSE, s->n, "chi-squared of normals");
    expect_ks(s->fine, FINE, s->n, "Kolmogorov-Smirnov of normals");
    for (int i = 0; i < NEAR; i++)
        expected[i] =
            (double)s->n * (normal_cdf(1e-4 * (i + 1) - 0.01) - normal_cdf(1e-4 * i - 0.01));
    expect_counts(s->near, expected, NEAR, NEAR, "chi-squared of normals within 0.01 of zero");
}

static inline double beyond(double x)
{
    return 0.5 * erfc(x * sqrt(0.5));
}

/* Each side's bins as far as 20 samples are expected in each, and the counts beyond 3, 4, 5, 5.5.
 */
static inline void expect_tails(const struct normal_sums *s)
{
    static const double edges[] = {3, 4, 5, 5.5};
    for (int side = 0; side < 2; side++) {
        double expected[TAIL];
        size_t bins = 0;
        for (; bins < TAIL; bins++) {
            double lo = 3 + 0.05 * (double)bins;
            expected[bins] = (double)s->n * (beyond(lo) - beyond(lo + 0.05));
            if (expected[bins] < 20)
                break;
        }
        expect_counts(s->tail[side], expected, bins, (double)bins, "chi-squared of a tail");
        for (int e = 0; e < 4; e++) {
            uint64_t count = 0;
            double mean = (double)s->n * beyond(edges[e]);
            for (int i = (int)lround((edges[e] - 3) / 0.05); i <= TAIL; i++)
                count += s->tail[side][i];
            print_message("%s %g: %llu, expected %.2f\n", side ? "above" : "below minus", edges[e],
                          (unsigned long long)count, mean);
            expect_poisson(count, mean, "samples in a tail");
        }
    }
}

static inline void check_normals(uint64_t samples)
{
    static struct normal_sums s;
    static _Alignas(64) float row[ROW];
    const struct sampler sampler = normal_sampler();
    const struct philox_key key = philox_stream_key(42, fnv1a64("input.noise/exc"));
    memset(&s, 0, sizeof s);
    for (uint64_t step = 0; s.n < samples; step++) {
        sample_row(&sampler, row, ROW, key, step, 0);
        normal_sums_add(&s, row);
    }
    expect_moments(&s);
    expect_shape(&s);
    expect_tails(&s);
    expect_end();
}

/* ---- radius and angle ---- */

struct polar_sums {
    uint64_t n;
    uint64_t radius[COARSE], angle[COARSE], joint[SQUARE * SQUARE];
    uint64_t far[4]; /* exp(-r^2 / 2) below 1e-3, 1e-5, 1e-6, 1e-7 */
};
static const double far_limit[4] = {1e-3, 1e-5, 1e-6, 1e-7};

static inline void polar_add(struct polar_sums *s, double x, double y)
{
    double radius = exp(-0.5 * (x * x + y * y)), angle = 0.5 + atan2(y, x) / (8.0 * atan(1.0));
    s->n++;
    s->radius[bin_of(radius, COARSE)]++;
    s->angle[bin_of(angle, COARSE)]++;
    s->joint[bin_of(radius, SQUARE) * SQUARE + bin_of(angle, SQUARE)]++;
    for (int i = 0; i < 4; i++)
        s->far[i] += radius < far_limit[i];
}

/* Of two normals that share radius and angle (neurons i and i + 16 in groups of 32), r^2 / 2 is
 * exponential, the angle uniform, and both independent. */
static inline void check_polar(uint64_t pairs)
{
    static struct polar_sums s;
    static _Alignas(64) float row[ROW];
    const struct sampler sampler = normal_sampler();
    const struct philox_key key = philox_stream_key(43, fnv1a64("input.noise/inh"));
    memset(&s, 0, sizeof s);
    for (uint64_t step = 0; s.n < pairs; step++) {
        sample_row(&sampler, row, ROW, key, step, 0);
        for (size_t i = 0; i < ROW; i += i % 16 == 15 ? 17 : 1)
            polar_add(&s, (double)row[i], (double)row[i + 16]);
    }
    expect_uniform(s.radius, COARSE, s.n, "radius");
    expect_ks(s.radius, COARSE, s.n, "radius, Kolmogorov-Smirnov");
    expect_uniform(s.angle, COARSE, s.n, "angle");
    expect_ks(s.angle, COARSE, s.n, "angle, Kolmogorov-Smirnov");
    expect_uniform(s.joint, (size_t)SQUARE * SQUARE, s.n, "radius and angle");
    for (int i = 0; i < 4; i++)
        expect_poisson(s.far[i], (double)s.n * far_limit[i], "large radii");
    expect_end();
}

#endif
