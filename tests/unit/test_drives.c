/* Currents that vary in time, against the closed form of the held current in long double: every
 * step, three dt, whole populations and slices; and against `step` with the same numbers, bit for
 * bit. */
#include "drive/cycle.h"
#include "helpers/simulate.h"

#include <complex.h>
#include <math.h>
#include <mpfr.h>

enum { NEURONS = 300, SLICE_BEGIN = 70, SLICE_END = 200 };

static const long double tau = 10, R = 10.0L / 250, E_L = -70; /* ms, mV/pA, mV */
static const int start_ms = 5, stop_ms = 45, end_ms = 60;

#define POPULATION(name)                                                                           \
    "[population." name                                                                            \
    "]\nsize = 300\ntau_m = 10 ms\nC_m = 250 pF\nE_L = -70 mV\nV_reset = -70 mV\n"                 \
    "V_th = 1000 mV\n"
#define TIMES "start = 5 ms\nstop = 45 ms\n"

static const char inputs[] =
    "[input.a]\ntarget = ramp\ntype = ramp\nfirst = 50 pA\nlast = -310 pA\n" TIMES
    "[input.b]\ntarget = sine\ntype = sine\namplitude = 200 pA\nfrequency = 37.5 Hz\nphase = "
    "100\n" TIMES
    "[input.c]\ntarget = pulses\ntype = pulses\namplitude = 400 pA\nperiod = 7 ms\nwidth = 2.5 ms\n"
    "delay = 1.5 ms\n" TIMES "[input.d]\ntarget = dc\ntype = dc\namplitude = 222 pA\n" TIMES
    "[input.e]\ntarget = step\ntype = step\ntimes = 5, 20\namplitudes = 100, -250\n" TIMES;

static const char slices[] =
    "[input.a]\ntarget = ramp[70:200]\ntype = ramp\nfirst = 50 pA\nlast = -310 pA\n" TIMES
    "[input.b]\ntarget = sine[70:200]\ntype = sine\namplitude = 200 pA\nfrequency = 37.5 Hz\n"
    "phase = 100\n" TIMES
    "[input.c]\ntarget = pulses[70:200]\ntype = pulses\namplitude = 400 pA\nperiod = 7 ms\n"
    "width = 2.5 ms\ndelay = 1.5 ms\n" TIMES
    "[input.d]\ntarget = dc[70:200]\ntype = dc\namplitude = 222 pA\n" TIMES
    "[input.e]\ntarget = step[70:200]\ntype = step\ntimes = 5, 20\namplitudes = 100, -250\n" TIMES;

static void open_drives(struct simulation *s, const char *dt, const char *drives)
{
    char text[4096];
    int n = snprintf(text, sizeof text, "[simulation]\ndt = %s ms\nduration = 60 ms\n", dt);
    snprintf(text + n, sizeof text - (size_t)n, "precision = double\n%s%s",
             POPULATION("ramp") POPULATION("sine") POPULATION("pulses") POPULATION("dc")
                 POPULATION("step"),
             drives);
    simulation_open(s, text, 1);
}

/* V - E_L after n steps of a drive that began at rest; dt in ms. */
typedef long double (*response_type)(long double dt, long n);

/* I_j = a + b j: R (a + b n - b / e) solves the recursion, and P^n what it lacks at n = 0. */
static long double of_ramp(long double dt, long n)
{
    long double P = expl(-dt / tau), e = -expm1l(-dt / tau);
    long double a = 50, b = (-310.0L - 50.0L) * dt / (stop_ms - start_ms);
    return R * (a + b * n - b / e) - powl(P, n) * R * (a - b / e);
}

/* The sum over j of P^(n - 1 - j) z^j is (z^n - P^n) / (z - P); z = exp(i omega dt). */
static long double of_sine(long double dt, long n)
{
    long double P = expl(-dt / tau), e = -expm1l(-dt / tau), turn = 2 * acosl(-1.0L);
    long double at_start = turn * (0.0375L * start_ms + 100.0L / 360);
    long double complex z = cexpl(I * turn * 0.0375L * dt);
    long double complex sum = (cexpl(I * turn * 0.0375L * dt * n) - powl(P, n)) / (z - P);
    return 200 * e * R * cimagl(cexpl(I * at_start) * sum);
}

