/* Potentials step by step, in double against recurrences in long double: the held value, jumps, and
 * what V shows while a neuron is refractory. Tolerance 1e-12 mV: rounding of numbers around 100. */
#include "helpers/simulate.h"

#include <math.h>

#define HEAD "[simulation]\ndt = 0.1 ms\nduration = 1 s\nseed = 42\nprecision = %s\n"
#define CELL                                                                                       \
    "[population.n]\nsize = 200\ntau_m = 20 ms\nC_m = 250 pF\nE_L = -65 mV\nV_th = -50 mV\n"

static void open_as(struct simulation *s, const char *format, const char *precision)
{
    char text[2048];
    snprintf(text, sizeof text, format, precision);
    simulation_open(s, text, 1);
}

static double V_of(struct simulation *s, uint64_t id)
{
    double V;
    population_read_V(engine_population(s->engine, 0), id, id + 1, &V);
    return V;
}

/* Two currents and E_L's own: in step k those with start <= k < stop, held over the step. */
static long double current_in(uint64_t k, bool in_slice)
{
    long double I = 50;
    if (k >= 3 && k < 17)
        I += 100;
    if (in_slice && k >= 9 && k < 25)
        I -= k < 13 ? 80 : 30;
    return I;
}

static void currents_are_held_from_the_start_of_a_step(void **state)
{
    (void)state;
    struct simulation s;
    long double V[2] = {-60, -60}, P = expl(-0.1L / 20);
    open_as(&s,
            HEAD CELL "V_reset = -65 mV\nV_m = -60 mV\nI_e = 50 pA\n"
                      "[input.a]\ntarget = n\ntype = dc\namplitude = 100 pA\nstart = 0.3 ms\n"
                      "stop = 1.7 ms\n"
                      "[input.b]\ntarget = n[130:140]\ntype = step\ntimes = 0, 1.3 ms\n"
                      "amplitudes = -80, -30 pA\nstart = 0.9 ms\nstop = 2.5 ms\n",
            "double");
    for (uint64_t k = 0; k < 40; k++) {
        simulation_advance(&s, 1);
        for (int i = 0; i < 2; i++) {
            long double free_V = -65 + 20.0L / 250 * current_in(k, i == 1);
            V[i] = free_V + (V[i] - free_V) * P;
        }
        const uint64_t ids[2][3] = {{0, 129, 140}, {130, 135, 139}};
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++)
                if (fabsl(V_of(&s, ids[i][j]) - V[i]) > 1e-12L)
                    fail_msg("neuron %d after step %d: %.17g mV, expected %.17g mV", (int)ids[i][j],
                             (int)k, V_of(&s, ids[i][j]), (double)V[i]);
    }
    simulation_close(&s);
}

/* Jumps come after propagation and are not decayed in their own step: V after it, less what decays
 * of V before it, is a whole number of weights. */
static void jumps_are_added_after_propagation(void **state)
{
    (void)state;
    struct simulation s;
    double before = -65;
    uint64_t events = 0;
    open_as(&s,
            HEAD CELL "V_reset = -65 mV\n"
                      "[input.a]\ntarget = n\ntype = poisson\nrate = 2 kHz\nweight = 0.125 mV\n",
            "double");
    for (int k = 0; k < 400; k++) {
        simulation_advance(&s, 1);
        double V = V_of(&s, 0);
        double jump = V + 65 - (before + 65) * exp(-0.1 / 20), n = jump / 0.125;
        assert_true(fabs(n - round(n)) < 1e-10);
        assert_true(round(n) >= 0 && round(n) < 10);
        events += (uint64_t)lround(n);
        before = V;
    }
    assert_in_range(events, 80 - 45, 80 + 45); /* 5 standard deviations */
    simulation_close(&s);
}

/* A neuron that fires at step number 5 shows V_reset after steps 5 to 5 + r, and moves again after
 * step 5 + r + 1, from V_reset on. */
static void V_stays_at_V_reset_while_refractory(void **state)
{
    (void)state;
    static const char format[] = HEAD CELL
        "V_reset = -58 mV\nt_ref = 2 ms\n"
        "[input.a]\ntarget = n\ntype = step\ntimes = 0.4, 0.5 ms\namplitudes = 1e6, 100 pA\n"
        "[input.b]\ntarget = n\ntype = white_noise\nsigma_V = 1 mV\nstart = 0.5 ms\n"
        "[input.c]\ntarget = n\ntype = poisson\nrate = 20 kHz\nweight = 0.1 mV\nstart = 0.5 ms\n";
    static const char *const precisions[] = {"double", "single"};
    for (int i = 0; i < 2; i++) {
        struct simulation s;
        open_as(&s, format, precisions[i]);
        simulation_advance(&s, 4);
        assert_true(fabs(V_of(&s, 7) + 65) < 1e-5);
        for (int number = 5; number <= 25; number++) {
            simulation_advance(&s, 1);
            for (uint64_t id = 0; id < 200; id++)
                assert_true(V_of(&s, id) == -58.0);
        }
        assert_int_equal(engine_digest(s.engine).spikes, 200);
        simulation_advance(&s, 1);
        for (uint64_t id = 0; id < 200; id++) {
            assert_true(V_of(&s, id) != -58.0);
            assert_true(fabs(V_of(&s, id) + 58) < 2.0);
        }
        simulation_close(&s);
    }
}

/* The value released from refractoriness is V_reset itself: the first step after it is exact. */
static void release_starts_at_V_reset(void **state)
{
    (void)state;
    struct simulation s;
    open_as(&s,
            HEAD CELL
            "V_reset = linspace(-64 mV, -54 mV)\nt_ref = 0.3 ms\n"
            "[input.a]\ntarget = n\ntype = step\ntimes = 0, 0.1 ms\namplitudes = 1e6, 100 pA\n",
            "double");
    simulation_advance(&s, 5);
    for (uint64_t id = 0; id < 200; id++) {
        double V_reset, free_V = -65 + 8.0;
        population_read_parameter(s.config, 0, POPULATION_V_RESET, id, id + 1, &V_reset);
        assert_true(fabs(V_of(&s, id) - (free_V + (V_reset - free_V) * exp(-0.1 / 20))) < 1e-12);
    }
    simulation_close(&s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(currents_are_held_from_the_start_of_a_step),
        cmocka_unit_test(jumps_are_added_after_propagation),
        cmocka_unit_test(V_stays_at_V_reset_while_refractory),
        cmocka_unit_test(release_starts_at_V_reset),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
