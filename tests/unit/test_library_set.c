/* Potentials and currents that a program sets between two steps: against closed forms, against the
 * same currents from a file, across checkpoints and limits. */
#define _GNU_SOURCE 1 /* nftw */
#include "helpers/stepwise_helpers.h"

#include "io/provenance_read.h"
#include "sonata/raster_reader.h"

enum { CELLS = 300, STEPS = 600 };

/* ---- potentials */

/* V = E_L + (V_0 - E_L) exp(-t / tau_m), whoever else is there. */
static void V_m_decays_from_what_was_set(void **state)
{
    (void)state;
    static const char still[] = "[simulation]\nduration = 50 ms\nprecision = double\n"
                                "[population.b]\nsize = 3\n"
                                "[population.a]\nsize = 2500\ntau_m = 20 ms\n"
                                "V_th = linspace(-50 mV, -45 mV)\nE_L = -68 mV\n";
    struct mlif_options options = options_for(still, NULL);
    struct mlif_simulation *s = open_text(still, &options);
    static double V[2500];
    const double set[3] = {-60.0, -90.0, -50.5};
    assert_int_equal(mlif_advance(s, 33, NULL), MLIF_OK);
    assert_int_equal(mlif_set_V_m(s, 1, 1100, 1103, set, NULL), MLIF_OK);
    assert_int_equal(mlif_read_V_m(s, 1, 1100, 1103, V), MLIF_OK);
    for (int i = 0; i < 3; i++)
        assert_near(V[i], set[i], 1e-13);
    for (int step = 1; step <= 200; step++) {
        assert_int_equal(mlif_advance(s, 1, NULL), MLIF_OK);
        assert_int_equal(mlif_read_V_m(s, 1, 0, 2500, V), MLIF_OK);
        for (int i = 0; i < 3; i++)
            assert_near(V[1100 + i], -68.0 + (set[i] + 68.0) * exp(-0.1 * step / 20.0), 1e-11);
        assert_near(V[1099], -68.0, 1e-12);
        assert_near(V[1103], -68.0, 1e-12);
    }
    mlif_close(&s);
}

struct spiked {
    uint64_t count;
    double last_ms;
};

static int note(const struct mlif_spikes *spikes, void *context)
{
    struct spiked *spiked = context;
    spiked->count += spikes->count;
    spiked->last_ms = spikes->timestamps_ms[spikes->count - 1];
    return 0;
}

/* Above threshold it spikes in the next step, is not touched while refractory, and then again. */
static void above_threshold_it_spikes(void **state)
{
    (void)state;
    static const char one[] = "[simulation]\nduration = 20 ms\n[population.a]\nsize = 1\n";
    struct spiked spiked = {0, 0};
    const double high = -50.0, reset = -70.0;
    double V;
    struct mlif_options options = options_for(one, NULL);
    options.spikes = note;
    options.context = &spiked;
    struct mlif_simulation *s = open_text(one, &options);
    for (int step = 0; step < 60; step++) {
        assert_int_equal(mlif_set_V_m(s, 0, 0, 1, &high, NULL), MLIF_OK);
        assert_int_equal(mlif_advance(s, 1, NULL), MLIF_OK);
        assert_int_equal(spiked.count, 1 + step / 21); /* t_ref of 20 steps, and one that fires */
        assert_int_equal(mlif_read_V_m(s, 0, 0, 1, &V), MLIF_OK);
        assert_near(V, reset, 1e-6);
    }
    assert_near(spiked.last_ms, 0.1 * 43, 1e-9);
    mlif_close(&s);
}

/* A neuron that one step would leave above threshold spikes, though some steps on it would be below
 * again: also where V was set before a checkpoint. u (1 - e) - 15 mV e >= 0, e = 1 - exp(-0.1/20):
 * from u = 0.0752 mV on. */
