/* megalif sweep: a config at many points, each in a process of its own, and the table of them. */
#include "base/clock.h"
#include "base/cpu.h"
#include "cli/cli_errors.h"
#include "cli/cli_jobs.h"
#include "cli/cli_options.h"
#include "cli/cli_report.h"
#include "commands/cmd.h"
#include "commands/sweep_inputs.h"
#include "config/read.h"
#include "config/sweep_points.h"
#include "drive/drive.h"
#include "setup/setup_files.h"
#include "sim/sim_paths.h"
#include "sweep/sweep_folder.h"
#include "sweep/sweep_paths.h"
#include "sweep/sweep_summary.h"
#include "sweep/sweep_table.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SET, VARY, JOBS, TASK, COLLECT, OUTPUT, FORCE, THREADS, QUIET, JSON };

static const struct cli_syntax syntax = {
    .name = "sweep",
    .usage = "CONFIG [options]",
    .about =
        "Runs CONFIG at every point of its section [sweep], and of --vary, each in a process of\n"
        "its own. Every point leaves DIR/NAME.h5, all of them the table DIR/table.csv and\n"
        "DIR/table.h5. Points that are done already are skipped: a sweep that was stopped goes on\n"
        "when it is started again. A point that fails does not stop the others.\n"
        "\n"
        "Exit codes: 0 done, 1 some points failed or are missing, 2 config or usage, 3 output,\n"
        "4 memory, 6 busy, 75 stopped early: start it again to go on.\n",
    .files = 1,
    .repeats = 1u << SET | 1u << VARY,
    .option =
        {
            [SET] = {"set", 's', "S.KEY=VALUE", "replaces or adds a value for all; repeatable"},
            [VARY] = {"vary", 'v', "S.KEY=LIST",
                      "sweeps a key, e.g. --vary 'population.exc.I_e=grid(200 pA, 300 pA, 11)',\n"
                      "logspace(1, 100, 5), values(0.1; 0.2), range(1:6); repeatable"},
            [JOBS] = {"jobs", 'j', "N", "points at a time, which share the cores; default: 1"},
            [TASK] = {"task", 0, "I/N", "only the points p with p mod N = I (0 .. N - 1)"},
            [COLLECT] = {"collect", 0, NULL,
                         "runs nothing; makes one table of the tasks' and names missing points"},
            [OUTPUT] = {"output-dir", 'o', "DIR", "default: [output] file with .sweep for .h5"},
            [FORCE] = {"force", 'f', NULL, "replaces outputs and tables of another config"},
            [THREADS] = {"threads", 't', "N",
                         "of all jobs together; default: all that this process may use"},
            [QUIET] = {"quiet", 'q', NULL, "no progress, no summary; warnings and errors only"},
            [JSON] = {"json", 0, NULL, "the summary and the table as one JSON object at the end"},
        },
};

/* A sweep that runs. */
struct running {
    struct sweep_run s;
    size_t *todo; /* points, in the order they are started */
    size_t todo_count, ended, failed, found;
    uint64_t jobs, threads;
    bool quiet, json;
    char **remove; /* files that go once the table has their rows (files = none) */
    size_t remove_count;
    char **warning; /* keys of those shown: each once */
    size_t warning_count;
    double start, published;
    struct error err;
    enum status status; /* of the table */
};

/* ---- one point */

static bool add_words(char ***list, const char *const *words, size_t count)
{
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = cli_jobs_argument(list, words[i]);
    return good;
}

/* --set for what the user fixes and the point gives. A table alone needs no checkpoint of a point
 * that is done. */
static bool add_overrides(char ***list, const struct sweep_run *s, size_t point)
{
    bool good = true;
    for (size_t i = 0; good && i < s->override_count; i++)
        good = add_words(list, (const char *[]){"--set", s->overrides[i]}, 2);
    for (size_t i = 0; good && i < config_sweep_set_count(s->sweep); i++) {
        char *set = config_sweep_set(s->sweep, point, i);
        good = set && add_words(list, (const char *[]){"--set", set}, 2);
        free(set);
    }
    if (good && s->sweep->first->checkpoint && !s->sweep->files)
        good = add_words(list, (const char *[]){"--set", "checkpoint.keep=no"}, 2);
    return good;
}

