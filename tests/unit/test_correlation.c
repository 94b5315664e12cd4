/* `correlation`: what neurons share and what they keep for themselves, for every drive that has it.
 * tau_m (and tau) are two steps, so that looks 16 steps apart are independent (correlation e^-8).
 */
#include "helpers/simulate.h"
#include "neuron/poisson_table.h"

#include <math.h>

enum { NEURONS = 2000, LOOKS = 1000, APART = 16, INPUTS = 3 };

#define POPULATION(name)                                                                           \
    "[population." name                                                                            \
    "]\nsize = 2000\ntau_m = 0.2 ms\nC_m = 250 pF\nE_L = 0 mV\nV_th = 1000 mV\n"                   \
    "V_reset = 0 mV\n"

static const char text[] =
    "[simulation]\ndt = 0.1 ms\nduration = 10 s\nseed = 12\n" POPULATION("white") POPULATION("ou")
        POPULATION(
            "events") "[input.white]\ntarget = white%1$s\ntype = white_noise\nsigma_V = 3 mV\n"
                      "correlation = %2$s\n"
                      "[input.ou]\ntarget = ou%1$s\ntype = ou_noise\nstd = 5000 pA\ntau = 0.2 ms\n"
                      "correlation = %2$s\n"
                      "[input.events]\ntarget = events%1$s\ntype = poisson\nrate = 8 kHz\n"
                      "weight = 2 mV\ncorrelation = %2$s\n";

static void open_correlated(struct simulation *s, const char *slice, const char *correlation)
{
    char config[4096];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(config, sizeof config, text, slice, correlation);
#pragma GCC diagnostic pop
    simulation_open(s, config, 1);
}

/* Stationary mean and variance of V; events of the mother process in a step, 0 for normal noise. */
struct theory {
    double mean, variance, events;
};

static struct theory theory_of(int input, double c)
{
    const double P = exp(-0.5), R = 0.2 / 250;
    const struct theory theory[INPUTS] = {{0, 9, 0},
                                          {0, R * 5000 * R * 5000 * tanh(0.25) / tanh(0.5), 0},
                                          {0.8 * 2 / (1 - P), 0.8 * 4 / (1 - P * P), 0.8 / c}};
    return theory[input];
}

/* Of one population over the looks: the mean over neurons about its expectation, squared; and the
 * variance of neurons about that mean. */
struct sums {
    double mean, square, within;
};

static void look(const double *V, double expected, struct sums *sums)
{
    double one = 0, two = 0;
    for (size_t i = 0; i < NEURONS; i++) {
        one += V[i] - expected;
        two += (V[i] - expected) * (V[i] - expected);
    }
    one /= NEURONS;
    sums->mean += one;
    sums->square += one * one;
    sums->within += (two / NEURONS - one * one) * NEURONS / (NEURONS - 1);
}

static void check(const char *what, double found, double expected, double error)
{
    print_message("  %s %.5f, expected %.5f, %+.2f se\n", what, found, expected,
                  (found - expected) / error);
    assert_true(fabs(found - expected) < 5 * error);
}

/* Errors: normal numbers' for normal noise; events' fourth cumulants for Poisson noise, whose
 * variance within a step follows the number of shared events. */
static void compare(int input, double c, struct sums sums)
{
    struct theory t = theory_of(input, c);
    double n = LOOKS, P = exp(-0.5), q = 1 - P * P, fourth = 0, wander = 0;
    double between = t.variance * (c + (1 - c) / NEURONS), within = t.variance * (1 - c);
    if (t.events > 0) {
        fourth = t.events * pow(2 * c, 4) / (1 - pow(P, 4));
        wander = (1 / t.events) * q * q / (1 - pow(P, 4));
    }
    print_message("%s, c = %g\n", input == 0 ? "white" : input == 1 ? "ou" : "events", c);
    check("mean", sums.mean / n, 0, sqrt(between / n));
    check("variance of the mean", sums.square / n, between,
          sqrt((2 * between * between + fourth) / n));
    check("variance within", sums.within / n, within,
          within * sqrt((2.0 / (NEURONS - 1) + wander) / n) + 1e-9);
}

