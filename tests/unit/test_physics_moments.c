/* Mean and variance of the free potential (threshold out of reach) under noise, against closed
 * forms.
 *
 * Each population is looked at LOOKS times, 4 tau_m apart, after 12 tau_m: what is left of the
 * start is e^-12 of the mean. Tolerance: 5 standard errors of the pooled samples, whose correlation
 * from look to look, e^-4, is allowed for. */
#include "helpers/simulate.h"

#include <math.h>

enum { NEURONS = 100000, LOOKS = 5 };

static const double tau = 5.0, R = 5.0 / 250.0; /* ms; mV/pA */

/* Cumulants of V - E_L. */
struct cumulants {
    double mean, variance, fourth;
};

static double P(double dt)
{
    return exp(-dt / tau);
}

static struct cumulants plus(struct cumulants a, struct cumulants b)
{
    return (struct cumulants){a.mean + b.mean, a.variance + b.variance, a.fourth + b.fourth};
}

static struct cumulants constant(double mV)
{
    return (struct cumulants){mV, 0, 0};
}

/* A normal current of `std` pA, new every `hold` ms, seen at the end of a hold. */
static struct cumulants current_noise(double std, double hold)
{
    return (struct cumulants){0, R * std * R * std * tanh(hold / (2 * tau)), 0};
}

static struct cumulants potential_noise(double sigma)
{
    return (struct cumulants){0, sigma * sigma, 0};
}

/* Events with `kHz` a ms, each a jump of w mV: sums over the past of w^n rate dt P^(n k). */
static struct cumulants poisson(double kHz, double w, double dt)
{
    double mean = kHz * dt, p = P(dt);
    return (struct cumulants){mean * w / (1 - p), mean * w * w / (1 - p * p),
                              mean * pow(w, 4) / (1 - pow(p, 4))};
}

static struct cumulants of_std(double dt)
{
    return plus(constant(R * 100), current_noise(400, dt));
}

static struct cumulants of_sigma(double dt)
{
    (void)dt;
    return plus(constant(12), potential_noise(3));
}

/* (sigma_I / C)^2 tau_m / 2 of the cell's own tau_m: the mean over tau_m of such normal numbers has
 * a fourth cumulant of 3 Var(variance). */
static struct cumulants of_sigma_I(double dt)
{
    (void)dt;
    return (struct cumulants){0, 0.8 * 0.8 * 5 / 2, 0};
}

static struct cumulants of_sigma_I_drawn(double dt)
{
    (void)dt;
    double square = 0.8 * 0.8 / 2;
    return (struct cumulants){0, square * 4, 3 * square * square * 4 / 12};
}

static struct cumulants of_hold(double dt)
{
    return current_noise(200, 4 * dt);
}

static struct cumulants of_poisson(double dt)
{
    return poisson(5, 0.2, dt);
}

static struct cumulants of_rare_poisson(double dt)
{
    return poisson(0.1, -2.0, dt);
}

static struct cumulants of_several(double dt)
{
    struct cumulants white = plus(of_std(dt), potential_noise(1.5));
    struct cumulants jumps = plus(poisson(4, 0.3, dt), poisson(2, -0.5, dt));
    return plus(plus(white, jumps), constant(R * 150 + 2));
}

struct setting {
    const char *name;
    const char *tau_m;
    const char *inputs; /* %s: four steps */
    struct cumulants (*theory)(double dt);
};

