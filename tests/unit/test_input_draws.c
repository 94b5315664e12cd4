/* Inputs whose numbers are drawn: all of these act linearly, so a neuron's deviation from rest is
 * that under one number for all, times its own number over that one. In double, with the same noise
 * and the same events; and drawn rates against the Poisson distribution. */
#include "config/read.h"
#include "helpers/kernel_helpers.h"
#include "helpers/poisson_checks.h"
#include "helpers/simulate.h"
#include "neuron/poisson_thin.h"

#include <math.h>

enum { NEURONS = 1000, STEPS = 300 };

#define HEAD                                                                                       \
    "[simulation]\ndt = 0.1 ms\nduration = 1 s\nprecision = double\nseed = 5\n[population.n]\n"    \
    "size = 1000\ntau_m = uniform(8, 12)\nE_L = 0\nV_reset = 0\nV_th = 10000\n[input.x]\n"

/* %s: the number, and the distribution. All have a median of 2. */
static const struct {
    const char *keys, *number;
    const char *drawn;
} inputs[] = {
    {"type = dc\namplitude = %s\n", "200", "uniform(100, 400)"},
    {"type = sine\nfrequency = 40\nphase = 30\namplitude = %s\n", "200", "choice(-100, 33, 500)"},
    {"type = pulses\nperiod = 5\nwidth = 2\namplitude = %s\n", "200", "normal(200, 40)"},
    {"type = white_noise\nstd = 0\nmean = %s\n", "200", "lognormal(200, 0.5)"},
    {"type = white_noise\nstd = 0\nmean_V = %s\n", "20", "linspace(-10, 30)"},
    {"type = white_noise\nstd = %s\nhold = 0.3\n", "200", "uniform(100, 400)"},
    {"type = white_noise\nsigma_V = %s\n", "2", "uniform(1, 4)"},
    {"type = white_noise\nsigma_I = %s\ncorrelation = 0.5\n", "200", "uniform(1, 400)"},
    {"type = ou_noise\nstd = 0\ntau = 4\nmean = %s\n", "200", "normal(200, 40)"},
    {"type = ou_noise\nstd = %s\ntau = 4\n", "200", "uniform(0, 400)"},
    {"type = poisson\nrate = 5 kHz\nweight = %s\n", "0.2", "normal(0.1, 0.3)"},
};
enum { INPUTS = sizeof inputs / sizeof inputs[0] };

static void open_input(struct simulation *s, size_t i, const char *target, const char *number)
{
    char text[2048], keys[512];
    snprintf(keys, sizeof keys, inputs[i].keys, number);
    snprintf(text, sizeof text, "%starget = %s\n%s", HEAD, target, keys);
    simulation_open(s, text, 0);
}

/* The one drawn key of the simulation's input, for all neurons. */
static void read_drawn(const struct simulation *s, double *value)
{
    const struct input_config *input = &s->config->input[0];
    int found = 0;
    for (size_t k = 0; k < input->type->key_count; k++)
        if (input_draws_key(input, 0, (int)k)) {
            input_draws_read(s->config, input, 0, (int)k, 0, NEURONS, value);
            found++;
        }
    assert_int_equal(found, 1);
}

static void check_linear(size_t i, const char *target, uint64_t begin, uint64_t end)
{
    struct simulation one, own;
    double value[NEURONS], number = strtod(inputs[i].number, NULL), most = 0, spread = 0;
    open_input(&one, i, target, inputs[i].number);
    open_input(&own, i, target, inputs[i].drawn);
    read_drawn(&own, value);
    simulation_advance(&one, STEPS);
    simulation_advance(&own, STEPS);
    double *V = simulation_read_V(&one, 0), *V_own = simulation_read_V(&own, 0);
    for (uint64_t id = 0; id < NEURONS; id++) {
        bool driven = id >= begin && id < end;
        assert_true(driven == !isnan(value[id]));
        double expected = driven ? V[id] * value[id] / number : 0;
        most = fmax(most, fabs(V_own[id] - expected));
        spread = fmax(spread, fabs(V_own[id] - V[id]));
    }
    print_message("%s: largest error %.3g mV of up to %.3g mV\n", inputs[i].drawn, most, spread);
    assert_true(most < 1e-9 && spread > 1);
    free(V);
    free(V_own);
    simulation_close(&one);
    simulation_close(&own);
}

