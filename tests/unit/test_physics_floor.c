/* V_min: V is held from below at the end of each step, after jumps; nothing else changes. */
#include "helpers/simulate.h"

#include <math.h>

enum { NEURONS = 300 };

#define HEAD "[simulation]\ndt = 0.1 ms\nduration = 1 s\nseed = 42\nprecision = double\n"
#define CELL                                                                                       \
    "[population.n]\nsize = 300\ntau_m = 20 ms\nC_m = 250 pF\nE_L = -65 mV\nV_th = -50 mV\n"       \
    "V_reset = -66 mV\nV_m = uniform(-70 mV, -55 mV)\n"
#define INPUTS                                                                                     \
    "[input.a]\ntarget = n\ntype = step\ntimes = 0, 30, 60 ms\namplitudes = -200, 150, -300 pA\n"  \
    "[input.b]\ntarget = n\ntype = poisson\nrate = 1 kHz\nweight = -0.5 mV\n"

static void open_with(struct simulation *s, const char *V_min)
{
    char text[2048];
    snprintf(text, sizeof text, "%s%s%s%s", HEAD, CELL, V_min, INPUTS);
    simulation_open(s, text, 1);
}

/* The counts of the Poisson input in a step, drawn as the drive does. */
static void draw_counts(const struct drive *drive, uint64_t step, double *row)
{
    drive->type->fill(drive, kernels_for(ISA_SCALAR, 64), row, 3 * TILE_ALIGN, step, 0);
}

/* Recurrence in long double with a maximum, for every neuron until it first spikes. */
static long double step_V(long double V, uint64_t k, double count, double floor)
{
    long double I = k < 300 ? -200 : k < 600 ? 150 : -300, P = expl(-0.1L / 20);
    long double target = -65 + 20.0L / 250 * I;
    return fmaxl(target + (V - target) * P - 0.5L * count, floor);
}

static void check_floor(const char *V_min, int drawn)
{
    struct simulation s;
    double floor[NEURONS], *counts = aligned_alloc(64, 3 * TILE_ALIGN * sizeof *counts);
    long double expected[NEURONS];
    size_t at_floor = 0;
    open_with(&s, V_min);
    double *V = simulation_read_V(&s, 0);
    for (size_t i = 0; i < NEURONS; i++) {
        expected[i] = V[i];
        floor[i] = -68.25;
    }
    if (drawn)
        population_read_parameter(s.config, 0, POPULATION_V_MIN, 0, NEURONS, floor);
    free(V);
    for (uint64_t k = 0; k < 900; k++) {
        draw_counts(&engine_population(s.engine, 0)->drives[1], k, counts);
        simulation_advance(&s, 1);
        V = simulation_read_V(&s, 0);
        for (size_t i = 0; i < NEURONS; i++) {
            expected[i] = step_V(expected[i], k, counts[i], floor[i]);
            assert_true(expected[i] < -50);
            at_floor += fabsl(expected[i] - (long double)floor[i]) < 1e-12L;
            if (fabsl((long double)V[i] - expected[i]) > 1e-11L)
                fail_msg("neuron %zu after step %d: %.17g mV", i, (int)k, V[i]);
        }
        free(V);
    }
    print_message("%zu of %d potentials at the bound\n", at_floor, 900 * NEURONS);
    assert_in_range(at_floor, 90 * NEURONS, 600 * NEURONS);
    free(counts);
    simulation_close(&s);
}

static void potentials_keep_above_the_bound(void **state)
{
    (void)state;
    check_floor("V_min = -68.25 mV\n", 0);
    check_floor("V_min = uniform(-70 mV, -67 mV)\n", 1);
}

/* Refractory neurons are not revived, and a bound that is never reached changes no bit. */
static void spikes_are_those_without_a_bound(void **state)
{
    (void)state;
    static const char *const precision[] = {"single", "double"};
    static const char *const bound[] = {"", "V_min = -60 mV\n", "V_min = uniform(-61, -60)\n"};
    for (size_t p = 0; p < 2; p++) {
        struct digest digest[3];
        for (size_t b = 0; b < 3; b++) {
            char text[1024];
            struct simulation s;
            snprintf(text, sizeof text,
                     "[simulation]\nduration = 1 s\nprecision = %s\n[population.n]\nsize = 1000\n"
                     "E_L = -60\nV_reset = -60\nI_e = uniform(300, 900)\nt_ref = uniform(0, 5)\n"
                     "V_m = uniform(-60, -55)\n%s[input.x]\ntarget = n\ntype = poisson\n"
                     "rate = 500\nweight = 0.5\n",
                     precision[p], bound[b]);
            simulation_open(&s, text, 0);
            simulation_advance(&s, 2000);
            digest[b] = engine_digest(s.engine);
            simulation_close(&s);
        }
        assert_true(digest[0].spikes > 10000);
        assert_memory_equal(&digest[0], &digest[1], sizeof digest[0]);
        assert_memory_equal(&digest[0], &digest[2], sizeof digest[0]);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(potentials_keep_above_the_bound),
        cmocka_unit_test(spikes_are_those_without_a_bound),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
