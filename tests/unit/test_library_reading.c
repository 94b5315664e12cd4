/* Numbers that a program reads without a file, against what it counts itself and what the config
 * says. */
#define _GNU_SOURCE 1 /* nftw */
#include "helpers/stepwise_helpers.h"

enum { CELLS = 400, BINS = 60, STEPS = 600, WARMUP = 100 };

static const char counted[] =
    "[simulation]\nduration = 60 ms\nwarmup = 10 ms\nseed = 4\n"
    "[population.b]\nsize = 30\nI_e = 500 pA\n"
    "[population.a]\nsize = 400\nI_e = normal(700 pA, 300 pA)\nV_m = uniform(-70 mV, -56 mV)\n"
    "t_ref = 0.5 ms\n"
    "[input.noise]\ntarget = a\ntype = white_noise\nsigma_V = 3 mV\n"
    "[record.each]\npopulation = a\nwhat = counts\n"
    "[record.wide]\npopulation = a\nwhat = rate\nbin_width = 7 ms\nstart = 5 ms\n";

/* ---- what the callback brings, counted here */

struct tally {
    uint64_t spikes[CELLS], first[CELLS], last[CELLS], squares[CELLS];
    uint64_t intervals[CELLS];
    double interval_sum[CELLS];
    uint64_t bin[BINS], wide[10], all, after_warmup;
};

static void tally_spike(struct tally *t, uint64_t id, uint64_t step)
{
    t->all++;
    t->bin[(step - 1) / 10]++;
    if (step > 50)
        t->wide[(step - 51) / 70]++;
    if (step <= WARMUP)
        return;
    t->after_warmup++;
    if (t->spikes[id]++ == 0) {
        t->first[id] = step;
    } else {
        const uint64_t interval = step - t->last[id];
        t->squares[id] += interval * interval;
        t->interval_sum[id] += (double)interval;
        t->intervals[id]++;
    }
    t->last[id] = step;
}

static int tally(const struct mlif_spikes *spikes, void *context)
{
    for (size_t i = 0; i < spikes->count && strcmp(spikes->name, "a") == 0; i++)
        tally_spike(context, spikes->node_ids[i], (uint64_t)lrint(10 * spikes->timestamps_ms[i]));
    return 0;
}

static struct mlif_simulation *open_counted(struct tally *t, uint64_t steps)
{
    struct mlif_options options = options_for(counted, NULL);
    memset(t, 0, sizeof *t);
    options.spikes = tally;
    options.context = t;
    struct mlif_simulation *s = open_text(counted, &options);
    assert_int_equal(mlif_advance(s, steps, NULL), MLIF_OK);
    return s;
}

/* ---- */

static void counts_are_those_of_the_callback(void **state)
{
    (void)state;
    static struct tally t;
    static uint64_t spikes[CELLS], first[CELLS], last[CELLS], squares[CELLS];
    struct mlif_simulation *s = open_counted(&t, 0);
    for (uint64_t done = 0; done < STEPS; done += 200) {
        assert_int_equal(mlif_advance(s, 200, NULL), MLIF_OK);
        assert_int_equal(mlif_read_counts(s, 1, 0, CELLS, spikes, first, last, squares, NULL),
                         MLIF_OK);
        assert_memory_equal(spikes, t.spikes, sizeof spikes);
        assert_memory_equal(first, t.first, sizeof first);
        assert_memory_equal(last, t.last, sizeof last);
        assert_memory_equal(squares, t.squares, sizeof squares);
    }
    assert_int_equal(mlif_read_counts(s, 1, 7, 9, NULL, NULL, last, NULL, NULL), MLIF_OK);
    assert_memory_equal(last, t.last + 7, 2 * sizeof *last);
    assert_int_equal(last[2], t.last[2]);
    assert_true(t.all > 1000);
    mlif_close(&s);
}

static void check_bins(const struct mlif_simulation *s, const char *recorder, double start,
                       double width, const uint64_t *expected, uint64_t bins)
{
    uint64_t count, spikes[BINS] = {0};
    double at[2];
    assert_int_equal(mlif_rate_bins(s, recorder, 1, &at[0], &at[1], &count, NULL), MLIF_OK);
    assert_near(at[0], start, 1e-12);
    assert_near(at[1], width, 1e-12);
    assert_int_equal(count, bins);
    assert_int_equal(mlif_read_rates(s, recorder, 1, 0, bins, spikes, NULL), MLIF_OK);
    assert_memory_equal(spikes, expected, bins * sizeof *spikes);
    assert_int_equal(mlif_read_rates(s, recorder, 1, 1, 2, spikes, NULL), MLIF_OK);
    assert_int_equal(spikes[0], expected[1]);
}

