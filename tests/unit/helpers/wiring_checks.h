/* The distribution of synapses: which pairs, how many, which weights and delays. For seconds
 * (test_wiring_laws.c) and minutes (long_wiring.c). As in sampler_checks.h, a comparison fails
 * below a probability of 1e-6, and seeds are fixed. */
#ifndef MEGALIF_TESTS_WIRING_CHECKS_H
#define MEGALIF_TESTS_WIRING_CHECKS_H

#include "net/wiring.h"
#include "read_config.h"
#include "sampler_checks.h"

#include <math.h>

#define CONSTANT "weight = 0.1 mV\ndelay = 1.5 ms\n"

/* How a rule fixes numbers: of each target, of each source, of all, or of none. */
enum kind { OF_TARGET, OF_SOURCE, OF_ALL, OF_PAIRS };

struct rule_law {
    const char *rule; /* its lines */
    enum kind kind;
    double number; /* synapses of a target, a source, all, a pair */
    bool autapses, multapses;
};

static const struct rule_law pair_laws[] = {
    {"rule = fixed_indegree\nindegree = 40\n", OF_TARGET, 40, true, true},
    {"rule = fixed_indegree\nindegree = 40\n", OF_TARGET, 40, false, true},
    {"rule = fixed_indegree\nindegree = 20\n", OF_TARGET, 20, true, false},
    {"rule = fixed_indegree\nindegree = 4\n", OF_TARGET, 4, false, false},
    {"rule = fixed_outdegree\noutdegree = 30\n", OF_SOURCE, 30, true, true},
    {"rule = fixed_outdegree\noutdegree = 30\n", OF_SOURCE, 30, false, true},
    {"rule = fixed_outdegree\noutdegree = 15\n", OF_SOURCE, 15, true, false},
    {"rule = fixed_outdegree\noutdegree = 3\n", OF_SOURCE, 3, false, false},
    {"rule = fixed_total_number\nN = 900\n", OF_ALL, 900, true, true},
    {"rule = fixed_total_number\nN = 900\n", OF_ALL, 900, false, true},
    {"rule = fixed_total_number\nN = 400\n", OF_ALL, 400, true, false},
    {"rule = fixed_total_number\nN = 100\n", OF_ALL, 100, false, false},
    {"rule = pairwise_bernoulli\np = 0.4\n", OF_PAIRS, 0.4, true, false},
    {"rule = pairwise_bernoulli\np = 0.7\n", OF_PAIRS, 0.7, false, false},
    {"rule = pairwise_poisson\npairwise_avg_num_conns = 1.2\n", OF_PAIRS, 1.2, true, true},
    {"rule = pairwise_poisson\npairwise_avg_num_conns = 0.3\n", OF_PAIRS, 0.3, false, true},
};
enum { PAIR_LAWS = sizeof pair_laws / sizeof *pair_laws };

static inline struct config *read_lists(const struct rule_law *law, const char *source,
                                        const char *target, const char *values)
{
    char text[2000];
    snprintf(text, sizeof text,
             HEAD "[population.a]\nsize = 1e10\n[projection.p]\nsource = a[0:%s]\ntarget = a[%s]\n"
                  "%sallow_autapses = %s\nallow_multapses = %s\n%s",
             source, target, law->rule, law->autapses ? "yes" : "no", law->multapses ? "yes" : "no",
             values);
    return read_text(text);
}

static inline struct wiring *open_seed(struct config *config, uint64_t seed)
{
    struct wiring *wiring;
    struct error err;
    config->projection[0].seed = seed;
    assert_int_equal(wiring_open(&wiring, config, 0, kernels_for(kernels_best_isa(), 32), &err),
                     STATUS_OK);
    return wiring;
}

/* All synapses of the projection under a seed. */
static inline void draw_all(struct config *config, uint64_t seed, enum wiring_what what,
                            wiring_sink *sink, void *context)
{
    struct wiring *wiring = open_seed(config, seed);
    struct error err;
    for (uint64_t tile = 0; tile < wiring_tiles(wiring); tile++)
        assert_int_equal(wiring_draw(wiring, tile, what, sink, context, &err), STATUS_OK);
    wiring_close(wiring);
}

/* ---- each pair: sources a[0:30], targets a[15:35] */

