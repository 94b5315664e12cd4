/* The grid of weights: its exponents as docs/numerics.md says them, roundings by hand, and sums of
 * a network in which all spikes that can arrive at once do. */
#include "helpers/simulate.h"
#include "net/weight_grid.h"
#include "population/trace.h"

#include <limits.h>
#include <math.h>

#define NETWORK(precision)                                                                         \
    "[simulation]\nduration = 1 ms\nprecision = " precision "\n"                                   \
    "[population.e]\nsize = 2000\nmodel = iaf_psc_exp\n"                                           \
    "[population.l]\nsize = 500\n"                                                                 \
    "[population.s]\nsize = 10\nmodel = poisson\nrate = 100 kHz\n"

static const char projections[] =
    "[projection.a]\nsource = e\ntarget = e\nrule = fixed_indegree\nindegree = 1000\n"
    "weight = uniform(0 pA, 200 pA)\ndelay = 1 ms\n"
    "[projection.b]\nsource = e\ntarget = e\nrule = one_to_one\nweight = -64 pA\ndelay = 1 ms\n"
    "[projection.c]\nsource = e\ntarget = e\nrule = fixed_indegree\nindegree = 3\n"
    "weight = uniform(-5 pA, -1 pA)\ndelay = 1 ms\nweight_bits = 32\n"
    "[projection.d]\nsource = l\ntarget = l\nrule = all_to_all\nweight = uniform(-0.5 mV, 0.1 mV)\n"
    "allow_both_signs = yes\ndelay = 1 ms\n"
    "[projection.f]\nsource = e\ntarget = l\nrule = fixed_indegree\nindegree = 8\nweight = 0.5 mV\n"
    "delay = 1 ms\n";
enum { A, B, C, D, F };
enum { E, L, S };

struct grid {
    struct config *config;
    struct weight_grid grid;
};

static struct grid open_grid(const char *network, const char *rest)
{
    struct grid g;
    struct messages errors = {NULL, 0};
    char text[4096];
    size_t length = (size_t)snprintf(text, sizeof text, "%s%s", network, rest);
    if (config_read_text(text, length, "test.ini", NULL, 0, &drive_config_types, &g.config,
                         &errors))
        fail_msg("%s", errors.line[0]);
    assert_int_equal(weight_grid_open(&g.grid, g.config, NULL), STATUS_OK);
    return g;
}

static void close_grid(struct grid *g)
{
    weight_grid_close(&g->grid);
    config_free(g->config);
}

static struct weight_unit unit_of(int stored, int bits)
{
    return (struct weight_unit){stored, stored, bits, ldexp(1.0, -stored)};
}

static void check_unit(const struct grid *g, size_t projection, size_t population,
                       enum receptor receptor, int sum, int stored, int bits)
{
    struct weight_unit unit = weight_grid_unit(&g->grid, projection, population, receptor);
    assert_int_equal(unit.sum, sum);
    assert_int_equal(unit.stored, stored);
    assert_int_equal(unit.bits, bits);
    assert_true(unit.per_stored == ldexp(1.0, -stored));
}

/* e, ex: 1000 x 200 < 2^18; in: 64 + 3 x 5 = 79 < 2^7. l: 500 x 0.5 + 8 x 0.5 = 254 < 2^8, both
 * signs in one. Sums have 30 bits below that; weights of 16 bits 15, of projection a below 200 <
 * 2^8. */
static void exponents_in_single(void **state)
{
    (void)state;
    struct grid g = open_grid(NETWORK("single"), projections);
    assert_int_equal(g.grid.bits, 32);
    check_unit(&g, A, E, RECEPTOR_EX, 18 - 30, 8 - 15, 16);
    check_unit(&g, B, E, RECEPTOR_IN, 7 - 30, 7 - 30, 32);
    check_unit(&g, C, E, RECEPTOR_IN, 7 - 30, 7 - 30, 32);
    check_unit(&g, D, L, RECEPTOR_EX, 8 - 30, 0 - 15, 16); /* 0.5 (1 + 2^-15) < 2^0 */
    check_unit(&g, F, L, RECEPTOR_EX, 8 - 30, 8 - 30, 32);
    assert_int_equal(g.grid.sum[2 * L + RECEPTOR_IN], INT_MIN);
    assert_int_equal(g.grid.sum[2 * S + RECEPTOR_EX], INT_MIN);
    close_grid(&g);
}

