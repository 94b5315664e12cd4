/* The library before and after a run: what a config would take, and the digest of a file. */
#include "helpers/library_helpers.h"
#include "helpers/raster_helpers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The resolved config runs to the same digest; memory adds up; the pilot's rate is near the run's.
 */
static void check_says_what_a_run_takes(void **state)
{
    (void)state;
    struct mlif_check_report check;
    struct mlif_report run, again;
    struct mlif_options options = options_for(model, NULL);
    assert_int_equal(mlif_check(&options, &check, NULL, NULL), MLIF_OK);
    assert_int_equal(mlif_run(&options, &run, NULL, NULL), MLIF_OK);
    struct mlif_options resolved = options_for(check.config, NULL);
    assert_int_equal(mlif_run(&resolved, &again, NULL, NULL), MLIF_OK);
    assert_string_equal(run.digest, again.digest);
    uint64_t bytes = 0;
    for (size_t i = 0; i < check.memory_count; i++)
        bytes += check.memory[i].bytes;
    assert_true(check.memory_bytes == bytes && bytes > 3600 * sizeof(float));
    assert_null(check.output);
    assert_int_equal(check.population_count, 3);
    assert_int_equal(check.neurons, 3600);
    assert_int_equal(check.steps, 2000);
    assert_near(check.dt_ms, 0.1, 0);
    assert_near(check.synapses, 0, 0);
    bool whole = check.pilot_ms == 200.0; /* a busy machine may have cut it short */
    for (size_t i = 0; i < 3; i++) {
        const struct mlif_population_check *p = &check.population[i];
        assert_string_equal(p->name, run.population[i].name);
        assert_int_equal(p->size, run.population[i].size);
        assert_near(p->R_m_MOhm[0], 40.0, 1e-9);     /* 10 ms / 250 pF */
        assert_near(p->rheobase_pA[0], 375.0, 1e-9); /* 15 mV / 40 MOhm */
        assert_near(p->g_L_nS[1], 25.0, 1e-9);
        double rate = (double)run.population[i].spikes / (double)p->size / 0.2;
        if (whole)
            assert_near(p->rate_Hz, rate, 0.05 * rate);
    }
    assert_true(check.pilot_ms > 0 && check.pilot_ms <= 200.0);
    double share = (double)run.population[1].spikes * 50 / 500;
    if (whole) {
        assert_near(check.spikes, (double)run.spikes, 0.05 * check.spikes);
        assert_near(check.recorded, (double)run.population[0].spikes + share, 0.05 * check.spikes);
    }
    mlif_check_report_free(&check);
    mlif_check_report_free(&check);
    mlif_report_free(&run);
    mlif_report_free(&again);
}

static void check_adds_up_synapses(void **state)
{
    (void)state;
    static const char network[] =
        "[simulation]\nduration = 5 ms\n[population.a]\nsize = 100\n"
        "[projection.p]\nsource = a\ntarget = a\nrule = fixed_indegree\nindegree = 7\n"
        "weight = 0.1 mV\ndelay = 1 ms\n"
        "[projection.q]\nsource = a\ntarget = a[0:10]\nrule = all_to_all\n"
        "weight = 0.1 mV\ndelay = 1 ms\nallow_autapses = yes\n";
    struct mlif_check_report check;
    struct mlif_report run;
    struct mlif_options options = options_for(network, NULL);
    assert_int_equal(mlif_check(&options, &check, NULL, NULL), MLIF_OK);
    assert_int_equal(mlif_run(&options, &run, NULL, NULL), MLIF_OK);
    assert_near(check.synapses, 100 * 7 + 100 * 10, 0);
    assert_int_equal(run.synapses, 100 * 7 + 100 * 10);
    assert_true(check.synapse_bytes >= (double)run.synapse_bytes);
    mlif_check_report_free(&check);
    mlif_report_free(&run);
}

/* Half a second of a run of many populations is for what they have in the output. */
static void time_of_an_output_needs_an_output(void **state)
{
    (void)state;
    enum { POPULATIONS = 600 };
    char many[POPULATIONS * 40] = "[simulation]\nduration = 1 ms\n";
    struct mlif_check_report check;
    for (size_t i = 0, at = strlen(many); i < POPULATIONS; i++)
        at += (size_t)snprintf(many + at, sizeof many - at, "[population.p%zu]\nsize = 1\n", i);
    struct mlif_options options = options_for(many, NULL);
    assert_int_equal(mlif_check(&options, &check, NULL, NULL), MLIF_OK);
    assert_null(check.output);
    const double without = check.run_s;
    mlif_check_report_free(&check);
    options = options_for(many, "/tmp/megalif-check-many.h5");
    assert_int_equal(mlif_check(&options, &check, NULL, NULL), MLIF_OK);
    assert_true(check.run_s > without + 0.3);
    mlif_check_report_free(&check);
}

