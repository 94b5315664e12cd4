#include "cmd_run_many.h"

#include "base/cpu.h"
#include "cmd_file.h"
#include "cmd_jobs.h"
#include "cmd_report.h"
#include "config/sweep.h"
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct item {
    const char *config; /* path */
    char *output;
    uint64_t hash; /* of its resolved config */
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
};

static enum status read_item(struct item *item, const struct cmd_arguments *arguments,
                             struct messages *errors)
{
    size_t types;
    struct config *config;
    const struct input_type *const *type = drive_input_types(&types);
    enum status status = config_read(item->config, arguments->list, arguments->list_count, type,
                                     types, &config, errors);
    if (status)
        return status;
    char *text = config_to_text(config);
    item->hash = text ? config_hash(text) : 0;
    item->output = strdup(config->output_file);
    config_free(config);
    free(text);
    if (text && item->output)
        return STATUS_OK;
    messages_add(errors, "%s: no memory", item->config);
    return STATUS_MEMORY;
}

/* Two configs must not write one file. */
static enum status check_outputs(const struct many *many, struct messages *errors)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < many->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(many->item[i].output, many->item[k].output) != 0)
                continue;
            messages_add(errors, "%s and %s would both write %s; name other files in [output]",
                         many->item[k].config, many->item[i].config, many->item[i].output);
            status = STATUS_CONFIG;
        }
    }
    return status;
}

static enum status read_items(struct many *many, const struct cmd_arguments *arguments,
                              struct messages *errors)
{
    enum status worst = STATUS_OK;
    for (size_t i = 0; i < many->count; i++) {
        many->item[i].config = arguments->files[i];
        enum status status = read_item(&many->item[i], arguments, errors);
        worst = status ? status : worst;
    }
    return worst ? worst : check_outputs(many, errors);
}

/* Whether the output is there and holds what this config would give; then with which code. */
static bool is_done(struct item *item)
{
    struct cmd_file file;
    struct error err;
    if (access(item->output, F_OK) != 0)
        return false;
    bool done = cmd_file_open(&file, item->output, &err) == STATUS_OK &&
                cmd_file_check_config(&file, item->hash, &err) == STATUS_OK;
    if (done)
        item->code = (int)cmd_file_exit_code(&file);
    cmd_file_close(&file);
    return done;
}

/* megalif run OPTIONS CONFIG. */
static char **job_arguments(size_t job, void *context)
{
    const struct many *many = context;
    char **list = NULL;
    bool good = cmd_jobs_argument(&list, "megalif") && cmd_jobs_argument(&list, "run");
    for (size_t i = 0; good && i < many->option_count; i++)
        good = cmd_jobs_argument(&list, many->option[i]);
    good = good && cmd_jobs_argument(&list, many->item[many->todo[job]].config);
    return good ? list : NULL;
}

static void job_ended(size_t job, const struct cmd_job_end *end, void *context)
{
    struct many *many = context;
    struct item *item = &many->item[many->todo[job]];
    if (end->stopped)
        return;
    item->ended = true;
    item->code = end->code;
    if (end->code)
        fprintf(stderr, "megalif run: %s ended with exit code %d\n", item->config, end->code);
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
        fprintf(stderr, ", %zu still to do: start it again to go on", many->count - done - failed);
    fputc('\n', stderr);
    return done + failed < many->count ? STATUS_STOPPED : failed ? 1 : 0;
}

static int run_items(struct many *many, bool force)
{
    for (size_t i = 0; i < many->count; i++) {
        many->item[i].before = !force && is_done(&many->item[i]);
        if (!many->item[i].before)
            many->todo[many->todo_count++] = i;
    }
    const struct cmd_jobs jobs = {.count = many->todo_count,
                                  .at_once = 1,
                                  .threads = (size_t)cpu_threads_allowed(),
                                  .arguments = job_arguments,
                                  .end = job_ended,
                                  .context = many};
    cmd_jobs_run(&jobs);
    return summarize(many);
}

int cmd_run_many(const struct cmd_syntax *syntax, const struct cmd_arguments *arguments,
                 char **argv, bool force)
{
    struct messages errors = {NULL, 0};
    struct many many = {.count = arguments->file_count,
                        .option = argv + 1,
                        .option_count = (size_t)(arguments->files - argv) - 1};
    for (size_t i = 0; i < many.count; i++) {
        if (strcmp(arguments->files[i], "-") == 0)
            return cmd_options_error(syntax, "standard input (-) must be the only config");
    }
    many.item = calloc(many.count, sizeof *many.item);
    many.todo = calloc(many.count, sizeof *many.todo);
    int code = many.item && many.todo ? (int)read_items(&many, arguments, &errors) : STATUS_MEMORY;
    report_lines("error", &(struct mlif_messages){errors.line, errors.count});
    if (!code)
        code = run_items(&many, force);
    for (size_t i = 0; many.item && i < many.count; i++)
        free(many.item[i].output);
    free(many.item);
    free(many.todo);
    messages_free(&errors);
    return code;
}