/* Each pulse leaves R A (P^(n - off) - P^(n - on)). */
static long double of_pulses(long double dt, long n)
{
    long double sum = 0, t = n * dt;
    for (long double on = 1.5L; on < t; on += 7) {
        long double off = fminl(fminl(on + 2.5L, t), stop_ms - start_ms);
        sum += 400 * R * (expl((off - t) / tau) - expl((on - t) / tau));
    }
    return sum;
}

static long double of_dc(long double dt, long n)
{
    return -222 * R * expm1l(-n * dt / tau);
}

/* 100 pA from the start, 350 pA less 15 ms later. */
static long double of_step(long double dt, long n)
{
    return -100 * R * expm1l(-n * dt / tau) + 350 * R * expm1l(-fmaxl(0, n * dt - 15) / tau);
}

static const response_type responses[] = {of_ramp, of_sine, of_pulses, of_dc, of_step};
enum { RESPONSES = sizeof responses / sizeof responses[0] };

/* V after step number n of the run: rest, drive, and what is left of it. */
static long double expected(response_type response, long double dt, long n)
{
    long start = lroundl(start_ms / dt), stop = lroundl(stop_ms / dt);
    if (n <= start)
        return E_L;
    if (n <= stop)
        return E_L + response(dt, n - start);
    return E_L + response(dt, stop - start) * expl(-(n - stop) * dt / tau);
}

static double largest_error(const char *dt_text, const char *drives, size_t begin, size_t end)
{
    struct simulation s;
    long double dt = strtold(dt_text, NULL), most = 0;
    long steps = lroundl(end_ms / dt);
    open_drives(&s, dt_text, drives);
    for (long n = 1; n <= steps; n++) {
        simulation_advance(&s, 1);
        for (size_t p = 0; p < RESPONSES; p++) {
            double *V = simulation_read_V(&s, p);
            for (size_t i = 0; i < NEURONS; i += 23) {
                bool driven = i >= begin && i < end;
                long double V_n = driven ? expected(responses[p], dt, n) : E_L;
                most = fmaxl(most, fabsl((long double)V[i] - V_n));
            }
            free(V);
        }
    }
    simulation_close(&s);
    return (double)most;
}

static void check_closed_forms(const char *dt)
{
    double whole = largest_error(dt, inputs, 0, NEURONS);
    double slice = largest_error(dt, slices, SLICE_BEGIN, SLICE_END);
    print_message("dt %s: largest error %.3g mV, in slices %.3g mV\n", dt, whole, slice);
    assert_true(whole < 1e-9);
    assert_true(slice < 1e-9);
}

static void closed_forms_at_dt_0_02(void **state)
{
    (void)state;
    check_closed_forms("0.02");
}

static void closed_forms_at_dt_0_1(void **state)
{
    (void)state;
    check_closed_forms("0.1");
}

static void closed_forms_at_dt_0_5(void **state)
{
    (void)state;
    check_closed_forms("0.5");
}

/* The subthreshold response to a sine long after its start: amplitude and phase of the held drive.
 * A period of 40 ms has 40 / dt steps. */
static void check_sine(const char *dt_text)
{
    struct simulation s;
    char text[1024];
    const long double dt = strtold(dt_text, NULL), f = 0.025L, turn = 2 * acosl(-1.0L);
    const long period = lroundl(40 / dt);
    long double complex z = cexpl(I * turn * f * dt), measured = 0;
    long double complex expect = 100 * R * -expm1l(-dt / tau) / (z - expl(-dt / tau));
    snprintf(text, sizeof text,
             "[simulation]\ndt = %s ms\nduration = 1 s\nprecision = double\n" POPULATION(
                 "n") "[input.i]\ntarget = n\ntype = sine\namplitude = 100\nfrequency = 25 Hz\n",
             dt_text);
    simulation_open(&s, text, 1);
    simulation_advance(&s, 15 * (uint64_t)period); /* 60 tau_m */
    for (long n = 1; n <= period; n++) {
        double V;
        simulation_advance(&s, 1);
        population_read_V(engine_population(s.engine, 0), 0, 1, &V);
        measured += ((long double)V - E_L) * cexpl(-I * turn * f * dt * n) * I * 2 / period;
    }
    simulation_close(&s);
    print_message("dt %s: amplitude %.12Lf mV, phase %.9Lf degrees\n", dt_text, cabsl(measured),
                  cargl(measured) * 360 / turn);
    assert_true(fabsl(cabsl(measured) - cabsl(expect)) < 1e-9L);
    assert_true(fabsl(cargl(measured / expect)) < 1e-11L);
}

