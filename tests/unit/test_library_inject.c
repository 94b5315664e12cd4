/* Spikes that a program puts in between two steps: as the same spikes of a source that reads them
 * from a file, at the step of a closed form, across checkpoints and limits. */
#define _GNU_SOURCE 1 /* nftw */
#include "helpers/stepwise_helpers.h"

enum { SOURCES = 60, CELLS = 400, STEPS = 400, MOST = 8 };

/* ---- a network with a source */

#define NETWORK                                                                                    \
    "[simulation]\ndt = 0.1 ms\nduration = 40 ms\nseed = 9\nprecision = %s\n%s"                    \
    "[population.exc]\nsize = 400\nI_e = normal(300 pA, 40 pA)\n"                                  \
    "V_m = uniform(-70 mV, -56 mV)\nt_ref = 1 ms\n"                                                \
    "[projection.in]\nsource = src\ntarget = exc\nrule = fixed_indegree\nindegree = 12\n"          \
    "weight = 1.5 mV\ndelay = uniform(0.3 ms, 6 ms)\n"                                             \
    "[projection.same]\nsource = src\ntarget = exc\nrule = fixed_indegree\nindegree = 3\n"         \
    "weight = 0.5 mV\ndelay = 0.8 ms\n"                                                            \
    "[projection.ee]\nsource = exc\ntarget = exc\nrule = fixed_indegree\nindegree = 20\n"          \
    "weight = 0.2 mV\ndelay = uniform(0.3 ms, 3 ms)\n"
#define SILENT "[population.src]\nsize = 60\n"
#define EXTERNAL "[population.src]\nsize = 60\nmodel = external\n"

/* The neurons that spike when `step` steps are done: ids[MOST], each at most once, in no order. */
static size_t spikes_of(uint64_t step, uint64_t *ids)
{
    size_t count = 0;
    for (uint64_t i = 0; i < MOST; i++) {
        uint64_t id = (mix64(step) + 37 * (i + 1)) % SOURCES;
        if (step > 0 && mix64(1000 * step + i) % 4 == 0)
            ids[count++] = id;
    }
    return count;
}

static void write_spikes(const char *path)
{
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    fputs("timestamps,node_ids\n", to);
    for (uint64_t step = 1; step < STEPS; step++) {
        uint64_t ids[MOST];
        size_t count = spikes_of(step, ids);
        for (size_t i = 0; i < count; i++)
            fprintf(to, "%.1f,%llu\n", 0.1 * (double)step, (unsigned long long)ids[i]);
    }
    fclose(to);
}

static void inject(struct mlif_simulation *s)
{
    uint64_t ids[MOST];
    struct mlif_messages errors = {NULL, 0};
    size_t count = spikes_of(mlif_steps_done(s), ids);
    size_t half = mlif_steps_done(s) % 2 ? count / 2 : 0; /* calls add up */
    const size_t src = mlif_population_find(s, "src");
    if (mlif_inject_spikes(s, src, ids, half, &errors) ||
        mlif_inject_spikes(s, src, ids + half, count - half, &errors))
        fail_msg("%s", errors.line[0]);
}

/* ---- what a run has done */

struct done {
    uint64_t spikes, sum; /* of exc: how many, and a hash of id and time */
    uint64_t recorded;    /* of all populations */
    uint64_t events;
    double V_m[CELLS];
};

static int count_spikes(const struct mlif_spikes *spikes, void *context)
{
    struct done *done = context;
    done->recorded += spikes->count;
    for (size_t i = 0; i < spikes->count && strcmp(spikes->name, "exc") == 0; i++) {
        done->spikes++;
        done->sum += mix64(spikes->node_ids[i] + 1000 * (uint64_t)(10 * spikes->timestamps_ms[i]));
    }
    return 0;
}

static void advance(struct mlif_simulation *s, uint64_t until, bool injects)
{
    while (mlif_steps_done(s) < until) {
        if (injects)
            inject(s);
        const uint64_t left = until - mlif_steps_done(s);
        assert_int_equal(mlif_advance(s, injects ? 1 : left, NULL), MLIF_OK);
    }
}

