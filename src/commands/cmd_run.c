/* megalif run: one simulation, with progress and a report. */
#include "base/clock.h"
#include "base/wall_time.h"
#include "cli/cli_jobs.h"
#include "cli/cli_numbers.h"
#include "cli/cli_options.h"
#include "cli/cli_record.h"
#include "cli/cli_report.h"
#include "cli/cli_report_json.h"
#include "cli/run_status.h"
#include "commands/cmd.h"
#include "commands/cmd_run_many.h"
#include "commands/run_done.h"
#include "commands/sweep_inputs.h"
#include "io/unfinished.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SET,
    OUTPUT,
    FORCE,
    THREADS,
    ISA,
    CHECKPOINT,
    RESUME,
    MAX_WALL,
    QUIET,
    JSON,
    NO_RASTER,
    RECORD,
    COMPRESSION
};

static const struct cli_syntax syntax = {
    .name = "run",
    .usage = "CONFIG ... [options]",
    .about =
        "Runs the simulation that the INI file CONFIG describes (- reads standard input) and "
        "writes\n"
        "its spikes to an HDF5 file in SONATA's layout. The file has its name only once it is\n"
        "complete. Results do not depend on threads or instruction set. Processes that MPI has\n"
        "launched share one run (docs/mpi.md). Several CONFIGs are run in a\n"
        "row, each in a process of its own. What is done already is not run again, but with "
        "--force.\n"
        "\n"
        "With checkpoints, in OUTPUT.checkpoint/, a run that ends in any way goes on with "
        "--resume,\n"
        "to the same file as if it had not been interrupted (docs/checkpoints.md). SIGTERM, "
        "SIGINT,\n"
        "SIGUSR1 and SIGHUP (but not under nohup) end it after a last checkpoint.\n"
        "\n"
        "Exit codes: 0 done, 1 some of several failed, 2 config or usage, 3 output, 4 memory,\n"
        "5 checkpoint damaged, 6 busy, 7 above max_rate, 75 stopped with a checkpoint, 130\n"
        "interrupted without. Every section and key is explained in configs/annotated.ini and "
        "docs/configuration.md.\n",
    .files = CLI_SOME_FILES,
    .repeats = 1u << SET | 1u << RECORD,
    .option =
        {
            [SET] = {"set", 's', "S.KEY=VALUE",
                     "replaces or adds a value, e.g. --set simulation.duration=2s or\n"
                     "--set population.exc.I_e='normal(210 pA, 15 pA)'; repeatable"},
            [OUTPUT] = {"output", 'o', "FILE", "the output file, instead of [output] file"},
            [FORCE] = {"force", 'f', NULL, "replaces an existing output file"},
            [THREADS] = {"threads", 't', "N",
                         "default: one for each core that this process may use by its\n"
                         "affinity and cgroup; OMP_NUM_THREADS plays no part"},
            [ISA] = {"isa", 0, "NAME",
                     "scalar, avx2 or avx512; default: the widest (or MEGALIF_ISA)"},
            [CHECKPOINT] = {"checkpoint", 'c', NULL,
                            "makes the run resumable: a checkpoint every 10 minutes, or as\n"
                            "[checkpoint] says"},
            [RESUME] = {"resume", 'r', NULL,
                        "goes on from the last checkpoint, or starts where there is none;\n"
                        "with a longer duration a finished run goes on, too"},
            [MAX_WALL] = {"max-wall", 0, "TIME",
                          "stops with a checkpoint before so much time is over: 11h50m, 90 min;\n"
                          "of several CONFIGs it is the time of all together"},
            [QUIET] = {"quiet", 'q', NULL, "no progress, no report; warnings and errors only"},
            [JSON] = {"json", 0, NULL, "the report as one JSON object on standard output"},
            [RECORD] =
                {"record", 0, "WHAT:POP[:NEURONS]",
                 "a recorder more, such as V_m:exc:0:5; writes OUTPUT.V_m_exc.h5; repeatable"},
            [COMPRESSION] = {"compression", 0, "HOW",
                             "of the output: deflate or none, instead of [output] compression;\n"
                             "the wheels of libsonata read only none"},
            [NO_RASTER] = {"no-raster", 0, NULL, "the file gets rates and counts, but no spikes"},
        },
};

static volatile sig_atomic_t interrupted;
static struct mlif_ranks *ranks; /* NULL: this process is alone */

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

