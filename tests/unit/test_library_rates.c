/* Rates of Poisson inputs that a program sets between two steps: as rates that are drawn, against
 * closed forms, across checkpoints. */
#define _GNU_SOURCE 1 /* nftw */
#include "helpers/stepwise_helpers.h"

enum { CELLS = 500 };

#define DRIVEN                                                                                     \
    "[simulation]\nduration = 50 ms\nseed = 8\n%s"                                                 \
    "[population.a]\nsize = 600\nmodel = %s\nI_e = 200 pA\n"                                       \
    "[input.x]\ntarget = a[100:600]\ntype = poisson\nweight = %s\n%s\n"

static struct mlif_simulation *open_driven(const char *neuron, const char *weight, const char *rate,
                                           int threads)
{
    char text[1000];
    snprintf(text, sizeof text, DRIVEN, "", neuron, weight, rate);
    struct mlif_options options = options_for(text, NULL);
    options.threads = threads;
    return open_text(text, &options);
}

static void set_all(struct mlif_simulation *s, const double *rate)
{
    assert_int_equal(mlif_set_rate(s, "x", 0, 100, 300, rate, NULL), MLIF_OK);
    assert_int_equal(mlif_set_rate(s, "x", 0, 300, 600, rate + 200, NULL), MLIF_OK);
}

static void as_drawn(const char *neuron, const char *weight)
{
    double rate[CELLS];
    char digest[3][33];
    struct mlif_simulation *s = open_driven(neuron, weight, "rate = linspace(1 Hz, 9 kHz)", 2);
    assert_int_equal(mlif_read_parameter(s, 0, "input.x.rate", 100, 600, rate, NULL), MLIF_OK);
    assert_near(rate[499], 9000, 1e-9);
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
    mlif_digest(s, digest[0]);
    mlif_close(&s);
    for (int i = 0; i < 2; i++) {
        s = open_driven(neuron, weight, "rate = 10 Hz\nrate_most = 20 kHz", 1 + 2 * i);
        if (i == 0)
            set_all(s, rate);
        assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
        mlif_digest(s, digest[1 + i]);
        mlif_close(&s);
    }
    assert_string_equal(digest[1], digest[0]);
    assert_string_not_equal(digest[2], digest[0]);
}

static void rates_that_are_set_are_as_drawn_ones(void **state)
{
    (void)state;
    as_drawn("lif", "0.8 mV");
    as_drawn("iaf_psc_exp", "normal(100 pA, 200 pA)"); /* at both receptors */
}

/* Mean V - E_L = w rate dt / (1 - P), variance w^2 rate dt / (1 - P^2), Campbell's theorem; and
 * without events each V decays. */
static void V_m_follows_the_rates(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    static const char still[] = "[simulation]\nduration = 400 ms\nprecision = double\n"
                                "[population.a]\nsize = 20000\nV_th = 5000 mV\n"
                                "[input.x]\ntarget = a\ntype = poisson\nrate = 0 Hz\n"
                                "rate_most = 2 kHz\nweight = 0.5 mV\n";
    static double rate[MANY], V[MANY], before[MANY];
    const double P = exp(-0.01);
    struct mlif_options options = options_for(still, NULL);
    struct mlif_simulation *s = open_text(still, &options);
    for (int set = 0; set < 2; set++) {
        for (int i = 0; i < MANY; i++)
            rate[i] = (i % 2 == set) ? 1500.0 : 40.0;
        assert_int_equal(mlif_set_rate(s, "x", 0, 0, MANY, rate, NULL), MLIF_OK);
        assert_int_equal(mlif_advance(s, 1500, NULL), MLIF_OK);
        assert_int_equal(mlif_read_V_m(s, 0, 0, MANY, V), MLIF_OK);
        for (int which = 0; which < 2; which++) {
            const double events = rate[which] * 1e-4;
            const double mean = 0.5 * events / (1 - P);
            const double sd = 0.5 * sqrt(events / (1 - P * P) / (MANY / 2));
            double sum = 0;
            for (int i = which; i < MANY; i += 2)
                sum += (V[i] + 70.0) / (MANY / 2);
            assert_near(sum, mean, 5 * sd);
        }
    }
    memcpy(before, V, sizeof V);
    memset(rate, 0, sizeof rate);
    assert_int_equal(mlif_set_rate(s, "x", 0, 0, MANY, rate, NULL), MLIF_OK);
    assert_int_equal(mlif_advance(s, 50, NULL), MLIF_OK);
    assert_int_equal(mlif_read_V_m(s, 0, 0, MANY, V), MLIF_OK);
    for (int i = 0; i < MANY; i++)
        assert_near(V[i], -70.0 + (before[i] + 70.0) * exp(-0.5), 1e-10);
    mlif_close(&s);
}

