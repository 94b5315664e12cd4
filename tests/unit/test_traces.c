/* V_m, I and jumps recorders, in double, through the library's callback: against NEST's trace, and
 * against a LIF loop of the plainest kind that gets their I and jumps. */
#include "megalif/megalif.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECORDERS = 4, NEST_ROWS = 3999 };

/* The rows of a recorder of one population. */
struct rows {
    char recorder[16], what[16], units[4];
    size_t count, rows;
    double start_ms, interval_ms;
    uint64_t *ids;
    double *values; /* [rows][count] */
};

struct seen {
    struct rows of[RECORDERS];
    size_t recorders;
    uint64_t spikes;
    uint64_t *spike_id, *spike_step;
};

static struct rows *find(struct seen *seen, const char *recorder)
{
    for (size_t i = 0; i < seen->recorders; i++)
        if (strcmp(seen->of[i].recorder, recorder) == 0)
            return &seen->of[i];
    return NULL;
}

static struct rows *begin(struct seen *seen, const struct mlif_trace *trace)
{
    struct rows *rows = &seen->of[seen->recorders++];
    assert_true(seen->recorders <= RECORDERS);
    assert_int_equal(trace->first_row, 0);
    snprintf(rows->recorder, sizeof rows->recorder, "%s", trace->recorder);
    snprintf(rows->what, sizeof rows->what, "%s", trace->what);
    snprintf(rows->units, sizeof rows->units, "%s", trace->units);
    rows->count = trace->count;
    rows->start_ms = trace->start_ms;
    rows->interval_ms = trace->interval_ms;
    rows->ids = malloc(trace->count * sizeof *rows->ids);
    assert_non_null(rows->ids);
    memcpy(rows->ids, trace->node_ids, trace->count * sizeof *rows->ids);
    return rows;
}

static int take_rows(const struct mlif_trace *trace, void *context)
{
    struct seen *seen = context;
    struct rows *rows = find(seen, trace->recorder);
    if (!rows)
        rows = begin(seen, trace);
    assert_int_equal(trace->first_row, rows->rows);
    assert_true(trace->rows > 0 && trace->count == rows->count);
    rows->rows += trace->rows;
    rows->values = realloc(rows->values, rows->rows * rows->count * sizeof *rows->values);
    assert_non_null(rows->values);
    memcpy(rows->values + trace->first_row * rows->count, trace->values,
           trace->rows * trace->count * sizeof *rows->values);
    return 0;
}

static int take_spikes(const struct mlif_spikes *spikes, void *context)
{
    struct seen *seen = context;
    uint64_t all = seen->spikes + spikes->count;
    seen->spike_id = realloc(seen->spike_id, all * sizeof *seen->spike_id);
    seen->spike_step = realloc(seen->spike_step, all * sizeof *seen->spike_step);
    assert_true(seen->spike_id && seen->spike_step);
    for (size_t i = 0; i < spikes->count; i++) {
        seen->spike_id[seen->spikes] = spikes->node_ids[i];
        seen->spike_step[seen->spikes++] = (uint64_t)llround(spikes->timestamps_ms[i] / 0.1);
    }
    return 0;
}

/* How to run; 0 and NULL: chosen. */
struct how {
    int threads;
    size_t tile, block;
    const char *isa;
};

static struct seen run(const char *text, struct how how)
{
    struct seen seen = {.recorders = 0};
    struct mlif_options options = mlif_default_options();
    struct mlif_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    options.config_text = text;
    options.no_file = 1;
    options.threads = how.threads;
    options.tile = how.tile;
    options.block = how.block;
    options.isa = how.isa;
    options.spikes = take_spikes;
    options.traces = take_rows;
    options.context = &seen;
    if (mlif_run(&options, &report, &errors, &warnings))
        fail_msg("%s", errors.count > 0 ? errors.line[0] : "no message");
    mlif_report_free(&report);
    mlif_messages_free(&warnings);
    return seen;
}

static void seen_free(struct seen *seen)
{
    for (size_t i = 0; i < seen->recorders; i++) {
        free(seen->of[i].ids);
        free(seen->of[i].values);
    }
    free(seen->spike_id);
    free(seen->spike_step);
}