static void little_above_threshold_it_spikes(void **state)
{
    (void)state;
    enum { MANY = 1000, SPIKES = 924, SET_AT = 16 };
    static const char still[] = "[simulation]\nduration = 20 ms\nprecision = double\n"
                                "[population.a]\nsize = 1000\ntau_m = 20 ms\n";
    double V[MANY];
    struct place place;
    assert_true(make_place(&place));
    for (int i = 0; i < MANY; i++)
        V[i] = -55.0 + i / (MANY - 1.0);
    for (int resumed = 0; resumed < 2; resumed++) {
        struct spiked spiked = {0, 0};
        struct mlif_options options = options_for(still, place.path);
        options.spikes = note;
        options.context = &spiked;
        options.checkpoint = options.resume = resumed;
        options.force = !resumed;
        struct mlif_simulation *s = open_text(still, &options);
        assert_int_equal(mlif_advance(s, SET_AT, NULL), MLIF_OK);
        assert_int_equal(mlif_set_V_m(s, 0, 0, MANY, V, NULL), MLIF_OK);
        if (resumed) {
            assert_int_equal(mlif_checkpoint(s, NULL), MLIF_OK);
            mlif_close(&s);
            s = open_text(still, &options);
            assert_int_equal(mlif_steps_done(s), SET_AT);
        }
        assert_int_equal(mlif_advance(s, 100, NULL), MLIF_OK);
        assert_int_equal(spiked.count, SPIKES);
        assert_near(spiked.last_ms, 0.1 * (SET_AT + 1), 1e-9);
        mlif_close(&s);
    }
    remove_folder(&place);
}

/* ---- currents */

/* The current of a neuron in pA from step `step` on, set anew every ten steps. */
static double current_at(uint64_t step, uint64_t id)
{
    return (double)(mix64(step / 10 + 1000 * id) % 6000) * 0.125;
}

static void set_currents(struct mlif_simulation *s)
{
    double current[CELLS];
    for (uint64_t i = 0; i < CELLS; i++)
        current[i] = current_at(mlif_steps_done(s), i);
    assert_int_equal(mlif_set_current(s, "stim", 1, 0, 100, current, NULL), MLIF_OK);
    assert_int_equal(mlif_set_current(s, "stim", 1, 100, CELLS, current + 100, NULL), MLIF_OK);
}

static void advance(struct mlif_simulation *s, uint64_t until)
{
    while (mlif_steps_done(s) < until) {
        const uint64_t left = until - mlif_steps_done(s), hold = 10 - mlif_steps_done(s) % 10;
        if (hold == 10)
            set_currents(s);
        assert_int_equal(mlif_advance(s, left < hold ? left : hold, NULL), MLIF_OK);
    }
}

/* Between two settings V relaxes to E_L + R (I_e + I), from where it was. */
static void V_m_follows_the_currents(void **state)
{
    (void)state;
    static const char still[] = "[simulation]\nduration = 60 ms\nprecision = double\n"
                                "[population.b]\nsize = 3\nV_th = 1000 mV\n"
                                "[population.a]\nsize = 300\nV_th = 1000 mV\n"
                                "tau_m = 20 ms\nI_e = 30 pA\n"
                                "[input.stim]\ntarget = a\ntype = external\n";
    struct mlif_options options = options_for(still, NULL);
    struct mlif_simulation *s = open_text(still, &options);
    double V[CELLS], expected[CELLS];
    for (int i = 0; i < CELLS; i++)
        expected[i] = -70.0;
    for (uint64_t step = 0; step < STEPS; step += 10) {
        advance(s, step + 10);
        assert_int_equal(mlif_read_V_m(s, 1, 0, CELLS, V), MLIF_OK);
        for (uint64_t i = 0; i < CELLS; i++) {
            const double V_inf = -70.0 + 20.0 / 250.0 * (30.0 + current_at(step, i));
            expected[i] = V_inf + (expected[i] - V_inf) * exp(-1.0 / 20.0);
            assert_near(V[i], expected[i], 1e-10);
        }
    }
    mlif_close(&s);
}

#define SPIKING                                                                                    \
    "[simulation]\nduration = 60 ms\nseed = 3\n%s"                                                 \
    "[population.b]\nsize = 3\n"                                                                   \
    "[population.a]\nsize = 400\nI_e = normal(100 pA, 10 pA)\n"                                    \
    "[input.noise]\ntarget = a\ntype = white_noise\nsigma_V = 2 mV\n"                              \
    "[input.stim]\ntarget = a[0:300]\n%s\n"                                                        \
    "[projection.p]\nsource = a\ntarget = a\nrule = fixed_indegree\nindegree = 20\n"               \
    "weight = 0.3 mV\ndelay = uniform(0.5 ms, 3 ms)\n"

static void write_currents(const char *path)
{
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    for (int i = 0; i < CELLS; i++)
        fprintf(to, "c%d%c", i, i < CELLS - 1 ? ',' : '\n');
    for (uint64_t step = 0; step < STEPS; step++)
        for (uint64_t i = 0; i < CELLS; i++)
            fprintf(to, "%.17g%c", current_at(step, i), i < CELLS - 1 ? ',' : '\n');
    fclose(to);
}

