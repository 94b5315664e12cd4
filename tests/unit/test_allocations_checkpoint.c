/* Every allocation of ours fails in turn while a run with checkpoints begins, goes on, is joined or
 * made longer: a clean MLIF_MEMORY with a message, nothing leaked, no file half written; and going
 * on from what is there then ends with what an undisturbed run has. Each n runs in a child process.
 */
#define _GNU_SOURCE 1 /* nftw */
#include "helpers/failing_allocations.h"

#include "base/checksum.h"
#include "checkpoint/checkpoint_folder.h"
#include "sonata/report_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>

/* A population with a chunk of the raster every 8 steps; one with something of everything that a
 * checkpoint holds. %s: the folder of its file. */
static char model[2000];
static const char model_format[] =
    "[simulation]\ndt = 0.1 ms\nduration = 2 ms\n"
    "[population.fast]\nsize = 8192\nI_e = 1e6 pA\nt_ref = 0 ms\n"
    "[population.slow]\nsize = 60\nI_e = normal(1200 pA, 50 pA)\nt_ref = uniform(0.2 ms, 1 ms)\n"
    "V_m = uniform(-70 mV, -56 mV)\n"
    "[input.ou]\ntarget = slow\ntype = ou_noise\nstd = 100 pA\ntau = 5 ms\n"
    "[input.file]\ntarget = slow\ntype = file\nfile = %s/currents.csv\n"
    "[record.v]\npopulation = slow\nwhat = V_m\nneurons = 0:5\ninterval = 0.2 ms\n"
    "[projection.p]\nsource = slow\ntarget = slow\nrule = fixed_indegree\nindegree = 20\n"
    "weight = 0.1 mV\ndelay = uniform(0.2 ms, 1 ms)\n"
    "[checkpoint]\nevery_wall = inf\nevery_model = 1 ms\n";

/* What is to come out in the end. */
struct outcome {
    char digest[33];
    double trace; /* a sum over its values, none of which may be another */
};

/* What a child does with what stands in a folder. */
struct scenario {
    const char *from; /* the folder; NULL: an empty one */
    double safe_ms;   /* a checkpoint's time in it */
    enum { RUN, RESUME, JOIN } call;
    uint64_t stop;              /* the step after which the run is to stop; 0: at its end */
    enum mlif_status undamaged; /* how it ends where nothing fails */
    const char *override;       /* of the config, or NULL */
    bool keeps_none;            /* the run that ends keeps no checkpoint */
    bool without_links;         /* on such a file system */
    bool stays_short;           /* no allocation succeeds after the first that fails */
};
static struct scenario scenario;

enum { TRACED = 5, ROWS = 10, SEEN_MOST = 1000 };

/* What the children have found, for those that come after them. */
struct shared {
    struct outcome undisturbed;
    struct {
        uint64_t files; /* their fingerprint */
        double from_ms; /* where a run has been taken up that went on to its end from them */
    } seen[SEEN_MOST];
    size_t seen_count;
};
static struct shared *shared;

/* ---- files */

static const char *from_folder, *to_folder;

/* A checkpoint's files are never written to once they have their names: links will do. */
static int link_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    char to[256];
    (void)info;
    (void)where;
    snprintf(to, sizeof to, "%s%s", to_folder, path + strlen(from_folder));
    return kind == FTW_D ? mkdir(to, 0777) != 0 && errno != EEXIST : link(path, to);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    return where->level > 0 ? remove(path) : 0;
}

static int find_part(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    const char *dot = strrchr(path, '.');
    (void)info;
    (void)kind;
    (void)where;
    return dot && strcmp(dot, ".part") == 0;
}

static bool clear(const char *folder)
{
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0;
}

/* Not one of those that begin_scenario has linked. */
static bool is_new(const struct stat *info)
{
    return S_ISREG(info->st_mode) && info->st_nlink == 1;
}

static uint64_t files_sum;

/* Files that were there by their numbers, new ones of the folder by their bytes; new outputs, which
 * say when they were made, by their names alone. */