/* The greater one of most and the distance of a and b; infinite where there is none. */
static double farthest(double most, double a, double b)
{
    double distance = fabs(a - b);
    return isnan(distance) ? INFINITY : fmax(most, distance);
}

/* ---- NEST's trace: row n of its file is V after n steps, n = 1, 2, ... ---- */

static void trace_equals_nests(void **state)
{
    (void)state;
    struct seen seen =
        run("[simulation]\ndt = 0.1 ms\nduration = 400 ms\nprecision = double\n[population.n]\n"
            "size = 1\ntau_m = 20 ms\nC_m = 250 pF\nE_L = -65 mV\nV_th = -50 mV\nV_reset = -65 mV\n"
            "t_ref = 2 ms\n[input.generator]\ntarget = n\ntype = step\n"
            "times = 50.1, 150.1, 250.1, 300.1 ms\namplitudes = 150, 300, 0, -100 pA\n"
            "[record.v]\npopulation = n\nwhat = V_m\ninterval = 0.1 ms\n",
            (struct how){0});
    struct rows *v = find(&seen, "v");
    char line[256];
    double most = 0;
    FILE *file = fopen("tests/data/nest/nest_trace.csv", "r");
    assert_true(v && file && fgets(line, sizeof line, file));
    assert_int_equal(v->rows, 1 + NEST_ROWS);
    assert_true(v->values[0] == -65.0);
    for (size_t n = 1; n <= NEST_ROWS; n++) {
        assert_non_null(fgets(line, sizeof line, file));
        double expected = strtod(strrchr(line, ',') + 1, NULL);
        most = farthest(most, v->values[n], expected);
    }
    fclose(file);
    assert_int_equal(seen.spikes, 5);
    seen_free(&seen);
    print_message("largest difference %.3g mV\n", most);
    assert_true(most < 1e-9);
}

/* ---- what I and jumps are: with them anybody's loop gives V and the spikes ---- */

#define CELLS                                                                                      \
    "[population.n]\nsize = 3000\nC_m = 250 pF\ntau_m = 20 ms\nE_L = -65 mV\nV_th = -50 mV\n"      \
    "V_reset = -60 mV\nt_ref = %s\nI_e = 100 pA\nV_m = uniform(-65, -50)\n"

#define DRIVES                                                                                     \
    "[input.a_slice]\ntarget = n[700:2900]\ntype = sine\namplitude = 60 pA\nfrequency = 40 Hz\n"   \
    "[input.b_common]\ntarget = n\ntype = step\ntimes = 10, 20, 60 ms\namplitudes = 50, 90, 70 "   \
    "pA\n"                                                                                         \
    "start = 5 ms\nstop = 90 ms\n"                                                                 \
    "[input.c_std]\ntarget = n\ntype = white_noise\nmean = 5 pA\nstd = 150 pA\nhold = 0.3 ms\n"    \
    "[input.d_sigma]\ntarget = n\ntype = white_noise\nmean_V = 1 mV\nsigma_V = 2 mV\n"             \
    "[input.e_ou]\ntarget = n[:2000]\ntype = ou_noise\nstd = 30 pA\ntau = 5 ms\n"                  \
    "[input.f_events]\ntarget = n\ntype = poisson\nrate = 3 kHz\nweight = 0.3 mV\n"                \
    "[input.g_events]\ntarget = n[1000:]\ntype = poisson\nrate = 1 kHz\nweight = -0.2 mV\n"

#define LOOKS                                                                                      \
    "[record.v]\npopulation = n\nwhat = V_m\nneurons = %s\ninterval = 0.1 ms\n"                    \
    "[record.i]\npopulation = n\nwhat = I\nneurons = %s\ninterval = 0.1 ms\n"                      \
    "[record.j]\npopulation = n\nwhat = jumps\nneurons = %s\ninterval = 0.1 ms\n"

static struct seen run_cells(const char *precision, const char *t_ref, const char *neurons,
                             struct how how)
{
    char text[4096];
    snprintf(text, sizeof text,
             "[simulation]\ndt = 0.1 ms\nduration = 100 ms\nseed = 8\nprecision = %s\n" CELLS DRIVES
                 LOOKS,
             precision, t_ref, neurons, neurons, neurons);
    return run(text, how);
}

