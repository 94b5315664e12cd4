/* Statistics of the random numbers, for seconds (test_samplers.c) and minutes (long_samplers.c).
 *
 * Every comparison yields a two-sided probability under the exact distribution and fails below
 * 1e-6: of moments about 4.9 standard errors. Seeds are fixed, so a run is repeatable: it passes
 * always or never. A run of test_samplers makes about 600 comparisons, one of long_samplers about
 * 900: with fresh seeds one run in a thousand would fail by chance. */
#ifndef MEGALIF_TESTS_SAMPLER_CHECKS_H
#define MEGALIF_TESTS_SAMPLER_CHECKS_H

#include "base/digest.h"
#include "kernel/philox.h"
#include "neuron/poisson_table.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double least_probability = 1e-6;
static unsigned failures;

static inline void expect(double probability, const char *what, double found)
{
    if (probability >= least_probability)
        return;
    failures++;
    print_error("%s: %.10g has probability %.3g\n", what, found, probability);
}

static inline void expect_end(void)
{
    unsigned count = failures;
    failures = 0;
    assert_int_equal(count, 0);
}

/* A number of standard errors. */
static inline void expect_z(double z, const char *what)
{
    expect(erfc(fabs(z) * sqrt(0.5)), what, z);
}

/* Chi-squared with many degrees of freedom, too low as well as too high (Wilson & Hilferty 1931).
 */
static inline void expect_chi2(double chi2, double freedom, const char *what)
{
    double width = 2.0 / (9.0 * freedom);
    expect_z((cbrt(chi2 / freedom) - (1.0 - width)) / sqrt(width), what);
}

/* Chi-squared of counts against expectations. */
static inline void expect_counts(const uint64_t *count, const double *expected, size_t bins,
                                 double freedom, const char *what)
{
    double chi2 = 0;
    for (size_t i = 0; i < bins; i++)
        chi2 += ((double)count[i] - expected[i]) * ((double)count[i] - expected[i]) / expected[i];
    expect_chi2(chi2, freedom, what);
}

/* The same for bins that are equally probable and make up everything. */
static inline void expect_uniform(const uint64_t *count, size_t bins, uint64_t n, const char *what)
{
    double chi2 = 0, expected = (double)n / (double)bins;
    for (size_t i = 0; i < bins; i++)
        chi2 += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
    expect_chi2(chi2, (double)bins - 1, what);
}

/* Kolmogorov-Smirnov at the edges of equally probable bins: its limit is 2 exp(-2 n D^2). */
static inline void expect_ks(const uint64_t *count, size_t bins, uint64_t n, const char *what)
{
    double most = 0;
    uint64_t below = 0;
    for (size_t i = 0; i < bins; i++) {
        below += count[i];
        most = fmax(most, fabs((double)below / (double)n - (double)(i + 1) / (double)bins));
    }
    expect(fmin(1.0, 2.0 * exp(-2.0 * (double)n * most * most)), what, most);
}

/* ---- Poisson ---- */

static inline long double poisson_probability(long double mean, uint64_t n)
{
    return expl((long double)n * logl(mean) - mean - lgammal((long double)n + 1));
}

/* Two-sided and exact (normal from 1e5 on): how likely is it to be at least as far out as count? */
static inline void expect_poisson(uint64_t count, double mean, const char *what)
{
    long double below = 0;
    if (mean > 1e5) {
        expect_z(((double)count - mean) / sqrt(mean), what);
        return;
    }
    for (uint64_t n = 0; n < count; n++)
        below += poisson_probability(mean, n);
    long double up = 1 - below, down = below + poisson_probability(mean, count);
    expect((double)fmaxl(0, fminl(1, 2 * fminl(up, down))), what, (double)count);
}

/* ---- samples ---- */

enum { CATEGORIES = 16 };

/* Normals (table NULL) or counts, with the classes that pairs of them are sorted into. */
struct sampler {
    struct poisson_table *table;
    double mean, sd;
    double square_variance; /* of the standardised number's square */
    unsigned categories;
    double probability[CATEGORIES]; /* of each class */
};

