/* V stays finite because all that comes in is bounded: neurons and inputs at the ends of the ranges
 * that a config may have, hundreds of inputs at once, in both directions. With t_ref = 0 nobody is
 * parked, so that every u must be a finite number. */
#include "helpers/engine_helpers.h"

static const char one_type[][160] = {
    "type = dc\namplitude = %s1e9\n",
    "type = step\ntimes = 0, 1000 ms\namplitudes = %s1e9, 0\n",
    "type = ramp\nfirst = %s1e9\nlast = %s1e9\nstart = 0 ms\nstop = 1000 ms\n",
    "type = sine\namplitude = %s1e9\nfrequency = 500\nphase = 90\n",
    "type = pulses\namplitude = %s1e9\nperiod = 1000 ms\nwidth = 1000 ms\n",
    "type = white_noise\nmean = %s1e9\nstd = 1e9\n",
    "type = white_noise\nmean_V = %s1e6\nsigma_V = 1e6\n",
    "type = white_noise\nsigma_I = 1e9\nmean = %s1e9\ncorrelation = 1\n",
    "type = ou_noise\nmean = %s1e9\nstd = 1e9\ntau = 1e9\n",
    "type = poisson\nrate = 1e6\nweight = %s1e4\n",
};

/* Membranes: the largest R and the slowest leak; the largest R that leaks within a step; E_L, V_th
 * and V_reset as far apart as they can be. */
static const char *const cells[] = {
    "C_m = 1e-6\ntau_m = 1e9\n",
    "C_m = 1e-6\ntau_m = 1\n",
    "R_m = 1e12\ntau_m = 1e9\n",
    "E_L = -1e4\nV_th = 1e4\nV_reset = -1e4\nI_e = 1e9\nC_m = 1e-6\n",
    "E_L = 1e4\nV_th = -9999\nV_reset = -1e4\nI_e = -1e9\nC_m = 1e-6\n",
};

enum { CELLS = sizeof cells / sizeof cells[0], TYPES = sizeof one_type / sizeof one_type[0] };

static void assert_finite(const struct outcome *o, const char *text)
{
    const struct population *p = engine_population(o->engine, 0);
    for (uint64_t i = 0; i < p->size; i++) {
        double u = p->real_bytes == 8 ? ((double *)p->state[MODEL_U])[i]
                                      : (double)((float *)p->state[MODEL_U])[i];
        if (!isfinite(u))
            fail_msg("neuron %d has u = %g after %d steps of\n%.1000s", (int)i, u,
                     (int)engine_steps_done(o->engine), text);
    }
}

static size_t add_inputs(char *text, size_t room, size_t type, int count, const char *sign)
{
    size_t length = 0;
    for (int i = 0; i < count; i++) {
        char body[256];
        snprintf(body, sizeof body, one_type[type], sign, sign);
        length += (size_t)snprintf(text + length, room - length, "[input.i%zu_%d]\ntarget = a\n%s",
                                   type, i, body);
        assert_true(length < room);
    }
    return length;
}

static void run_case(const char *cell, size_t first_type, size_t end_type, int each,
                     const char *sign)
{
    static char text[1 << 16];
    static const char *const in_double[] = {"simulation.precision=double", NULL};
    size_t length = (size_t)snprintf(text, sizeof text,
                                     "[simulation]\ndt = 1 ms\nduration = 500 ms\n"
                                     "[population.a]\nsize = 200\nt_ref = 0\n%s",
                                     cell);
    for (size_t type = first_type; type < end_type; type++)
        length += add_inputs(text + length, sizeof text - length, type, each, sign);
    for (int precision = 0; precision < 2; precision++) {
        struct outcome o = simulate(text, precision ? in_double : NULL, plainly());
        assert_int_equal(engine_steps_done(o.engine), 500);
        assert_finite(&o, text);
        end(&o);
    }
}

static void each_type_at_the_ends_of_its_ranges(void **state)
{
    (void)state;
    for (size_t cell = 0; cell < CELLS; cell++)
        for (size_t type = 0; type < TYPES; type++) {
            run_case(cells[cell], type, type + 1, 1, "");
            run_case(cells[cell], type, type + 1, 1, "-");
        }
}

static void hundreds_of_inputs_at_once(void **state)
{
    (void)state;
    for (size_t cell = 0; cell < CELLS; cell++) {
        run_case(cells[cell], 0, TYPES, 20, "");
        run_case(cells[cell], 0, TYPES, 20, "-");
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_at_the_ends_of_its_ranges),
        cmocka_unit_test(hundreds_of_inputs_at_once),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