/* The plainest loop: V in mV, exp of the C library, currents and jumps as recorded. Checks V before
 * each step and returns how many spikes it has, each of which must be among those seen. */
static size_t integrate(struct seen *seen, size_t n, uint64_t refractory, double *most)
{
    const struct rows *v = find(seen, "v"), *i = find(seen, "i"), *j = find(seen, "j");
    const double P = exp(-0.1 / 20.0), E_L = -65, V_th = -50, V_reset = -60, R = 20.0 / 250.0;
    double V = v->values[n];
    size_t spikes = 0, at = 0;
    uint64_t rest = 0;
    for (size_t k = 0; k < v->rows; k++) {
        size_t cell = k * v->count + n;
        *most = farthest(*most, V, v->values[cell]);
        if (rest > 0) {
            rest--;
            continue;
        }
        V = E_L + (V - E_L) * P + R * i->values[cell] * (1 - P) + j->values[cell];
        if (V < V_th)
            continue;
        V = V_reset;
        rest = refractory;
        spikes++;
        while (at < seen->spikes &&
               (seen->spike_step[at] < k + 1 || seen->spike_id[at] != v->ids[n]))
            at++;
        assert_true(at < seen->spikes && seen->spike_step[at] == k + 1);
    }
    return spikes;
}

static void check_loop(const char *t_ref, uint64_t refractory)
{
    struct seen seen = run_cells("double", t_ref, "5:3000:13", (struct how){.threads = 2});
    double most = 0;
    uint64_t of_these = 0, spikes = 0;
    struct rows *v = find(&seen, "v"), *i = find(&seen, "i"), *j = find(&seen, "j");
    assert_true(v && i && j && v->rows == 1000 && i->rows == 1000 && j->rows == 1000);
    assert_string_equal(v->units, "mV");
    assert_string_equal(i->units, "pA");
    assert_string_equal(j->units, "mV");
    for (size_t n = 0; n < v->count; n++) {
        assert_int_equal(v->ids[n], 5 + 13 * n);
        spikes += integrate(&seen, n, refractory, &most);
    }
    for (uint64_t s = 0; s < seen.spikes; s++)
        of_these += seen.spike_id[s] % 13 == 5;
    print_message("largest difference %.3g mV, %d spikes\n", most, (int)spikes);
    assert_int_equal(spikes, of_these);
    assert_true(spikes > 500);
    assert_true(most < 1e-10);
    seen_free(&seen);
}

static void I_and_jumps_give_V_and_spikes(void **state)
{
    (void)state;
    check_loop("2 ms", 20);
    check_loop("0.1 ms", 1);
}

static void without_a_refractory_period_V_is_after_the_reset(void **state)
{
    (void)state;
    check_loop("0 ms", 0);
}

/* ---- the same bits ---- */

static void assert_same_rows(const struct rows *a, const struct rows *b)
{
    assert_true(a && b && a->count == b->count && a->rows == b->rows);
    assert_memory_equal(a->ids, b->ids, a->count * sizeof *a->ids);
    assert_memory_equal(a->values, b->values, a->rows * a->count * sizeof *a->values);
}

static void nothing_changes_a_bit_of_a_trace(void **state)
{
    (void)state;
    static const struct how hows[] = {{.threads = 2},
                                      {.threads = 3, .tile = 128, .block = 1},
                                      {.tile = 640, .block = 7},
                                      {.isa = "scalar"}};
    static const char *const precisions[] = {"single", "double"};
    for (int p = 0; p < 2; p++) {
        struct seen first =
            run_cells(precisions[p], "2 ms", "sample(40)", (struct how){.threads = 1});
        for (size_t h = 0; h < sizeof hows / sizeof *hows; h++) {
            struct seen other = run_cells(precisions[p], "2 ms", "sample(40)", hows[h]);
            for (size_t r = 0; r < 3; r++)
                assert_same_rows(&first.of[r], find(&other, first.of[r].recorder));
            seen_free(&other);
        }
        seen_free(&first);
    }
}

