/* megalif connections: the synapses that a run uses, as SONATA edges or as a table. */
#include "base/clock.h"
#include "cli/cli_numbers.h"
#include "cli/cli_options.h"
#include "cli/cli_report.h"
#include "commands/cmd.h"
#include "commands/connections_sink.h"
#include "config/units.h"
#include "io/output_stream.h"
#include "net/connectivity.h"
#include "sim/sim_paths.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SET, OUTPUT, PROJECTION, SOURCE, TARGET, THREADS, FORCE, QUIET };

static const struct cli_syntax syntax = {
    .name = "connections",
    .usage = "CONFIG [options]",
    .about =
        "Draws the synapses of CONFIG (- reads standard input) as a run does, with the weights "
        "that\n"
        "it uses, and prints how many there are, the range of their weights and delays, and their\n"
        "digest, which depends on no order and on no projection's name. With -o they are written,\n"
        "sorted by target and source: as SONATA edges, which rule = file reads back to the same\n"
        "digest, or as CSV. Synapses are streamed, so that only those onto some thousand targets\n"
        "are in memory at a time.\n"
        "\n"
        "Exit codes: 0 done, 2 config or usage, 3 a file cannot be read or written, 4 not enough\n"
        "memory, 130 interrupted.\n",
    .files = 1,
    .repeats = 1u << SET,
    .option =
        {
            [SET] = {"set", 's', "S.KEY=VALUE", "replaces or adds a value; repeatable"},
            [OUTPUT] = {"output", 'o', "FILE",
                        "SONATA edges (.h5, .hdf5), or one projection as a table (.csv; - prints\n"
                        "it); default: nothing is written"},
            [PROJECTION] = {"projection", 'p', "NAME", "only this one"},
            [SOURCE] = {"source", 0, "A:B", "only from neurons with ids A <= id < B"},
            [TARGET] = {"target", 0, "A:B", "only onto neurons with ids A <= id < B"},
            [THREADS] = {"threads", 't', "N", "default: as many as the process may use"},
            [FORCE] = {"force", 'f', NULL, "replaces an existing FILE"},
            [QUIET] = {"quiet", 'q', NULL, "no progress"},
        },
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

/* What was seen of a list, or of all. */
struct tally {
    struct digest digest;
    double weight[2], delay[2]; /* least, greatest */
};

/* What the options ask for. */
struct work {
    const char *output, *projection; /* NULL: none, all */
    struct connections_range sources, targets;
    bool force, quiet;

    struct setup setup;
    struct connections_sink *sink;
    struct tally all;
    double started;
    FILE *report; /* not where the table is printed */
};

static void tell_progress(const struct work *work, const struct connections *connections,
                          const char *name)
{
    double share = (double)connections_done(connections) / (double)connections_total(connections);
    if (!work->quiet)
        cli_report_share(name, share, clock_seconds() - work->started);
}

static void note(struct tally *tally, uint64_t key, const struct connections_piece *piece)
{
    for (size_t i = 0; i < piece->count; i++) {
        double weight = piece->weight[i], delay = piece->delay[i];
        connectivity_add(&tally->digest, key, piece->source[i], piece->target[i], delay, weight);
        tally->weight[0] = fmin(tally->weight[0], weight);
        tally->weight[1] = fmax(tally->weight[1], weight);
        tally->delay[0] = fmin(tally->delay[0], delay);
        tally->delay[1] = fmax(tally->delay[1], delay);
    }
}

static void print_range(FILE *to, const double range[2], const char *unit, bool any)
{
    char least[32], most[32];
    if (!any)
        fprintf(to, "  -");
    else if (range[0] < range[1])
        fprintf(to, "  %s .. %s %s", double_format(range[0], least), double_format(range[1], most),
                unit);
    else
        fprintf(to, "  %s %s", double_format(range[0], least), unit);
}

/* A line for each list. */
static void print_list(const struct work *work, const struct connections_choice *choice,
                       const struct tally *tally)
{
    const struct config *config = work->setup.config;
    const struct projection_config *p = &config->projection[choice->projection];
    const struct population_config *target = &config->population[choice->target];
    uint64_t count = tally->digest.spikes;
    fprintf(work->report, "%s: %s -> %s  %" PRIu64 " synapses, %.4g onto a neuron", p->name,
            config->population[choice->source].name, target->name, count,
            (double)count / (double)target->size);
    print_range(work->report, tally->weight, config_kept_unit(p->weight.dimension), count > 0);
    print_range(work->report, tally->delay, "ms", count > 0);
    fputc('\n', work->report);
}

static enum status copy_list(struct work *work, struct connections *connections, uint64_t key,
                             const char *name, struct tally *tally, struct error *err)
{
    struct connections_piece piece;
    enum status status;
    while (!(status = connections_next(connections, &piece, err)) && piece.count > 0) {
        note(tally, key, &piece);
        status = connections_sink_put(work->sink, &piece, err);
        tell_progress(work, connections, name);
        if (!status && interrupted)
            status = error_set(err, STATUS_INTERRUPTED, "interrupted; nothing is written");
        if (status)
            return status;
    }
    return status;
}

static enum status write_list(struct work *work, const struct connections_choice *choice,
                              struct error *err)
{
    const struct config *config = work->setup.config;
    struct connections *connections;
    struct tally tally = {.weight = {INFINITY, -INFINITY}, .delay = {INFINITY, -INFINITY}};
    uint64_t key = connectivity_key(config->population[choice->source].name,
                                    config->population[choice->target].name);
    enum status status =
        connections_open(&connections, config, choice, kernels_for(work->setup.settings.isa, 32),
                         work->setup.settings.threads, err);
    if (!status)
        status = connections_sink_begin(work->sink, choice, err);
    if (!status)
        status = copy_list(work, connections, key, config->projection[choice->projection].name,
                           &tally, err);
    if (!status)
        status = connections_sink_end(work->sink, err);
    connections_close(connections);
    cli_report_progress_end();
    digest_merge(&work->all.digest, &tally.digest);
    if (!status)
        print_list(work, choice, &tally);
    return status;
}

static enum status write_projection(struct work *work, size_t projection, struct error *err)
{
    const struct config *config = work->setup.config;
    struct connections_choice choice = {projection, 0, 0, work->sources, work->targets};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < connections_pairs(config, projection) && !status; i++) {
        connections_pair(config, projection, i, &choice.source, &choice.target);
        status = write_list(work, &choice, err);
    }
    return status;
}

