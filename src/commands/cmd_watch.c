/* megalif watch: runs at work, from the status that each keeps beside its output. */
#include "cli/cli_errors.h"
#include "cli/cli_json.h"
#include "cli/cli_options.h"
#include "cli/result_file.h"
#include "cli/run_status.h"
#include "commands/cmd.h"
#include "io/output_path.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPTION_JSON, OPTION_ONCE };

static const struct cli_syntax syntax = {
    .name = "watch",
    .usage = "OUTPUT|DIR [options]",
    .about =
        "Shows a run at work: progress, spikes and rates so far, and rates over time, from the\n"
        "file OUTPUT.status that a run writes every two seconds, on this machine or on another "
        "one\n"
        "with the same file system. Of a folder, such as a sweep's, a line for each run. On a\n"
        "terminal until no run is at work, elsewhere once.\n"
        "\n"
        "Exit codes: 0 at work or finished, 1 a process is gone without having finished, or a run\n"
        "on another machine has said nothing for a minute; 2 usage, 3 no run of that name.\n",
    .files = 1,
    .option =
        {
            [OPTION_JSON] = {"json", 0, NULL, "one JSON object on standard output, once"},
            [OPTION_ONCE] = {"once", '1', NULL, "once, on a terminal, too"},
        },
};

/* Runs that were found. */
struct watched {
    const char *path;
    bool folder, finished; /* finished: the output is complete, nobody works on it */
    struct watched_run {
        char *output;
        struct run_status status;
        enum run_state state;
    } * run;
    size_t count, at_work, lost;
};

static const char *state_name(enum run_state state)
{
    return state == RUN_AT_WORK ? "at work" : state == RUN_SILENT ? "silent" : "gone";
}

/* Was the output completed after that word of its run, by another run or just before it was killed?
 */
static bool is_complete_since(const char *output, const struct run_status *status)
{
    struct stat info;
    struct result_file file;
    struct error none;
    if (stat(output, &info) != 0 ||
        (double)info.st_mtim.tv_sec + 1e-9 * (double)info.st_mtim.tv_nsec < status->updated)
        return false;
    const bool complete = result_file_open(&file, output, &none) == STATUS_OK;
    result_file_close(&file);
    return complete;
}

/* A status that has vanished since it was found is of a run that has ended. */
static enum status take(struct watched *w, const char *path, struct error *err)
{
    struct error none;
    struct watched_run run = {.output = strndup(path, strlen(path) - strlen(".status"))};
    if (!run.output)
        return error_no_memory(err, "for the name of a run");
    const bool there = run_status_read(path, &run.status, &none) == STATUS_OK;
    run.state = there ? run_status_state(&run.status) : RUN_GONE;
    if (!there || (run.state == RUN_GONE && is_complete_since(run.output, &run.status))) {
        run_status_free(&run.status);
        free(run.output);
        return STATUS_OK;
    }
    w->at_work += run.state == RUN_AT_WORK;
    w->lost += run.state != RUN_AT_WORK;
    w->run[w->count++] = run;
    return STATUS_OK;
}

static void forget(struct watched *w)
{
    for (size_t i = 0; i < w->count; i++) {
        run_status_free(&w->run[i].status);
        free(w->run[i].output);
    }
    free(w->run);
    w->run = NULL;
    w->count = w->at_work = w->lost = 0;
}

static int is_status_name(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot && strcmp(dot, ".status") == 0;
}

static enum status take_in_folder(struct watched *w, const char *name, struct error *err)
{
    char *folder = output_path_with(w->path, w->path[strlen(w->path) - 1] == '/' ? "" : "/");
    char *path = folder ? output_path_with(folder, name) : NULL;
    enum status status = path ? take(w, path, err) : error_no_memory(err, "for a path");
    free(path);
    free(folder);
    return status;
}

/* What lies in a folder, in the order of names. */
static enum status look_into(struct watched *w, struct error *err)
{
    struct dirent **found;
    const int count = scandir(w->path, &found, is_status_name, alphasort);
    if (count < 0)
        return error_set(err, STATUS_OUTPUT, "cannot look into %s: %s", w->path, strerror(errno));
    w->run = calloc((size_t)count + 1, sizeof *w->run);
    enum status status = w->run ? STATUS_OK : error_no_memory(err, "for runs");
    for (int i = 0; i < count; i++) {
        status = status ? status : take_in_folder(w, found[i]->d_name, err);
        free(found[i]);
    }
    free(found);
    return status;
}