static void finish(struct mlif_simulation *s, struct done *done)
{
    struct mlif_report report;
    const size_t exc = mlif_population_find(s, "exc");
    assert_int_equal(mlif_read_report(s, &report, NULL), MLIF_OK);
    assert_int_equal(mlif_read_V_m(s, exc, 0, CELLS, done->V_m), MLIF_OK);
    done->events = report.events;
    mlif_report_free(&report);
    mlif_close(&s);
}

static struct done run(const char *text, int threads, size_t block, bool injects)
{
    struct done done = {0};
    struct mlif_options options = options_for(text, NULL);
    options.threads = threads;
    options.block = block;
    options.spikes = count_spikes;
    options.context = &done;
    struct mlif_simulation *s = open_text(text, &options);
    advance(s, STEPS, injects);
    finish(s, &done);
    return done;
}

static void assert_same(const struct done *a, const struct done *b)
{
    assert_int_equal(a->spikes, b->spikes);
    assert_true(a->sum == b->sum);
    assert_int_equal(a->events, b->events);
    assert_memory_equal(a->V_m, b->V_m, sizeof a->V_m);
}

static void as_a_source_that_reads_them(const char *precision)
{
    char text[2000], source[300];
    struct place place;
    assert_true(make_place(&place));
    write_spikes(place.path);
    snprintf(source, sizeof source, "[population.src]\nsize = 60\nmodel = spikes\nfile = %s\n",
             place.path);
    snprintf(text, sizeof text, NETWORK, precision, source);
    const struct done expected = run(text, 2, 0, false);
    snprintf(text, sizeof text, NETWORK, precision, SILENT);
    const struct done silent = run(text, 2, 0, false), other = run(text, 1, 1, true);
    const struct done injected = run(text, 3, 0, true);
    snprintf(text, sizeof text, NETWORK, precision, EXTERNAL);
    const struct done external = run(text, 2, 2, true);
    assert_same(&external, &expected);
    assert_int_equal(external.recorded, expected.spikes);
    assert_same(&injected, &expected);
    assert_same(&other, &expected);
    assert_true(silent.spikes + 200 < expected.spikes);
    assert_int_equal(injected.recorded, injected.spikes); /* none of src */
    assert_true(expected.recorded > expected.spikes + 500);
    remove_place(&place);
}

static void in_single_as_a_source_that_reads_them(void **state)
{
    (void)state;
    as_a_source_that_reads_them("single");
}

static void in_double_as_a_source_that_reads_them(void **state)
{
    (void)state;
    as_a_source_that_reads_them("double");
}

/* A jump of w at t + d, which decays: V = E_L + w exp(-(T - t - d) / tau_m). */
static void a_spike_acts_a_delay_after_the_call(void **state)
{
    (void)state;
    static const char one[] =
        "[simulation]\nduration = 20 ms\nprecision = double\n[population.a]\nsize = 3\n"
        "[projection.p]\nsource = a\ntarget = a\nrule = one_to_one\nweight = 4 mV\n"
        "delay = 1.5 ms\nallow_autapses = yes\n";
    struct mlif_options options = options_for(one, NULL);
    struct mlif_simulation *s = open_text(one, &options);
    assert_int_equal(mlif_advance(s, 40, NULL), MLIF_OK);
    assert_int_equal(mlif_inject_spikes(s, 0, (uint64_t[]){2, 0}, 2, NULL), MLIF_OK);
    for (int step = 41; step <= 100; step++) {
        double V[3];
        assert_int_equal(mlif_advance(s, 1, NULL), MLIF_OK);
        assert_int_equal(mlif_read_V_m(s, 0, 0, 3, V), MLIF_OK);
        double jump = step < 55 ? 0.0 : 4.0 * exp(-0.1 * (step - 55) / 10.0);
        assert_near(V[0], -70.0 + jump, 1e-11);
        assert_near(V[1], -70.0, 0);
        assert_near(V[2], V[0], 0);
    }
    mlif_close(&s);
}

/* ---- checkpoints */

