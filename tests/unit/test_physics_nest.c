/* Spikes and potentials against NEST's iaf_psc_delta (tests/data/nest/README.md): a thousand
 * different cells in one population. Spikes as the program writes them: test_physics_nest.py. */
#include "helpers/simulate.h"

#include <math.h>

enum { NEURONS = 1000, STEPS = 10000, SPIKES = 27478, TRACE_STEPS = 3999 };

#define W1                                                                                         \
    "[simulation]\ndt = 0.1 ms\nduration = 1 s\nseed = 1\nprecision = %s\n"                        \
    "[population.n]\nsize = 1000\ntau_m = 20 ms\nC_m = 250 pF\nE_L = -65 mV\nV_th = -50 mV\n"      \
    "V_reset = -65 mV\nt_ref = 2 ms\nI_e = linspace(200 pA, 260 pA)\n"

#define TRACE                                                                                      \
    "[simulation]\ndt = 0.1 ms\nduration = 399.9 ms\nseed = 1\nprecision = %s\n"                   \
    "[population.n]\nsize = 1\ntau_m = 20 ms\nC_m = 250 pF\nE_L = -65 mV\nV_th = -50 mV\n"         \
    "V_reset = -65 mV\nt_ref = 2 ms\n"                                                             \
    "[input.generator]\ntarget = n\ntype = step\ntimes = 50.1, 150.1, 250.1, 300.1 ms\n"           \
    "amplitudes = 150, 300, 0, -100 pA\n"