/* A second SIGINT ends the process at once, without its unfinished files. */
static void interrupt_again(int signal_number)
{
    static _Atomic int64_t first_ms;
    int reason = errno;
    int64_t now = (int64_t)(1e3 * clock_seconds()), first = 0;
    interrupted = 1;
    if (!atomic_compare_exchange_strong(&first_ms, &first, now) &&
        now - first > (int64_t)(1e3 * CLI_ONE_PRESS_S)) {
        unfinished_remove();
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    errno = reason;
}

/* The first signal ends the run at the next block's end. Others than SIGINT may come twice from a
 * batch system, which wants the checkpoint all the same. */
static void listen(int signal_number)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
    if (signal_number == SIGINT)
        action = (struct sigaction){.sa_handler = interrupt_again};
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

/* Who is told of progress. */
struct listeners {
    bool quiet;
    struct run_status_writer status;
};

static int progress(const struct mlif_progress *p, void *context)
{
    struct listeners *listeners = context;
    if (!listeners->quiet)
        cli_report_progress(p);
    if (mlif_ranks_rank(ranks) == 0)
        run_status_take(&listeners->status, p);
    return interrupted;
}

/* Cuts out of an option what begins a run anew; false where nothing of the option is left. */
static bool keep_of_option(char *option)
{
    static const char *const dropped[] = {"--force", "--checkpoint", "--resume"};
    for (size_t k = 0; k < sizeof dropped / sizeof *dropped; k++)
        if (strcmp(option, dropped[k]) == 0)
            return false;
    if (option[0] != '-' || option[1] == '\0' || option[1] == '-')
        return true;
    char *to = option + 1; /* short ones, several in one: up to one that has a value */
    for (const char *from = option + 1; *from; from++) {
        if (strchr("sot", *from)) {
            memmove(to, from, strlen(from) + 1);
            return true;
        }
        if (!strchr("fcr", *from))
            *to++ = *from;
    }
    *to = '\0';
    return to > option + 1;
}

/* The command line that goes on with the run of this one. */
static char *resume_command(int argc, char **argv)
{
    char **kept = calloc((size_t)argc + 2, sizeof *kept), *line = NULL, resume[] = "--resume";
    char **copy = calloc((size_t)argc + 1, sizeof *copy);
    bool good = kept && copy;
    int count = 0;
    for (int i = 0; good && i < argc; i++) {
        good = (copy[i] = strdup(argv[i])) != NULL;
        if (good && keep_of_option(copy[i]))
            kept[count++] = copy[i];
    }
    if (good) {
        kept[count++] = resume;
        line = cli_report_command_line(count, kept);
    }
    for (int i = 0; copy && i < argc; i++)
        free(copy[i]);
    free(copy);
    free(kept);
    return line;
}

/* CLI_GO_ON, or the exit code after saying what is wrong. */
static int take_checkpoints(const struct cli_arguments *arguments, struct mlif_options *options)
{
    const char *wall = arguments->option[MAX_WALL];
    options->checkpoint = arguments->option[CHECKPOINT] != NULL;
    options->resume = arguments->option[RESUME] != NULL;
    if (wall && !wall_time_parse(wall, &options->max_wall_s))
        return cli_options_error(
            &syntax, "--max-wall takes a time such as 11h50m, 90 min or 30 s, not %s", wall);
    if (options->resume && options->force)
        return cli_options_error(
            &syntax, "--resume goes on with a run, --force starts anew: give one of them");
    return CLI_GO_ON;
}

/* The override that --compression stands for, to be freed; NULL without memory. */
static const char *compression(const char *how)
{
    return strdup(strcmp(how, "none") == 0 ? "output.compression=none"
                                           : "output.compression=deflate");
}

/* As take_checkpoints: what is recorded beside the config comes before what --set says. */
static int take_overrides(const struct cli_arguments *arguments, struct mlif_options *options)
{
    const struct cli_list *set = &arguments->list[SET], *record = &arguments->list[RECORD];
    const char **all = calloc(set->count + CLI_RECORD_KEYS * record->count + 2, sizeof *all);
    const char *how = arguments->option[COMPRESSION];
    size_t count = 0;
    if (!all)
        return MLIF_MEMORY;
    options->overrides = all;
    for (size_t i = 0; i < record->count; i++) {
        char *keys[CLI_RECORD_KEYS];
        size_t more = cli_record_overrides(record->text[i], keys);
        for (size_t k = 0; k < more; k++)
            all[count++] = keys[k];
        options->override_count = count;
        if (more == 0)
            return cli_options_error(
                &syntax,
                "--record takes WHAT:POPULATION or WHAT:POPULATION:NEURONS, as in "
                "V_m:exc:0:5, not %s",
                record->text[i]);
    }
    if (how && !(all[count++] = compression(how)))
        return MLIF_MEMORY;
    for (size_t i = 0; i < set->count; i++)
        all[count++] = set->text[i];
    options->override_count = count;
    return CLI_GO_ON;
}

static void free_overrides(const struct cli_arguments *arguments, struct mlif_options *options)
{
    size_t set = arguments->list[SET].count, all = options->override_count;
    for (size_t i = 0; options->overrides && i + set < all; i++)
        free((char *)options->overrides[i]);
    free((void *)options->overrides);
}

/* As take_checkpoints. */
static int take_options(const struct cli_arguments *arguments, struct mlif_options *options)
{
    options->config = arguments->file[0];
    options->output = arguments->option[OUTPUT];
    options->force = arguments->option[FORCE] != NULL;
    options->no_raster = arguments->option[NO_RASTER] != NULL;
    if (arguments->file_count > 1 && ranks)
        return cli_options_error(&syntax, "processes that MPI has launched run one config");
    if (arguments->file_count > 1 && options->output)
        return cli_options_error(&syntax, "-o names one file, but there are several configs");
    int code = cli_numbers_take(&syntax, arguments->option[THREADS], options);
    if (code != CLI_GO_ON)
        return code;
    const char *how = arguments->option[COMPRESSION];
    if (how && strcmp(how, "deflate") != 0 && strcmp(how, "none") != 0)
        return cli_options_error(&syntax, "--compression takes deflate or none, not %s", how);
    if (arguments->option[ISA])
        options->isa = arguments->option[ISA];
    return take_checkpoints(arguments, options);
}

static int run(const struct mlif_options *options, bool quiet, bool json)
{
    struct mlif_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    memset(&report, 0, sizeof report);
    listen(SIGINT);
    listen(SIGTERM);
    listen(SIGUSR1);
    if (!cli_jobs_ignores(SIGHUP))
        listen(SIGHUP);
    enum mlif_status status = mlif_run(options, &report, &errors, &warnings);
    cli_report_progress_end();
    cli_report_lines("warning", &warnings);
    cli_report_lines(status == MLIF_STOPPED ? "stopped" : "error", &errors);
    bool finished = status == MLIF_OK || status == MLIF_RANGE;
    if (finished && json && mlif_ranks_rank(ranks) == 0) /* which reads the file for it */
        cli_report_json(&report, &warnings);
    else if (finished && !quiet)
        cli_report_text(&report);
    mlif_report_free(&report);
    mlif_messages_free(&errors);
    mlif_messages_free(&warnings);
    return (int)status;
}

/* command_line, resume_command: for the file, and for a run that stops. */
static int run_as_asked(const struct cli_arguments *arguments, char **argv,
                        const char *command_line, const char *resume_command)
{
    struct mlif_options options = mlif_default_options();
    bool quiet = arguments->option[QUIET];
    struct listeners listeners = {.quiet = quiet};
    int code = take_options(arguments, &options);
    if (code == CLI_GO_ON)
        code = take_overrides(arguments, &options);
    options.command_line = command_line;
    options.resume_command = resume_command;
    options.progress = progress;
    options.ranks = ranks;
    options.context = &listeners;
    sweep_inputs_take();
    if (code == CLI_GO_ON && arguments->file_count > 1)
        code = cmd_run_many(&syntax, arguments, argv, &options);
    else if (code == CLI_GO_ON && mlif_ranks_rank(ranks) == 0)
        code = cmd_run_done(&options, quiet, arguments->option[JSON] != NULL);
    code = mlif_ranks_share(ranks, code);
    if (code == CLI_GO_ON)
        code = run(&options, quiet, arguments->option[JSON] != NULL);
    run_status_end(&listeners.status);
    free_overrides(arguments, &options);
    return code;
}

static int start_alone(int argc, char **argv)
{
    struct cli_arguments arguments;
    char *line = cli_report_command_line(argc, argv), *resume = resume_command(argc, argv);
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code == CLI_GO_ON)
        code = run_as_asked(&arguments, argv, line, resume);
    cli_options_free(&arguments);
    free(line);
    free(resume);
    return code;
}

/* Rank 0 speaks for all: it has the others' errors, too. */
static bool fall_silent(void)
{
    return freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr);
}

static int start_run(int argc, char **argv)
{
    struct mlif_messages errors = {NULL, 0};
    int code = (int)mlif_ranks_open(&ranks, &errors);
    cli_report_lines("error", &errors);
    mlif_messages_free(&errors);
    if (code == MLIF_OK && mlif_ranks_rank(ranks) > 0 && !fall_silent())
        code = MLIF_OUTPUT;
    if (code == MLIF_OK)
        code = start_alone(argc, argv);
    fflush(stdout);
    mlif_ranks_close(&ranks);
    return code;
}

const struct command cmd_run = {
    "run", "simulates what an INI file describes; spikes go to an HDF5 file", start_run};