/* Cut while spikes put in are under way, also just after they were; more are put in behind it. */
static void a_run_goes_on_with_them(void **state)
{
    (void)state;
    static const uint64_t cut[] = {1, 13, 150, 155, 399};
    char text[2000], digest[33], expected_digest[33];
    struct place place;
    snprintf(text, sizeof text, NETWORK, "single", SILENT);
    struct mlif_options options = options_for(text, NULL);
    struct mlif_simulation *s = open_text(text, &options);
    advance(s, STEPS, true);
    mlif_digest(s, expected_digest);
    mlif_close(&s);
    assert_true(make_place(&place));
    options = options_for(text, place.path);
    options.resume = options.checkpoint = 1;
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        options.threads = 1 + (int)i % 3;
        options.block = i % 4;
        s = open_text(text, &options);
        assert_int_equal(mlif_steps_done(s), i > 0 ? cut[i - 1] : 0);
        if (mlif_steps_done(s) > 0) /* what was put in at this step stands in the checkpoint */
            assert_int_equal(mlif_advance(s, 1, NULL), MLIF_OK);
        advance(s, cut[i], true);
        inject(s);
        assert_int_equal(mlif_checkpoint(s, NULL), MLIF_OK);
        mlif_close(&s);
    }
    s = open_text(text, &options);
    assert_int_equal(mlif_advance(s, MLIF_TO_THE_END, NULL), MLIF_OK);
    mlif_digest(s, digest);
    assert_string_equal(digest, expected_digest);
    mlif_close(&s);
    remove_folder(&place);
}

/* In calls of three steps, until a limit is met or `until`; returns the steps done. */
static uint64_t steps_to(const char *more, uint64_t until, double V_m[CELLS])
{
    char text[2000];
    snprintf(text, sizeof text, NETWORK, "single", more);
    struct mlif_options options = options_for(text, NULL);
    options.block = 3;
    struct mlif_simulation *s = open_text(text, &options);
    uint64_t before = UINT64_MAX, done = 0;
    for (; done != before && done < until; done = mlif_steps_done(s)) {
        before = done;
        inject(s);
        assert_int_equal(mlif_advance(s, until - done < 3 ? until - done : 3, NULL), MLIF_OK);
    }
    assert_int_equal(mlif_read_V_m(s, mlif_population_find(s, "exc"), 0, CELLS, V_m), MLIF_OK);
    mlif_close(&s);
    return done;
}

/* A limit steps blocks again: with what was put in. */
static void a_limit_steps_again_with_them(void **state)
{
    (void)state;
    double V[2][CELLS];
    const uint64_t steps = steps_to("stop_after_spikes = 700\n" SILENT, STEPS, V[0]);
    assert_true(steps > 50 && steps < STEPS && steps % 3 != 0);
    assert_int_equal(steps_to(SILENT, steps, V[1]), steps);
    assert_memory_equal(V[0], V[1], sizeof V[0]);
}

/* ---- what cannot be */

static void refuse(struct mlif_simulation *s, size_t population, const uint64_t *ids, size_t count,
                   const char *why)
{
    struct mlif_messages errors = {NULL, 0};
    assert_refused(mlif_inject_spikes(s, population, ids, count, &errors), &errors, why);
    assert_int_equal(mlif_inject_spikes(s, population, ids, count, NULL), MLIF_CONFIG);
}

static const char with_sources[] =
    "[simulation]\nduration = 20 ms\n[population.a]\nsize = 30\nI_e = 1 nA\nt_ref = 0 ms\n"
    "[population.b]\nsize = 10\n[population.p]\nsize = 5\nmodel = poisson\nrate = 10 Hz\n"
    "[projection.q]\nsource = a, p\ntarget = b\nrule = all_to_all\nweight = 0.1 mV\n"
    "delay = 1 ms\n";

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    enum { MANY = 100 };
    char digest[2][33];
    uint64_t same[MANY] = {0};
    struct mlif_options options = options_for(with_sources, NULL);
    struct mlif_simulation *s = open_text(with_sources, &options);
    refuse(s, 0, same, 1, "take a step first");
    assert_int_equal(mlif_advance(s, 4, NULL), MLIF_OK);
    refuse(s, 3, same, 1, "there is no population 3; there are 3");
    refuse(s, MLIF_NONE, same, 0, "there is no population");
    refuse(s, 1, same, 1, "population b is the source of no projection");
    refuse(s, 0, (uint64_t[]){29, 30, 0}, 3, "population a has no neuron 30, but 0 to 29");
    refuse(s, 0, (uint64_t[]){UINT64_MAX}, 1, "no neuron 18446744073709551615");
    refuse(s, 0, same, 2, "neuron 0 of population a would have more than 1 spike,");
    refuse(s, 0, (uint64_t[]){5, 4, 5}, 3, "neuron 5 of population a");
    refuse(s, 2, same, MANY, "neuron 0 of population p would have more than");
    mlif_advance(s, MLIF_TO_THE_END, NULL);
    mlif_digest(s, digest[0]);
    assert_int_equal(mlif_finish(s, NULL), MLIF_OK);
    refuse(s, 0, same, 1, "finished");
    mlif_close(&s);
    s = open_text(with_sources, &options);
    mlif_advance(s, MLIF_TO_THE_END, NULL);
    mlif_digest(s, digest[1]);
    mlif_close(&s);
    assert_string_equal(digest[0], digest[1]);
}