/* What was found out before an error is there, and nothing else. */
static void check_stops_at_errors(void **state)
{
    (void)state;
    static const char wide[] = "[simulation]\nduration = 1 ms\n[population.a]\nsize = 1000\n"
                               "tau_m = normal(10 ms, 9 ms)\n";
    struct mlif_check_report check;
    struct mlif_messages errors = {NULL, 0};
    struct mlif_options options = options_for(wide, NULL);
    assert_int_equal(mlif_check(&options, &check, &errors, NULL), MLIF_CONFIG);
    assert_int_equal(mlif_config_line(&options, errors.line[0]), 5);
    assert_non_null(check.config);
    assert_true(check.memory_bytes > 0 && check.pilot_ms == 0);
    mlif_check_report_free(&check);
    mlif_messages_free(&errors);
    options.config_text = "[simulation]\n";
    assert_int_equal(mlif_check(&options, &check, NULL, NULL), MLIF_CONFIG);
    assert_null(check.config);
    mlif_check_report_free(&check);
}

/* The digest of a file is its run's; another time step is refused; a foreign path is an error. */
static void digests_a_file(void **state)
{
    (void)state;
    struct place place;
    struct mlif_report run;
    struct mlif_digest_report digest;
    struct mlif_messages errors = {NULL, 0};
    static const char some[] = "[simulation]\nduration = 100 ms\n[population.a]\nsize = 100\n"
                               "I_e = 500\nV_m = uniform(-70, -55)\n";
    assert_true(make_place(&place));
    struct mlif_options options = options_for(some, place.path);
    assert_int_equal(mlif_run(&options, &run, NULL, NULL), MLIF_OK);
    assert_int_equal(mlif_file_digest(place.path, 0, &digest, NULL, NULL), MLIF_OK);
    assert_string_equal(digest.computed, run.digest);
    assert_string_equal(digest.stored, run.digest);
    assert_true(digest.comparable && digest.dt_ms == 0.1);
    assert_true(digest.rows == run.spikes && digest.spikes == run.spikes && run.spikes > 100);
    assert_int_equal(mlif_file_digest(place.path, 0.2, &digest, &errors, NULL), MLIF_CONFIG);
    assert_int_equal(mlif_file_digest("/nowhere.h5", 0, &digest, &errors, NULL), MLIF_OUTPUT);
    assert_int_equal(errors.count, 2);
    assert_int_equal(digest.computed[0], 0);
    mlif_messages_free(&errors);
    mlif_report_free(&run);
    remove_place(&place);
}

/* Two seeds part at the first row that differs; a file is equal to itself; a missing one is an
 * error. */
static void compares_files(void **state)
{
    (void)state;
    struct place a, b;
    struct mlif_comparison c;
    struct mlif_report report[2];
    struct mlif_messages errors = {NULL, 0};
    static const char *const seeds[] = {"simulation.seed=1", "simulation.seed=2"};
    assert_true(make_place(&a) && make_place(&b));
    for (int f = 0; f < 2; f++) {
        struct mlif_options options = options_for(model, f == 0 ? a.path : b.path);
        options.overrides = &seeds[f];
        options.override_count = 1;
        assert_int_equal(mlif_run(&options, &report[f], NULL, NULL), MLIF_OK);
    }
    assert_int_equal(mlif_file_compare(a.path, a.path, &c, NULL), MLIF_OK);
    assert_true(c.equal && c.differs_in == MLIF_NONE && !c.digests_differ);
    assert_int_equal(c.population_count, 3); /* by name: exc, quiet, some */
    mlif_comparison_free(&c);
    assert_int_equal(mlif_file_compare(a.path, b.path, &c, NULL), MLIF_OK);
    assert_true(!c.equal && c.digests_differ && c.differs_in < 3);
    assert_true(c.node_id[0] != c.node_id[1] || c.timestamp_ms[0] != c.timestamp_ms[1]);
    for (int f = 0; f < 2; f++) {
        assert_string_equal(c.digest[f], report[f].digest);
        assert_true(c.dt_ms[f] == 0.1);
        assert_string_equal(c.population[0].name, "exc");
        assert_true(c.population[0].in[f] && c.population[1].in[f]);
        assert_true(c.population[0].rows[f] == report[f].population[0].recorded);
        assert_true(c.population[1].rows[f] == 0); /* `quiet` is not recorded */
        mlif_report_free(&report[f]);
    }
    mlif_comparison_free(&c);
    assert_int_equal(mlif_file_compare(a.path, "/nowhere.h5", &c, &errors), MLIF_OUTPUT);
    assert_int_equal(errors.count, 1);
    assert_int_equal(c.population_count, 0);
    mlif_comparison_free(&c);
    mlif_messages_free(&errors);
    remove_place(&a);
    remove_place(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_says_what_a_run_takes),
        cmocka_unit_test(check_adds_up_synapses),
        cmocka_unit_test(time_of_an_output_needs_an_output),
        cmocka_unit_test(check_stops_at_errors),
        cmocka_unit_test(digests_a_file),
        cmocka_unit_test(compares_files),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
