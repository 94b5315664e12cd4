/* Private noise is private: between neurons, inputs, populations, seeds and steps. */
#include "helpers/private_noise.h"

enum { NEURONS = 1000000 };

#define HEAD "[simulation]\ndt = 0.1 ms\nduration = 10 s\nseed = %s\n"
#define POPULATION(name)                                                                           \
    "[population." name "]\nsize = 1000000\ntau_m = 0.2 ms\nC_m = 250 pF\nE_L = -65 mV\n"          \
    "V_th = 1000 mV\nV_reset = -65 mV\n"
#define WHITE(name, target)                                                                        \
    "[input." name "]\ntarget = " target "\ntype = white_noise\nsigma_V = 3 mV\n"
#define EVENTS(name, target)                                                                       \
    "[input." name "]\ntarget = " target "\ntype = poisson\nrate = 10 kHz\nweight = 2 mV\n"

static void open_seeded(struct simulation *s, const char *format, const char *seed)
{
    char text[2048];
    snprintf(text, sizeof text, format, seed);
    simulation_open(s, text, 1);
}

/* Potentials of one population after 20 steps, ten times tau_m. */
static double *potentials(const char *format, const char *seed, size_t population)
{
    struct simulation s;
    open_seeded(&s, format, seed);
    simulation_advance(&s, 20);
    double *V = simulation_read_V(&s, population);
    simulation_close(&s);
    return V;
}

/* Of a[i] and b[i + lag]. */
static double correlation(const double *a, const double *b, size_t lag)
{
    double n = (double)(NEURONS - lag), sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i + lag < NEURONS; i++) {
        double x = a[i] - a[0], y = b[i + lag] - b[0];
        sa += x;
        sb += y;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    return (ab - sa * sb / n) / sqrt((aa - sa * sa / n) * (bb - sb * sb / n));
}

/* |correlation| < 5 standard errors, 1 / sqrt(n) each. Frees both. */
static void check_unrelated(const char *what, double *a, double *b)
{
    double r = correlation(a, b, 0) * sqrt((double)NEURONS);
    print_message("%s: correlation %+.2f se\n", what, r);
    free(a);
    free(b);
    assert_true(fabs(r) < 5);
}

static void variance_of_the_mean_of_1e5(void **state)
{
    (void)state;
    check_variance_of_mean(100000, 400);
}

/* Neighbours up to several tiles away; 300 numbers, so 5.5 standard errors. */
static void neighbours_are_unrelated(void **state)
{
    (void)state;
    static const char white[] = HEAD POPULATION("a") WHITE("x", "a");
    static const char events[] = HEAD POPULATION("a") EVENTS("x", "a");
    double *V[2] = {potentials(white, "42", 0), potentials(events, "42", 0)};
    for (size_t i = 0; i < 2; i++) {
        for (size_t lag = 1; lag <= 4096; lag += lag < 128 ? 1 : lag) {
            double r = correlation(V[i], V[i], lag) * sqrt((double)(NEURONS - lag));
            if (fabs(r) >= 5.5)
                fail_msg("neurons %zu apart: correlation %+.2f se", lag, r);
        }
        free(V[i]);
    }
}

static void populations_are_unrelated(void **state)
{
    (void)state;
    static const char white[] = HEAD POPULATION("a") POPULATION("b") WHITE("x", "a, b");
    static const char events[] = HEAD POPULATION("a") POPULATION("b") EVENTS("x", "all");
    check_unrelated("white noise", potentials(white, "42", 0), potentials(white, "42", 1));
    check_unrelated("poisson", potentials(events, "42", 0), potentials(events, "42", 1));
}

static void inputs_are_unrelated(void **state)
{
    (void)state;
    static const char x[] = HEAD POPULATION("a") WHITE("x", "a");
    static const char y[] = HEAD POPULATION("a") WHITE("y", "a");
    static const char e[] = HEAD POPULATION("a") EVENTS("e", "a");
    static const char f[] = HEAD POPULATION("a") EVENTS("f", "a");
    check_unrelated("two white", potentials(x, "42", 0), potentials(y, "42", 0));
    check_unrelated("two poisson", potentials(e, "42", 0), potentials(f, "42", 0));
    check_unrelated("white and poisson", potentials(x, "42", 0), potentials(e, "42", 0));
}

static void seeds_are_unrelated(void **state)
{
    (void)state;
    static const char white[] = HEAD POPULATION("a") WHITE("x", "a");
    static const char own[] = HEAD POPULATION("a") WHITE("x", "a") "seed = 7\n";
    static const char *const other[] = {"43", "41", "4294967338", "0"};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        check_unrelated(other[i], potentials(white, "42", 0), potentials(white, other[i], 0));
    check_unrelated("own seed", potentials(white, "42", 0), potentials(own, "42", 0));
}

/* From step to step V only remembers what decays: correlation P^m after m steps. Tolerance: 5
 * standard errors, (1 - r^2) / sqrt(n) each. */
static void steps_are_unrelated(void **state)
{
    (void)state;
    static const char *const format[] = {HEAD POPULATION("a") WHITE("x", "a"),
                                         HEAD POPULATION("a") EVENTS("x", "a")};
    for (size_t i = 0; i < 2; i++) {
        struct simulation s;
        open_seeded(&s, format[i], "42");
        simulation_advance(&s, 20);
        double *before = simulation_read_V(&s, 0);
        for (int m = 1; m <= 6; m++) {
            simulation_advance(&s, 1);
            double *V = simulation_read_V(&s, 0), r = exp(-0.5 * m);
            double deviation =
                (correlation(before, V, 0) - r) * sqrt((double)NEURONS) / (1 - r * r);
            print_message("after %d steps: correlation off by %+.2f se\n", m, deviation);
            assert_true(fabs(deviation) < 5);
            free(V);
        }
        free(before);
        simulation_close(&s);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(variance_of_the_mean_of_1e5), cmocka_unit_test(neighbours_are_unrelated),
        cmocka_unit_test(populations_are_unrelated),   cmocka_unit_test(inputs_are_unrelated),
        cmocka_unit_test(seeds_are_unrelated),         cmocka_unit_test(steps_are_unrelated),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