static void exponents_in_double(void **state)
{
    (void)state;
    struct grid g = open_grid(NETWORK("double"), projections);
    assert_int_equal(g.grid.bits, 64);
    check_unit(&g, A, E, RECEPTOR_EX, 18 - 62, 18 - 62, 64);
    check_unit(&g, B, E, RECEPTOR_IN, 7 - 62, 7 - 62, 64);
    check_unit(&g, C, E, RECEPTOR_IN, 7 - 62, 7 - 62, 64);
    check_unit(&g, D, L, RECEPTOR_EX, 8 - 62, 8 - 62, 64);
    close_grid(&g);
}

static int stored_of(const char *weight)
{
    char text[512];
    snprintf(text, sizeof text,
             "[projection.a]\nsource = e\ntarget = e\nrule = fixed_indegree\nindegree = 1000\n"
             "weight = %s\ndelay = 1 ms\n",
             weight);
    struct grid g = open_grid(NETWORK("single"), text);
    int stored = weight_grid_unit(&g.grid, 0, E, RECEPTOR_EX).stored;
    close_grid(&g);
    return stored;
}

/* 2^-g must be a number, so the grid is no finer than 2^-1022, whatever the weights are. */
static void weights_too_small_for_a_grid_are_nothing(void **state)
{
    (void)state;
    static const char *const network[] = {NETWORK("single"), NETWORK("double")};
    static const char *const weight[] = {"1e-320 pA", "uniform(0 pA, 1e-310 pA)", "1e-300 pA"};
    for (size_t p = 0; p < 2; p++)
        for (size_t w = 0; w < 3; w++) {
            char text[200];
            snprintf(text, sizeof text,
                     "[projection.a]\nsource = e\ntarget = e\nrule = one_to_one\n"
                     "weight = %s\ndelay = 1 ms\n",
                     weight[w]);
            struct grid g = open_grid(network[p], text);
            check_unit(&g, 0, E, RECEPTOR_EX, -1022, -1022, p == 0 && w == 1 ? 16 : 32 << p);
            struct weight_unit unit = weight_grid_unit(&g.grid, 0, E, RECEPTOR_EX);
            assert_int_equal(weight_round(unit, 1e-320), 0);
            assert_true(weight_round(unit, 1e-300) == (int64_t)rint(1e-300 * 0x1p1022));
            close_grid(&g);
        }
}

/* The largest weight rounds to less than 2^15 units, also just below a power of two. */
static void the_largest_weight_has_room(void **state)
{
    (void)state;
    assert_int_equal(stored_of("uniform(1 pA, 127 pA)"), 7 - 15);
    assert_int_equal(stored_of("uniform(1 pA, 127.99 pA)"), 7 - 15); /* 127.9939 < 2^7 */
    assert_int_equal(stored_of("uniform(1 pA, 127.999 pA)"), 8 - 15);
    assert_int_equal(stored_of("uniform(1 pA, 128 pA)"), 8 - 15);
    const struct weight_unit unit = unit_of(7 - 15, 16);
    assert_int_equal(weight_round(unit, 127.99), 32765); /* 32765.44 */
}

/* Sources that may spike several times a step count as often. */
static void sources_that_spike_several_times_have_room(void **state)
{
    (void)state;
    static const char text[] = "[projection.a]\nsource = %s\ntarget = l\nrule = fixed_indegree\n"
                               "indegree = 4\nweight = 1 mV\ndelay = 1 ms\n";
    char one[256], more[256];
    snprintf(one, sizeof one, text, "e");
    snprintf(more, sizeof more, text, "s");
    struct grid g = open_grid(NETWORK("single"), one);
    assert_int_equal(g.grid.sum[2 * L], 3 - 30); /* 4 < 2^3 */
    close_grid(&g);
    g = open_grid(NETWORK("single"), more); /* 10 spikes a step to expect, 40 is rarer than 1e-11 */
    assert_true(g.grid.sum[2 * L] >= 8 - 30 && g.grid.sum[2 * L] <= 11 - 30);
    close_grid(&g);
}

/* ---- rounding */