static void numbers_of_their_own_act_linearly(void **state)
{
    (void)state;
    for (size_t i = 0; i < INPUTS; i++) {
        check_linear(i, "n", 0, NEURONS);
        check_linear(i, "n[130:777]", 130, 777);
    }
}

/* What a neuron draws depends on its id alone; a linspace runs over the target. */
static void slices_change_no_draw_but_a_linspace(void **state)
{
    (void)state;
    struct simulation s[2];
    double value[2][NEURONS];
    for (size_t i = 0; i < INPUTS; i++) {
        open_input(&s[0], i, "n", inputs[i].drawn);
        open_input(&s[1], i, "n[7:10], n[130:777]", inputs[i].drawn);
        for (size_t k = 0; k < 2; k++) {
            read_drawn(&s[k], value[k]);
            simulation_close(&s[k]);
        }
        if (strncmp(inputs[i].drawn, "linspace", 8) == 0) {
            assert_true(value[0][0] == -10 && value[0][NEURONS - 1] == 30);
            assert_true(value[1][7] == -10 && value[1][8] == 10 && value[1][9] == 30);
            assert_true(value[1][130] == -10 && value[1][776] == 30);
            continue;
        }
        for (size_t id = 130; id < 777; id++)
            assert_memory_equal(&value[0][id], &value[1][id], sizeof value[0][id]);
    }
}

/* Each as likely: chi-squared; neighbours independent. */
static void a_choice_is_fair(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct simulation s;
    static double value[N];
    static const double listed[] = {3, 5, 8, 13, 21};
    uint64_t count[5] = {0}, pair[25] = {0};
    double expected[5], expected_pairs[25];
    simulation_open(&s,
                    "[simulation]\nduration = 1 s\n[population.n]\nsize = 100000\n"
                    "I_e = choice(3, 5, 8, 13, 21 pA)\n",
                    0);
    population_read_parameter(s.config, 0, POPULATION_I_E, 0, N, value);
    simulation_close(&s);
    for (size_t i = 0, before = 0; i < N; i++) {
        size_t k = 0;
        while (k < 5 && fabs(listed[k] - value[i]) > 0)
            k++;
        assert_in_range(k, 0, 4);
        count[k]++;
        pair[5 * before + k] += i % 2;
        before = k;
    }
    for (size_t k = 0; k < 25; k++) {
        expected[k % 5] = N / 5.0;
        expected_pairs[k] = N / 2.0 / 25;
    }
    expect_counts(count, expected, 5, 4, "choice");
    expect_counts(pair, expected_pairs, 25, 24, "pairs of choices");
    expect_end();
}

/* ---- rates ---- */

enum { RATES = 8, ROWS = 4000, WIDTH = 1024 };

/* Events a step of 0.1 ms; two of them are powers of two. */
static const double means[RATES] = {1e-4, 0.013, 0.3, 0.5, 3.3, 16, 120, 800};

static void open_rates(struct simulation *s, const char *rate)
{
    char text[2048];
    snprintf(text, sizeof text,
             "[simulation]\ndt = 0.1 ms\nduration = 1 s\nseed = 9\n[population.n]\nsize = 1024\n"
             "V_th = 10000\n[input.x]\ntarget = n\ntype = poisson\nweight = 0.1\nrate = %s\n",
             rate);
    simulation_open(s, text, 0);
}

static const char drawn_rates[] = "choice(1, 130, 3000, 5000, 33000, 160000, 1200000, 8000000 Hz)";

static size_t rate_of(double rate)
{
    size_t k = 0;
    while (k < RATES && fabs(means[k] * 1e4 - rate) > 1e-9 * rate)
        k++;
    assert_in_range(k, 0, RATES - 1);
    return k;
}