static void digest_of_spiking(const char *type, int threads, size_t block, bool sets,
                              char digest[33])
{
    char text[2000];
    snprintf(text, sizeof text, SPIKING, "", type);
    struct mlif_options options = options_for(text, NULL);
    options.threads = threads;
    options.block = block;
    struct mlif_simulation *s = open_text(text, &options);
    if (sets)
        advance(s, STEPS);
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
    mlif_digest(s, digest);
    mlif_close(&s);
}

static void the_same_bits_as_from_a_file(void **state)
{
    (void)state;
    char from_file[200], expected[33], digest[33];
    struct place place;
    assert_true(make_place(&place));
    write_currents(place.path);
    snprintf(from_file, sizeof from_file, "type = file\nfile = %s", place.path);
    digest_of_spiking(from_file, 2, 0, false, expected);
    digest_of_spiking("type = external", 1, 0, true, digest);
    assert_string_equal(digest, expected);
    digest_of_spiking("type = external", 3, 1, true, digest);
    assert_string_equal(digest, expected);
    digest_of_spiking("type = external", 2, 0, false, digest);
    assert_string_not_equal(digest, expected);
    remove_place(&place);
}

/* As long as nobody sets it, it is a constant current; between start and stop. */
static void until_it_is_set_it_is_a_dc(void **state)
{
    (void)state;
    static const char *const other[] = {"amplitude = 250 pA\nstart = 3 ms\nstop = 41 ms",
                                        "amplitude = normal(250 pA, 60 pA)"};
    for (int i = 0; i < 2; i++) {
        char text[200], digest[2][33];
        snprintf(text, sizeof text, "type = dc\n%s", other[i]);
        digest_of_spiking(text, 2, 0, false, digest[0]);
        snprintf(text, sizeof text, "type = external\n%s", other[i]);
        digest_of_spiking(text, 2, 0, false, digest[1]);
        assert_string_equal(digest[0], digest[1]);
    }
}

/* ---- checkpoints, limits, files */

static void assert_changes(const char *path, uint64_t V_m, uint64_t currents)
{
    struct raster_reader *reader;
    struct error err;
    uint64_t value = 1;
    assert_int_equal(raster_open(&reader, path, &err), STATUS_OK);
    const hid_t file = raster_reader_file(reader);
    assert_true(provenance_get_u64(file, "/megalif/changes", "V_m", &value));
    assert_int_equal(value, V_m);
    assert_true(provenance_get_u64(file, "/megalif/changes", "currents", &value));
    assert_int_equal(value, currents);
    raster_close(reader);
}

/* One number for neurons begin ... end - 1, given once or for each of them. */
static void set_one(struct mlif_simulation *s, bool once, uint64_t begin, uint64_t end, double pA)
{
    double each[CELLS];
    for (uint64_t i = 0; i < end - begin; i++)
        each[i] = pA;
    if (once)
        assert_int_equal(mlif_set_same_current(s, "stim", 1, begin, end, pA, NULL), MLIF_OK);
    else
        assert_int_equal(mlif_set_current(s, "stim", 1, begin, end, each, NULL), MLIF_OK);
}

/* For all, for some, then for some others, and for all again: beside a checkpoint. */
static void step_with_one(struct mlif_simulation *s, bool once)
{
    const double some[3] = {900.0, -200.0, 0.1};
    set_one(s, once, 0, CELLS, 411.7);
    assert_int_equal(mlif_advance(s, 50, NULL), MLIF_OK);
    assert_int_equal(mlif_set_current(s, "stim", 1, 130, 133, some, NULL), MLIF_OK);
    assert_int_equal(mlif_advance(s, 50, NULL), MLIF_OK);
    set_one(s, once, 0, CELLS, 0.0);
    set_one(s, once, 100, 200, 517.3);
    assert_int_equal(mlif_advance(s, 50, NULL), MLIF_OK);
    set_one(s, once, 0, CELLS, 600.1);
}