static void sine_response_has_its_amplitude_and_phase(void **state)
{
    (void)state;
    check_sine("0.02");
    check_sine("0.1");
    check_sine("0.5");
}

/* ---- equal to `step` ---- */

enum { MOST_STEPS = 1000 };

/* What docs/numerics.md says of step k, in the drive's active steps. */
typedef double (*formula_type)(int k, int start, int stop);

static double ramp_at(int k, int start, int stop)
{
    return 150.0 + (450.0 - 150.0) * ((double)(k - start) / (double)(stop - start));
}

static double sine_at(int k, int start, int stop)
{
    (void)start, (void)stop;
    struct cycle cycle; /* 12.5 Hz at 0.1 ms: 800 steps */
    cycle_init(&cycle, (struct decimal){125, -1}, (struct decimal){1, -1});
    assert_int_equal(cycle.steps, 800);
    return 500.0 * cycle_sin(&cycle, (uint64_t)k, -45.0);
}

static double pulses_at(int k, int start, int stop)
{
    (void)stop;
    return k >= start + 33 && (k - start - 33) % 150 < 60 ? 700.0 : 0.0;
}

static const struct {
    const char *keys;
    formula_type formula;
} drives[] = {
    {"type = ramp\nfirst = 150\nlast = 450\n", ramp_at},
    {"type = sine\namplitude = 500\nfrequency = 12.5\nphase = -45\n", sine_at},
    {"type = pulses\namplitude = 700\nperiod = 15\nwidth = 6\ndelay = 3.3\n", pulses_at},
};
enum { DRIVES = sizeof drives / sizeof drives[0] };

static void write_steps(FILE *to, formula_type formula, int start, int stop)
{
    fputs("type = step\ntimes = ", to);
    for (int k = start; k <= stop; k++)
        fprintf(to, "%s%d.%d", k == start ? "" : ", ", k / 10, k % 10);
    fputs("\namplitudes = ", to);
    for (int k = start; k <= stop; k++)
        fprintf(to, "%s%.17g", k == start ? "" : ", ", k == stop ? 0.0 : formula(k, start, stop));
    fputs("\n", to);
}

static char *equality_config(size_t drive, bool as_steps, const char *target, const char *precision)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    fprintf(to,
            "[simulation]\nduration = 100 ms\nprecision = %s\n[population.n]\nsize = 1000\n"
            "tau_m = uniform(8 ms, 12 ms)\nV_m = uniform(-70, -56)\n"
            "[input.other]\ntarget = n\ntype = dc\namplitude = 33.3\n"
            "[input.x]\ntarget = %s\n",
            precision, target);
    if (as_steps)
        write_steps(to, drives[drive].formula, 50, 930);
    else
        fprintf(to, "%sstart = 5 ms\nstop = 93 ms\n", drives[drive].keys);
    fclose(to);
    return text;
}

static void check_equal(size_t drive, const char *target, const char *precision)
{
    struct simulation s[2];
    double *V[2];
    for (int as_steps = 0; as_steps < 2; as_steps++) {
        char *text = equality_config(drive, as_steps, target, precision);
        simulation_open(&s[as_steps], text, 0);
        simulation_advance(&s[as_steps], MOST_STEPS);
        V[as_steps] = simulation_read_V(&s[as_steps], 0);
        free(text);
    }
    struct digest a = engine_digest(s[0].engine), b = engine_digest(s[1].engine);
    print_message("%s %s: %llu spikes\n", target, precision, (unsigned long long)a.spikes);
    assert_true(a.spikes > 200);
    assert_memory_equal(&a, &b, sizeof a);
    assert_memory_equal(V[0], V[1], 1000 * sizeof **V);
    for (int i = 0; i < 2; i++) {
        free(V[i]);
        simulation_close(&s[i]);
    }
}