enum { SOURCES = 30, TARGETS = 20, OVERLAP = 15 };

struct pair_counts {
    uint64_t sum[TARGETS][SOURCES], in_round[TARGETS][SOURCES];
    uint64_t multiplicity[16]; /* of one pair of each round, another in each */
};

static inline void count_pairs(void *context, const struct wiring_batch *batch)
{
    struct pair_counts *counts = context;
    for (size_t i = 0; i < batch->count; i++)
        counts->in_round[batch->target[i]][batch->source[i]]++;
}

static inline void end_round(struct pair_counts *counts, uint64_t round)
{
    uint64_t n = counts->in_round[round % TARGETS][round % SOURCES];
    counts->multiplicity[n < 15 ? n : 15]++;
    for (size_t t = 0; t < TARGETS; t++)
        for (size_t s = 0; s < SOURCES; s++)
            counts->sum[t][s] += counts->in_round[t][s];
    memset(counts->in_round, 0, sizeof counts->in_round);
}

static inline bool is_self(size_t target, size_t source)
{
    return source == target + SOURCES - OVERLAP;
}

/* Among how many pairs the number that a pair has its share of is spread. */
static inline double sharers(const struct rule_law *law, size_t target, size_t source)
{
    bool no = !law->autapses;
    switch (law->kind) {
    case OF_TARGET:
        return SOURCES - (no && target < OVERLAP);
    case OF_SOURCE:
        return TARGETS - (no && source >= SOURCES - OVERLAP);
    case OF_ALL:
        return SOURCES * TARGETS - (no ? OVERLAP : 0);
    default:
        return 1;
    }
}

/* A number drawn n times on m pairs alike has chi-squared with m - 1 degrees of freedom; without
 * multapses it is smaller by (1 - n / m) m / (m - 1). Numbers of pairs alone have one degree each,
 * and are smaller by 1 - p where there is one or none. */
static inline void check_pair_counts(const struct rule_law *law, const struct pair_counts *counts,
                                     uint64_t rounds)
{
    double chi2 = 0, freedom = 0;
    for (size_t t = 0; t < TARGETS; t++)
        for (size_t s = 0; s < SOURCES; s++) {
            double m = sharers(law, t, s), mean = law->number / m;
            double expected = mean * (double)rounds, far = (double)counts->sum[t][s] - expected;
            if (!law->autapses && is_self(t, s)) {
                assert_int_equal(counts->sum[t][s], 0);
                continue;
            }
            double scale = law->multapses ? 1 : (1 - mean) * (m > 1 ? m / (m - 1) : 1);
            chi2 += far * far / expected / scale;
            freedom += m > 1 ? 1 - 1 / m : 1;
        }
    expect_chi2(chi2, freedom, law->rule);
}

static inline double binomial_at(double n, double p, double k)
{
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) +
               (n - k) * log1p(-p));
}

/* Multapses: how many synapses one pair has, where that is the same for all. */
static inline void check_multiplicity(const struct rule_law *law, const struct pair_counts *counts,
                                      uint64_t rounds)
{
    double expected[16], left = 1, m = sharers(law, 0, 0);
    size_t bins = 0;
    if (!law->autapses || !law->multapses)
        return;
    for (; bins < 15 && left * (double)rounds > 20; bins++) {
        double k = (double)bins;
        double p = law->kind == OF_PAIRS ? (double)poisson_probability(law->number, bins)
                                         : binomial_at(law->number, 1 / m, k);
        expected[bins] = p * (double)rounds;
        left -= p;
    }
    expected[bins - 1] += left * (double)rounds;
    uint64_t count[16];
    memcpy(count, counts->multiplicity, sizeof count);
    for (size_t i = bins; i < 16; i++)
        count[bins - 1] += count[i];
    expect_counts(count, expected, bins, (double)bins - 1, "synapses of a pair");
}

static inline void check_pairs(const struct rule_law *law, uint64_t rounds)
{
    static struct pair_counts counts;
    struct config *config = read_lists(law, "30", "15:35", CONSTANT);
    memset(&counts, 0, sizeof counts);
    for (uint64_t seed = 0; seed < rounds; seed++) {
        draw_all(config, seed, WIRING_PAIRS, count_pairs, &counts);
        end_round(&counts, seed);
    }
    check_pair_counts(law, &counts, rounds);
    check_multiplicity(law, &counts, rounds);
    config_free(config);
    expect_end();
}