/* Counts of every neuron over many steps, by rate. */
static void drawn_rates_give_poisson_counts(void **state)
{
    (void)state;
    static uint64_t count[RATES][POISSON_MOST];
    static float row[WIDTH] __attribute__((aligned(64)));
    struct simulation s;
    double n[RATES] = {0};
    open_rates(&s, drawn_rates);
    const struct drive *drive = &engine_population(s.engine, 0)->drives[0];
    memset(count, 0, sizeof count);
    for (uint64_t step = 0; step < ROWS; step++) {
        drive->type->fill(drive, kernels_for(kernels_best_isa(), 32), row, WIDTH, step, 0);
        for (size_t i = 0; i < WIDTH; i++) {
            size_t k = rate_of(drive->value[i]);
            count[k][(size_t)row[i]]++;
            n[k]++;
        }
    }
    for (size_t k = 0; k < RATES; k++) {
        char what[64];
        double sum = 0;
        for (size_t j = 0; j < POISSON_MOST; j++)
            sum += (double)j * (double)count[k][j];
        snprintf(what, sizeof what, "mean %g", means[k]);
        print_message("mean %g: %.6g of %g draws\n", means[k], sum / n[k], n[k]);
        assert_true(n[k] > 100000);
        expect_poisson_shape(count[k], n[k], means[k], what);
        expect_z((sum - n[k] * means[k]) / sqrt(n[k] * means[k]), what);
    }
    expect_end();
    simulation_close(&s);
}

/* Where the mean is a power of two nothing is thinned: the counts are those of one rate for all. */
static void counts_depend_on_the_neurons_rate_alone(void **state)
{
    (void)state;
    static float row[3][WIDTH] __attribute__((aligned(64)));
    static const char *const rates[] = {drawn_rates, "5 kHz", "choice(5 kHz, 33 kHz)"};
    struct simulation s[3];
    size_t powers = 0, events = 0;
    for (size_t k = 0; k < 3; k++)
        open_rates(&s[k], rates[k]);
    const double *value = engine_population(s[0].engine, 0)->drives[0].value;
    const double *other = engine_population(s[2].engine, 0)->drives[0].value;
    for (uint64_t step = 0; step < 50; step++) {
        for (size_t k = 0; k < 3; k++) {
            const struct drive *drive = &engine_population(s[k].engine, 0)->drives[0];
            drive->type->fill(drive, kernels_for(ISA_SCALAR, 32), row[k], WIDTH, step, 0);
        }
        for (size_t i = 0; i < WIDTH; i++) {
            if (fabs(value[i] - 5000) < 1e-9) {
                assert_true(row[0][i] == row[1][i]);
                powers++;
                events += (size_t)row[0][i];
            }
            if (fabs(value[i] - other[i]) < 1e-9)
                assert_true(row[0][i] == row[2][i]);
        }
    }
    assert_true(powers > 3000 && events > 1000);
    for (size_t k = 0; k < 3; k++)
        simulation_close(&s[k]);
}

/* A modulated rate is thinned from a modulated level. */
static void drawn_rates_are_modulated(void **state)
{
    (void)state;
    static float row[WIDTH] __attribute__((aligned(64)));
    struct simulation s;
    double sum[8] = {0}, expected[8] = {0};
    open_rates(&s, "lognormal(20 kHz, 0.4)\nmodulation = 0.9\nfrequency = 1250\nphase = 20\n");
    const struct drive *drive = &engine_population(s.engine, 0)->drives[0];
    for (uint64_t step = 0; step < 800; step++) {
        drive->type->fill(drive, kernels_for(kernels_best_isa(), 32), row, WIDTH, step, 0);
        for (size_t i = 0; i < WIDTH; i++) {
            double turn = 0.125 * (double)(step % 8) + 20.0 / 360;
            sum[step % 8] += row[i];
            expected[step % 8] += drive->value[i] * 1e-4 * (1 + 0.9 * sin(2 * acos(-1.0) * turn));
        }
    }
    for (size_t k = 0; k < 8; k++)
        expect_z((sum[k] - expected[k]) / sqrt(expected[k]), "modulated");
    expect_end();
    simulation_close(&s);
}