/* Constant drive, where tiles leap over eight steps: a few chosen neurons are followed through a
 * leap, with all of a tile chosen there are none. */
static struct seen run_constant(const char *precision, const char *t_ref, const char *neurons,
                                const char *interval)
{
    char text[4096];
    snprintf(text, sizeof text,
             "[simulation]\ndt = 0.1 ms\nduration = 100 ms\nseed = 8\nprecision = %s\n"
             "[population.n]\nsize = 3000\ntau_m = uniform(10, 20 ms)\nE_L = -65 mV\n"
             "V_th = -50 mV\nV_reset = -60 mV\nt_ref = %s\nI_e = uniform(200, 9000)\n"
             "V_m = uniform(-65, -50)\n[input.a]\ntarget = n\ntype = step\n"
             "times = 30, 61.3 ms\namplitudes = 100, -250 pA\n"
             "[record.v]\npopulation = n\nwhat = V_m\nneurons = %s\ninterval = %s\n"
             "[record.i]\npopulation = n\nwhat = I\nneurons = %s\ninterval = 0.1 ms\n",
             precision, t_ref, neurons, interval, neurons);
    return run(text, (struct how){.threads = 2, .tile = 512});
}

static void assert_columns(const struct rows *few, const struct rows *all, size_t every)
{
    assert_true(few && all && all->count == 3000 && few->count == 3000 / 37 + 1);
    assert_int_equal(few->rows, (all->rows + every - 1) / every);
    for (size_t r = 0; r < few->rows; r++)
        for (size_t n = 0; n < few->count; n++)
            assert_memory_equal(&few->values[r * few->count + n],
                                &all->values[every * r * 3000 + few->ids[n]], sizeof(double));
}

static void neurons_are_followed_through_leaps(void **state)
{
    (void)state;
    static const char *const t_refs[] = {"2 ms", "0.7 ms", "0.8 ms", "uniform(0.8, 2 ms)"};
    static const char *const intervals[] = {"0.1 ms", "0.3 ms", "1.1 ms"};
    static const size_t every[] = {1, 3, 11};
    for (size_t t = 0; t < 4; t++)
        for (int p = 0; p < 2; p++) {
            const char *precision = p ? "double" : "single";
            struct seen all = run_constant(precision, t_refs[t], "all", "0.1 ms");
            for (size_t i = 0; i < 3; i++) {
                struct seen few = run_constant(precision, t_refs[t], "0:3000:37", intervals[i]);
                assert_int_equal(few.spikes, all.spikes);
                assert_columns(find(&few, "v"), find(&all, "v"), every[i]);
                assert_columns(find(&few, "i"), find(&all, "i"), 1);
                seen_free(&few);
            }
            assert_true(all.spikes > 50000);
            seen_free(&all);
        }
}

/* ---- when it looks ---- */

struct window {
    const char *keys;
    size_t first, every, rows; /* steps, of 1000 */
};

static void rows_come_at_start_plus_i_interval(void **state)
{
    (void)state;
    static const struct window windows[] = {
        {"", 0, 10, 100}, /* 1 ms without an interval */
        {"interval = 0.7 ms\n", 0, 7, 143},
        {"interval = 0.3 ms\nstart = 10.1 ms\nstop = 50.1 ms\n", 101, 3, 134},
        {"interval = 5 ms\nstart = 99.9 ms\n", 999, 50, 1},
        {"interval = 0.1 ms\nstart = 0.1 ms\nstop = 0.2 ms\n", 1, 1, 1},
        {"interval = 1 s\nstop = 100 s\n", 0, 10000, 1},
    };
    struct seen all = run_cells("single", "2 ms", "1, 700, 2999", (struct how){.block = 64});
    const struct rows *v = find(&all, "v");
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        char text[4096];
        snprintf(text, sizeof text,
                 "[simulation]\ndt = 0.1 ms\nduration = 100 ms\nseed = 8\n" CELLS DRIVES
                 "[record.w]\npopulation = n\nwhat = V_m\nneurons = 1, 700, 2999\n%s",
                 "2 ms", windows[w].keys);
        struct seen some = run(text, (struct how){.block = 10});
        const struct rows *rows = find(&some, "w");
        assert_true(rows && rows->rows == windows[w].rows && rows->count == 3);
        assert_true(fabs(rows->start_ms - 0.1 * (double)windows[w].first) < 1e-9);
        assert_true(fabs(rows->interval_ms - 0.1 * (double)windows[w].every) < 1e-9);
        for (size_t r = 0; r < rows->rows; r++)
            assert_memory_equal(rows->values + 3 * r,
                                v->values + 3 * (windows[w].first + r * windows[w].every),
                                3 * sizeof *v->values);
        seen_free(&some);
    }
    seen_free(&all);
}