static enum status look_at_output(struct watched *w, struct error *err)
{
    char *path = run_status_path(w->path);
    w->run = calloc(1, sizeof *w->run);
    enum status status = path && w->run ? take(w, path, err) : error_no_memory(err, "for a run");
    free(path);
    if (status || w->count > 0)
        return status;
    struct result_file file;
    struct error none;
    w->finished = result_file_open(&file, w->path, &none) == STATUS_OK;
    result_file_close(&file);
    if (w->finished || result_file_unfinished(w->path, err))
        return w->finished ? STATUS_OK : STATUS_OUTPUT;
    return error_set(err, STATUS_OUTPUT,
                     "no run writes %s, nor is it there complete; name the output of megalif run, "
                     "whose status comes after its first second, or a folder of them",
                     w->path);
}

static enum status look(struct watched *w, struct error *err)
{
    struct stat info;
    w->folder = stat(w->path, &info) == 0 && S_ISDIR(info.st_mode);
    return w->folder ? look_into(w, err) : look_at_output(w, err);
}

/* ---- what a status says */

static double share_of(const struct run_status *s)
{
    if (s->population_count == 0) /* synapses are being made */
        return s->synapses > 0 ? (double)s->synapses_made / (double)s->synapses : 0;
    return s->duration_ms > 0 ? s->model_ms / s->duration_ms : 0;
}

/* Seconds to go for the stretch under way, by the speed so far; NaN: not known. */
static double left_of(const struct run_status *s)
{
    double done = share_of(s);
    if (s->population_count > 0)
        done -= s->first_ms / s->duration_ms;
    return done > 0 ? s->elapsed_s * (1 - share_of(s)) / done : NAN;
}

static double rate_of(const struct run_status *s, const struct run_status_population *p)
{
    return (double)p->spikes / ((double)p->size * s->model_ms * 1e-3);
}

/* Bins that are over; those before a resume are not known. NaN: not this one. */
static double rate_in(const struct run_status *s, const struct run_status_population *p, int bin)
{
    double width = s->duration_ms / RUN_STATUS_BINS, begin = bin * width;
    if (begin < s->first_ms || begin + width > s->model_ms)
        return NAN;
    return (double)p->bin[bin] / ((double)p->size * width * 1e-3);
}

/* ---- for people */

static bool has_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *value = NULL;
    for (size_t i = 0; i < 3 && !(value && *value); i++)
        value = getenv(names[i]);
    return value && (strstr(value, "UTF-8") || strstr(value, "utf8"));
}

/* Rates over time, the highest one as the full height. */
static void print_picture(const struct run_status *s, const struct run_status_population *p)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const letters[] = {"_", ".", "-", "~", "=", "+", "*", "#"};
    const char *const *levels = has_utf8() ? blocks : letters;
    double most = -1;
    for (int b = 0; b < RUN_STATUS_BINS; b++)
        most = fmax(most, rate_in(s, p, b)); /* not of NaN */
    if (most < 0)
        return; /* the first bin is not over */
    fputs("  ", stdout);
    for (int b = 0; b < RUN_STATUS_BINS; b++) {
        double rate = rate_in(s, p, b);
        int level = most > 0 && isfinite(rate) ? (int)(7.0 * rate / most + 0.5) : 0;
        fputs(isfinite(rate) ? levels[level] : " ", stdout);
    }
    printf("  up to %.4g Hz\n", most);
}

static void print_line(const struct watched_run *run)
{
    const struct run_status *s = &run->status;
    printf("%s: %s, %3.0f %%", run->output, state_name(run->state), 100 * share_of(s));
    if (s->population_count == 0)
        printf(" of the synapses");
    else
        printf(" of %.5g ms, %" PRIu64 " spikes", s->duration_ms, s->spikes);
    if (run->state == RUN_AT_WORK && isfinite(left_of(s)))
        printf(", about %.0f s left", left_of(s));
    printf("; process %" PRIu64 " on %s, %.0f s ago", s->pid, s->host, run_status_age(s));
    putchar('\n');
}

