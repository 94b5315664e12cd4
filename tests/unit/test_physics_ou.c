/* ou_noise against the closed forms of the held process: variance of the free V and of the current,
 * autocorrelation of the current, from its first step on. Tolerance: 5 standard errors of N
 * independent neurons. */
#include "helpers/simulate.h"
#include "population/population_plan.h"

#include <math.h>

enum { NEURONS = 200000 };

static const double tau_m = 5, R = 5.0 / 250, mean = 100, std = 400; /* ms, mV/pA, pA */

static void open_ou(struct simulation *s, const char *dt, const char *tau, const char *more)
{
    char text[1024];
    snprintf(text, sizeof text,
             "[simulation]\ndt = %s ms\nduration = 1 s\nseed = 815\n[population.n]\nsize = %d\n"
             "tau_m = 5 ms\nC_m = 250 pF\nE_L = -65 mV\nV_th = 1000 mV\nV_reset = -65 mV\n"
             "[input.ou]\ntype = ou_noise\nmean = 100 pA\nstd = 400 pA\ntau = %s ms\n%s",
             dt, NEURONS, tau, more);
    simulation_open(s, text, 1);
}

static const struct drive *drive_of(struct simulation *s)
{
    const struct population *p = engine_population(s->engine, 0);
    assert_int_equal(p->drive_count, 1);
    return &p->drives[0];
}

/* The current's deviation from its mean in units of its standard deviation, in single precision. */
static double *read_x(struct simulation *s, double dt, double tau)
{
    const float *z = drive_of(s)->z;
    double *x = malloc(NEURONS * sizeof *x), share = sqrt(-expm1(-2 * dt / tau));
    assert_non_null(x);
    for (size_t i = 0; i < NEURONS; i++)
        x[i] = (double)z[i] * share;
    return x;
}

static void check(const char *what, double found, double expected, double error)
{
    print_message("  %s %.6f, expected %.6f, %+.2f se\n", what, found, expected,
                  (found - expected) / error);
    assert_true(fabs(found - expected) < 5 * error);
}

/* Mean and variance of independent normal numbers. */
static void check_moments(const char *what, const double *values, size_t count,
                          double expected_mean, double expected_variance)
{
    double n = (double)count, one = 0, two = 0;
    for (size_t i = 0; i < count; i++) {
        one += values[i] - expected_mean;
        two += (values[i] - expected_mean) * (values[i] - expected_mean);
    }
    print_message("%s\n", what);
    check("mean", one / n + expected_mean, expected_mean, sqrt(expected_variance / n));
    check("variance", two / n, expected_variance, expected_variance * sqrt(2 / n));
}

static void check_potential(const char *dt_text, const char *tau_text)
{
    struct simulation s;
    double dt = strtod(dt_text, NULL), tau = strtod(tau_text, NULL);
    open_ou(&s, dt_text, tau_text, "target = n\n");
    simulation_advance(&s, (uint64_t)lround(12 * fmax(tau_m, tau) / dt));
    double *V = simulation_read_V(&s, 0);
    print_message("dt %s, tau %s: ", dt_text, tau_text);
    check_moments("V", V, NEURONS, -65 + R * mean,
                  R * R * std * std * tanh(dt / (2 * tau_m)) /
                      tanh(dt / 2 * (1 / tau_m + 1 / tau)));
    free(V);
    simulation_close(&s);
}

static void potential_at_dt_0_05(void **state)
{
    (void)state;
    check_potential("0.05", "1");
    check_potential("0.05", "5");
}

static void potential_at_dt_0_1(void **state)
{
    (void)state;
    check_potential("0.1", "1");
    check_potential("0.1", "5");
    check_potential("0.1", "20");
}

static void potential_at_dt_0_5(void **state)
{
    (void)state;
    check_potential("0.5", "0.2");
    check_potential("0.5", "5");
    check_potential("0.5", "20");
}

/* x is stationary from its first step on, and its autocorrelation is Q^n: error (1 - r^2) /
 * sqrt(N). */
static void current_is_stationary_with_autocorrelation_Q_to_the_n(void **state)
{
    (void)state;
    struct simulation s;
    const double dt = 0.1, tau = 3;
    open_ou(&s, "0.1", "3", "target = n\nstart = 2 ms\n");
    simulation_advance(&s, 20);
    simulation_advance(&s, 1);
    double *first = read_x(&s, dt, tau);
    check_moments("first step", first, NEURONS, 0, 1);
    for (int lag = 1; lag <= 64; lag++) {
        simulation_advance(&s, 1);
        if (lag & (lag - 1))
            continue;
        double *x = read_x(&s, dt, tau), sum = 0, Q = exp(-lag * dt / tau);
        for (size_t i = 0; i < NEURONS; i++)
            sum += first[i] * x[i];
        print_message("lag %d", lag);
        check_moments("", x, NEURONS, 0, 1);
        check("covariance", sum / NEURONS, Q, sqrt((1 + Q * Q) / NEURONS));
        free(x);
    }
    free(first);
    simulation_close(&s);
}