/* ---- sets: which of six pairs are made together */

enum { SETS = 64 };

struct set {
    size_t sources;
    unsigned pairs; /* bit target * sources + source */
};

static inline void note_set(void *context, const struct wiring_batch *batch)
{
    struct set *set = context;
    for (size_t i = 0; i < batch->count; i++)
        set->pairs |= 1U << (batch->target[i] * set->sources + batch->source[i]);
}

/* Each set of `size` pairs among six, or each of all with p^size (1 - p)^(6 - size). */
static inline void check_sets(const struct rule_law *law, const char *source, const char *target,
                              uint64_t rounds)
{
    struct config *config = read_lists(law, source, target, CONSTANT);
    uint64_t count[SETS] = {0}, found[SETS];
    double expected[SETS], p = law->number;
    size_t sets = 0;
    for (uint64_t seed = 0; seed < rounds; seed++) {
        struct set set = {config->projection[0].sources, 0};
        draw_all(config, seed, WIRING_PAIRS, note_set, &set);
        count[set.pairs]++;
    }
    for (unsigned set = 0; set < SETS; set++) {
        int size = __builtin_popcount(set);
        bool possible = law->kind == OF_PAIRS || size == (int)law->number;
        assert_true(possible || count[set] == 0);
        if (!possible)
            continue;
        found[sets] = count[set];
        expected[sets++] =
            (double)rounds * (law->kind == OF_PAIRS ? pow(p, size) * pow(1 - p, 6 - size)
                                                    : 1 / binomial_at(6, 0.5, p) / 64);
    }
    expect_counts(found, expected, sets, (double)sets - 1, law->rule);
    config_free(config);
    expect_end();
}

/* ---- degrees in large networks: a[0:S] to a[0:T] */

struct degrees {
    uint64_t *in, *out;
    uint64_t tile_first;
};

static inline void count_degrees(void *context, const struct wiring_batch *batch)
{
    struct degrees *degrees = context;
    for (size_t i = 0; i < batch->count; i++) {
        degrees->in[degrees->tile_first + batch->target[i]]++;
        degrees->out[batch->source[i]]++;
    }
}

/* Numbers against their common mean: of n neurons that share `total`, or have it each from its own
 * draws (independent); scale: variance over mean. */
static inline void check_degrees(const uint64_t *degree, size_t n, double mean, double scale,
                                 bool independent, const char *what)
{
    double chi2 = 0, size = (double)n;
    for (size_t i = 0; i < n; i++)
        chi2 += ((double)degree[i] - mean) * ((double)degree[i] - mean) / mean / scale;
    expect_chi2(chi2, independent ? size : size - 1, what);
}

/* Chi-squared of a whole histogram. */
static inline void check_histogram(const uint64_t *degree, size_t n, double number, double p,
                                   const char *what)
{
    enum { MOST = 4096 };
    static uint64_t count[MOST];
    static double expected[MOST];
    memset(count, 0, sizeof count);
    double mean = number * (p > 0 ? p : 1), sd = sqrt(mean * (1 - p));
    size_t least = (size_t)fmax(0, mean - 3 * sd), bins = (size_t)(6 * sd) + 2;
    assert_true(bins < MOST);
    double left = (double)n;
    for (size_t i = 1; i + 1 < bins; i++) {
        double k = (double)(least + i);
        expected[i] = (double)n * (p > 0 ? binomial_at(number, p, k)
                                         : (double)poisson_probability(number, least + i));
        left -= expected[i];
    }
    for (size_t i = 0; i < n; i++) {
        size_t bin = degree[i] <= least ? 0 : (size_t)degree[i] - least;
        count[bin < bins - 1 ? bin : 0]++; /* both ends are one */
    }
    expected[0] = left;
    expect_counts(count, expected, bins - 1, (double)bins - 2, what);
}