/* In `tau_drawn` every neuron has a tau_m of its own: sigma_V and mean_V are the same for all. */
static const struct setting settings[] = {
    {"std", "5 ms", "[input.a]\ntarget = std\ntype = white_noise\nmean = 100 pA\nstd = 400 pA\n",
     of_std},
    {"sigma", "5 ms",
     "[input.b]\ntarget = sigma\ntype = white_noise\nmean_V = 12 mV\nsigma_V = 3 mV\n", of_sigma},
    {"tau_drawn", "uniform(4 ms, 5 ms)",
     "[input.c]\ntarget = tau_drawn\ntype = white_noise\nmean_V = 12 mV\nsigma_V = 3 mV\n",
     of_sigma},
    {"sigma_I", "5 ms",
     "[input.l]\ntarget = sigma_I\ntype = white_noise\nsigma_I = 200 pA ms^1/2\n", of_sigma_I},
    {"I_drawn", "uniform(3 ms, 5 ms)",
     "[input.m]\ntarget = I_drawn\ntype = white_noise\nsigma_I = 0.2 nA ms^1/2\n",
     of_sigma_I_drawn},
    {"held", "5 ms", "[input.d]\ntarget = held\ntype = white_noise\nstd = 200 pA\nhold = %s ms\n",
     of_hold},
    {"poisson", "5 ms",
     "[input.e]\ntarget = poisson\ntype = poisson\nrate = 5 kHz\nweight = 0.2 mV\n", of_poisson},
    {"rare", "5 ms", "[input.f]\ntarget = rare\ntype = poisson\nrate = 100 Hz\nweight = -2 mV\n",
     of_rare_poisson},
    {"several", "5 ms",
     "[input.g]\ntarget = several\ntype = white_noise\nmean = 100 pA\nstd = 400 pA\n"
     "[input.h]\ntarget = several\ntype = white_noise\nmean_V = 2 mV\nsigma_V = 1.5 mV\n"
     "[input.i]\ntarget = several\ntype = poisson\nrate = 4 kHz\nweight = 0.3 mV\n"
     "[input.j]\ntarget = several\ntype = poisson\nrate = 2 kHz\nweight = -0.5 mV\n"
     "[input.k]\ntarget = several\ntype = dc\namplitude = 150 pA\n",
     of_several},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void write_config(char *text, size_t size, const char *dt, const char *four_steps)
{
    int n = snprintf(text, size, "[simulation]\ndt = %s ms\nduration = 1 s\nseed = 4711\n", dt);
    for (size_t i = 0; i < SETTINGS; i++) {
        n += snprintf(text + n, size - (size_t)n,
                      "[population.%s]\nsize = %d\ntau_m = %s\nC_m = 250 pF\nE_L = -65 mV\n"
                      "V_th = 1000 mV\nV_reset = -65 mV\n",
                      settings[i].name, NEURONS, settings[i].tau_m);
        n += snprintf(text + n, size - (size_t)n, settings[i].inputs, four_steps);
    }
}

struct sums {
    double one, two; /* of V - E_L - the expected mean, and its square */
};

static void look(struct simulation *s, double dt, struct sums sums[SETTINGS])
{
    for (size_t i = 0; i < SETTINGS; i++) {
        double *V = simulation_read_V(s, i), expected = settings[i].theory(dt).mean - 65;
        for (size_t j = 0; j < NEURONS; j++) {
            sums[i].one += V[j] - expected;
            sums[i].two += (V[j] - expected) * (V[j] - expected);
        }
        free(V);
    }
}

static void compare(const struct setting *setting, struct sums sums, double dt)
{
    struct cumulants theory = setting->theory(dt);
    double n = (double)NEURONS * LOOKS, spread = sqrt((1 + 2 * exp(-4)) / n);
    double mean = sums.one / n, variance = sums.two / n;
    double error_of_mean = sqrt(theory.variance) * spread;
    double error_of_variance = sqrt(2 * theory.variance * theory.variance + theory.fourth) * spread;
    print_message(
        "dt %.3g %-9s mean %+.5f mV, %+.2f se; variance %.5f mV^2, expected %.5f, %+.2f se\n", dt,
        setting->name, mean + theory.mean, mean / error_of_mean, variance, theory.variance,
        (variance - theory.variance) / error_of_variance);
    assert_true(fabs(mean) < 5 * error_of_mean);
    assert_true(fabs(variance - theory.variance) < 5 * error_of_variance);
}

static void moments(const char *dt_text, const char *four_steps)
{
    static char text[8192];
    struct simulation s;
    struct sums sums[SETTINGS] = {{0, 0}};
    double dt = strtod(dt_text, NULL);
    uint64_t per_tau = (uint64_t)lround(tau / dt);
    write_config(text, sizeof text, dt_text, four_steps);
    simulation_open(&s, text, 0);
    simulation_advance(&s, 8 * per_tau);
    for (int i = 0; i < LOOKS; i++) {
        simulation_advance(&s, 4 * per_tau);
        look(&s, dt, sums);
    }
    simulation_close(&s);
    for (size_t i = 0; i < SETTINGS; i++)
        compare(&settings[i], sums[i], dt);
}

static void moments_at_dt_0_05(void **state)
{
    (void)state;
    moments("0.05", "0.2");
}

static void moments_at_dt_0_1(void **state)
{
    (void)state;
    moments("0.1", "0.4");
}

static void moments_at_dt_0_5(void **state)
{
    (void)state;
    moments("0.5", "2");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_at_dt_0_05),
        cmocka_unit_test(moments_at_dt_0_1),
        cmocka_unit_test(moments_at_dt_0_5),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