static inline struct sampler normal_sampler(void)
{
    struct sampler s = {NULL, 0, 1, 2, CATEGORIES, {0}};
    for (unsigned i = 0; i < CATEGORIES; i++)
        s.probability[i] = 1.0 / CATEGORIES;
    return s;
}

/* Classes 0, 1, 2 ... as long as 2 % are left. */
static inline struct sampler poisson_sampler(double mean)
{
    struct sampler s = {NULL, mean, sqrt(mean), 2 + 1 / mean, 0, {0}};
    double left = 1.0;
    assert_int_equal(poisson_table_open(&s.table, mean, NULL), STATUS_OK);
    while (s.categories < CATEGORIES - 1) {
        double p = (double)poisson_probability(mean, s.categories);
        if (left - p < 0.02)
            break;
        s.probability[s.categories++] = p;
        left -= p;
    }
    s.probability[s.categories++] = left;
    return s;
}

static inline double normal_cdf(double x)
{
    return 0.5 * erfc(-x * sqrt(0.5));
}

static inline unsigned bin_of(double unit, unsigned bins)
{
    unsigned bin = (unsigned)(unit * bins);
    return bin < bins ? bin : bins - 1;
}

static inline void sample_row(const struct sampler *s, float *row, size_t count,
                              struct philox_key key, uint64_t step, uint64_t first_id)
{
    const struct kernels *kernels = kernels_for(kernels_best_isa(), 32);
    if (s->table)
        kernels->counts(row, count, &s->table->counts, key, step, first_id);
    else
        kernels->normals(row, count, key, step, first_id);
}

/* Standardised numbers and their classes. */
struct classed {
    float *x;
    uint8_t *category;
    size_t count;
};

static inline struct classed classed_open(size_t count)
{
    struct classed c = {aligned_alloc(64, count * sizeof(float)), malloc(count), count};
    assert_true(c.x && c.category);
    return c;
}

static inline void classed_close(struct classed *c)
{
    free(c->x);
    free(c->category);
}

/* Fills `count` of them from `at` on. */
static inline void classed_draw(struct classed *c, size_t at, size_t count, const struct sampler *s,
                                struct philox_key key, uint64_t step, uint64_t first_id)
{
    sample_row(s, c->x + at, count, key, step, first_id);
    for (size_t i = at; i < at + count; i++) {
        double x = (double)c->x[i];
        unsigned n = s->table ? (unsigned)x : bin_of(normal_cdf(x), CATEGORIES);
        c->category[i] = (uint8_t)(n < s->categories ? n : s->categories - 1);
        c->x[i] = (float)((x - s->mean) / s->sd);
    }
}

/* ---- pairs that ought to be independent ---- */

struct pairs {
    double n, xy, xxy, xyy, xxyy;
    uint64_t table[CATEGORIES][CATEGORIES];
};

static inline void pairs_add(struct pairs *p, const struct classed *a, size_t i,
                             const struct classed *b, size_t j)
{
    double x = (double)a->x[i], y = (double)b->x[j], xx = x * x - 1, yy = y * y - 1;
    p->n++;
    p->xy += x * y;
    p->xxy += xx * y;
    p->xyy += x * yy;
    p->xxyy += xx * yy;
    p->table[a->category[i]][b->category[j]]++;
}

/* Correlations of numbers and squares, and the joint distribution; pairs must not overlap. */
static inline void expect_independent(const struct pairs *p, const struct sampler *s,
                                      const char *what)
{
    uint64_t count[CATEGORIES * CATEGORIES];
    double expected[CATEGORIES * CATEGORIES], root = sqrt(p->n);
    size_t cells = 0;
    expect_z(p->xy / root, what);
    expect_z(p->xxy / root / sqrt(s->square_variance), what);
    expect_z(p->xyy / root / sqrt(s->square_variance), what);
    expect_z(p->xxyy / root / s->square_variance, what);
    for (unsigned i = 0; i < s->categories; i++)
        for (unsigned j = 0; j < s->categories; j++, cells++) {
            count[cells] = p->table[i][j];
            expected[cells] = p->n * s->probability[i] * s->probability[j];
        }
    expect_counts(count, expected, cells, (double)cells - 1, what);
}

#endif