/* Row 0 is the initial value, to the rounding of u = V - V_th to a float; a parked one V_reset. */
static void first_row_and_refractory_rows_are_what_they_say(void **state)
{
    (void)state;
    struct seen seen = run_cells("single", "2 ms", "all", (struct how){.threads = 2});
    const struct rows *v = find(&seen, "v");
    assert_int_equal(v->count, 3000);
    for (size_t n = 0; n < 3000; n++)
        assert_true(v->values[n] >= -65.0 - 1e-6 && v->values[n] <= -50.0);
    for (uint64_t s = 0; s < seen.spikes; s++)
        for (uint64_t k = seen.spike_step[s]; k < seen.spike_step[s] + 20 && k < 1000; k++)
            assert_true(v->values[k * 3000 + seen.spike_id[s]] == -60.0);
    seen_free(&seen);
}

/* A limit cuts a block short: its steps are taken again, and leave the rows that there were. */
static void a_limit_leaves_the_rows_before_it(void **state)
{
    (void)state;
    char text[4096];
    struct seen all = run_cells("single", "2 ms", "sample(40)", (struct how){.threads = 2});
    snprintf(text, sizeof text,
             "[simulation]\ndt = 0.1 ms\nduration = 100 ms\nseed = 8\n"
             "stop_after_spikes = 15000\n" CELLS DRIVES LOOKS,
             "2 ms", "sample(40)", "sample(40)", "sample(40)");
    for (size_t block = 50; block < 300; block += 47) {
        struct seen some = run(text, (struct how){.threads = 2, .block = block});
        for (size_t r = 0; r < 3; r++) {
            struct rows *rows = &some.of[r], *whole = find(&all, rows->recorder);
            assert_true(rows->rows > 500 && rows->rows < 1000);
            whole->rows = rows->rows;
            assert_same_rows(whole, rows);
        }
        seen_free(&some);
    }
    seen_free(&all);
}

static int stop_at_once(const struct mlif_trace *trace, void *context)
{
    (void)trace;
    ++*(int *)context;
    return 1;
}

static void the_callback_can_stop_a_run(void **state)
{
    (void)state;
    int calls = 0;
    struct mlif_simulation *s;
    struct mlif_options options = mlif_default_options();
    options.config_text = "[simulation]\nduration = 1 s\n[population.n]\nsize = 10\n"
                          "[record.v]\npopulation = n\nwhat = V_m\n";
    options.no_file = 1;
    options.block = 100;
    options.traces = stop_at_once;
    options.context = &calls;
    assert_int_equal(mlif_open(&s, &options, NULL, NULL), MLIF_OK);
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_INTERRUPTED);
    assert_true(mlif_steps_done(s) == 100 && calls == 1);
    assert_int_equal(mlif_advance(s, 100, NULL), MLIF_INTERRUPTED);
    assert_true(mlif_steps_done(s) == 200 && calls == 2);
    mlif_close(&s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_equals_nests),
        cmocka_unit_test(I_and_jumps_give_V_and_spikes),
        cmocka_unit_test(without_a_refractory_period_V_is_after_the_reset),
        cmocka_unit_test(nothing_changes_a_bit_of_a_trace),
        cmocka_unit_test(neurons_are_followed_through_leaps),
        cmocka_unit_test(rows_come_at_start_plus_i_interval),
        cmocka_unit_test(first_row_and_refractory_rows_are_what_they_say),
        cmocka_unit_test(a_limit_leaves_the_rows_before_it),
        cmocka_unit_test(the_callback_can_stop_a_run),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