static bool is_chosen(const struct work *work, size_t projection)
{
    const char *name = work->setup.config->projection[projection].name;
    return !work->projection || strcmp(work->projection, name) == 0;
}

static enum status check_choice(const struct work *work, struct error *err)
{
    const struct config *config = work->setup.config;
    size_t chosen = 0;
    for (size_t i = 0; i < config->projection_count; i++)
        chosen += is_chosen(work, i);
    if (chosen == 0)
        return error_set(err, STATUS_CONFIG, "%s has no projection%s%s", config->file,
                         work->projection ? " " : "s",
                         work->projection ? work->projection : "; nothing is connected");
    if (chosen > 1 && work->output && connections_sink_is_text(work->output))
        return error_set(err, STATUS_CONFIG,
                         "a table holds one projection, and there are %zu: name one by "
                         "--projection, or write SONATA edges (.h5)",
                         chosen);
    if (!work->output || connections_sink_is_text(work->output))
        return STATUS_OK;
    const char *dot = strrchr(work->output, '.');
    if (dot && (strcmp(dot, ".h5") == 0 || strcmp(dot, ".hdf5") == 0))
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG, "%s ends with neither .h5, .hdf5 nor .csv", work->output);
}

static enum status write_all(struct work *work, struct error *err)
{
    const struct config *config = work->setup.config;
    char digest[33] = "";
    enum status status = check_choice(work, err);
    if (!status && work->output)
        status = sim_paths_keep(work->output, config, &work->setup.files, err);
    if (!status)
        status = connections_sink_open(&work->sink, work->output, work->force, &work->setup, err);
    for (size_t i = 0; i < config->projection_count && !status; i++)
        if (is_chosen(work, i))
            status = write_projection(work, i, err);
    digest_format(&work->all.digest, digest);
    status = connections_sink_close(work->sink, digest, status, err);
    if (!status)
        fprintf(work->report, "digest %s  %" PRIu64 " synapses%s%s\n", digest,
                work->all.digest.spikes, work->output ? " in " : "",
                work->output ? work->output : "");
    return status;
}

static void tell(struct messages *lines, const char *kind)
{
    cli_report_lines(kind, &(struct mlif_messages){lines->line, lines->count});
    messages_free(lines);
}

static int connect(struct work *work, const struct mlif_options *options)
{
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    enum status status = setup_open(&work->setup, options, &errors, &warnings);
    tell(&warnings, "warning");
    work->started = clock_seconds();
    work->report = work->output && output_stream_is_printed(work->output) ? stderr : stdout;
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    if (!status)
        status = write_all(work, &err);
    fflush(stdout);
    if (status && err.text[0])
        messages_add(&errors, "%s", err.text);
    tell(&errors, "error");
    setup_close(&work->setup);
    return (int)status;
}

/* "a:b", ":b", "a:". */
static bool read_range(const char *text, struct connections_range *range)
{
    *range = (struct connections_range){0, UINT64_MAX};
    if (!text)
        return true;
    char copy[64], *colon = strchr(text, ':');
    if (!colon || strlen(text) >= sizeof copy)
        return false;
    strcpy(copy, text);
    copy[colon - text] = '\0';
    const char *end = copy + (colon - text) + 1;
    return (!*copy || cli_options_count(copy, 0, INT64_MAX, &range->begin)) &&
           (!*end || cli_options_count(end, 0, INT64_MAX, &range->end)) &&
           range->begin < range->end;
}

static int connect_as_asked(const struct cli_arguments *arguments)
{
    struct mlif_options options = mlif_default_options();
    struct work work = {.output = arguments->option[OUTPUT],
                        .projection = arguments->option[PROJECTION],
                        .force = arguments->option[FORCE] != NULL,
                        .quiet = arguments->option[QUIET] != NULL};
    options.config = arguments->file[0];
    options.overrides = arguments->list[SET].text;
    options.override_count = arguments->list[SET].count;
    options.no_file = 1;
    int code = cli_numbers_take(&syntax, arguments->option[THREADS], &options);
    if (code != CLI_GO_ON)
        return code;
    if (!read_range(arguments->option[SOURCE], &work.sources) ||
        !read_range(arguments->option[TARGET], &work.targets))
        return cli_options_error(&syntax, "--source and --target take ids such as 0:100, the last "
                                          "one excluded");
    return connect(&work, &options);
}

static int start_connections(int argc, char **argv)
{
    struct cli_arguments arguments;
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code == CLI_GO_ON)
        code = connect_as_asked(&arguments);
    cli_options_free(&arguments);
    return code;
}

const struct command cmd_connections = {
    "connections", "the synapses that a run uses, as SONATA edges or a table", start_connections};