static void roundings_by_hand(void **state)
{
    (void)state;
    static const struct {
        int stored, bits;
        double weight;
        int64_t rounded;
        double used;
    } cases[] = {
        {-7, 16, 87.8, 11238, 87.796875}, /* 11238.4 */
        {-7, 16, -87.8, -11238, -87.796875},
        {-7, 16, 0.01171875, 2, 0.015625}, /* 1.5: halves to even */
        {-7, 16, 0.01953125, 2, 0.015625}, /* 2.5 */
        {-7, 16, -0.01953125, -2, -0.015625},
        {-7, 16, 0.02734375, 4, 0.03125}, /* 3.5 */
        {-7, 16, 0.003, 0, 0.0},          /* 0.384 */
        {-23, 32, 0.1, 838861, 838861.0 / 8388608},
        {-44, 64, 0.1, INT64_C(1759218604442), 1759218604442.0 / 17592186044416.0},
        {3, 32, 100, 12, 96}, /* 12.5; units above 1 */
        {-62, 64, -1, -(INT64_C(1) << 62), -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct weight_unit unit = unit_of(cases[i].stored, cases[i].bits);
        assert_int_equal(weight_round(unit, cases[i].weight), cases[i].rounded);
        assert_true(weight_used(unit, cases[i].weight) == cases[i].used);
    }
}

static void the_sign_chooses_the_receptor(void **state)
{
    (void)state;
    struct grid g = open_grid(NETWORK("single"), "");
    const struct population_config *two = &g.config->population[E], *one = &g.config->population[L];
    assert_int_equal(weight_receptor(two, 1e-9), RECEPTOR_EX);
    assert_int_equal(weight_receptor(two, -1e-9), RECEPTOR_IN);
    assert_int_equal(weight_receptor(one, 1e-9), RECEPTOR_EX);
    assert_int_equal(weight_receptor(one, -1e-9), RECEPTOR_EX);
    close_grid(&g);
}

/* ---- the largest sums that can be */

/* What arrives at neuron 0 of l in the last step, from 1,000 neurons that spike in every step. */
static double saturated(const char *precision, const char *weight, const char *more)
{
    char text[1024];
    struct simulation s;
    snprintf(text, sizeof text,
             "[simulation]\ndt = 0.1 ms\nduration = 3 ms\nprecision = %s\n"
             "[population.e]\nsize = 1000\nt_ref = 0 ms\nI_e = 1e7 pA\n"
             "[population.l]\nsize = 7\nV_th = 1e4 mV\n"
             "[projection.a]\nsource = e\ntarget = l\nrule = all_to_all\nweight = %s\n"
             "delay = 1 ms\n%s[record.v]\npopulation = l\nwhat = jumps\ninterval = 0.1 ms\n",
             precision, weight, more);
    const struct engine_settings settings = {
        .isa = kernels_best_isa(), .threads = 1, .record = true, .trace_bytes = 8};
    simulation_open_with(&s, text, &settings);
    simulation_advance(&s, 25);
    size_t before = engine_totals(s.engine, 0)->digest.spikes;
    assert_int_equal(before, 25 * 1000);
    assert_int_equal(engine_advance(s.engine, 1), 1);
    size_t rows;
    const struct trace *trace = engine_trace(s.engine, 0, 1, &rows);
    assert_true(trace && rows == 1);
    double value = ((const double *)trace->values)[0];
    simulation_close(&s);
    return value;
}

static void sums_of_all_spikes_at_once_are_right(void **state)
{
    (void)state;
    static const char *const bits[] = {"weight_bits = 16\n", "weight_bits = 32\n"};
    assert_true(saturated("single", "1 mV", "") == 1000);
    assert_true(saturated("single", "-1 mV", "") == -1000);
    assert_true(saturated("double", "-1 mV", "") == -1000);
    assert_true(fabs(saturated("single", "0.1 mV", "") - 100) <= 1000 * 0x1p-25 + 4e-6);
    for (int wide = 0; wide < 2;
         wide++) { /* a unit of 16 bits is 2^-14 here; the mean's error less */
        double sum = saturated("single", "uniform(0.9999 mV, 1 mV)", bits[wide]);
        assert_true(sum >= 999.9 - 0.1 && sum <= 1000);
        assert_true(saturated("single", "uniform(-1 mV, -0.9999 mV)", bits[wide]) <= -999.8);
    }
    assert_true(saturated("double", "uniform(0.9999 mV, 1 mV)", "") >= 999.9);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponents_in_single),
        cmocka_unit_test(exponents_in_double),
        cmocka_unit_test(weights_too_small_for_a_grid_are_nothing),
        cmocka_unit_test(the_largest_weight_has_room),
        cmocka_unit_test(sources_that_spike_several_times_have_room),
        cmocka_unit_test(roundings_by_hand),
        cmocka_unit_test(the_sign_chooses_the_receptor),
        cmocka_unit_test(sums_of_all_spikes_at_once_are_right),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