static inline struct degrees draw_degrees(struct config *config, uint64_t seed)
{
    const struct projection_config *p = &config->projection[0];
    struct degrees degrees = {calloc(p->targets, sizeof(uint64_t)),
                              calloc(p->sources, sizeof(uint64_t)), 0};
    struct wiring *wiring = open_seed(config, seed);
    struct error err;
    assert_true(degrees.in && degrees.out);
    for (uint64_t tile = 0; tile < wiring_tiles(wiring); tile++) {
        degrees.tile_first = wiring_first_target(wiring, tile);
        assert_int_equal(wiring_draw(wiring, tile, WIRING_PAIRS, count_degrees, &degrees, &err),
                         STATUS_OK);
    }
    wiring_close(wiring);
    return degrees;
}

/* 20,000 targets, 10,000 sources. */
enum { MANY_TARGETS = 20000, MANY_SOURCES = 10000 };

/* In-degrees and out-degrees of a rule whose pairs are all alike: `same` says whose are fixed. */
static inline void check_large(const struct rule_law *law, uint64_t seed)
{
    struct config *config = read_lists(law, "10000", "0:20000", CONSTANT);
    const double S = MANY_SOURCES, T = MANY_TARGETS;
    const double sharers[] = {S, T, S * T, 1}, times[] = {T, S, 1, S * T};
    const double m = sharers[law->kind], total = law->number * times[law->kind];
    const double in = total / T, out = total / S, p = law->number / m;
    const double scale = law->multapses ? 1 : (1 - p) * (m > 1 ? m / (m - 1) : 1);
    const bool pairs = law->kind == OF_PAIRS;
    struct degrees degrees = draw_degrees(config, seed);
    if (law->kind != OF_TARGET)
        check_degrees(degrees.in, MANY_TARGETS, in, scale, pairs, "in-degrees");
    if (law->kind != OF_SOURCE)
        check_degrees(degrees.out, MANY_SOURCES, out, scale, pairs, "out-degrees");
    if (law->kind == OF_PAIRS && law->multapses)
        check_histogram(degrees.in, MANY_TARGETS, S * law->number, 0, "Poisson in-degrees");
    if (law->kind == OF_PAIRS && !law->multapses)
        check_histogram(degrees.in, MANY_TARGETS, S, law->number, "binomial in-degrees");
    free(degrees.in);
    free(degrees.out);
    config_free(config);
    expect_end();
}

/* ---- canonical tiles: 3 full ones and one of 100 targets, or where they are wide of 10,000 */

/* Synapses into one tile and into two together, over seeds, against mean and variance. */
static inline void check_tiles(const struct rule_law *law, uint64_t sources, uint64_t rounds)
{
    enum { TILES = 4, SETS_OF_TILES = 1 << TILES };
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)sources);
    const bool wide = law->kind == OF_SOURCE && law->multapses;
    struct config *config = read_lists(law, text, wide ? "0:206608" : "0:12388", CONSTANT);
    const double full = wide ? 65536 : 4096, last = wide ? 10000 : 100, T = 3 * full + last;
    const double S = (double)sources, width[TILES] = {full, full, full, last};
    const double m = law->kind == OF_ALL ? S * T : T, draws = law->kind == OF_ALL ? 1 : S;
    double sum[SETS_OF_TILES] = {0}, square[SETS_OF_TILES] = {0};
    for (uint64_t seed = 0; seed < rounds; seed++) {
        struct wiring *wiring = open_seed(config, seed);
        uint64_t count[TILES];
        assert_int_equal(wiring_tiles(wiring), TILES);
        for (uint64_t tile = 0; tile < TILES; tile++)
            count[tile] = wiring_tile_count(wiring, tile);
        wiring_close(wiring);
        for (unsigned set = 1; set + 1 < SETS_OF_TILES; set++) {
            double share = 0, n = 0;
            for (unsigned tile = 0; tile < TILES; tile++)
                if (set >> tile & 1)
                    share += width[tile] / T, n += (double)count[tile];
            double variance = draws * law->number * share * (1 - share) *
                              (law->multapses ? 1 : (m - law->number) / (m - 1));
            double z = (n - draws * law->number * share) / sqrt(variance);
            sum[set] += z;
            square[set] += z * z;
        }
    }
    for (unsigned set = 1; set + 1 < SETS_OF_TILES; set++) {
        expect_z(sum[set] / sqrt((double)rounds), "synapses into tiles");
        expect_z((square[set] - (double)rounds) / sqrt(2 * (double)rounds), "their variance");
    }
    config_free(config);
    expect_end();
}

/* ---- what must not know of one another */