static void a_run_goes_on_with_them(void **state)
{
    (void)state;
    double rate[CELLS];
    char text[1000], digest[2][33];
    struct place place;
    assert_true(make_place(&place));
    for (int i = 0; i < CELLS; i++)
        rate[i] = 20.0 * i;
    snprintf(text, sizeof text, DRIVEN, "", "iaf_psc_exp", "normal(60 pA, 100 pA)",
             "rate = 10 Hz\nrate_most = 10 kHz");
    struct mlif_options options = options_for(text, place.path);
    options.checkpoint = options.resume = 1;
    for (int cut = 0; cut < 2; cut++) {
        struct mlif_simulation *s = open_text(text, &options);
        set_all(s, rate);
        assert_int_equal(mlif_advance(s, 123, NULL), MLIF_OK);
        if (cut) {
            assert_int_equal(mlif_checkpoint(s, NULL), MLIF_OK);
            mlif_close(&s);
            options.threads = 3;
            s = open_text(text, &options);
            assert_int_equal(mlif_steps_done(s), 123);
        }
        assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
        mlif_digest(s, digest[cut]);
        mlif_close(&s);
    }
    assert_string_equal(digest[0], digest[1]);
    remove_folder(&place);
}

static void refuse(struct mlif_simulation *s, const char *input, const double *rate,
                   const char *why)
{
    struct mlif_messages errors = {NULL, 0};
    assert_refused(mlif_set_rate(s, input, 0, 200, 202, rate, &errors), &errors, why);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct mlif_simulation *s =
        open_driven("lif", "1 mV",
                    "rate = 1 Hz\nrate_most = 50 Hz\n[input.y]\ntarget = a\n"
                    "type = poisson\nrate = 5 Hz\nweight = 1 mV\n"
                    "[input.z]\ntarget = a\ntype = external",
                    1);
    struct mlif_messages errors = {NULL, 0};
    const double good[2] = {50, 0};
    refuse(s, "x", (double[]){1, 51},
           "rate of neuron 201 of population a cannot be 51; 0 to 50 Hz");
    refuse(s, "x", (double[]){1, -1}, "cannot be -1");
    refuse(s, "x", (double[]){NAN, 1}, "rate of neuron 200 of population a cannot be nan");
    refuse(s, "y", good,
           "input y is of type poisson; a program can set the rates of type = poisson");
    refuse(s, "z", good, "input z is of type external; a program can set the rates of");
    refuse(s, "w", good, "there is no input w");
    assert_refused(mlif_set_rate(s, "x", 0, 99, 101, good, &errors), &errors,
                   "does not act on all of the neurons 99 to 100 of population a");
    assert_refused(mlif_set_current(s, "x", 0, 200, 202, good, &errors), &errors,
                   "a program can set the currents of type = external");
    assert_int_equal(mlif_set_rate(s, "x", 0, 200, 202, good, NULL), MLIF_OK);
    mlif_close(&s);
}

static void refuse_config(const char *rate, const char *why)
{
    char text[1000];
    struct mlif_simulation *s;
    struct mlif_messages errors = {NULL, 0};
    snprintf(text, sizeof text, DRIVEN, "", "lif", "1 mV", rate);
    struct mlif_options options = options_for(text, NULL);
    assert_refused(mlif_open(&s, &options, &errors, NULL), &errors, why);
}