/* tau = 10^6 dt in single precision: with a rounded Q the variance would run away from 1 by 1 %. */
static void a_slow_current_keeps_its_variance(void **state)
{
    (void)state;
    struct simulation s;
    const double dt = 0.1, tau = 1e5;
    open_ou(&s, "0.1", "1e5", "target = n\n");
    simulation_advance(&s, 1);
    double *first = read_x(&s, dt, tau);
    simulation_advance(&s, 1000);
    double *x = read_x(&s, dt, tau), sum = 0, square = 0, Q = exp(-1000 * dt / tau);
    for (size_t i = 0; i < NEURONS; i++) {
        double change = x[i] - Q * first[i]; /* independent of the first */
        sum += change * first[i];
        square += change * change;
    }
    double fresh = 1 - Q * Q;
    check("increments' variance", square / NEURONS, fresh, fresh * sqrt(2.0 / NEURONS));
    check("increments and beginning", sum / NEURONS, 0, sqrt(fresh / NEURONS));
    check_moments("x", x, NEURONS, 0, 1);
    free(first);
    free(x);
    simulation_close(&s);
}

/* x_k of docs/numerics.md in double, from white numbers of the kernel, for some neurons. */
static void the_recursion_is_the_stated_one(void **state)
{
    (void)state;
    enum { STEPS = 50, START = 7, LOOKED_AT = 2 * TILE_ALIGN };
    struct simulation s;
    double *row = aligned_alloc(64, LOOKED_AT * sizeof *row), z[LOOKED_AT];
    const struct kernels *kernels = kernels_for(ISA_SCALAR, 64);
    simulation_open(&s,
                    "[simulation]\ndt = 0.1 ms\nduration = 1 s\nprecision = double\n"
                    "[population.n]\nsize = 1000\n[input.ou]\ntarget = n[5:200]\ntype = ou_noise\n"
                    "std = 1 pA\ntau = 4 ms\nstart = 0.7 ms\n",
                    1);
    const struct drive *drive = drive_of(&s);
    simulation_advance(&s, START);
    for (uint64_t k = START; k < STEPS; k++) {
        simulation_advance(&s, 1);
        kernels->normals(row, LOOKED_AT, drive->key, k, 0);
        for (size_t i = 0; i < LOOKED_AT; i++) {
            double xi = i >= 5 && i < 200 ? row[i] : 0;
            z[i] = k == START ? drive->first * xi : z[i] + fma(-drive->forgets, z[i], xi);
        }
        assert_memory_equal(drive->z, z, sizeof z);
    }
    assert_true(fabs(drive->forgets + expm1(-0.1 / 4)) < 1e-17);
    assert_true(fabs(drive->first - 1 / sqrt(-expm1(-0.2 / 4))) < 1e-14);
    free(row);
    simulation_close(&s);
}

/* The current does not know of spikes: with neurons that fire and rest it is the same. */
static void it_runs_on_while_neurons_are_refractory(void **state)
{
    (void)state;
    static const char text[] =
        "[simulation]\ndt = 0.1 ms\nduration = 1 s\n[population.n]\nsize = 1000\n"
        "V_th = %s mV\nt_ref = 3 ms\nI_e = 500 pA\n[input.ou]\ntarget = n\n"
        "type = ou_noise\nstd = 400 pA\ntau = 4 ms\n";
    static const char *const threshold[] = {"1000", "-60"};
    struct simulation s[2];
    for (int i = 0; i < 2; i++) {
        char config[1024];
        snprintf(config, sizeof config, text, threshold[i]);
        simulation_open(&s[i], config, 0);
        simulation_advance(&s[i], 1000);
    }
    assert_int_equal(engine_digest(s[0].engine).spikes, 0);
    assert_true(engine_digest(s[1].engine).spikes > 5000);
    assert_memory_equal(drive_of(&s[0])->z, drive_of(&s[1])->z, 1000 * sizeof(float));
    simulation_close(&s[0]);
    simulation_close(&s[1]);
}

/* What `check` shows: one real per neuron, padding included, for each drive. */
static void its_memory_is_planned(void **state)
{
    (void)state;
    struct simulation s;
    struct memory_plan plan = {.count = 0};
    const struct population_settings settings = {
        .kernels = kernels_for(ISA_SCALAR, 32), .tile = 1024, .threads = 1};
    simulation_open(&s,
                    "[simulation]\ndt = 0.1 ms\nduration = 1 s\n[population.n]\nsize = 1000\n"
                    "[input.ou]\ntarget = n[0:5], n[8:9]\ntype = ou_noise\nstd = 1\ntau = 4\n",
                    1);
    population_plan(&plan, s.config, 0, &settings);
    size_t i = 0;
    while (i < plan.count && strcmp(plan.line[i].what, "states of coloured noise") != 0)
        i++;
    assert_in_range(i, 0, plan.count - 1);
    assert_int_equal(plan.line[i].bytes, 2 * 1024 * sizeof(float));
    simulation_close(&s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(potential_at_dt_0_05),
        cmocka_unit_test(potential_at_dt_0_1),
        cmocka_unit_test(potential_at_dt_0_5),
        cmocka_unit_test(current_is_stationary_with_autocorrelation_Q_to_the_n),
        cmocka_unit_test(a_slow_current_keeps_its_variance),
        cmocka_unit_test(the_recursion_is_the_stated_one),
        cmocka_unit_test(its_memory_is_planned),
        cmocka_unit_test(it_runs_on_while_neurons_are_refractory),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