static void one_current_is_the_same_for_each(void **state)
{
    (void)state;
    static const char *const precisions[] = {"single", "double"};
    struct place place;
    assert_true(make_place(&place));
    for (int i = 0; i < 8; i++) {
        static char expected[33], digest[33];
        const bool once = i & 1, limited = i & 2;
        char text[2000], more[100];
        snprintf(more, sizeof more, "precision = %s\n%s", precisions[i / 4],
                 limited ? "stop_after_spikes = 1000000\n" : "");
        snprintf(text, sizeof text, SPIKING, more, "type = external");
        struct mlif_options options = options_for(text, place.path);
        options.checkpoint = options.force = 1;
        struct mlif_simulation *s = open_text(text, &options);
        step_with_one(s, once);
        assert_int_equal(mlif_checkpoint(s, NULL), MLIF_OK);
        mlif_close(&s);
        options.resume = 1;
        options.force = 0;
        s = open_text(text, &options);
        assert_int_equal(mlif_steps_done(s), 150);
        assert_int_equal(mlif_advance(s, STEPS, NULL), MLIF_OK);
        mlif_digest(s, once ? digest : expected);
        mlif_close(&s);
        if (once)
            assert_string_equal(digest, expected);
    }
    remove_folder(&place);
}

/* Cut in the middle of what holds, and before anything is done; potentials, too. */
static void a_run_goes_on_with_them(void **state)
{
    (void)state;
    static const uint64_t cut[] = {0, 205, 310};
    const double low[2] = {-80.0, -57.0};
    char text[2000], expected[33], digest[33];
    struct place place;
    assert_true(make_place(&place));
    snprintf(text, sizeof text, SPIKING, "", "type = external");
    struct mlif_options options = options_for(text, NULL);
    for (int cuts = 0; cuts < 2; cuts++) {
        struct mlif_simulation *s = open_text(text, &options);
        for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
            advance(s, cut[i]);
            set_currents(s);
            assert_int_equal(mlif_set_V_m(s, 1, 7, 9, low, NULL), MLIF_OK);
            if (cuts == 0)
                continue;
            assert_int_equal(mlif_checkpoint(s, NULL), MLIF_OK);
            mlif_close(&s);
            options.threads = 1 + (int)i;
            s = open_text(text, &options);
            assert_int_equal(mlif_steps_done(s), cut[i]);
        }
        advance(s, STEPS);
        mlif_digest(s, cuts ? digest : expected);
        assert_int_equal(mlif_finish(s, NULL), MLIF_OK);
        mlif_close(&s);
        options = options_for(text, place.path);
        options.checkpoint = options.resume = 1;
    }
    assert_string_equal(digest, expected);
    assert_changes(place.path, 2 * 3, CELLS * (60 + 3));
    remove_folder(&place);
}

/* The state that a limit goes back to has what was set: in calls of seven steps. */
static uint64_t to_limit(const char *limit, uint64_t until, double V[CELLS])
{
    char text[2000];
    snprintf(text, sizeof text, SPIKING, limit, "type = external");
    struct mlif_options options = options_for(text, NULL);
    options.block = 5;
    struct mlif_simulation *s = open_text(text, &options);
    uint64_t done = 0;
    while (done % 7 == 0 && done < until) { /* a limit is not met at the end of a call */
        const double high[2] = {-56.0, -40.0};
        set_currents(s);
        assert_int_equal(mlif_set_V_m(s, 1, done % 200, done % 200 + 2, high, NULL), MLIF_OK);
        assert_int_equal(mlif_advance(s, until - done < 7 ? until - done : 7, NULL), MLIF_OK);
        done = mlif_steps_done(s);
    }
    assert_int_equal(mlif_read_V_m(s, 1, 0, CELLS, V), MLIF_OK);
    mlif_close(&s);
    return done;
}

static void a_limit_steps_again_with_them(void **state)
{
    (void)state;
    double V[2][CELLS];
    const uint64_t steps = to_limit("stop_after_spikes = 1300\n", STEPS, V[0]);
    assert_true(steps > 100 && steps < STEPS && steps % 7 % 5 != 0);
    assert_int_equal(to_limit("", steps, V[1]), steps);
    assert_memory_equal(V[0], V[1], sizeof V[0]);
}

/* ---- what cannot be */

static void refuse_V(struct mlif_simulation *s, size_t population, uint64_t begin, uint64_t end,
                     const double *V_m, const char *why)
{
    struct mlif_messages errors = {NULL, 0};
    assert_refused(mlif_set_V_m(s, population, begin, end, V_m, &errors), &errors, why);
}

static void refuse_I(struct mlif_simulation *s, const char *input, size_t population,
                     const uint64_t range[2], const double *pA, const char *why)
{
    struct mlif_messages errors = {NULL, 0};
    assert_refused(mlif_set_current(s, input, population, range[0], range[1], pA, &errors), &errors,
                   why);
}