struct drawn {
    size_t count, room;
    uint32_t *source, *target, *delay;
    double *weight;
};

static inline void keep(void *context, const struct wiring_batch *batch)
{
    struct drawn *d = context;
    for (size_t i = 0; i < batch->count && d->count < d->room; i++, d->count++) {
        d->source[d->count] = (uint32_t)batch->source[i];
        d->target[d->count] = batch->target[i];
        d->delay[d->count] = batch->delay[i];
        d->weight[d->count] = batch->weight[i];
    }
}

static inline struct drawn draw_many(struct config *config, uint64_t seed, size_t room)
{
    struct drawn d = {
        0, room, malloc(room * 4), malloc(room * 4), malloc(room * 4), malloc(room * 8)};
    assert_true(d.source && d.target && d.delay && d.weight);
    draw_all(config, seed, WIRING_ALL, keep, &d);
    return d;
}

static inline void drawn_free(struct drawn *d)
{
    free(d->source);
    free(d->target);
    free(d->delay);
    free(d->weight);
}

/* How often two sequences of numbers below n agree, one `lag` behind the other. */
static inline void check_agreement(const uint32_t *a, const uint32_t *b, size_t count, size_t lag,
                                   double n, const char *what)
{
    uint64_t same = 0;
    for (size_t i = lag; i < count; i++)
        same += a[i] == b[i - lag];
    double size = (double)(count - lag);
    expect_z(((double)same - size / n) / sqrt(size / n * (1 - 1 / n)), what);
}

static inline void check_correlation(const double *a, const double *b, size_t count, size_t lag,
                                     const char *what)
{
    double sa = 0, sb = 0, aa = 0, bb = 0, ab = 0, n = (double)(count - lag);
    for (size_t i = lag; i < count; i++) {
        double x = a[i], y = b[i - lag];
        sa += x, sb += y, aa += x * x, bb += y * y, ab += x * y;
    }
    double covariance = ab / n - sa / n * (sb / n);
    double variance = (aa / n - sa / n * (sa / n)) * (bb / n - sb / n * (sb / n));
    expect_z(covariance / sqrt(variance) * sqrt(n), what);
}

/* Drawn uniforms of 0 ... 999 (sources or targets) and normal values, along a sequence of `count`
 * synapses, between two seeds and two names. K is what lies between two targets. */
static inline void check_sequences(const char *rule, bool of_sources, size_t K, size_t count)
{
    static const size_t lags[] = {1, 2, 3, 4, 5, 8, 16, 32, 64, 128, 1023, 1024, 1025};
    const struct rule_law law = {rule, OF_ALL, 0, true, true};
    struct config *config = read_lists(&law, "1000", of_sources ? "0:8192" : "0:1000",
                                       "weight = normal(1 mV, 0.2 mV)\nallow_both_signs = yes\n"
                                       "delay = uniform(0.05 ms, 10.05 ms)\n");
    struct drawn a = draw_many(config, 1, count), b = draw_many(config, 2, count);
    config->projection[0].name[0] = 'q';
    struct drawn c = draw_many(config, 1, count);
    config->projection[0].name[0] = 'p';
    const uint32_t *x = of_sources ? a.source : a.target, *y = of_sources ? b.source : b.target,
                   *z = of_sources ? c.source : c.target;
    assert_int_equal(a.count, count);
    check_agreement(x, y, count, 0, 1000, "two seeds");
    check_agreement(x, z, count, 0, 1000, "two projections");
    for (size_t i = 0; i < sizeof lags / sizeof *lags; i++) {
        check_agreement(x, x, count, lags[i], 1000, "along synapses");
        check_agreement(a.delay, a.delay, count, lags[i], 100, "delays along synapses");
        check_correlation(a.weight, a.weight, count, lags[i], "weights along synapses");
    }
    check_agreement(x, x, count, K, 1000, "neighbours");
    if (of_sources) {
        check_agreement(x, x, count, K * WIRING_TILE, 1000, "tiles");
        check_agreement(a.delay, a.delay, count, K * WIRING_TILE, 100, "delays of tiles");
        check_correlation(a.weight, a.weight, count, K * WIRING_TILE, "weights of tiles");
    }
    check_correlation(a.weight, b.weight, count, 0, "weights of seeds");
    check_correlation(a.weight, c.weight, count, 0, "weights of projections");
    for (size_t i = 0; i < count; i++)
        b.weight[i] = a.delay[i], c.weight[i] = x[i];
    check_correlation(a.weight, b.weight, count, 0, "weight and delay");
    check_correlation(a.weight, c.weight, count, 0, "weight and source");
    check_correlation(b.weight, c.weight, count, 0, "delay and source");
    drawn_free(&a);
    drawn_free(&b);
    drawn_free(&c);
    config_free(config);
    expect_end();
}

