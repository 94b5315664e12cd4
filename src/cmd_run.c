/* megalif run: one simulation, with progress and a report. */
#include "cmd.h"
#include "cmd_report.h"
#include "kernel/kernel.h"

#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: megalif run CONFIG [options]\n"
    "\n"
    "Runs the simulation that the INI file CONFIG describes (- reads standard input) and writes its\n"
    "spikes to an HDF5 file in SONATA's layout. The file has its name only once it is complete.\n"
    "\n"
    "  -s, --set SECTION.KEY=VALUE  replaces or adds a value, e.g. --set simulation.duration=2s or\n"
    "                               --set population.exc.I_e='normal(210 pA, 15 pA)'; repeatable\n"
    "  -o, --output FILE            the output file, instead of [output] file\n"
    "  -f, --force                  replaces an existing output file\n"
    "  -t, --threads N              threads; default: all this process may use\n"
    "      --isa NAME               scalar, avx2 or avx512; default: the widest (or MEGALIF_ISA)\n"
    "  -q, --quiet                  no progress, no report; warnings and errors only\n"
    "      --json                   the report as one JSON object on standard output\n"
    "  -h, --help                   this text\n"
    "\n"
    "Results do not depend on threads or instruction set. Exit codes: 0 done, 2 config or usage,\n"
    "3 output, 4 memory, 130 interrupted. Every section and key: docs/configuration.md.\n";

struct arguments {
    struct mlif_options options;
    bool quiet, json, help;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

static int progress(const struct mlif_progress *p, void *context)
{
    const struct arguments *arguments = context;
    if (!arguments->quiet)
        report_progress(p);
    return interrupted;
}

static int usage(const char *text, const char *what)
{
    fprintf(stderr, "megalif run: %s%s; see megalif run --help\n", text, what);
    return MLIF_CONFIG;
}

/* A whole number in [least, most], all of the text; false otherwise. */
static bool parse_count(const char *text, long least, long most, long *out)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < least || value > most)
        return false;
    *out = value;
    return true;
}

static int parse_option(struct arguments *a, int option, const char **overrides)
{
    long count;
    switch (option) {
    case 's':
        overrides[a->options.override_count++] = optarg;
        return 0;
    case 'o':
        a->options.output = optarg;
        return 0;
    case 'f':
        a->options.force = 1;
        return 0;
    case 't':
        if (!parse_count(optarg, 1, 4096, &count))
            return usage("--threads takes a whole number from 1 to 4096, not ", optarg);
        a->options.threads = (int)count;
        return 0;
    case 'i':
        a->options.isa = optarg;
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case 'j':
        a->json = true;
        return 0;
    case 'h':
        a->help = true;
        return 0;
    default:
        return usage("unknown option, or one without its value", "");
    }
}

/* Numbers that tests and measurements set; results do not depend on them (docs/performance.md). */
static int environment(struct arguments *a)
{
    const char *isa = getenv("MEGALIF_ISA"), *tile = getenv("MEGALIF_TILE"),
               *block = getenv("MEGALIF_BLOCK");
    long value;
    if (isa && !a->options.isa)
        a->options.isa = isa;
    if (tile && !parse_count(tile, 1, TILE_MOST, &value))
        return usage("MEGALIF_TILE takes a number of neurons from 1 to 32768, not ", tile);
    if (tile)
        a->options.tile = (size_t)value;
    if (block && !parse_count(block, 1, 65536, &value))
        return usage("MEGALIF_BLOCK takes a number of steps from 1 to 65536, not ", block);
    if (block)
        a->options.block = (size_t)value;
    return 0;
}

static int parse(struct arguments *a, int argc, char **argv, const char **overrides)
{
    static const struct option options[] = {
        {"set", required_argument, NULL, 's'},     {"output", required_argument, NULL, 'o'},
        {"force", no_argument, NULL, 'f'},         {"threads", required_argument, NULL, 't'},
        {"isa", required_argument, NULL, 'i'},     {"quiet", no_argument, NULL, 'q'},
        {"json", no_argument, NULL, 'j'},          {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option, status = 0;
    a->options = mlif_default_options();
    a->options.overrides = overrides;
    while (!status && (option = getopt_long(argc, argv, "s:o:ft:qh", options, NULL)) != -1)
        status = parse_option(a, option, overrides);
    if (status || a->help)
        return status;
    if (optind >= argc)
        return usage("no config given", "");
    if (optind + 1 < argc)
        return usage("one config at a time; there is no place for ", argv[optind + 1]);
    a->options.config = argv[optind];
    return environment(a);
}

static int run(struct arguments *a)
{
    struct mlif_report report;
    struct mlif_messages errors = {NULL, 0}, warnings = {NULL, 0};
    memset(&report, 0, sizeof report);
    a->options.progress = progress;
    a->options.context = a;
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    enum mlif_status status = mlif_run(&a->options, &report, &errors, &warnings);
    if (!a->quiet)
        report_progress_end();
    report_lines("warning", &warnings);
    report_lines("error", &errors);
    if (!status && a->json)
        report_json(&report);
    else if (!status && !a->quiet)
        report_text(&report);
    mlif_report_free(&report);
    mlif_messages_free(&errors);
    mlif_messages_free(&warnings);
    return (int)status;
}

int cmd_run(int argc, char **argv)
{
    struct arguments arguments = {.quiet = false};
    const char **overrides = calloc((size_t)argc + 1, sizeof *overrides);
    char *line = report_command_line(argc, argv);
    if (!overrides || !line) {
        fprintf(stderr, "megalif run: no memory\n");
        return MLIF_MEMORY;
    }
    int status = parse(&arguments, argc, argv, overrides);
    arguments.options.command_line = line;
    if (arguments.help)
        fputs(help, stdout);
    else if (!status)
        status = run(&arguments);
    free(overrides);
    free(line);
    return status;
}