static int add_file(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    static char bytes[1 << 20];
    uint64_t sum = fnv1a64(path + where->base);
    if (kind == FTW_F && !is_new(info)) {
        sum += info->st_ino;
    } else if (kind == FTW_F && where->level > 1) {
        int file = open(path, O_RDONLY);
        ssize_t size = read(file, bytes, sizeof bytes);
        sum += checksum64(bytes, size < 0 ? 0 : (size_t)size);
        close(file);
    }
    files_sum += mix64(sum);
    return 0;
}

static uint64_t fingerprint(const struct place *place)
{
    files_sum = 0;
    nftw(place->folder, add_file, 8, FTW_PHYS);
    return files_sum;
}

static bool begin_scenario(const struct place *place)
{
    CHECK(clear(place->folder));
    from_folder = scenario.from;
    to_folder = place->folder;
    return !scenario.from || nftw(scenario.from, link_one, 8, FTW_PHYS) == 0;
}

/* Open files, but for those of HDF5 that have been given up and have lost their names. */
static int descriptors(void)
{
    DIR *open = opendir("/proc/self/fd");
    char path[300], to[300];
    int count = 0;
    for (struct dirent *e; open && (e = readdir(open));) {
        snprintf(path, sizeof path, "/proc/self/fd/%s", e->d_name);
        ssize_t length = readlink(path, to, sizeof to - 1);
        to[length > 0 ? length : 0] = '\0';
        count += strstr(to, " (deleted)") == NULL;
    }
    if (open)
        closedir(open);
    return count;
}

/* ---- what came out */

/* The file's spikes are those that it says it has, all of them. */
static bool read_digest(const char *path, char digest[33])
{
    struct mlif_digest_report report;
    CHECK(mlif_file_digest(path, 0, &report, NULL, NULL) == MLIF_OK);
    CHECK(report.comparable && strcmp(report.computed, report.stored) == 0);
    memcpy(digest, report.computed, sizeof report.computed);
    return true;
}

static bool read_trace(const struct place *place, double *sum)
{
    struct report_reader *reader;
    struct error err;
    char path[112];
    double values[ROWS];
    snprintf(path, sizeof path, "%s/out.v.h5", place->folder);
    CHECK(report_open(&reader, path, &err) == STATUS_OK);
    *sum = 0;
    for (uint64_t i = 0; i < TRACED; i++) {
        CHECK(report_read_neuron(reader, 0, i, 0, ROWS, values, &err) == STATUS_OK);
        for (int row = 0; row < ROWS; row++)
            *sum += values[row] * (double)(row * TRACED + (int)i + 1);
    }
    report_close(reader);
    return true;
}

static bool read_outcome(const struct place *place, struct outcome *found)
{
    memset(found, 0, sizeof *found);
    return read_digest(place->path, found->digest) && read_trace(place, &found->trace);
}

static bool is_undisturbed(const struct place *place)
{
    struct outcome found;
    CHECK(read_outcome(place, &found));
    CHECK(memcmp(&found, &shared->undisturbed, sizeof found) == 0);
    return true;
}

/* ---- runs */

static int stop(const struct mlif_progress *progress, void *context)
{
    (void)context;
    return scenario.stop > 0 && progress->steps_done >= scenario.stop;
}

/* *from_ms (may be NULL): where it was taken up. */
static enum mlif_status run(const struct place *place, double *from_ms,
                            struct mlif_messages *errors, struct mlif_messages *warnings)
{
    struct mlif_report report;
    struct mlif_options options = mlif_default_options();
    options.config = "test.ini";
    options.config_text = model;
    options.overrides = &scenario.override;
    options.override_count = scenario.override != NULL;
    options.output = place->path;
    options.threads = 1; /* of two, one may do without the buffer that the other misses */
    options.block = 2;
    options.progress = stop;
    options.resume = scenario.call == RESUME;
    enum mlif_status status = scenario.call == JOIN
                                  ? mlif_join(place->path, &options, &report, errors, warnings)
                                  : mlif_run(&options, &report, errors, warnings);
    if (from_ms)
        *from_ms = report.resumed_ms;
    mlif_report_free(&report);
    return status;
}

static bool has_lost(const struct mlif_messages *messages)
{
    return messages->count > 0 && strstr(messages->line[0], "messages were lost");
}