static bool has_checkpoint(const char *output)
{
    char folder[4200];
    snprintf(folder, sizeof folder, "%s.checkpoint", output);
    return access(folder, F_OK) == 0;
}

/* megalif run CONFIG --set ... -o FILE -t N -q: what a user would type for this point alone. */
static char **point_command(const struct running *run, size_t point)
{
    const struct sweep_run *s = &run->s;
    char **list = NULL, threads[24], *path = sweep_paths_point(s, point);
    const char *const begin[] = {"megalif", "run", s->config};
    const char *const end[] = {"-o", path, "-t", threads, "-q"};
    snprintf(threads, sizeof threads, "%" PRIu64, run->threads);
    bool good = path && add_words(&list, begin, 3) && add_overrides(&list, s, point) &&
                add_words(&list, end, 5);
    if (good && !s->sweep->files)
        good = cli_jobs_argument(&list, "--no-raster");
    if (good && s->force)
        good = cli_jobs_argument(&list, "--force");
    else if (good && has_checkpoint(path))
        good = cli_jobs_argument(&list, "--resume");
    free(path);
    return good ? list : NULL;
}

static char **job_arguments(size_t job, void *context)
{
    const struct running *run = context;
    return point_command(run, run->todo[job]);
}

/* Where text is added up, cut to its size. */
struct words {
    char text[4096];
    size_t used;
};

static void add_word(struct words *to, const char *before, const char *text, size_t length)
{
    if (to->used < sizeof to->text)
        to->used += (size_t)snprintf(to->text + to->used, sizeof to->text - to->used, "%s%.*s",
                                     before, (int)length, text);
}

/* The first errors of a job, else the first line that it printed. */
static void add_errors(struct words *to, const char *text)
{
    static const char mark[] = "megalif: error: ";
    enum { MOST = 3 };
    const char *error = strstr(text, mark);
    if (!error && *text)
        add_word(to, ": ", text, strcspn(text, "\n"));
    for (int i = 0; error && i < MOST; i++) {
        const char *why = error + sizeof mark - 1;
        add_word(to, i == 0 ? ": " : "; ", why, strcspn(why, "\n"));
        error = strstr(why, mark);
    }
}

/* "exit code 2: the first errors" or "signal 11: ...". */
static void tell_failure(const struct running *run, size_t point, int code, const char *text)
{
    struct words why = {.used = 0};
    char how[100];
    cli_report_progress_end();
    snprintf(how, sizeof how, code > 128 ? "signal %d: %s" : "exit code %d",
             code > 128 ? code - 128 : code, code > 128 ? strsignal(code - 128) : "");
    if (code == 128 + SIGKILL)
        add_word(&why, ", as where memory runs out: fewer --jobs take less of it at a time", "", 0);
    add_errors(&why, text);
    cli_errors_text("megalif sweep: ", "%s failed with %s%s", run->s.sweep->point[point].name, how,
                    why.text);
}

/* What tells two warnings apart, allocated: the whole text, but of a warning about a point's own
 * output (that the disk is nearly full, say) neither the output's name nor numbers. */
static char *warning_key(const char *warning, size_t length, const char *output)
{
    char *key = strndup(warning, length);
    if (!key || !output || strncmp(key, output, strlen(output)) != 0)
        return key;
    char *to = key;
    for (const char *from = key + strlen(output); *from; from++)
        if (!strchr("0123456789.e+-", *from))
            *to++ = *from;
    *to = '\0';
    return key;
}

/* Whether a warning is new; then it is known from now on. */
static bool is_new_warning(struct running *run, char *key)
{
    bool known = !key;
    for (size_t i = 0; i < run->warning_count && !known; i++)
        known = strcmp(run->warning[i], key) == 0;
    char **list = known ? NULL : realloc(run->warning, (run->warning_count + 1) * sizeof *list);
    if (!list) {
        free(key);
        return false;
    }
    run->warning = list;
    list[run->warning_count++] = key;
    return true;
}

static void tell_warning(const char *warning, int length, const char *point)
{
    struct messages lines = {NULL, 0};
    messages_add(&lines, "%.*s (in %s)", length, warning, point);
    cli_report_lines("warning", &(struct mlif_messages){lines.line, lines.count});
    messages_free(&lines);
}