static void check_correlation(const char *correlation)
{
    struct simulation s;
    struct sums sums[INPUTS] = {{0, 0, 0}};
    double c = strtod(correlation, NULL);
    open_correlated(&s, "", correlation);
    simulation_advance(&s, 3 * APART);
    for (int i = 0; i < LOOKS; i++) {
        simulation_advance(&s, APART);
        for (int input = 0; input < INPUTS; input++) {
            const struct population *p = engine_population(s.engine, (size_t)input);
            double V[NEURONS];
            for (size_t j = 0; j < NEURONS; j++)
                V[j] = (double)((const float *)p->state[MODEL_U])[j] + 1000;
            look(V, theory_of(input, c).mean, &sums[input]);
        }
    }
    simulation_close(&s);
    for (int input = 0; input < INPUTS; input++)
        compare(input, c, sums[input]);
}

static void a_weak_correlation_has_its_moments(void **state)
{
    (void)state;
    check_correlation("0.1");
}

static void a_strong_correlation_has_its_moments(void **state)
{
    (void)state;
    check_correlation("0.7");
}

/* The noise of single neurons is what it was: variance over time of some neurons far apart. */
static void single_neurons_keep_their_variance(void **state)
{
    (void)state;
    enum { SHORT = 400, FEW = 50 };
    struct simulation s;
    double two[INPUTS] = {0};
    open_correlated(&s, "", "0.02"); /* squares have a correlation of 0.0004: as good as none */
    simulation_advance(&s, 3 * APART);
    for (int i = 0; i < SHORT; i++) {
        simulation_advance(&s, APART);
        for (int input = 0; input < INPUTS; input++) {
            const float *u = engine_population(s.engine, (size_t)input)->state[MODEL_U];
            for (size_t j = 0; j < NEURONS; j += NEURONS / FEW)
                two[input] += pow((double)u[j] + 1000 - theory_of(input, 0.02).mean, 2);
        }
    }
    simulation_close(&s);
    for (int input = 0; input < INPUTS; input++) {
        double variance = theory_of(input, 1).variance, n = (double)SHORT * FEW;
        check("variance", two[input] / n, variance,
              variance * sqrt((2 + 0.6) / n)); /* 0.6: the kurtosis of the events */
    }
}

/* The common numbers are neuron 0's of another stream, not its own. */
static void neuron_0_is_like_the_others(void **state)
{
    (void)state;
    struct simulation s;
    double one[INPUTS] = {0}, two[INPUTS] = {0};
    open_correlated(&s, "", "0.5");
    simulation_advance(&s, 3 * APART);
    for (int i = 0; i < LOOKS; i++) {
        simulation_advance(&s, APART);
        for (int input = 0; input < INPUTS; input++) {
            const float *u = engine_population(s.engine, (size_t)input)->state[MODEL_U];
            double off = (double)u[0] + 1000 - theory_of(input, 0.5).mean;
            one[input] += off;
            two[input] += off * off;
        }
    }
    simulation_close(&s);
    for (int input = 0; input < INPUTS; input++) {
        double variance = theory_of(input, 1).variance;
        check("mean", one[input] / LOOKS, 0, sqrt(variance / LOOKS));
        check("variance", two[input] / LOOKS, variance, variance * sqrt((2 + 0.6) / LOOKS));
    }
}

static void full_correlation_makes_neurons_equal(void **state)
{
    (void)state;
    struct simulation s;
    open_correlated(&s, "[100:1500]", "1");
    for (int look = 0; look < 10; look++) {
        simulation_advance(&s, 7);
        for (size_t input = 0; input < INPUTS; input++) {
            double *V = simulation_read_V(&s, input);
            assert_true(fabs(V[100]) > 1e-6 && fabs(V[99]) < 1e-6 && fabs(V[1500]) < 1e-6);
            for (size_t i = 101; i < 1500; i++)
                assert_memory_equal(&V[i], &V[100], sizeof *V);
            free(V);
        }
    }
    simulation_close(&s);
}

