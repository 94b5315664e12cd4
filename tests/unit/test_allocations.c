/* Every allocation of ours fails in turn: a clean MLIF_MEMORY with a message, no file left, and
 * nothing leaked (under the address sanitizer). Each n runs in a child process, which must end in
 * an orderly way. */
#include "helpers/failing_allocations.h"

#include <dirent.h>

/* Something of everything that allocates; the %s are the folder with the files. inh is large enough
 * for mmap, and for two packed chunks of parameters. */
static char model[2000];
static const char model_format[] =
    "[simulation]\ndt = 0.1 ms\nduration = 20 ms\nmax_rate = 10 kHz\n"
    "[population.exc]\nsize = 3000\nI_e = normal(600 pA, 20 pA)\nt_ref = uniform(1 ms, 3 ms)\n"
    "tau_m = normal_clipped(20 ms, 1 ms, 10 ms, 30 ms)\n"
    "[population.inh]\nsize = 70000\nV_m = uniform(-61 mV, -60 mV)\n"
    "[input.ou]\ntarget = exc\ntype = ou_noise\nmean = 0 pA\nstd = 10 pA\ntau = 5 ms\n"
    "[input.held]\ntarget = exc[10:200]\ntype = white_noise\nstd = 10 pA\nhold = 1 ms\n"
    "[input.step]\ntarget = all\ntype = step\ntimes = 5 ms, 6 ms\namplitudes = 10 pA, 20 pA\n"
    "[input.poisson]\ntarget = exc\ntype = poisson\ntimes = 0, 5 ms\nrates = 1 kHz, 2 kHz\n"
    "weight = 0.1 mV\n"
    "[record.counts]\npopulation = exc\nwhat = counts\n"
    "[record.some]\npopulation = inh\nwhat = spikes\nneurons = sample(100)\n"
    "[record.few]\npopulation = exc\nwhat = spikes\nneurons = 3, 5, 7\n"
    "[input.file]\ntarget = exc[0:3]\ntype = file\nfile = %s/currents.csv\n"
    "[input.spikes]\ntarget = inh\ntype = spikes\nfile = %s/spikes.csv\nweight = 0.1 mV\n";

static bool write_inputs(const char *folder)
{
    char path[128];
    snprintf(path, sizeof path, "%s/currents.csv", folder);
    FILE *currents = fopen(path, "w");
    snprintf(path, sizeof path, "%s/spikes.csv", folder);
    FILE *spikes = fopen(path, "w");
    CHECK(currents && spikes);
    fputs("a,b,c\n", currents);
    fputs("timestamps,node_ids\n", spikes);
    for (int i = 0; i < 200; i++) {
        fprintf(currents, "%d,0,0.5\n", i);
        fprintf(spikes, "%.1f,%d\n", 0.1 * i, i % 3);
    }
    CHECK(fclose(currents) == 0 && fclose(spikes) == 0);
    snprintf(model, sizeof model, model_format, folder, folder);
    return true;
}

static void remove_inputs(const char *folder)
{
    char path[128];
    snprintf(path, sizeof path, "%s/currents.csv", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/spikes.csv", folder);
    unlink(path);
    rmdir(folder);
}

static int take_spikes(const struct mlif_spikes *spikes, void *context)
{
    *(uint64_t *)context += spikes->count;
    return 0;
}

static struct mlif_options options_of(const struct place *place, uint64_t *count)
{
    struct mlif_options options = mlif_default_options();
    options.config = "test.ini";
    options.config_text = model;
    options.output = place->path;
    options.threads = 2;
    options.command_line = "megalif run";
    options.spikes = take_spikes;
    options.context = count;
    return options;
}

static bool is_empty(const char *folder)
{
    DIR *open = opendir(folder);
    int entries = 0;
    CHECK(open);
    while (readdir(open))
        entries++;
    closedir(open);
    return entries == 2; /* . and .. */
}

/* What must hold after a call in which an allocation may have failed. */
static bool is_clean(enum mlif_status status, const struct mlif_messages *errors,
                     const struct mlif_messages *warnings)
{
    if (status == MLIF_OK) { /* files are read by the caller's thread; or a message was lost */
        CHECK(thread_failed || (warnings->count > 0 && strstr(warnings->line[0], "out of memory")));
        return true;
    }
    return tells_of_memory(status, errors);
}

/* No file is left, but where only the report of a complete one was lost. */
static bool leaves_nothing(const struct place *place, enum mlif_status status,
                           const struct mlif_messages *errors)
{
    if (status == MLIF_OK || is_empty(place->folder))
        return true;
    CHECK(errors->count > 0 && strstr(errors->line[0], "complete is "));
    CHECK(exists(place->path) && !exists(place->temporary));
    return true;
}

static int run(const struct place *place, int n)
{
    struct mlif_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    uint64_t count = 0;
    begin_failing(n, false);
    struct mlif_options options = options_of(place, &count);
    enum mlif_status status = mlif_run(&options, &report, &errors, &warnings);
    bool failed = end_failing();
    bool good = failed ? is_clean(status, &errors, &warnings) : status == MLIF_OK && count > 0;
    good = good && leaves_nothing(place, status, &errors);
    unlink(place->path);
    mlif_report_free(&report);
    mlif_messages_free(&errors);
    mlif_messages_free(&warnings);
    return child_ends(good, failed);
}

static int check(const struct place *place, int n)
{
    struct mlif_check_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    uint64_t count = 0;
    begin_failing(n, false);
    struct mlif_options options = options_of(place, &count);
    enum mlif_status status = mlif_check(&options, &report, &errors, &warnings);
    bool failed = end_failing();
    bool good = failed ? is_clean(status, &errors, &warnings) : status == MLIF_OK;
    good = good && is_empty(place->folder);
    mlif_check_report_free(&report);
    mlif_messages_free(&errors);
    mlif_messages_free(&warnings);
    return child_ends(good, failed);
}

static void in_a_place(child_body *body, int least)
{
    struct place place;
    char inputs[] = "/tmp/megalif-test-XXXXXX";
    assert_true(make_place(&place) && mkdtemp(inputs) && write_inputs(inputs));
    allocations_fail(body, &place, 1, least);
    remove_place(&place);
    remove_inputs(inputs);
}

static void a_run_survives_every_failing_allocation(void **state)
{
    (void)state;
    in_a_place(run, 100);
}

static void a_check_survives_every_failing_allocation(void **state)
{
    (void)state;
    in_a_place(check, 50);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_survives_every_failing_allocation),
        cmocka_unit_test(a_check_survives_every_failing_allocation),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