/* A warning that many points have is shown once. */
static void tell_warnings(struct running *run, size_t point, const char *text)
{
    static const char mark[] = "megalif: warning: ";
    char *output = sweep_paths_point(&run->s, point);
    while ((text = strstr(text, mark)) != NULL) {
        const char *warning = text + sizeof mark - 1;
        int length = (int)strcspn(warning, "\n");
        if (is_new_warning(run, warning_key(warning, (size_t)length, output))) {
            cli_report_progress_end();
            tell_warning(warning, length, run->s.sweep->point[point].name);
        }
        text = warning + length;
    }
    free(output);
}

static void remove_files(struct running *run)
{
    for (size_t i = 0; i < run->remove_count; i++) {
        unlink(run->remove[i]);
        free(run->remove[i]);
    }
    run->remove_count = 0;
}

/* After each second, so that a table of many points does not cost more than the points do. */
static void publish(struct running *run, bool now)
{
    if (run->status || (!now && clock_seconds() < run->published + 1))
        return;
    run->status = sweep_folder_publish(&run->s, false, &run->err);
    run->published = clock_seconds();
    if (!run->status)
        remove_files(run);
}

/* The row of a point that was run; its file may go when nobody asked for it. */
static void take_point(struct running *run, size_t point, const struct cli_job_end *end)
{
    struct error err = {STATUS_OK, ""};
    char *path = sweep_paths_point(&run->s, point);
    enum status status = path ? sweep_table_row_of_file(&run->s, point, path, &err) : STATUS_MEMORY;
    if (status) {
        sweep_table_row_of_failure(&run->s, point, (int)status, end->seconds);
        tell_failure(run, point, (int)status, err.text);
    }
    if (status || run->s.sweep->files)
        free(path);
    else
        run->remove[run->remove_count++] = path;
}

static void job_ended(size_t job, const struct cli_job_end *end, void *context)
{
    struct running *run = context;
    size_t point = run->todo[job];
    tell_warnings(run, point, end->text);
    if (end->stopped)
        return; /* still to be done */
    run->ended++;
    if (end->code == STATUS_OK || end->code == STATUS_RANGE)
        take_point(run, point, end);
    else
        sweep_table_row_of_failure(&run->s, point, end->code, end->seconds);
    if (end->code != STATUS_OK)
        tell_failure(run, point, end->code, end->text);
    run->failed += sweep_table_has_failed(&run->s, point);
    publish(run, false);
    if (!run->quiet)
        cli_report_points(run->ended, run->todo_count, run->failed, clock_seconds() - run->start);
}

/* ---- all points */

static enum status list_points(struct running *run, struct error *err)
{
    size_t points = run->s.sweep->point_count;
    run->todo = calloc(points, sizeof *run->todo);
    run->remove = calloc(points, sizeof *run->remove);
    if (!run->todo || !run->remove)
        return error_no_memory(err, "for the points");
    for (size_t i = 0; i < points; i++) {
        enum point_state state = run->s.state[i];
        run->found += state == POINT_DONE && !sweep_table_has_failed(&run->s, i);
        if (state == POINT_TO_DO || state == POINT_FAILED)
            run->todo[run->todo_count++] = i;
    }
    return STATUS_OK;
}

/* Files that a killed sweep without files has left behind. */
static void find_left_over(struct running *run)
{
    for (size_t i = 0; !run->s.sweep->files && i < run->s.sweep->point_count; i++) {
        char *path = run->s.state[i] == POINT_DONE ? sweep_paths_point(&run->s, i) : NULL;
        if (path && access(path, F_OK) == 0)
            run->remove[run->remove_count++] = path;
        else
            free(path);
    }
}