static const char with_source[] =
    "[simulation]\nduration = 60 ms\n[population.a]\nsize = 300\nI_e = 400 pA\n"
    "[population.p]\nsize = 5\nmodel = poisson\nrate = 10 Hz\n"
    "[input.stim]\ntarget = a[0:100], a[200:300]\ntype = external\n"
    "[input.same]\ntarget = a\ntype = dc\namplitude = 1 pA\n";

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    double value[CELLS] = {0};
    char digest[2][33];
    struct mlif_options options = options_for(with_source, NULL);
    struct mlif_simulation *s = open_text(with_source, &options);
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
    mlif_digest(s, digest[0]);
    mlif_close(&s);
    s = open_text(with_source, &options);
    assert_int_equal(mlif_advance(s, 15, NULL), MLIF_OK);
    value[7] = NAN;
    refuse_V(s, 0, 100, 110, value, "V_m of neuron 107 of population a cannot be nan; -10000 to");
    refuse_I(s, "stim", 0, (uint64_t[]){80, 90}, value, "amplitude of neuron 87 of population a");
    value[7] = 2e9;
    refuse_V(s, 0, 100, 110, value, "cannot be 2e+09; -10000 to 10000 mV can");
    refuse_I(s, "stim", 0, (uint64_t[]){80, 90}, value, "cannot be 2e+09; -1e+09 to 1e+09 pA can");
    value[7] = 1;
    refuse_V(s, 0, 299, 301, value, "population a has 300 neurons, and no range 299:301");
    refuse_V(s, 0, 3, 2, value, "no range 3:2");
    refuse_V(s, 2, 0, 1, value, "there is no population 2");
    refuse_V(s, 1, 0, 1, value, "population p (model = poisson) have no membrane");
    refuse_I(s, "stim", 0, (uint64_t[]){99, 101}, value, "act on all of the neurons 99 to 100 of");
    refuse_I(s, "stim", 1, (uint64_t[]){0, 1}, value, "act on all of the neurons 0 to 0 of");
    refuse_I(s, "other", 0, (uint64_t[]){0, 1}, value, "there is no input other");
    refuse_I(s, NULL, 0, (uint64_t[]){0, 1}, value, "there is no input without a name");
    refuse_I(s, "same", 0, (uint64_t[]){0, 1}, value, "same is of type dc; a program can set");
    assert_int_equal(mlif_set_V_m(s, 0, 5, 5, NULL, NULL), MLIF_OK);
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
    mlif_digest(s, digest[1]);
    assert_string_equal(digest[0], digest[1]);
    assert_int_equal(mlif_finish(s, NULL), MLIF_OK);
    refuse_V(s, 0, 0, 1, value, "finished");
    mlif_close(&s);
}

/* The slices of an input are set together or one by one. */
static void slices_are_set(void **state)
{
    (void)state;
    double pA[CELLS], V[CELLS];
    struct mlif_options options = options_for(with_source, NULL);
    struct mlif_simulation *s = open_text(with_source, &options);
    for (int i = 0; i < CELLS; i++)
        pA[i] = -400.0;
    assert_int_equal(mlif_set_current(s, "stim", 0, 0, 100, pA, NULL), MLIF_OK);
    assert_int_equal(mlif_set_current(s, "stim", 0, 250, 300, pA, NULL), MLIF_OK);
    assert_int_equal(mlif_advance(s, 50, NULL), MLIF_OK);
    assert_int_equal(mlif_read_V_m(s, 0, 0, CELLS, V), MLIF_OK);
    for (int i = 0; i < CELLS; i++) {
        const double I = i < 100 || i >= 250 ? 1.0 : 401.0;
        assert_near(V[i], -70.0 - 10.0 / 250.0 * I * expm1(-5.0 / 10.0), 1e-4);
    }
    mlif_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(V_m_decays_from_what_was_set),
        cmocka_unit_test(above_threshold_it_spikes),
        cmocka_unit_test(little_above_threshold_it_spikes),
        cmocka_unit_test(V_m_follows_the_currents),
        cmocka_unit_test(the_same_bits_as_from_a_file),
        cmocka_unit_test(until_it_is_set_it_is_a_dc),
        cmocka_unit_test(one_current_is_the_same_for_each),
        cmocka_unit_test(a_run_goes_on_with_them),
        cmocka_unit_test(a_limit_steps_again_with_them),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(slices_are_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