/* A folder for checkpoints without one is removed; short of memory it may stay. */
static bool leaves_no_folder(const struct place *place)
{
    char folder[128];
    snprintf(folder, sizeof folder, "%s.checkpoint", place->path);
    return scenario.stays_short || checkpoint_folder_has_run(place->path) || !exists(folder);
}

/* Up to where all is safe, as an error says. */
static double told_to_be_safe(const struct mlif_messages *errors)
{
    double ms = 0;
    for (size_t i = 0; i < errors->count; i++) {
        const char *said = strstr(errors->line[i], "all up to ");
        if (said && sscanf(said, "all up to %lf ms", &ms) != 1)
            ms = INFINITY;
    }
    return ms;
}

/* What must hold after a call in which an allocation has failed. */
static bool ends_well(const struct place *place, enum mlif_status status,
                      const struct mlif_messages *errors, const struct mlif_messages *warnings)
{
    struct stat info;
    char digest[33];
    if (status == scenario.undamaged) /* the caller reads files; or a message was lost */
        CHECK(thread_failed || has_lost(errors) || has_lost(warnings));
    else
        CHECK(tells_of_memory(status, errors));
    CHECK(nftw(place->folder, find_part, 8, FTW_PHYS) == 0);
    CHECK(leaves_no_folder(place));
    return stat(place->path, &info) != 0 || !is_new(&info) || read_digest(place->path, digest);
}

/* Nothing fails any more: the run goes on to its end. *from_ms: where it was taken up. */
static bool goes_on(const struct place *place, double *from_ms)
{
    struct mlif_messages errors = {NULL, 0};
    scenario = (struct scenario){.call = RESUME};
    enum mlif_status status = run(place, from_ms, &errors, NULL);
    if (status)
        fprintf(stderr, "not resumed: %s\n", errors.count > 0 ? errors.line[0] : "no reason given");
    mlif_messages_free(&errors);
    return status == MLIF_OK && is_undisturbed(place);
}

/* A checkpoint that is not kept goes only once the output is whole. */
static bool is_over(const struct place *place)
{
    return scenario.keeps_none && !checkpoint_folder_has_run(place->path);
}

/* The same, from where all is safe; seen but once where the files are the same. */
static bool can_go_on(const struct place *place, double safe_ms)
{
    uint64_t files = fingerprint(place);
    size_t i = 0;
    while (i < shared->seen_count && shared->seen[i].files != files)
        i++;
    if (i == shared->seen_count) {
        CHECK(i < SEEN_MOST && goes_on(place, &shared->seen[i].from_ms));
        shared->seen[i].files = files;
        shared->seen_count++;
    }
    CHECK(shared->seen[i].from_ms >= safe_ms);
    return true;
}

static bool try_once(const struct place *place, int n, bool *failed)
{
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    CHECK(begin_scenario(place));
    int open = descriptors();
    without_links = scenario.without_links;
    begin_failing(n, scenario.stays_short);
    enum mlif_status status = run(place, NULL, &errors, &warnings);
    *failed = end_failing();
    without_links = false;
    bool good =
        *failed ? ends_well(place, status, &errors, &warnings) : status == scenario.undamaged;
    double safe_ms = fmax(scenario.safe_ms, told_to_be_safe(&errors));
    mlif_messages_free(&errors);
    mlif_messages_free(&warnings);
    CHECK(descriptors() == open);
    return good && (is_over(place) ? is_undisturbed(place) : can_go_on(place, safe_ms));
}

static int fail_once(const struct place *place, int n)
{
    bool failed = false;
    bool good = try_once(place, n, &failed);
    return child_ends(good, failed);
}

/* ---- the tests */

static struct place inputs, stopped, nearly, finished, work;

/* Nothing fails. */
static int run_undisturbed(const struct place *place, int n)
{
    (void)n;
    return child_ends(run(place, NULL, NULL, NULL) == scenario.undamaged, true);
}

static int run_and_measure(const struct place *place, int n)
{
    int code = run_undisturbed(place, n);
    return code ? code : child_ends(read_outcome(place, &shared->undisturbed), true);
}

/* Leaves in a new `place` what scenarios begin from. A child's work, too: OpenMP's threads do not
 * come along when a process that has some forks. */
