/* Poisson input whose rate varies: mean and variance of the free V at many times against the sums
 * they are, and against a constant rate where it must be the same to the bit. Tolerance: 5 standard
 * errors of N independent neurons. */
#include "helpers/simulate.h"

#include <math.h>

enum { NEURONS = 100000 };

static const double tau_m = 5, weight = 0.5; /* ms, mV */

static void open_input(struct simulation *s, const char *dt, const char *input)
{
    char text[1024];
    snprintf(text, sizeof text,
             "[simulation]\ndt = %s ms\nduration = 1 s\nseed = 77\n[population.n]\nsize = %d\n"
             "tau_m = 5 ms\nE_L = -65 mV\nV_th = 1000 mV\nV_reset = -65 mV\n[input.p]\n"
             "type = poisson\nweight = 0.5 mV\n%s",
             dt, NEURONS, input);
    simulation_open(s, text, 1);
}

/* kHz at time t (ms). */
typedef double (*rate_type)(double t);

static double modulated(double t)
{
    return 2 * (1 + 0.8 * sin(2 * acos(-1) * (0.04 * t + 60.0 / 360)));
}

static double switched(double t)
{
    return t < 3 ? 0 : t < 10 ? 1 : t < 15 ? 4 : t < 20 ? 0 : 0.5;
}

static const char modulated_keys[] =
    "target = n\nrate = 2 kHz\nmodulation = 0.8\nfrequency = 40 Hz\n"
    "phase = 60\n";
static const char switched_keys[] = "target = n\ntimes = 3, 10, 15, 20 ms\n"
                                    "rates = 1000, 4000, 0, 500 Hz\n";

/* Events of step j have decayed for n - 1 - j steps after step number n. */
static void check_potential(const double *V, rate_type rate, double dt, long n)
{
    double mean = 0, variance = 0, fourth = 0, one = 0, two = 0, P = exp(-dt / tau_m);
    for (long j = 0; j < n; j++) {
        double left = weight * pow(P, (double)(n - 1 - j)), events = rate((double)j * dt) * dt;
        mean += left * events;
        variance += left * left * events;
        fourth += pow(left, 4) * events;
    }
    for (size_t i = 0; i < NEURONS; i++) {
        one += V[i] + 65 - mean;
        two += (V[i] + 65 - mean) * (V[i] + 65 - mean);
    }
    double off_mean = one / NEURONS / sqrt(variance / NEURONS);
    double off_variance =
        (two / NEURONS - variance) / sqrt((2 * variance * variance + fourth) / NEURONS);
    print_message("dt %g, step %ld: mean %.4f mV, %+.2f se; variance %.4f mV^2, %+.2f se\n", dt, n,
                  mean, off_mean, variance, off_variance);
    assert_true(fabs(off_mean) < 5);
    assert_true(fabs(off_variance) < 5);
}

static void check_rate(const char *dt_text, const char *keys, rate_type rate)
{
    struct simulation s;
    double dt = strtod(dt_text, NULL);
    open_input(&s, dt_text, keys);
    for (long n = 0, look = 1; look <= 6; look++) {
        long next = lround(5 * (double)look / dt) + (look % 2); /* also one step after changes */
        simulation_advance(&s, (uint64_t)(next - n));
        n = next;
        double *V = simulation_read_V(&s, 0);
        check_potential(V, rate, dt, n);
        free(V);
    }
    simulation_close(&s);
}

static void modulated_rates_at_three_dt(void **state)
{
    (void)state;
    check_rate("0.05", modulated_keys, modulated);
    check_rate("0.1", modulated_keys, modulated);
    check_rate("0.5", modulated_keys, modulated);
}

static void switched_rates_at_three_dt(void **state)
{
    (void)state;
    check_rate("0.05", switched_keys, switched);
    check_rate("0.1", switched_keys, switched);
    check_rate("0.5", switched_keys, switched);
}

static double *potentials(const char *input)
{
    struct simulation s;
    open_input(&s, "0.1", input);
    simulation_advance(&s, 200);
    double *V = simulation_read_V(&s, 0);
    simulation_close(&s);
    return V;
}

static void check_same(const char *a, const char *b)
{
    double *V = potentials(a), *W = potentials(b);
    assert_memory_equal(V, W, NEURONS * sizeof *V);
    free(V);
    free(W);
}

static void a_rate_that_is_constant_after_all_gives_the_same_bits(void **state)
{
    (void)state;
    check_same("target = n\nrate = 3 kHz\n", "target = n\ntimes = 0\nrates = 3 kHz\n");
    check_same("target = n\nrate = 3 kHz\nstart = 5 ms\n",
               "target = n\ntimes = 5\nrates = 3 kHz\n");
    check_same("target = n\nrate = 3 kHz\nstart = 5 ms\nstop = 9 ms\n",
               "target = n\ntimes = 2, 5, 7, 9\nrates = 0, 3, 3, 0 kHz\n");
    check_same("target = n\nrate = 3 kHz\n",
               "target = n\nrate = 3 kHz\nmodulation = 0\nfrequency = 10 Hz\n");
    check_same("target = n[7:999]\nrate = 3 kHz\nstart = 4 ms\n",
               "target = n[7:999]\ntimes = 4\nrates = 3 kHz\n");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(modulated_rates_at_three_dt),
        cmocka_unit_test(switched_rates_at_three_dt),
        cmocka_unit_test(a_rate_that_is_constant_after_all_gives_the_same_bits),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