static void what_a_config_cannot_say(void **state)
{
    (void)state;
    refuse_config("rate = 60 Hz\nrate_most = 50 Hz", "rate: is above rate_most");
    refuse_config("rate = uniform(0 Hz, 60 Hz)\nrate_most = 50 Hz", "out of range (0 .. 50 Hz)");
    refuse_config("times = 0 ms\nrates = 1 Hz\nrate_most = 50 Hz", "rate_most: needs a rate");
    refuse_config("rate = 6 Hz\nrate_most = 5e7 Hz", "rate_most: means 5000 events in each step");
    refuse_config("rate = 6 Hz\ncorrelation = 0.5\nrate_most = 9 Hz", "leave out modulation,");
}

/* ---- rates of a population of model = poisson */

#define SOURCE                                                                                     \
    "[simulation]\nduration = 400 ms\nseed = 8\n[population.s]\nsize = 20000\n"                    \
    "model = poisson\n%s\n[record.c]\npopulation = s\nwhat = counts\n"
enum { SOURCES = 20000 };

static struct mlif_simulation *open_source(const char *rate, struct mlif_options *options)
{
    char text[600];
    snprintf(text, sizeof text, SOURCE, rate);
    return open_text(text, options);
}

static void sources_have_them_as_drawn_ones(void **state)
{
    (void)state;
    static double rate[SOURCES];
    static const char *const rates[] = {"rate = linspace(1 Hz, 900 Hz)",
                                        "rate = 10 Hz\nrate_most = 2 kHz",
                                        "rate = uniform(5 Hz, 60 Hz)\nrate_most = 950 Hz"};
    char digest[3][33];
    for (int i = 0; i < 3; i++) {
        struct mlif_options options = options_for("", NULL);
        options.threads = 1 + i;
        struct mlif_simulation *s = open_source(rates[i], &options);
        if (i == 0)
            assert_int_equal(mlif_read_parameter(s, 0, "rate", 0, SOURCES, rate, NULL), MLIF_OK);
        else
            assert_int_equal(mlif_set_rate(s, NULL, 0, 0, SOURCES, rate, NULL), MLIF_OK);
        assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
        mlif_digest(s, digest[i]);
        mlif_close(&s);
    }
    assert_near(rate[SOURCES - 1], 900, 1e-9);
    assert_string_equal(digest[1], digest[0]);
    assert_string_equal(digest[2], digest[0]);
}

/* Mean and variance of the counts of every other neuron are rate T, to 5 standard errors: of the
 * mean sqrt(m / n), of the variance m sqrt((2 + 1 / m) / n). */
static void assert_poisson(const uint64_t *spikes, const uint64_t *before, int which,
                           double expected)
{
    const double n = SOURCES / 2;
    double sum = 0, squares = 0;
    for (int i = which; i < SOURCES; i += 2) {
        const double count = (double)(spikes[i] - before[i]);
        sum += count;
        squares += count * count;
    }
    const double mean = sum / n;
    assert_near(mean, expected, 5 * sqrt(expected / n));
    assert_near(squares / n - mean * mean, expected, 5 * expected * sqrt((2 + 1 / expected) / n));
}

/* First as the config says, then as it is set, twice. */
static void counts_are_those_of_the_rates(void **state)
{
    (void)state;
    static double rate[SOURCES];
    static uint64_t spikes[SOURCES], before[SOURCES];
    const double rates[3][2] = {{30, 30}, {4, 700}, {250, 60}};
    struct mlif_options options = options_for("", NULL);
    struct mlif_simulation *s = open_source("rate = 30 Hz\nrate_most = 800 Hz", &options);
    for (int part = 0; part < 3; part++) {
        for (int i = 0; i < SOURCES; i++)
            rate[i] = rates[part][i % 2];
        if (part > 0)
            assert_int_equal(mlif_set_rate(s, NULL, 0, 0, SOURCES, rate, NULL), MLIF_OK);
        assert_int_equal(mlif_advance(s, 1300, NULL), MLIF_OK);
        memcpy(before, spikes, sizeof before);
        assert_int_equal(mlif_read_counts(s, 0, 0, SOURCES, spikes, NULL, NULL, NULL, NULL),
                         MLIF_OK);
        for (int which = 0; which < 2; which++)
            assert_poisson(spikes, before, which, rates[part][which] * 0.13);
    }
    mlif_close(&s);
}