static void the_same_current_as_steps_gives_the_same_bits(void **state)
{
    (void)state;
    for (size_t drive = 0; drive < DRIVES; drive++) {
        check_equal(drive, "n", "single");
        check_equal(drive, "n", "double");
        check_equal(drive, "n[100:777]", "single");
        check_equal(drive, "n[100:777]", "double");
    }
}

/* ---- phases far from 0 ---- */

static double sine_by_mpfr(struct decimal frequency, struct decimal dt, uint64_t step, double phase)
{
    mpfr_t x, y;
    mpfr_inits2(400, x, y, (mpfr_ptr)0);
    mpfr_set_ui(x, step, MPFR_RNDN);
    mpfr_mul_ui(x, x, (unsigned long)frequency.mantissa, MPFR_RNDN);
    mpfr_mul_ui(x, x, (unsigned long)dt.mantissa, MPFR_RNDN);
    mpfr_set_si(y, frequency.exponent + dt.exponent - 3, MPFR_RNDN);
    mpfr_exp10(y, y, MPFR_RNDN);
    mpfr_mul(x, x, y, MPFR_RNDN);
    mpfr_set_d(y, phase, MPFR_RNDN);
    mpfr_div_ui(y, y, 360, MPFR_RNDN);
    mpfr_add(x, x, y, MPFR_RNDN);
    mpfr_const_pi(y, MPFR_RNDN);
    mpfr_mul(x, x, y, MPFR_RNDN);
    mpfr_mul_ui(x, x, 2, MPFR_RNDN);
    mpfr_sin(x, x, MPFR_RNDN);
    double value = mpfr_get_d(x, MPFR_RNDN);
    mpfr_clears(x, y, (mpfr_ptr)0);
    return value;
}

static void phases_are_exact_at_any_step(void **state)
{
    (void)state;
    static const struct {
        struct decimal frequency, dt;
    } pairs[] = {{{125, -1}, {1, -1}},         {{1, 1}, {1, -1}},          {{73, -1}, {25, -3}},
                 {{33333333333, -9}, {1, -2}}, {{123456789, -3}, {1, -6}}, {{5, 3}, {1, -1}}};
    static const uint64_t steps[] = {0, 1, 7, 1000, 123456789, UINT64_C(4611686018427387904)};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct cycle cycle;
        assert_null(cycle_init(&cycle, pairs[i].frequency, pairs[i].dt));
        for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
            double error = cycle_sin(&cycle, steps[k], 33.0) -
                           sine_by_mpfr(pairs[i].frequency, pairs[i].dt, steps[k], 33.0);
            assert_true(fabs(error) <= 0x1p-49);
        }
    }
}

static void frequencies_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct cycle cycle;
    const struct decimal dt = {1, -1};
    assert_null(cycle_init(&cycle, (struct decimal){0, 0}, dt));
    assert_int_equal(cycle.steps, 1);
    assert_null(cycle_init(&cycle, (struct decimal){5, 3}, dt));
    assert_int_equal(cycle.steps, 2);
    assert_non_null(cycle_init(&cycle, (struct decimal){5001, 0}, dt));
    assert_non_null(cycle_init(&cycle, (struct decimal){1, 4}, dt));
    assert_non_null(cycle_init(&cycle, (struct decimal){1, 300}, dt));
    assert_null(cycle_init(&cycle, (struct decimal){123456789012345, -14}, dt)); /* 18 decimals */
    assert_non_null(cycle_init(&cycle, (struct decimal){1234567890123456, -15}, dt));
    assert_non_null(cycle_init(&cycle, (struct decimal){123456789012345678, -17}, dt));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_forms_at_dt_0_02),
        cmocka_unit_test(closed_forms_at_dt_0_1),
        cmocka_unit_test(closed_forms_at_dt_0_5),
        cmocka_unit_test(sine_response_has_its_amplitude_and_phase),
        cmocka_unit_test(the_same_current_as_steps_gives_the_same_bits),
        cmocka_unit_test(phases_are_exact_at_any_step),
        cmocka_unit_test(frequencies_that_cannot_be_are_refused),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
