/* megalif run with several configs: each in a process of its own, those done already left out. */
#include "commands/cmd_run_many.h"

#include "base/clock.h"
#include "base/cpu.h"
#include "cli/cli_errors.h"
#include "cli/cli_jobs.h"
#include "cli/cli_report.h"
#include "commands/run_done.h"

#include <megalif/megalif.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct item {
    struct run_done run;
    int code;
    bool ended, before; /* before: it was done when we came */
};

struct many {
    struct item *item;
    size_t count;
    size_t *todo; /* indices of items, in the order they are run */
    size_t todo_count;
    char **option; /* argv[1] ... of the call, without the configs */
    size_t option_count;
    double wall_s, start; /* --max-wall, of all together; 0: without */
    bool time_over;       /* one stopped for it */
    const char *resume;   /* the command that goes on from checkpoints */
};

/* Two configs must not write one file. */
static enum status check_outputs(const struct many *many, struct messages *errors)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < many->count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct run_done *one = &many->item[k].run, *other = &many->item[i].run;
            if (strcmp(other->output, one->output) != 0)
                continue;
            messages_add(errors, "%s and %s would both write %s; name other files in [output]",
                         one->config, other->config, other->output);
            status = STATUS_CONFIG;
        }
    }
    return status;
}

static enum status read_items(struct many *many, char **files, const struct mlif_options *options,
                              struct messages *errors)
{
    enum status worst = STATUS_OK;
    for (size_t i = 0; i < many->count; i++) {
        enum status status = run_done_read(&many->item[i].run, files[i], options, errors);
        worst = status ? status : worst;
    }
    return worst ? worst : check_outputs(many, errors);
}

static double time_left(const struct many *many)
{
    return many->start + many->wall_s - clock_seconds();
}

static bool go_on(void *context)
{
    struct many *many = context;
    many->time_over |= many->wall_s > 0 && time_left(many) <= 0;
    return !many->time_over;
}

/* 2 for --max-wall and its value, 1 where they are one word, 0 for another option. getopt_long
 * takes any beginning of the name that no other option has. */
static size_t words_of_max_wall(const char *option)
{
    size_t length = strcspn(option, "=");
    if (length < 3 || strncmp(option, "--max-wall", length) != 0)
        return 0;
    return option[length] ? 1 : 2;
}

/* megalif run OPTIONS CONFIG, with what is left of --max-wall. */
static char **job_arguments(size_t job, void *context)
{
    const struct many *many = context;
    char **list = NULL, left[32];
    snprintf(left, sizeof left, "--max-wall=%.3fs", fmax(time_left(many), 0.001));
    bool good = cli_jobs_argument(&list, "megalif") && cli_jobs_argument(&list, "run") &&
                (many->wall_s <= 0 || cli_jobs_argument(&list, left));
    for (size_t i = 0; good && i < many->option_count; i++) {
        size_t words = words_of_max_wall(many->option[i]);
        if (words)
            i += words - 1;
        else
            good = cli_jobs_argument(&list, many->option[i]);
    }
    good = good && cli_jobs_argument(&list, many->item[many->todo[job]].run.config);
    return good ? list : NULL;
}

static void job_ended(size_t job, const struct cli_job_end *end, void *context)
{
    struct many *many = context;
    struct item *item = &many->item[many->todo[job]];
    many->time_over |= end->stopped && many->wall_s > 0;
    if (end->stopped)
        return;
    item->ended = true;
    item->code = end->code;
    if (end->code)
        cli_errors_text("megalif run: ", "%s ended with exit code %d", item->run.config, end->code);
}

static bool has_checkpoints(const struct many *many)
{
    char folder[4200];
    bool found = false;
    for (size_t i = 0; i < many->count && !found; i++) {
        snprintf(folder, sizeof folder, "%s.checkpoint", many->item[i].run.output);
        found = access(folder, F_OK) == 0;
    }
    return found;
}

static int summarize(const struct many *many)
{
    size_t done = 0, before = 0, failed = 0;
    for (size_t i = 0; i < many->count; i++) {
        before += many->item[i].before;
        done += (many->item[i].before || many->item[i].ended) && many->item[i].code == 0;
        failed += many->item[i].code != 0;
    }
    fprintf(stderr, "megalif run: %zu configs: %zu done", many->count, done);
    if (before)
        fprintf(stderr, " (%zu had been before)", before);
    if (failed)
        fprintf(stderr, ", %zu failed", failed);
    if (done + failed < many->count)
        fprintf(stderr, ", %zu still to do; %s%s", many->count - done - failed,
                has_checkpoints(many) ? "go on with: " : "start it again to go on",
                has_checkpoints(many) ? many->resume : "");
    fputc('\n', stderr);
    return done + failed < many->count ? STATUS_STOPPED : failed ? 1 : 0;
}

static int run_items(struct many *many, const struct mlif_options *options)
{
    for (size_t i = 0; i < many->count; i++) {
        struct item *item = &many->item[i];
        item->before = !options->force && run_done_before(&item->run, options, &item->code);
        if (item->before && item->run.failure)
            cli_errors_text("megalif run: ", "%s: %s", item->run.config, item->run.failure);
        if (!item->before)
            many->todo[many->todo_count++] = i;
    }
    const struct cli_jobs jobs = {.count = many->todo_count,
                                  .at_once = 1,
                                  .threads = (size_t)cpu_cores_allowed(),
                                  .arguments = job_arguments,
                                  .end = job_ended,
                                  .go_on = go_on,
                                  .context = many};
    cli_jobs_run(&jobs);
    if (many->todo_count > 0)
        cli_errors_leave();
    return summarize(many);
}

int cmd_run_many(const struct cli_syntax *syntax, const struct cli_arguments *arguments,
                 char **argv, const struct mlif_options *options)
{
    struct messages errors = {NULL, 0};
    struct many many = {.count = arguments->file_count,
                        .option = argv + 1,
                        .option_count = (size_t)(arguments->files - argv) - 1,
                        .wall_s = options->max_wall_s,
                        .start = clock_seconds(),
                        .resume = options->resume_command ? options->resume_command : ""};
    for (size_t i = 0; i < many.count; i++) {
        if (strcmp(arguments->files[i], "-") == 0)
            return cli_options_error(syntax, "standard input (-) must be the only config");
    }
    many.item = calloc(many.count, sizeof *many.item);
    many.todo = calloc(many.count, sizeof *many.todo);
    int code = many.item && many.todo ? (int)read_items(&many, arguments->files, options, &errors)
                                      : STATUS_MEMORY;
    cli_report_lines("error", &(struct mlif_messages){errors.line, errors.count});
    if (!code)
        code = run_items(&many, options);
    for (size_t i = 0; many.item && i < many.count; i++)
        run_done_free(&many.item[i].run);
    free(many.item);
    free(many.todo);
    messages_free(&errors);
    return code;
}
