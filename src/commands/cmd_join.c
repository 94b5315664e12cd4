/* megalif join: one file of the segments of a run that is not to go on. */
#include "cli/cli_options.h"
#include "cli/cli_report.h"
#include "commands/cmd.h"

#include <stdlib.h>
#include <string.h>

enum { FORCE, THREADS, QUIET };

static const struct cli_syntax syntax = {
    .name = "join",
    .usage = "OUTPUT [options]",
    .about =
        "Makes the file OUTPUT of what a run with checkpoints has left in OUTPUT.checkpoint/, up "
        "to\n"
        "its last checkpoint: the same file as if the run had been that long. It needs as much\n"
        "memory as the run. The run can still go on afterwards, with `megalif run --resume`.\n"
        "\n"
        "Exit codes: 0 done, 3 output, 4 memory, 5 checkpoint damaged, 6 the run is at work.\n",
    .files = 1,
    .option =
        {
            [FORCE] = {"force", 'f', NULL, "replaces an existing file that is not this run's"},
            [THREADS] = {"threads", 't', "N", "default: all that this process may use"},
            [QUIET] = {"quiet", 'q', NULL, "no report; warnings and errors only"},
        },
};

static int join(const char *output, const struct mlif_options *options, bool quiet)
{
    struct mlif_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    enum mlif_status status = mlif_join(output, options, &report, &errors, &warnings);
    cli_report_lines("warning", &warnings);
    cli_report_lines("error", &errors);
    if (!status && !quiet)
        cli_report_text(&report);
    mlif_report_free(&report);
    mlif_messages_free(&errors);
    mlif_messages_free(&warnings);
    return (int)status;
}

static int join_as_asked(const struct cli_arguments *arguments, const char *command_line)
{
    struct mlif_options options = mlif_default_options();
    const char *asked = arguments->option[THREADS];
    uint64_t threads = 0;
    if (asked && !cli_options_count(asked, 1, 4096, &threads))
        return cli_options_error(&syntax, "--threads takes a whole number from 1 to 4096");
    options.force = arguments->option[FORCE] != NULL;
    options.command_line = command_line;
    options.threads = (int)threads;
    return join(arguments->file[0], &options, arguments->option[QUIET] != NULL);
}

static int start_join(int argc, char **argv)
{
    struct cli_arguments arguments;
    char *line = cli_report_command_line(argc, argv);
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code == CLI_GO_ON)
        code = join_as_asked(&arguments, line);
    cli_options_free(&arguments);
    free(line);
    return code;
}

const struct command cmd_join = {
    "join", "makes one file of what a run with checkpoints has, where it is not to go on",
    start_join};