static void print_command(const struct running *run, size_t point)
{
    char **list = point_command(run, point);
    int count = 0;
    while (list && list[count])
        count++;
    char *line = list ? cli_report_command_line(count - 1, list + 1) : NULL;
    if (line)
        fprintf(stderr, "megalif sweep: one of them alone: %s\n", line);
    free(line);
    for (int i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

static void summarize(const struct running *run, bool complete)
{
    char name[64];
    struct sweep_counts c = sweep_summary_count(&run->s);
    cli_report_progress_end();
    if (run->quiet)
        return;
    fprintf(stderr, "megalif sweep: %zu points: %zu done", c.share, c.share - c.failed - c.missing);
    if (run->found)
        fprintf(stderr, " (%zu had been before)", run->found);
    if (c.failed)
        fprintf(stderr, ", %zu failed", c.failed);
    if (c.missing)
        fprintf(stderr, ", %zu missing", c.missing);
    fprintf(stderr, "; table: %s/%s.csv%s\n", run->s.directory,
            sweep_paths_table_name(&run->s, name), complete ? " and .h5" : "");
    if (c.first != SIZE_MAX)
        print_command(run, c.first);
}

static int collect(struct running *run)
{
    size_t missing = sweep_summary_missing(&run->s);
    run->status = sweep_folder_publish(&run->s, true, &run->err);
    summarize(run, true);
    if (!run->quiet)
        sweep_summary_tasks(&run->s);
    return run->status ? (int)run->status : missing || sweep_summary_count(&run->s).failed ? 1 : 0;
}

static int run_points(struct running *run)
{
    find_left_over(run);
    const struct cli_jobs jobs = {
        .count = run->todo_count,
        .at_once = run->jobs,
        .threads = run->threads,
        .capture = true,
        .arguments = job_arguments,
        .end = job_ended,
        .context = run,
    };
    run->start = run->published = clock_seconds();
    sweep_inputs_digest(&run->s, run->todo, run->todo_count);
    bool ended = cli_jobs_run(&jobs);
    publish(run, true);
    bool whole = ended && run->ended == run->todo_count && run->s.tasks == 1;
    if (!run->status && whole)
        run->status = sweep_folder_publish(&run->s, true, &run->err);
    summarize(run, whole);
    if (run->status)
        return (int)run->status;
    if (run->ended == run->todo_count)
        return sweep_summary_count(&run->s).failed ? 1 : 0;
    if (!run->quiet)
        fprintf(stderr, "megalif sweep: it was stopped; start it again to go on\n");
    return STATUS_STOPPED;
}

/* The tables replace the tables of an earlier sweep, but must not replace what the points read. */
static enum status check_tables(const struct sweep_run *s, struct error *err)
{
    static const char *const ending[] = {"csv", "h5"};
    struct setup_files files = {NULL, 0};
    char table[64], name[80];
    enum status status = setup_files_list(&files, s->sweep->first, err);
    for (size_t i = 0; i < 2 && !status; i++) {
        snprintf(name, sizeof name, "%s.%s", sweep_paths_table_name(s, table), ending[i]);
        char *path = sweep_paths_file(s, name);
        status = path ? sim_paths_keep(path, s->sweep->first, &files, err)
                      : error_no_memory(err, "for the names of tables");
        free(path);
    }
    setup_files_free(&files);
    return status;
}

static int run_or_collect(struct running *run, bool collects)
{
    struct error *err = &run->err;
    run->status = check_tables(&run->s, err);
    if (!run->status)
        run->status = sweep_table_begin(&run->s, err);
    if (!run->status)
        run->status = sweep_folder_take(&run->s, collects, err);
    if (!run->status)
        run->status = sweep_folder_look(&run->s, err);
    if (!run->status)
        run->status = list_points(run, err);
    int code = run->status ? (int)run->status : collects ? collect(run) : run_points(run);
    if (run->status)
        cli_errors_text("megalif sweep: error: ", "%s", err->text);
    if (run->json && run->s.state)
        sweep_summary_json(&run->s, run->found, collects, code);
    return code;
}

/* ---- what was asked for */

/* "3/8". */
static bool take_task(const char *text, struct sweep_run *s)
{
    char first[24];
    size_t length = strcspn(text, "/");
    if (length >= sizeof first || text[length] != '/')
        return false;
    memcpy(first, text, length);
    first[length] = '\0';
    return cli_options_count(text + length + 1, 1, SWEEP_POINTS_MOST, &s->tasks) &&
           cli_options_count(first, 0, s->tasks - 1, &s->task);
}

static int take_options(struct running *run, const struct cli_arguments *arguments)
{
    const char *task = arguments->option[TASK], *jobs = arguments->option[JOBS];
    const char *threads = arguments->option[THREADS];
    uint64_t all = (uint64_t)cpu_cores_allowed();
    run->jobs = run->s.tasks = 1;
    run->quiet = arguments->option[QUIET] != NULL;
    run->json = arguments->option[JSON] != NULL;
    run->s.force = arguments->option[FORCE] != NULL;
    run->s.config = arguments->file[0];
    run->s.overrides = arguments->list[SET].text;
    run->s.override_count = arguments->list[SET].count;
    if (strcmp(run->s.config, "-") == 0)
        return cli_options_error(&syntax, "a sweep needs a file: every point reads it");
    if (task && !take_task(task, &run->s))
        return cli_options_error(&syntax, "--task takes I/N with I from 0 to N - 1, not %s", task);
    if (task && arguments->option[COLLECT])
        return cli_options_error(&syntax, "--collect is for all tasks; leave out --task");
    if (jobs && !cli_options_count(jobs, 1, 4096, &run->jobs))
        return cli_options_error(&syntax, "--jobs takes a whole number from 1 to 4096, not %s",
                                 jobs);
    if (threads && !cli_options_count(threads, 1, 4096, &all))
        return cli_options_error(&syntax, "--threads takes a whole number from 1 to 4096, not %s",
                                 threads);
    run->threads = all > run->jobs ? all / run->jobs : 1;
    return CLI_GO_ON;
}

/* DIR, or what the config calls its output: out/demo.h5 -> out/demo.sweep. */
static char *directory_of(const char *asked, const char *output)
{
    size_t length = strlen(output);
    if (asked)
        return strdup(asked);
    if (length > 3 && strcmp(output + length - 3, ".h5") == 0)
        length -= 3;
    char *path = malloc(length + 7);
    if (path)
        sprintf(path, "%.*s.sweep", (int)length, output);
    return path;
}

/* Why nothing is swept: perhaps the config is broken. */
static enum status tell_nothing(const struct sweep_source *source, struct messages *errors)
{
    struct config *config;
    enum status status =
        config_read_text(source->text, source->length, source->name, source->overrides,
                         source->override_count, source->types, &config, errors);
    config_free(config);
    if (status)
        return status;
    messages_add(errors, "%s: there is nothing to sweep; write a section [sweep], or use --vary",
                 source->name);
    return STATUS_CONFIG;
}

static enum status read_sweep(struct running *run, const struct cli_arguments *arguments)
{
    struct messages errors = {NULL, 0};
    struct sweep_source source = {.name = run->s.config,
                                  .overrides = arguments->list[SET].text,
                                  .override_count = arguments->list[SET].count,
                                  .vary = arguments->list[VARY].text,
                                  .vary_count = arguments->list[VARY].count};
    source.types = &drive_config_types;
    char *text = config_load(source.name, &source.length, &errors);
    source.text = text;
    enum status status = text ? config_read_sweep(&source, &run->s.sweep, &errors) : STATUS_CONFIG;
    if (!status && !run->s.sweep)
        status = tell_nothing(&source, &errors);
    cli_report_lines("error", &(struct mlif_messages){errors.line, errors.count});
    messages_free(&errors);
    free(text);
    return status;
}

static int read_and_run(struct running *run, const struct cli_arguments *arguments)
{
    enum status status = read_sweep(run, arguments);
    if (status)
        return (int)status;
    run->s.directory = directory_of(arguments->option[OUTPUT], run->s.sweep->first->output_file);
    return run->s.directory ? run_or_collect(run, arguments->option[COLLECT] != NULL)
                            : STATUS_MEMORY;
}

static int start_sweep(int argc, char **argv)
{
    struct cli_arguments arguments;
    struct running run = {.quiet = false};
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code == CLI_GO_ON)
        code = take_options(&run, &arguments);
    if (code == CLI_GO_ON)
        code = read_and_run(&run, &arguments);
    for (size_t i = 0; i < run.warning_count; i++)
        free(run.warning[i]);
    for (size_t i = 0; i < run.remove_count; i++)
        free(run.remove[i]);
    free(run.warning);
    free(run.remove);
    free(run.todo);
    free(run.s.state);
    free(run.s.directory);
    table_free(&run.s.table);
    config_sweep_free(run.s.sweep);
    cli_options_free(&arguments);
    return code;
}

const struct command cmd_sweep = {
    "sweep", "runs a config at many points; leaves a table of the results", start_sweep};