/* Mean and variance of Binomial(n, p); small chances only come with few events. */
static void thinning_is_binomial(void **state)
{
    (void)state;
    enum { N = 200000 };
    static const uint32_t events[] = {1, 2, 7, 60, 511, 513, 1100};
    static const double chances[] = {1e-3, 0.5, 0.501, 0.75, 0.999, 1};
    const struct philox_key key = {{11, 12}};
    uint64_t random = 13;
    for (size_t e = 0; e < 7; e++)
        for (size_t c = events[e] > 64; c < 6; c++) {
            double sum = 0, square = 0, n = events[e], p = chances[c];
            size_t draws = e < 4 ? N : N / 20;
            for (size_t i = 0; i < draws; i++) {
                const struct poisson_place place = {key, i, e * 100 + c, (unsigned)i % 8};
                uint32_t bits = (uint32_t)next_random(&random);
                double left = poisson_thin(events[e], p, bits, &place) - n * p;
                sum += left;
                square += left * left;
            }
            double variance = n * p * (1 - p), fourth = variance * (1 + 3 * (n - 2) * p * (1 - p));
            char what[64];
            snprintf(what, sizeof what, "n = %g, p = %g", n, p);
            assert_true(p < 1 || fabs(sum) < 1e-9);
            if (p >= 1 || events[e] == 1)
                continue;
            expect_z(sum / sqrt((double)draws * variance), what);
            expect_z((square - (double)draws * variance) /
                         sqrt((double)draws * (fourth - variance * variance)),
                     what);
        }
    expect_end();
}

/* ---- out of range ---- */

static void wrong_draws_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *message;
    } wrong[] = {
        {"type = white_noise\nstd = normal(10, 10)\n", "x.ini:7: [input.x] std: "},
        {"type = poisson\nweight = 1\nrate = lognormal(5 MHz, 1)\n", "x.ini:8: [input.x] rate: "},
    };
    static const char *const ends[] = {
        "of 100 drawn values are out of range (0 .. 1e+09 pA), the first in neuron ",
        "of 100 drawn values are out of range (0 .. 1e+07 Hz), the first in neuron "};
    for (size_t i = 0; i < 2; i++) {
        char text[1024];
        struct config *config;
        struct engine *engine;
        const struct engine_settings settings = {.threads = 2};
        struct messages errors = {NULL, 0}, warnings = {NULL, 0};
        struct error err = {STATUS_OK, ""};
        snprintf(
            text, sizeof text,
            "[simulation]\nduration = 1 s\n[population.n]\nsize = 100\n[input.x]\n%starget = n\n",
            wrong[i].keys);
        assert_int_equal(config_read_text(text, strlen(text), "x.ini", NULL, 0, &drive_config_types,
                                          &config, &errors),
                         STATUS_OK);
        assert_int_equal(engine_open(&engine, config, &settings, &errors, &warnings, &err),
                         STATUS_CONFIG);
        assert_int_equal(errors.count, 1);
        print_message("%s\n", errors.line[0]);
        assert_memory_equal(errors.line[0], wrong[i].message, strlen(wrong[i].message));
        assert_non_null(strstr(errors.line[0], ends[i]));
        assert_non_null(strstr(errors.line[0], i ? "choose a distribution that stays inside"
                                                 : "normal_clipped(10 pA, 10 pA, 0 pA, 30 pA)"));
        engine_close(engine);
        config_free(config);
        messages_free(&errors);
        messages_free(&warnings);
    }
}

static void types_have_room_for_their_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < drive_config_types.input_count; i++)
        assert_in_range(drive_config_types.input[i]->key_count, 1, INPUT_KEYS_MOST);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_their_own_act_linearly),
        cmocka_unit_test(slices_change_no_draw_but_a_linspace),
        cmocka_unit_test(a_choice_is_fair),
        cmocka_unit_test(drawn_rates_give_poisson_counts),
        cmocka_unit_test(counts_depend_on_the_neurons_rate_alone),
        cmocka_unit_test(drawn_rates_are_modulated),
        cmocka_unit_test(thinning_is_binomial),
        cmocka_unit_test(wrong_draws_are_told),
        cmocka_unit_test(types_have_room_for_their_keys),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
