/* Every allocation of ours fails in turn while a network is made and delivers: a clean MLIF_MEMORY
 * with a message, no file left, nothing leaked (under the address sanitizer). Each n runs in a
 * child process. (Taken up from a checkpoint: test_allocations_checkpoint.c.) */
#include "helpers/failing_allocations.h"

/* Lists of all kinds: with segments and without, of a file, of sources that are no neurons; the
 * 40 ms are longer than the longest delay. %s: the folder of the file. */
static char model[2000];
static const char model_format[] =
    "[simulation]\ndt = 0.1 ms\nduration = 40 ms\nmax_rate = 10 kHz\n"
    "[population.a]\nsize = 300\nmodel = iaf_psc_exp\nI_e = normal(500 pA, 20 pA)\n"
    "[population.b]\nsize = 100\nI_e = 500 pA\n"
    "[population.s]\nsize = 10\nmodel = poisson\nrate = 1 kHz\n"
    "[projection.aa]\nsource = a\ntarget = a\nrule = fixed_indegree\nindegree = 10\n"
    "weight = normal(1 pA, 10 pA)\nallow_both_signs = yes\ndelay = uniform(1 ms, 20 ms)\n"
    "[projection.ab]\nsource = a, s\ntarget = b\nrule = fixed_total_number\nN = 1000\n"
    "weight = 0.1 mV\ndelay = 1 ms\nallow_multapses = no\n"
    "[projection.bb]\nsource = b\ntarget = b\nrule = fixed_outdegree\noutdegree = 5\n"
    "storage = procedural\nweight = 0.1 mV\ndelay = 1 ms\n"
    "[projection.ba]\nsource = b\ntarget = a\nrule = file\nfile = %s/edges.csv\n"
    "[record.c]\npopulation = a\nwhat = counts\n";

static bool write_edges(const char *folder)
{
    char path[128];
    snprintf(path, sizeof path, "%s/edges.csv", folder);
    FILE *file = fopen(path, "w");
    CHECK(file);
    fputs("source,target,weight,delay\n", file);
    for (int i = 0; i < 300; i++)
        fprintf(file, "%d,%d,%d,%.1f\n", i % 100, i * 7 % 300, -1 - i % 5, 1 + i % 30 * 0.1);
    CHECK(fclose(file) == 0);
    snprintf(model, sizeof model, model_format, folder);
    return true;
}

static int take_spikes(const struct mlif_spikes *spikes, void *context)
{
    *(uint64_t *)context += spikes->count;
    return 0;
}

static bool is_clean(const struct place *place, enum mlif_status status,
                     const struct mlif_messages *errors, const struct mlif_messages *warnings)
{
    if (status == MLIF_OK) { /* the caller's thread did another's work; or a message was lost */
        CHECK(thread_failed || (warnings->count > 0 && strstr(warnings->line[0], "out of memory")));
        return true;
    }
    CHECK(!exists(place->path) || strstr(errors->line[0], "complete is "));
    return tells_of_memory(status, errors);
}

static int run(const struct place *place, int n)
{
    struct mlif_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct mlif_options options = mlif_default_options();
    uint64_t count = 0;
    options.config = "test.ini";
    options.config_text = model;
    options.output = place->path;
    options.threads = 2;
    options.tile = 128;
    options.force = 1;
    options.spikes = take_spikes;
    options.context = &count;
    begin_failing(n, false);
    enum mlif_status status = mlif_run(&options, &report, &errors, &warnings);
    bool failed = end_failing();
    bool good =
        failed ? is_clean(place, status, &errors, &warnings) : status == MLIF_OK && count > 1000;
    unlink(place->path);
    mlif_report_free(&report);
    mlif_messages_free(&errors);
    mlif_messages_free(&warnings);
    return child_ends(good, failed);
}

static void a_network_survives_every_failing_allocation(void **state)
{
    (void)state;
    struct place place;
    char folder[] = "/tmp/megalif-test-XXXXXX";
    assert_true(make_place(&place) && mkdtemp(folder) && write_edges(folder));
    allocations_fail(run, &place, 1, 200);
    snprintf(model, sizeof model, "%s/edges.csv", folder);
    assert_int_equal(unlink(model) + rmdir(folder), 0);
    assert_int_equal(rmdir(place.folder), 0); /* nothing is left */
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_survives_every_failing_allocation),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