/* Jumps of w for each spike; a model of sources says how many, and when. */
static void an_external_source_says_how_many_and_when(void **state)
{
    (void)state;
    static const char some[] =
        "[simulation]\nduration = 20 ms\nprecision = double\n"
        "[population.s]\nsize = 2\nmodel = external\nspikes_most = 3\nstart = 0.5 ms\n"
        "stop = 1 ms\n[population.a]\nsize = 2\n"
        "[projection.p]\nsource = s\ntarget = a\nrule = one_to_one\nweight = 2 mV\n"
        "delay = 0.1 ms\n";
    const uint64_t twice[2] = {1, 1};
    double V[2];
    struct mlif_options options = options_for(some, NULL);
    struct mlif_simulation *s = open_text(some, &options);
    assert_int_equal(mlif_advance(s, 5, NULL), MLIF_OK);
    refuse(s, 0, twice, 1,
           "population s has spikes between its start and stop only, not at 0.5 ms");
    assert_int_equal(mlif_advance(s, 1, NULL), MLIF_OK);
    assert_int_equal(mlif_inject_spikes(s, 0, twice, 2, NULL), MLIF_OK);
    refuse(s, 0, twice, 2, "neuron 1 of population s would have more than 3 spikes");
    assert_int_equal(mlif_inject_spikes(s, 0, twice, 1, NULL), MLIF_OK);
    assert_int_equal(mlif_advance(s, 1, NULL), MLIF_OK);
    assert_int_equal(mlif_read_V_m(s, 1, 0, 2, V), MLIF_OK);
    assert_near(V[0], -70.0, 0);
    assert_near(V[1], -70.0 + 3 * 2, 1e-11);
    assert_int_equal(mlif_advance(s, 3, NULL), MLIF_OK); /* step 9 is active, step 10 is not */
    assert_int_equal(mlif_inject_spikes(s, 0, twice, 1, NULL), MLIF_OK);
    assert_int_equal(mlif_advance(s, 1, NULL), MLIF_OK);
    refuse(s, 0, twice, 1, "not at 1.1 ms");
    mlif_close(&s);
}

static int keep_last(const struct mlif_spikes *spikes, void *context)
{
    double *last = context;
    if (spikes->population == 0)
        *last = spikes->timestamps_ms[spikes->count - 1];
    return 0;
}

/* A neuron's own spike counts, too. All of population a fire at once. */
static void a_neuron_that_has_spiked_gets_no_other(void **state)
{
    (void)state;
    double last = 0;
    struct mlif_options options = options_for(with_sources, NULL);
    options.spikes = keep_last;
    options.context = &last;
    struct mlif_simulation *s = open_text(with_sources, &options);
    while (last == 0) {
        if (mlif_steps_done(s) > 0)
            assert_int_equal(mlif_inject_spikes(s, 0, (uint64_t[]){7}, 1, NULL), MLIF_OK);
        assert_int_equal(mlif_advance(s, 1, NULL), MLIF_OK);
    }
    refuse(s, 0, (uint64_t[]){7}, 1, "its own counted");
    mlif_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_single_as_a_source_that_reads_them),
        cmocka_unit_test(in_double_as_a_source_that_reads_them),
        cmocka_unit_test(a_spike_acts_a_delay_after_the_call),
        cmocka_unit_test(a_run_goes_on_with_them),
        cmocka_unit_test(a_limit_steps_again_with_them),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(an_external_source_says_how_many_and_when),
        cmocka_unit_test(a_neuron_that_has_spiked_gets_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