static int print_run(const struct watched_run *run)
{
    const struct run_status *s = &run->status;
    print_line(run);
    for (size_t i = 0; i < s->population_count; i++) {
        const struct run_status_population *p = &s->population[i];
        printf("  %-16s %" PRIu64 " neurons, %" PRIu64 " spikes", p->name, p->size, p->spikes);
        if (s->model_ms > 0)
            printf(", %.4g Hz", rate_of(s, p));
        putchar('\n');
        print_picture(s, p);
    }
    if (s->checkpoint_ms > 0)
        printf("  safe up to %.5g ms\n", s->checkpoint_ms);
    return 1 + 2 * (int)s->population_count + (s->checkpoint_ms > 0);
}

/* Returns the number of lines. */
static int print_text(const struct watched *w)
{
    for (size_t i = 0; w->folder && i < w->count; i++)
        print_line(&w->run[i]);
    if (w->folder)
        printf("%s: %zu at work, %zu gone or silent\n", w->path, w->at_work, w->lost);
    else if (w->finished)
        printf("%s: finished; megalif info tells what is in it\n", w->path);
    else
        return print_run(&w->run[0]);
    return (int)w->count + 1;
}

/* ---- for programs */

static void json_population(struct cli_json *json, const struct run_status *s,
                            const struct run_status_population *p)
{
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "name", p->name);
    cli_json_u64(json, "size", p->size);
    cli_json_u64(json, "spikes", p->spikes);
    cli_json_f64(json, "mean_rate_Hz", rate_of(s, p));
    cli_json_open(json, "rates_Hz", '[');
    for (int b = 0; b < RUN_STATUS_BINS; b++)
        cli_json_f64(json, NULL, rate_in(s, p, b));
    cli_json_close(json, ']');
    cli_json_close(json, '}');
}

static void json_run(struct cli_json *json, const struct watched_run *run)
{
    const struct run_status *s = &run->status;
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "output", run->output);
    cli_json_text(json, "state", state_name(run->state));
    cli_json_text(json, "host", s->host);
    cli_json_u64(json, "pid", s->pid);
    cli_json_f64(json, "started_s", s->started);
    cli_json_f64(json, "age_s", run_status_age(s));
    cli_json_f64(json, "model_ms", s->model_ms);
    cli_json_f64(json, "duration_ms", s->duration_ms);
    cli_json_f64(json, "elapsed_s", s->elapsed_s);
    cli_json_f64(json, "left_s", left_of(s));
    cli_json_f64(json, "checkpoint_ms", s->checkpoint_ms);
    cli_json_u64(json, "neurons", s->neurons);
    cli_json_u64(json, "spikes", s->spikes);
    cli_json_u64(json, "synapses", s->synapses);
    cli_json_u64(json, "synapses_made", s->synapses_made);
    cli_json_f64(json, "bin_ms", s->duration_ms / RUN_STATUS_BINS);
    cli_json_open(json, "populations", '[');
    for (size_t i = 0; i < s->population_count; i++)
        json_population(json, s, &s->population[i]);
    cli_json_close(json, ']');
    cli_json_close(json, '}');
}

static void print_json(const struct watched *w, int code)
{
    struct cli_json json = {0, false};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "path", w->path);
    cli_json_bool(&json, "finished", w->finished);
    cli_json_open(&json, "runs", '[');
    for (size_t i = 0; i < w->count; i++)
        json_run(&json, &w->run[i]);
    cli_json_close(&json, ']');
    cli_errors_json(&json, code);
    cli_json_close(&json, '}');
}

static int watch(struct watched *w, bool json, bool once)
{
    struct error err = {STATUS_OK, ""};
    bool more = true;
    int code = 0;
    for (int lines = 0; more;) {
        if (look(w, &err)) {
            forget(w);
            return result_file_error(syntax.name, &err);
        }
        code = w->lost > 0;
        if (lines > 0)
            printf("\033[%dA\033[J", lines);
        if (json)
            print_json(w, code);
        else
            lines = print_text(w);
        fflush(stdout);
        more = !json && !once && w->at_work > 0 && isatty(STDOUT_FILENO);
        forget(w);
        if (more)
            sleep(1);
    }
    return code;
}

static int start_watch(int argc, char **argv)
{
    struct cli_arguments arguments;
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code != CLI_GO_ON)
        return code;
    struct watched w = {.path = arguments.file[0]};
    return watch(&w, arguments.option[OPTION_JSON] != NULL, arguments.option[OPTION_ONCE] != NULL);
}

const struct command cmd_watch = {"watch", "a run at work: progress, spikes and rates so far",
                                  start_watch};
