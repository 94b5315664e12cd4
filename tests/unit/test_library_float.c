/* Programs that have changed the floating-point environment: another rounding mode, denormals
 * flushed to zero, as -ffast-math does, or traps. Nothing comes out differently, callbacks find
 * what their program had, and so does the program after each call. */
#define _GNU_SOURCE /* feenableexcept */
#include "base/float_env.h"
#include "helpers/library_helpers.h"

#include <fenv.h>
#include <float.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#if defined __x86_64__
#include <xmmintrin.h>
enum { FLUSH = 0x8040 }; /* denormals: results and operands */
static void flush_denormals(void)
{
    _mm_setcsr(_mm_getcsr() | FLUSH);
}
#endif

/* `denormal` fires in the first step where a drift below FLT_MIN still moves it. */
static const char sensitive[] = "[simulation]\n"
                                "dt = 0.1 ms\n"
                                "duration = 50 ms\n"
                                "seed = 5\n"
                                "[population.exc]\n"
                                "size = 3000\n"
                                "I_e = normal(450 pA, 20 pA)\n"
                                "[population.denormal]\n"
                                "size = 3000\n"
                                "E_L = -55 mV\n"
                                "V_reset = -60 mV\n"
                                "I_e = uniform(-1e-37 pA, 1e-37 pA)\n"
                                "[input.noise]\n"
                                "target = exc\n"
                                "type = white_noise\n"
                                "sigma_V = 2 mV\n"
                                "[record.potential]\n"
                                "population = exc\n"
                                "what = V_m\n"
                                "neurons = 0:3\n";

static void round_up(void)
{
    fesetround(FE_UPWARD);
}

static void round_down(void)
{
    fesetround(FE_DOWNWARD);
}

static void trap(void)
{
    feclearexcept(FE_ALL_EXCEPT);
    feenableexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INEXACT);
}

/* What a calculation of the program's own shows of its environment; without traps. */
struct seen {
    int rounding, traps;
    double third, denormal;
};

static struct seen look(void)
{
    volatile double one = 1, three = 3, least = DBL_MIN;
    struct seen seen = {.rounding = fegetround(), .traps = fegetexcept()};
    if (!seen.traps) {
        seen.third = one / three;
        seen.denormal = least / 4;
    }
    return seen;
}

static struct seen programs;

static void assert_programs_own(void)
{
    struct seen now = look();
    assert_int_equal(now.rounding, programs.rounding);
    assert_int_equal(now.traps, programs.traps);
    assert_true(now.third == programs.third);
    assert_true(now.denormal == programs.denormal);
}

static unsigned callbacks;

static int on_progress(const struct mlif_progress *progress, void *context)
{
    (void)progress, (void)context;
    assert_programs_own();
    callbacks |= 1;
    return 0;
}

static int on_spikes(const struct mlif_spikes *spikes, void *context)
{
    (void)spikes, (void)context;
    assert_programs_own();
    callbacks |= 2;
    return 0;
}

static int on_traces(const struct mlif_trace *trace, void *context)
{
    (void)trace, (void)context;
    assert_programs_own();
    callbacks |= 4;
    return 0;
}

/* Each call from an environment that `change` makes: in this thread, and in those of OpenMP. */
static void simulate(void (*change)(void), char digest[33], double V_m[3000])
{
    struct mlif_options options = options_for(sensitive, NULL);
    struct mlif_simulation *simulation;
    struct mlif_check_report check;
    struct mlif_report report;
    fenv_t before;
    options.progress = on_progress;
    options.spikes = on_spikes;
    options.traces = on_traces;
    callbacks = 0;
    fegetenv(&before);
#pragma omp parallel num_threads(2)
    change();
    programs = look();
    assert_int_equal(mlif_check(&options, &check, NULL, NULL), MLIF_OK);
    assert_programs_own();
    assert_int_equal(mlif_open(&simulation, &options, NULL, NULL), MLIF_OK);
    assert_programs_own();
    assert_int_equal(mlif_advance(simulation, MLIF_TO_THE_END, NULL), MLIF_OK);
    assert_programs_own();
    assert_int_equal(mlif_finish(simulation, NULL), MLIF_OK);
    assert_int_equal(mlif_read_V_m(simulation, 0, 0, 3000, V_m), MLIF_OK);
    assert_int_equal(mlif_read_report(simulation, &report, NULL), MLIF_OK);
    assert_programs_own();
    mlif_digest(simulation, digest);
    mlif_close(&simulation);
    fesetenv(&before);
#pragma omp parallel num_threads(2)
    fesetenv(&before);
    assert_int_equal(callbacks, 7);
    mlif_check_report_free(&check);
    mlif_report_free(&report);
}

static void nothing(void) {}

static void results_do_not_depend_on_it(void **state)
{
    static void (*const change[])(void) = {
        round_up,
        round_down,
        trap,
#if defined __x86_64__
        flush_denormals,
#endif
    };
    char usual[33], digest[33];
    double *V_m = malloc(2 * 3000 * sizeof *V_m);
    (void)state;
    assert_non_null(V_m);
    simulate(nothing, usual, V_m);
    for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
        simulate(change[i], digest, V_m + 3000);
        assert_string_equal(digest, usual);
        assert_memory_equal(V_m, V_m + 3000, 3000 * sizeof *V_m);
    }
    free(V_m);
}

/* The x87 unit's, too, which long double uses, in HDF5 perhaps. */
static int divide(const struct mlif_progress *progress, void *context)
{
    volatile long double *number = context;
    (void)progress;
    number[0] = 1.0L / number[1];
    return 0;
}

static void flags_do_not_meet_their_traps(void **state)
{
    struct mlif_options options = options_for(sensitive, NULL);
    struct mlif_report report;
    struct float_env env;
    volatile long double number[2] = {0, 3};
    (void)state;
    fesetenv(FE_DFL_ENV);
    feenableexcept(FE_INEXACT);
    float_env_take(&env);
    divide(NULL, (void *)number);
    float_env_give(&env);
    number[1] = 1;
    options.progress = divide;
    options.context = (void *)number;
    assert_int_equal(mlif_run(&options, &report, NULL, NULL), MLIF_OK);
    assert_int_equal(fegetexcept(), FE_INEXACT);
    assert_int_equal(fetestexcept(FE_ALL_EXCEPT), 0);
    fesetenv(FE_DFL_ENV);
    mlif_report_free(&report);
}

/* A callback may change it for the program, and flags that are up stay up. */
static int lower(const struct mlif_progress *progress, void *context)
{
    (void)progress, (void)context;
    fesetround(FE_DOWNWARD);
    feraiseexcept(FE_DIVBYZERO);
    return 0;
}

static void callbacks_may_change_it(void **state)
{
    struct mlif_options options = options_for(sensitive, NULL);
    struct mlif_report usual, changed;
    (void)state;
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(mlif_run(&options, &usual, NULL, NULL), MLIF_OK);
    assert_int_equal(fetestexcept(FE_ALL_EXCEPT), 0);
    options.progress = lower;
    assert_int_equal(mlif_run(&options, &changed, NULL, NULL), MLIF_OK);
    assert_int_equal(fegetround(), FE_DOWNWARD);
    assert_int_equal(fetestexcept(FE_ALL_EXCEPT), FE_DIVBYZERO);
    assert_string_equal(changed.digest, usual.digest);
    fesetenv(FE_DFL_ENV);
    mlif_report_free(&usual);
    mlif_report_free(&changed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_do_not_depend_on_it),
        cmocka_unit_test(flags_do_not_meet_their_traps),
        cmocka_unit_test(callbacks_may_change_it),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