static void rates_are_those_of_the_callback(void **state)
{
    (void)state;
    static struct tally t;
    struct mlif_simulation *s = open_counted(&t, 215);
    check_bins(s, NULL, 0, 1, t.bin, 22);
    check_bins(s, "wide", 5, 7, t.wide, 3);
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
    check_bins(s, NULL, 0, 1, t.bin, BINS);
    check_bins(s, "wide", 5, 7, t.wide, 8);
    mlif_close(&s);
}

static int by_size(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* Elephant's isi cv: over the population's standard deviation, of neurons with 10 intervals. */
static double mean_cv(const struct tally *t, uint64_t *neurons)
{
    double sum = 0;
    *neurons = 0;
    for (int i = 0; i < CELLS; i++) {
        const double n = (double)t->intervals[i], mean = t->interval_sum[i] / n;
        if (t->intervals[i] < 10)
            continue;
        sum += sqrt((double)t->squares[i] / n - mean * mean) / mean;
        ++*neurons;
    }
    return sum / (double)*neurons;
}

static void check_statistics(const struct mlif_population_statistics *p, const struct tally *t)
{
    const double seconds = 0.05;
    double rate[CELLS], mean = 0, square = 0, silent = 0, bins = 0, bin_squares = 0;
    uint64_t neurons;
    for (int i = 0; i < CELLS; i++) {
        rate[i] = (double)t->spikes[i] / seconds;
        mean += rate[i] / CELLS;
        silent += t->spikes[i] == 0;
    }
    for (int i = 0; i < CELLS; i++)
        square += (rate[i] - mean) * (rate[i] - mean);
    for (int b = WARMUP / 10; b < BINS; b++) {
        bins += (double)t->bin[b] / 50;
        bin_squares += (double)(t->bin[b] * t->bin[b]) / 50;
    }
    qsort(rate, CELLS, sizeof *rate, by_size);
    assert_int_equal(p->spikes, t->all);
    assert_int_equal(p->after_warmup, t->after_warmup);
    assert_near(p->mean_rate_Hz, mean, 1e-9);
    assert_near(p->synchrony, (bin_squares - bins * bins) / bins, 1e-9);
    assert_near(p->rate_standard_error_Hz, sqrt(square / (CELLS - 1) / CELLS), 1e-9);
    assert_near(p->rate_quantile_Hz[2], (rate[199] + rate[200]) / 2, 1e-9);
    assert_near(p->silent_fraction, silent / CELLS, 1e-12);
    assert_near(p->mean_cv, mean_cv(t, &neurons), 1e-9);
    assert_int_equal(p->cv_neurons, neurons);
    assert_true(neurons > 5 && silent > 0);
}

static void statistics_are_those_of_the_callback(void **state)
{
    (void)state;
    static struct tally t;
    struct mlif_population_statistics p;
    char digest[33];
    struct mlif_simulation *s = open_counted(&t, MLIF_TO_THE_END);
    assert_int_equal(mlif_read_statistics(s, 1, &p, NULL), MLIF_OK);
    assert_int_equal(p.counted, 1);
    check_statistics(&p, &t);
    mlif_digest(s, digest);
    assert_string_not_equal(p.digest, digest); /* which is of both populations */
    assert_int_equal(mlif_read_statistics(s, 0, &p, NULL), MLIF_OK);
    assert_int_equal(p.counted, 0);
    assert_true(p.spikes > 30 && isnan(p.mean_cv) && isnan(p.rate_quantile_Hz[4]));
    mlif_close(&s);
}

/* ---- parameters */

static const char varied[] =
    "[simulation]\nduration = 5 ms\n"
    "[population.a]\nsize = 5\nC_m = linspace(200 pF, 300 pF)\ntau_m = 20 ms\n"
    "E_L = -65 mV\nI_e = linspace(0 pA, 40 pA)\n"
    "[population.b]\nsize = 2\nmodel = iaf_psc_exp\ntau_syn_ex = 3 ms\n"
    "[population.p]\nsize = 2\nmodel = poisson\nrate = linspace(5 Hz, 9 Hz)\n"
    "[input.tone]\ntarget = a[1:4], b\ntype = dc\namplitude = linspace(10 pA, 30 pA)\n"
    "[input.all]\ntarget = a\ntype = dc\namplitude = 3 pA\n";

static void check_parameter(const struct mlif_simulation *s, size_t population, const char *name,
                            const char *units, const double *expected, uint64_t count)
{
    char found[MLIF_PARAMETER_NAME_MOST] = "";
    const char *found_units = NULL;
    double value[5];
    for (size_t i = 0; strcmp(found, name) != 0; i++)
        if (mlif_parameter_name(s, population, i, found, &found_units))
            fail_msg("no parameter %s", name);
    assert_string_equal(found_units, units);
    assert_int_equal(mlif_read_parameter(s, population, name, 0, count, value, NULL), MLIF_OK);
    for (uint64_t i = 0; i < count; i++) {
        if (isnan(expected[i]))
            assert_true(isnan(value[i]));
        else
            assert_near(value[i], expected[i], 1e-9 * fabs(expected[i]));
    }
    assert_int_equal(mlif_read_parameter(s, population, name, 1, 2, value, NULL), MLIF_OK);
    assert_true(isnan(expected[1]) || fabs(value[0] - expected[1]) <= 1e-9 * fabs(expected[1]));
}

static void parameters_are_those_of_the_config(void **state)
{
    (void)state;
    const double C[] = {200, 225, 250, 275, 300}, tau[] = {20, 20, 20, 20, 20};
    const double g[] = {10, 11.25, 12.5, 13.75, 15};
    const double R[] = {1e3 / 10, 1e3 / 11.25, 1e3 / 12.5, 1e3 / 13.75, 1e3 / 15};
    const double tone[] = {NAN, 10, 20, 30, NAN};
    struct mlif_options options = options_for(varied, NULL);
    struct mlif_simulation *s = open_text(varied, &options);
    check_parameter(s, 0, "C_m", "pF", C, 5);
    check_parameter(s, 0, "tau_m", "ms", tau, 5);
    check_parameter(s, 0, "g_L", "nS", g, 5);
    check_parameter(s, 0, "R_m", "MOhm", R, 5);
    check_parameter(s, 0, "E_L", "mV", (double[]){-65, -65, -65, -65, -65}, 5);
    check_parameter(s, 0, "I_e", "pA", (double[]){0, 10, 20, 30, 40}, 5);
    check_parameter(s, 0, "input.tone.amplitude", "pA", tone, 5);
    check_parameter(s, 1, "tau_syn_ex", "ms", (double[]){3, 3}, 2);
    check_parameter(s, 2, "rate", "Hz", (double[]){5, 9}, 2);
    mlif_close(&s);
}

/* ---- what is not there */

static void what_is_not_there_is_told(void **state)
{
    (void)state;
    static struct tally t;
    struct mlif_messages e = {NULL, 0};
    struct mlif_population_statistics p;
    char name[MLIF_PARAMETER_NAME_MOST];
    const char *units;
    double start, width, value[2];
    uint64_t n[2];
    struct mlif_simulation *s = open_counted(&t, 20);
    assert_refused(mlif_read_statistics(s, 2, &p, &e), &e, "there is no population 2; there are 2");
    assert_refused(mlif_read_counts(s, 0, 0, 1, n, n, n, n, &e), &e,
                   "no counts recorder names population b; add a section [record.NAME]");
    assert_refused(mlif_read_counts(s, 1, 0, 401, n, n, n, n, &e), &e, "no range 0:401");
    assert_refused(mlif_rate_bins(s, "wide", 0, &start, &width, n, &e), &e,
                   "there is no rate recorder wide of population b");
    assert_refused(mlif_read_rates(s, "each", 1, 0, 1, n, &e), &e, "no rate recorder each");
    assert_refused(mlif_read_rates(s, NULL, 1, 0, 3, n, &e), &e,
                   "2 bins have begun: there is no range 0:3");
    assert_refused(mlif_read_parameter(s, 1, "tau", 0, 1, value, &e), &e,
                   "population a has no parameter tau");
    assert_refused(mlif_read_parameter(s, 1, "E_L", 1, 0, value, &e), &e, "no range 1:0");
    assert_int_equal(mlif_parameter_name(s, 2, 0, name, &units), MLIF_CONFIG);
    assert_int_equal(mlif_parameter_name(s, 1, 100, name, &units), MLIF_CONFIG);
    mlif_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_callback),
        cmocka_unit_test(rates_are_those_of_the_callback),
        cmocka_unit_test(statistics_are_those_of_the_callback),
        cmocka_unit_test(parameters_are_those_of_the_config),
        cmocka_unit_test(what_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
