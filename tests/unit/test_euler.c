/* method = euler under noise: the loop of Euler and Maruyama in V, written here in double, with the
 * same normal numbers; and the variances that such loops have. */
#include "helpers/simulate.h"

#include <math.h>

enum { NEURONS = 20000, STEPS = 400 };

static const double dt = 0.5, tau_m = 5, R = 5.0 / 250, E_L = -65;

#define HEAD                                                                                       \
    "[simulation]\ndt = 0.5 ms\nduration = 1 s\nmethod = euler\nprecision = double\nseed = 3\n"    \
    "[population.n]\nsize = 20000\ntau_m = 5 ms\nC_m = 250 pF\nE_L = -65 mV\nV_reset = -65 mV\n"   \
    "V_th = 1000 mV\n[input.x]\ntarget = n\n"

/* One step of V (mV, of one neuron) with the standard normal xi; x: the current's memory, pA. */
typedef double (*euler_step)(double V, double *x, double xi, int step);

static double by_sigma_V(double V, double *x, double xi, int step)
{
    (void)x, (void)step;
    return V + dt * (E_L + 2 - V) / tau_m + 3 * sqrt(2 * dt / tau_m) * xi;
}

static double by_std(double V, double *x, double xi, int step)
{
    (void)x, (void)step;
    return V + dt * (E_L - V + R * (100 + 400 * xi)) / tau_m;
}

static double by_sigma_I(double V, double *x, double xi, int step)
{
    (void)x, (void)step;
    return V + dt * (E_L - V) / tau_m + 200.0 / 250 * sqrt(dt) * xi;
}

static double by_ou(double V, double *x, double xi, int step)
{
    const double tau = 3;
    *x = step == 0 ? 400 * xi : *x - dt / tau * *x + 400 * sqrt(2 * dt / tau) * xi;
    return V + dt * (E_L - V + R * (100 + *x)) / tau_m;
}

/* Sums of h-th powers: Var V of V' = (1 - h) V + noise of variance n is n / (1 - (1 - h)^2). */
static double relaxed(double noise)
{
    double kept = 1 - dt / tau_m;
    return noise / (1 - kept * kept);
}

/* An AR(1) current (factor q, variance s) through another (factor p). */
static double relaxed_ou(void)
{
    double q = 1 - dt / 3, p = 1 - dt / tau_m, s = 400.0 * 400 * (2 * dt / 3) / (1 - q * q);
    double gain = R * dt / tau_m;
    return gain * gain * s * (1 + p * q) / ((1 - p * p) * (1 - p * q));
}

static const struct {
    const char *keys;
    euler_step step;
} noises[] = {
    {"type = white_noise\nsigma_V = 3\nmean_V = 2\n", by_sigma_V},
    {"type = white_noise\nstd = 400\nmean = 100\n", by_std},
    {"type = white_noise\nsigma_I = 200\n", by_sigma_I},
    {"type = ou_noise\nstd = 400\nmean = 100\ntau = 3\n", by_ou},
};

static double expected_variance(size_t noise)
{
    switch (noise) {
    case 0:
        return relaxed(9 * 2 * dt / tau_m);
    case 1:
        return relaxed(R * R * 400 * 400 * dt / tau_m * dt / tau_m);
    case 2:
        return relaxed(0.8 * 0.8 * dt);
    default:
        return relaxed_ou();
    }
}

static double largest_difference(struct simulation *s, const double *V, double *variance)
{
    double *found = simulation_read_V(s, 0), most = 0, one = 0, two = 0;
    for (size_t i = 0; i < NEURONS; i++) {
        most = fmax(most, fabs(found[i] - V[i]));
        one += found[i] / NEURONS;
    }
    for (size_t i = 0; i < NEURONS; i++)
        two += (found[i] - one) * (found[i] - one) / NEURONS;
    free(found);
    *variance = two;
    return most;
}

static void noisy_loops_agree(void **state)
{
    (void)state;
    static double V[NEURONS], x[NEURONS];
    enum { ROWS = (NEURONS + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN };
    const struct kernels *kernels = kernels_for(ISA_SCALAR, 64);
    double *xi = aligned_alloc(64, ROWS * sizeof *xi), variance;
    for (size_t n = 0; n < sizeof noises / sizeof noises[0]; n++) {
        char text[1024];
        struct simulation s;
        snprintf(text, sizeof text, "%s%s", HEAD, noises[n].keys);
        simulation_open(&s, text, 0);
        const struct drive *drive = &engine_population(s.engine, 0)->drives[0];
        for (size_t i = 0; i < NEURONS; i++)
            V[i] = E_L;
        for (int k = 0; k < STEPS; k++) {
            kernels->normals(xi, ROWS, drive->key, (uint64_t)k, 0);
            for (size_t i = 0; i < NEURONS; i++)
                V[i] = noises[n].step(V[i], &x[i], xi[i], k);
        }
        simulation_advance(&s, STEPS);
        double most = largest_difference(&s, V, &variance), theory = expected_variance(n);
        print_message("%zu: largest difference %.3g mV; variance %.4f mV^2, expected %.4f\n", n,
                      most, variance, theory);
        assert_true(most < 1e-9);
        assert_true(fabs(variance - theory) < 5 * theory * sqrt(2.0 / NEURONS));
        simulation_close(&s);
    }
    free(xi);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(noisy_loops_agree),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