static void prepare(struct place *place, child_body *body, const struct scenario *what)
{
    scenario = *what;
    assert_true(make_place(place));
    assert_int_equal(in_child(body, place, 0), CHILD_WAS_GOOD);
}

static bool write_input(void)
{
    char path[128];
    CHECK(make_place(&inputs) && make_place(&work));
    snprintf(path, sizeof path, "%s/currents.csv", inputs.folder);
    snprintf(model, sizeof model, model_format, inputs.folder);
    FILE *currents = fopen(path, "w");
    CHECK(currents);
    fputs("I\n", currents);
    for (int i = 0; i < 30; i++)
        fprintf(currents, "%d\n", i);
    CHECK(fclose(currents) == 0);
    return true;
}

static int set_up(void **state)
{
    struct place whole;
    (void)state;
    assert_true(write_input());
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    prepare(&whole, run_and_measure, &(struct scenario){.override = "checkpoint.every_model=inf"});
    prepare(&stopped, run_undisturbed, &(struct scenario){.stop = 14, .undamaged = MLIF_STOPPED});
    prepare(&nearly, run_undisturbed, &(struct scenario){.stop = 18, .undamaged = MLIF_STOPPED});
    prepare(&finished, run_undisturbed,
            &(struct scenario){.override = "simulation.duration=1.4 ms"});
    return clear(whole.folder) ? rmdir(whole.folder) : -1;
}

static int tear_down(void **state)
{
    struct place *all[] = {&inputs, &stopped, &nearly, &finished, &work};
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        wrong |= !clear(all[i]->folder) || rmdir(all[i]->folder) != 0;
    return wrong;
}

static void fail_all(const struct scenario *what, int step, int least)
{
    scenario = *what;
    allocations_fail(fail_once, &work, step, least);
}

static void a_run_survives_every_failing_allocation(void **state)
{
    (void)state;
    fail_all(&(struct scenario){.stop = 18, .undamaged = MLIF_STOPPED}, 1, 300);
}

static const struct scenario resumed = {
    .from = stopped.folder, .safe_ms = 1.4, .call = RESUME, .stop = 18, .undamaged = MLIF_STOPPED};

static void a_resumed_run_survives_every_failing_allocation(void **state)
{
    (void)state;
    fail_all(&resumed, 1, 300);
}

static void a_resumed_run_survives_where_memory_stays_short(void **state)
{
    struct scenario short_of_memory = resumed;
    (void)state;
    short_of_memory.stays_short = true;
    fail_all(&short_of_memory, 7, 300);
}

/* Its files become segments by copies, which are made in memory, where there are no links. */
static void a_longer_run_survives_every_failing_allocation(void **state)
{
    struct scenario longer = resumed;
    (void)state;
    longer.from = finished.folder;
    longer.without_links = true;
    fail_all(&longer, 1, 300);
}

static void a_join_survives_every_failing_allocation(void **state)
{
    (void)state;
    fail_all(&(struct scenario){.from = nearly.folder, .safe_ms = 1.8, .call = JOIN}, 1, 450);
}

static void a_run_that_keeps_no_checkpoint_survives_every_failing_allocation(void **state)
{
    (void)state;
    fail_all(&(struct scenario){.from = nearly.folder,
                                .safe_ms = 1.8,
                                .call = RESUME,
                                .override = "checkpoint.keep=no",
                                .keeps_none = true},
             1, 450);
}

/* A run that is refused for what stands there takes none of it away. */
static void a_new_run_leaves_an_earlier_one(void **state)
{
    (void)state;
    fail_all(&(struct scenario){.from = stopped.folder, .safe_ms = 1.4, .undamaged = MLIF_OUTPUT},
             1, 150);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_survives_every_failing_allocation),
        cmocka_unit_test(a_resumed_run_survives_every_failing_allocation),
        cmocka_unit_test(a_resumed_run_survives_where_memory_stays_short),
        cmocka_unit_test(a_longer_run_survives_every_failing_allocation),
        cmocka_unit_test(a_join_survives_every_failing_allocation),
        cmocka_unit_test(a_run_that_keeps_no_checkpoint_survives_every_failing_allocation),
        cmocka_unit_test(a_new_run_leaves_an_earlier_one),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