/* One input into two populations: their streams differ, the common ones, too. */
static void populations_share_nothing(void **state)
{
    (void)state;
    struct simulation s;
    simulation_open(
        &s,
        "[simulation]\nduration = 10 s\n" POPULATION("a") POPULATION(
            "b") "[input.x]\ntarget = a, b\ntype = white_noise\nsigma_V = 3\ncorrelation = 1\n",
        1);
    double sum = 0;
    for (int i = 0; i < LOOKS; i++) {
        simulation_advance(&s, APART);
        const float *a = engine_population(s.engine, 0)->state[MODEL_U],
                    *b = engine_population(s.engine, 1)->state[MODEL_U];
        sum += ((double)a[0] + 1000) * ((double)b[0] + 1000) / 9;
    }
    simulation_close(&s);
    check("correlation", sum / LOOKS, 0, 1 / sqrt(LOOKS));
}

static void no_correlation_is_the_default(void **state)
{
    (void)state;
    struct simulation s[2];
    static const char plain[] = "[simulation]\nduration = 1 s\nseed = 12\n" POPULATION(
        "a") "[input.x]\ntarget = a\ntype = white_noise\nstd = 300\n%s[input.y]\ntarget = a\n"
             "type = poisson\nrate = 3 kHz\nweight = 1\n%s[input.z]\ntarget = a\ntype = "
             "ou_noise\nstd = 30\n"
             "tau = 1\n%s";
    double *V[2];
    for (int i = 0; i < 2; i++) {
        char config[2048];
        const char *key = i ? "correlation = 0\n" : "";
        snprintf(config, sizeof config, plain, key, key, key);
        simulation_open(&s[i], config, 0);
        simulation_advance(&s[i], 100);
        V[i] = simulation_read_V(&s[i], 0);
    }
    assert_memory_equal(V[0], V[1], NEURONS * sizeof **V);
    for (int i = 0; i < 2; i++) {
        free(V[i]);
        simulation_close(&s[i]);
    }
}

/* 2^64 P(N <= j) against sums of exp(lgamma), to 2^-40 and what long double's lgamma leaves. */
static void binomial_tables_are_the_distribution(void **state)
{
    (void)state;
    static const uint32_t trials[] = {1, 2, 3, 17, 100, 1500};
    static const double chances[] = {1e-6, 0.01, 0.3, 0.5, 0.9, 0.999, 1};
    for (size_t t = 0; t < sizeof trials / sizeof trials[0]; t++) {
        for (size_t c = 0; c < sizeof chances / sizeof chances[0]; c++) {
            struct poisson_table *table;
            struct error err;
            long double n = trials[t], p = chances[c], sum = 0;
            assert_int_equal(poisson_table_open_binomial(&table, trials[t], chances[c], &err),
                             STATUS_OK);
            for (uint32_t j = 0; j < trials[t]; j++) {
                sum += p < 1 ? expl(lgammal(n + 1) - lgammal(j + 1.0L) - lgammal(n - j + 1) +
                                    j * logl(p) + (n - j) * log1pl(-p))
                             : 0;
                long double found = j < table->counts.length ? table->cdf[j] * 0x1p-64L : 1;
                assert_true(fabsl(found - sum) < 0x1p-40L);
            }
            assert_true(table->counts.length <= trials[t]);
            poisson_table_close(table);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_weak_correlation_has_its_moments),
        cmocka_unit_test(a_strong_correlation_has_its_moments),
        cmocka_unit_test(single_neurons_keep_their_variance),
        cmocka_unit_test(neuron_0_is_like_the_others),
        cmocka_unit_test(full_correlation_makes_neurons_equal),
        cmocka_unit_test(populations_share_nothing),
        cmocka_unit_test(no_correlation_is_the_default),
        cmocka_unit_test(binomial_tables_are_the_distribution),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