/* ---- weights and delays */

static inline struct drawn draw_values(const char *values, size_t count)
{
    const struct rule_law law = {"rule = all_to_all\n", OF_ALL, 0, true, true};
    char target[32];
    snprintf(target, sizeof target, "0:%zu", count / 1000);
    struct config *config = read_lists(&law, "1000", target, values);
    struct drawn d = draw_many(config, 5, count);
    config_free(config);
    return d;
}

enum { VALUE_BINS = 1000 };

/* Weights against a distribution function, by Kolmogorov-Smirnov and in bins. */
static inline void check_weights(const char *weight, double (*cdf)(double), size_t count)
{
    char text[200];
    static uint64_t bins[VALUE_BINS];
    snprintf(text, sizeof text, "weight = %s\nallow_both_signs = yes\ndelay = 1 ms\n", weight);
    struct drawn d = draw_values(text, count);
    memset(bins, 0, sizeof bins);
    for (size_t i = 0; i < count; i++)
        bins[bin_of(cdf(d.weight[i]), VALUE_BINS)]++;
    expect_uniform(bins, VALUE_BINS, count, weight);
    expect_ks(bins, VALUE_BINS, count, weight);
    drawn_free(&d);
    expect_end();
}

static inline double cdf_normal(double w)
{
    return normal_cdf((w - 1) / 0.25);
}
static inline double cdf_uniform(double w)
{
    return (w - 1) / 2;
}
static inline double cdf_lognormal(double w)
{
    return normal_cdf(log(w / 2) / 0.5);
}
static inline double cdf_clipped(double w)
{
    double lo = normal_cdf(-1), hi = normal_cdf(3);
    return (normal_cdf((w - 1) / 0.25) - lo) / (hi - lo);
}

/* Delays of the microcircuit: normal in [0.05, 10] ms, to the nearest step. */
static inline void check_delays(size_t count)
{
    enum { STEPS_MOST = 46 }; /* the rest in one */
    uint64_t found[STEPS_MOST] = {0};
    double expected[STEPS_MOST], left = (double)count;
    struct drawn d = draw_values(
        "weight = 1 mV\ndelay = normal_clipped(1.5 ms, 0.75 ms, 0.05 ms, 10 ms)\n", count);
    for (size_t i = 0; i < count; i++) {
        assert_true(d.delay[i] >= 1 && d.delay[i] <= 100);
        found[d.delay[i] < STEPS_MOST ? d.delay[i] - 1 : STEPS_MOST - 1]++;
    }
    double lo = normal_cdf(-1.45 / 0.75);
    for (int k = 0; k < STEPS_MOST - 1; k++) {
        double from = normal_cdf((0.1 * k + 0.05 - 1.5) / 0.75);
        double to = normal_cdf((0.1 * k + 0.15 - 1.5) / 0.75);
        expected[k] = (double)count * (to - from) / (1 - lo);
        left -= expected[k];
    }
    expected[STEPS_MOST - 1] = left;
    expect_counts(found, expected, STEPS_MOST, STEPS_MOST - 1, "delays");
    drawn_free(&d);
    expect_end();
}

/* choice: each as often. */
static inline void check_choices(size_t count)
{
    struct drawn d = draw_values("weight = choice(1 mV, 2 mV, 5 mV)\n"
                                 "delay = choice(0.5 ms, 0.7 ms, 1.1 ms)\n",
                                 count);
    uint64_t found[9] = {0};
    for (size_t i = 0; i < count; i++)
        found[(d.weight[i] > 1) + (d.weight[i] > 2) + 3 * ((d.delay[i] > 5) + (d.delay[i] > 7))]++;
    expect_uniform(found, 9, count, "choices of weight and delay");
    drawn_free(&d);
    expect_end();
}

#endif
