/* megalif check: what a config says once resolved, and what running it will take. */
#include "cmd.h"
#include "cmd_report.h"
#include "sim.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: megalif check CONFIG [options]\n"
    "\n"
    "Reads CONFIG (- reads standard input), draws and checks every neuron's parameters, and prints\n"
    "the resolved config, the membrane of each population, the memory a run will take, and from a\n"
    "pilot of at most 2,048 neurons a population the rates and output to expect. Writes no file.\n"
    "\n"
    "  -s, --set SECTION.KEY=VALUE  replaces or adds a value; repeatable\n"
    "  -o, --output FILE            the output that `run` would be given\n"
    "  -t, --threads N              threads that `run` would be given\n"
    "  -h, --help                   this text\n";

static int usage(const char *text)
{
    fprintf(stderr, "megalif check: %s; see megalif check --help\n", text);
    return MLIF_CONFIG;
}

static int parse(struct mlif_options *options, int argc, char **argv, const char **overrides,
                 bool *wants_help)
{
    static const struct option long_options[] = {{"set", required_argument, NULL, 's'},
                                                 {"output", required_argument, NULL, 'o'},
                                                 {"threads", required_argument, NULL, 't'},
                                                 {"help", no_argument, NULL, 'h'},
                                                 {NULL, 0, NULL, 0}};
    int option;
    char *end;
    *options = mlif_default_options();
    options->overrides = overrides;
    while ((option = getopt_long(argc, argv, "s:o:t:h", long_options, NULL)) != -1) {
        if (option == 's') {
            overrides[options->override_count++] = optarg;
        } else if (option == 'o') {
            options->output = optarg;
        } else if (option == 't') {
            options->threads = (int)strtol(optarg, &end, 10);
            if (*end || options->threads < 1 || options->threads > 4096)
                return usage("--threads takes a whole number from 1 to 4096");
        } else if (option == 'h') {
            *wants_help = true;
            return 0;
        } else {
            return usage("unknown option, or one without its value");
        }
    }
    if (optind + 1 != argc)
        return usage(optind < argc ? "one config at a time" : "no config given");
    options->config = argv[optind];
    return 0;
}

static void print_config(const struct sim *sim)
{
    char *text = config_to_text(sim->config);
    if (text)
        fputs(text, stdout);
    free(text);
}

/* Least and greatest of the four membrane facts, over a sample of ids. */
static void print_membrane(const struct config *config, size_t i)
{
    static const char *const names[] = {"C_m", "tau_m", "g_L", "R_m"};
    static const char *const units[] = {"pF", "ms", "nS", "MOhm"};
    double least[4], most[4];
    population_membrane_range(config, i, least, most);
    printf("# population %s:", config->population[i].name);
    for (int f = 0; f < 4; f++) {
        printf("%s %s = %.6g", f > 0 ? "," : "", names[f], least[f]);
        if (most[f] > least[f])
            printf(" .. %.6g", most[f]);
        printf(" %s", units[f]);
    }
    putchar('\n');
}

static void print_memory(const struct sim *sim)
{
    struct memory_plan plan;
    sim_plan_memory(sim, &plan);
    printf("\n# memory of a run with %d threads\n", sim->settings.threads);
    for (size_t i = 0; i < plan.count; i++)
        printf("# %-32s %12.6g MB\n", plan.line[i].what, (double)plan.line[i].bytes * 1e-6);
    printf("# %-32s %12.6g MB\n", "total", (double)memory_plan_total(&plan) * 1e-6);
}

static enum status print_pilot(const struct sim *sim, struct error *err)
{
    struct sim_pilot pilot;
    const struct config *config = sim->config;
    enum status status = sim_pilot_run(sim, &pilot, err);
    uint64_t free_bytes = sim_free_disk(sim->output);
    if (!status) {
        printf("\n# rates to expect, from a pilot of %.4g ms\n", pilot.model_ms);
        for (size_t i = 0; i < config->population_count; i++)
            printf("# %-32s %12.4g Hz\n", config->population[i].name, pilot.rate_Hz[i]);
        printf("# %-32s %12.4g (%.4g recorded)\n", "spikes", pilot.spikes, pilot.recorded);
        printf("# %-32s %12.4g MB before compression\n", sim->output, pilot.bytes * 1e-6);
        if (free_bytes != UINT64_MAX)
            printf("# %-32s %12.4g MB\n", "free on that disk", (double)free_bytes * 1e-6);
    }
    sim_pilot_free(&pilot);
    return status;
}

static enum status check(const struct sim *sim, struct messages *errors, struct messages *warnings,
                         struct error *err)
{
    enum status status = STATUS_OK;
    print_config(sim);
    for (size_t i = 0; i < sim->config->population_count; i++)
        print_membrane(sim->config, i);
    print_memory(sim);
    status = sim_check_memory(sim, err);
    for (size_t i = 0; !status && i < sim->config->population_count; i++)
        status = population_survey(sim->config, i, sim->settings.threads, errors, warnings, err);
    if (!status)
        status = print_pilot(sim, err);
    if (!status)
        sim_warn_disk(sim, warnings);
    return status;
}

int cmd_check(int argc, char **argv)
{
    struct mlif_options options;
    struct sim sim = {.config = NULL};
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    bool wants_help = false;
    const char **overrides = calloc((size_t)argc + 1, sizeof *overrides);
    if (!overrides)
        return MLIF_MEMORY;
    int status = parse(&options, argc, argv, overrides, &wants_help);
    if (wants_help)
        fputs(help, stdout);
    if (!status && !wants_help) {
        status = (int)sim_open(&sim, &options, &errors, &warnings);
        if (!status)
            status = (int)check(&sim, &errors, &warnings, &err);
        if (err.text[0] && status)
            messages_add(&errors, "%s", err.text);
        fflush(stdout);
        report_lines("warning", &(struct mlif_messages){warnings.line, warnings.count});
        report_lines("error", &(struct mlif_messages){errors.line, errors.count});
    }
    sim_close(&sim);
    messages_free(&errors);
    messages_free(&warnings);
    free(overrides);
    return status;
}