static void a_run_goes_on_with_those_of_sources(void **state)
{
    (void)state;
    static double rate[SOURCES];
    char digest[2][33];
    struct place place;
    assert_true(make_place(&place));
    for (int i = 0; i < SOURCES; i++)
        rate[i] = 0.01 * i;
    struct mlif_options options = options_for("", place.path);
    options.checkpoint = options.resume = 1;
    for (int cut = 0; cut < 2; cut++) {
        struct mlif_simulation *s = open_source("rate = 10 Hz\nrate_most = 1 kHz", &options);
        assert_int_equal(mlif_set_rate(s, NULL, 0, 0, SOURCES, rate, NULL), MLIF_OK);
        assert_int_equal(mlif_advance(s, 123, NULL), MLIF_OK);
        if (cut) {
            assert_int_equal(mlif_checkpoint(s, NULL), MLIF_OK);
            mlif_close(&s);
            options.threads = 3;
            s = open_source("rate = 10 Hz\nrate_most = 1 kHz", &options);
            assert_int_equal(mlif_steps_done(s), 123);
        }
        assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
        mlif_digest(s, digest[cut]);
        mlif_close(&s);
    }
    assert_string_equal(digest[0], digest[1]);
    remove_folder(&place);
}

static void refuse_source(const char *rate, const char *why)
{
    char text[600];
    struct mlif_simulation *s;
    struct mlif_messages errors = {NULL, 0};
    snprintf(text, sizeof text, SOURCE, rate);
    struct mlif_options options = options_for(text, NULL);
    assert_refused(mlif_open(&s, &options, &errors, NULL), &errors, why);
}

static void what_sources_cannot_have_is_refused(void **state)
{
    (void)state;
    const double high[2] = {50, 50.1};
    struct mlif_messages errors = {NULL, 0};
    struct mlif_options options = options_for("", NULL);
    struct mlif_simulation *s = open_source("rate = 5 Hz\nrate_most = 50 Hz", &options);
    assert_refused(mlif_set_rate(s, NULL, 0, 7, 9, high, &errors), &errors,
                   "rate of neuron 8 of population s cannot be 50.1; 0 to 50 Hz");
    assert_int_equal(mlif_set_rate(s, NULL, 0, 7, 8, high, NULL), MLIF_OK);
    mlif_close(&s);
    s = open_source("rate = 5 Hz", &options);
    assert_refused(mlif_set_rate(s, NULL, 0, 7, 8, high, &errors), &errors,
                   "population s has no rates that a program can set; it can those of model = "
                   "poisson with rate_most");
    mlif_close(&s);
    s = open_driven("lif", "1 mV", "rate = 1 Hz\nrate_most = 50 Hz", 1);
    assert_refused(mlif_set_rate(s, NULL, 0, 200, 201, high, &errors), &errors,
                   "population a has no rates that a program can set");
    mlif_close(&s);
    refuse_source("rate = 60 Hz\nrate_most = 50 Hz", "rate: is above rate_most");
    refuse_source("rate = uniform(0 Hz, 60 Hz)\nrate_most = 50 Hz", "out of range (0 .. 50 Hz)");
    refuse_source("times = 0 ms\nrates = 1 Hz\nrate_most = 50 Hz", "rate_most: needs a rate");
    refuse_source("rate = 6 Hz\nrate_most = 5e7 Hz", "rate_most: means 5000 spikes in each step");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_that_are_set_are_as_drawn_ones),
        cmocka_unit_test(V_m_follows_the_rates),
        cmocka_unit_test(a_run_goes_on_with_them),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(what_a_config_cannot_say),
        cmocka_unit_test(sources_have_them_as_drawn_ones),
        cmocka_unit_test(counts_are_those_of_the_rates),
        cmocka_unit_test(a_run_goes_on_with_those_of_sources),
        cmocka_unit_test(what_sources_cannot_have_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