/* One column of a CSV file with a header line: `rows` numbers. */
static void read_column(const char *name, int column, size_t rows, double *out)
{
    char path[200], line[256];
    snprintf(path, sizeof path, "tests/data/nest/%s", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    for (size_t i = 0; i < rows; i++) {
        assert_non_null(fgets(line, sizeof line, file));
        const char *field = line;
        for (int c = 0; c < column; c++)
            field = strchr(field, ',') + 1;
        out[i] = strtod(field, NULL);
    }
    assert_null(fgets(line, sizeof line, file));
    fclose(file);
}

static void open_with_precision(struct simulation *s, const char *format, const char *precision,
                                size_t block)
{
    char text[1024];
    snprintf(text, sizeof text, format, precision);
    simulation_open(s, text, block);
}

/* NEST's initial potentials follow no distribution of ours. */
static void set_initial_potentials(struct simulation *s)
{
    double V0[NEURONS], I_e[NEURONS], drawn[NEURONS];
    struct population *p = engine_population(s->engine, 0);
    read_column("nest_w1_inputs.csv", 1, NEURONS, I_e);
    read_column("nest_w1_inputs.csv", 2, NEURONS, V0);
    population_read_parameter(s->config, 0, POPULATION_I_E, 0, NEURONS, drawn);
    for (size_t i = 0; i < NEURONS; i++) {
        assert_true(fabs(drawn[i] - I_e[i]) < 1e-13 * I_e[i]);
        if (p->real_bytes == sizeof(float))
            ((float *)p->state[MODEL_U])[i] = (float)(V0[i] + 50.0);
        else
            ((double *)p->state[MODEL_U])[i] = V0[i] + 50.0;
    }
}

static void open_w1(struct simulation *s, const char *precision)
{
    open_with_precision(s, W1, precision, 0);
    set_initial_potentials(s);
}

/* spiked[neuron STEPS + step - 1] = NEST has a spike of the neuron there. Freed by the caller. */
static bool *read_trains(void)
{
    enum { LINE = 2000 };
    char line[LINE];
    size_t total = 0;
    bool *spiked = calloc((size_t)NEURONS * STEPS, sizeof *spiked);
    FILE *file = fopen("tests/data/nest/nest_w1_trains.txt", "r");
    assert_non_null(file);
    assert_non_null(spiked);
    for (size_t i = 0; i < NEURONS; i++) {
        assert_non_null(fgets(line, LINE, file));
        char *at = line, *end;
        for (long step; (step = strtol(at, &end, 10)), end != at; at = end, total++)
            spiked[i * STEPS + (size_t)step - 1] = true;
    }
    fclose(file);
    assert_int_equal(total, SPIKES);
    return spiked;
}

/* Spikes of the last block that NEST has in the same step; adds to *spikes how many there are. */
static uint64_t equal_in_block(struct simulation *s, const bool *spiked, uint64_t *spikes)
{
    uint64_t rows = engine_block_rows(s->engine, 0), equal = 0;
    uint64_t *ids = calloc(rows + 1, sizeof *ids);
    double *times = calloc(rows + 1, sizeof *times);
    assert_true(ids && times);
    engine_read_rows(s->engine, 0, 0, rows, ids, times);
    for (uint64_t i = 0; i < rows; i++)
        equal += spiked[ids[i] * STEPS + (uint64_t)lround(times[i] / 0.1) - 1];
    free(ids);
    free(times);
    *spikes += rows;
    return equal;
}

static uint64_t spikes_equal_to_nests(const char *precision)
{
    struct simulation s;
    bool *spiked = read_trains();
    uint64_t equal = 0, spikes = 0;
    open_w1(&s, precision);
    while (engine_steps_done(s.engine) < STEPS) {
        engine_advance(s.engine, STEPS - engine_steps_done(s.engine));
        equal += equal_in_block(&s, spiked, &spikes);
    }
    simulation_close(&s);
    free(spiked);
    assert_int_equal(spikes, SPIKES);
    print_message("%s: %d of %d spikes in the same step\n", precision, (int)equal, SPIKES);
    return equal;
}

static void spikes_in_double_equal_nests(void **state)
{
    (void)state;
    assert_int_equal(spikes_equal_to_nests("double"), SPIKES);
}

static void spikes_in_single_equal_nests(void **state)
{
    (void)state;
    assert_true((double)spikes_equal_to_nests("single") >= 0.999 * SPIKES);
}

/* Largest distance from NEST's potentials after 1 s of 1,000 neurons. */
static double w1_error(const char *precision)
{
    struct simulation s;
    double expected[NEURONS], most = 0;
    open_w1(&s, precision);
    simulation_advance(&s, STEPS);
    double *V = simulation_read_V(&s, 0);
    read_column("nest_w1_vend.csv", 1, NEURONS, expected);
    for (size_t i = 0; i < NEURONS; i++)
        most = fmax(most, fabs(V[i] - expected[i]));
    free(V);
    simulation_close(&s);
    return most;
}

static void final_potentials_in_double_equal_nests(void **state)
{
    (void)state;
    double most = w1_error("double");
    print_message("largest difference %.3g mV\n", most);
    assert_true(most < 1e-9);
}

/* Single precision: each step rounds u, by at most half a unit in the last place (2^-21 mV below
 * 16 mV, 2^-20 mV below 32 mV), and forgets the past with tau_m / dt = 200 steps: were all errors
 * the same way, they would sum up to 200 of them, 1e-4 mV (2e-4 mV from 16 mV on). */
static void final_potentials_in_single_are_near_nests(void **state)
{
    (void)state;
    double most = w1_error("single");
    print_message("largest difference %.3g mV\n", most);
    assert_true(most < 1e-4);
}

/* Largest distance from NEST's trace, looked at after every step. */
static double trace_error(const char *precision)
{
    struct simulation s;
    double *expected = malloc(TRACE_STEPS * sizeof *expected), most = 0;
    assert_non_null(expected);
    read_column("nest_trace.csv", 2, TRACE_STEPS, expected);
    open_with_precision(&s, TRACE, precision, 1);
    for (size_t k = 0; k < TRACE_STEPS; k++) {
        double V;
        simulation_advance(&s, 1);
        population_read_V(engine_population(s.engine, 0), 0, 1, &V);
        most = fmax(most, fabs(V - expected[k]));
    }
    assert_int_equal(engine_digest(s.engine).spikes, 5);
    simulation_close(&s);
    free(expected);
    return most;
}

static void trace_in_double_equals_nests(void **state)
{
    (void)state;
    double most = trace_error("double");
    print_message("largest difference %.3g mV\n", most);
    assert_true(most < 1e-9);
}

static void trace_in_single_is_near_nests(void **state)
{
    (void)state;
    double most = trace_error("single");
    print_message("largest difference %.3g mV\n", most);
    assert_true(most < 2e-4); /* -100 pA takes u to -23 mV */
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(spikes_in_double_equal_nests),
        cmocka_unit_test(spikes_in_single_equal_nests),
        cmocka_unit_test(final_potentials_in_double_equal_nests),
        cmocka_unit_test(final_potentials_in_single_are_near_nests),
        cmocka_unit_test(trace_in_double_equals_nests),
        cmocka_unit_test(trace_in_single_is_near_nests),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
