/* megalif check: what a config says once resolved, and what running it will take; or the same model
 * as a script for another simulator. */
#include "cmd.h"
#include "cmd_emit.h"
#include "cmd_options.h"
#include "cmd_report.h"
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SET, OUTPUT, THREADS, EMIT, RANDOM, FORCE };

static const struct cmd_syntax syntax = {
    .name = "check",
    .usage = "CONFIG [options]",
    .about =
        "Reads CONFIG (- reads standard input), draws and checks every neuron's parameters, and\n"
        "prints the resolved config, the membrane of each population, the memory a run will take,\n"
        "and from a pilot of at most 2,048 neurons a population the rates and output to expect.\n"
        "Writes no file, unless --emit asks for a script that runs the same model in NEST or "
        "Brian2\n"
        "and compares the spikes.\n",
    .files = 1,
    .first_repeats = true,
    .option =
        {
            [SET] = {"set", 's', "S.KEY=VALUE", "replaces or adds a value; repeatable"},
            [OUTPUT] = {"output", 'o', "FILE",
                        "the output that run would be given; with --emit: the script (- prints\n"
                        "it), default CONFIG_nest.py or CONFIG_brian2.py in this folder"},
            [THREADS] = {"threads", 't', "N", "the threads that run would be given"},
            [EMIT] = {"emit", 0, "nest|brian2",
                      "writes the model as a Python script instead, with what is drawn; spikes\n"
                      "are then the same, step by step. Beyond 10 million drawn numbers of\n"
                      "noise and Poisson input the simulator draws its own"},
            [RANDOM] = {"random", 0, NULL, "with --emit: the simulator draws its own in any case"},
            [FORCE] = {"force", 'f', NULL, "with --emit: replaces an existing script"},
        },
};

static void print_config(const struct sim_setup *setup)
{
    char *text = config_to_text(setup->config);
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

static void print_memory(const struct sim_setup *setup)
{
    struct memory_plan plan;
    sim_plan_memory(setup, &plan);
    printf("\n# memory of a run with %d threads\n", setup->settings.threads);
    for (size_t i = 0; i < plan.count; i++)
        printf("# %-32s %12.6g MB\n", plan.line[i].what, (double)plan.line[i].bytes * 1e-6);
    printf("# %-32s %12.6g MB\n", "total", (double)memory_plan_total(&plan) * 1e-6);
}

static enum status print_pilot(const struct sim_setup *setup, struct error *err)
{
    struct sim_pilot pilot;
    const struct config *config = setup->config;
    enum status status = sim_pilot_run(setup, &pilot, err);
    uint64_t free_bytes = sim_free_disk(setup->output);
    if (!status) {
        printf("\n# rates to expect, from a pilot of %.4g ms\n", pilot.model_ms);
        for (size_t i = 0; i < config->population_count; i++)
            printf("# %-32s %12.4g Hz\n", config->population[i].name, pilot.rate_Hz[i]);
        printf("# %-32s %12.4g (%.4g recorded)\n", "spikes", pilot.spikes, pilot.recorded);
        printf("# %-32s %12.4g MB before compression\n", setup->output, pilot.bytes * 1e-6);
        if (free_bytes != UINT64_MAX)
            printf("# %-32s %12.4g MB\n", "free on that disk", (double)free_bytes * 1e-6);
    }
    sim_pilot_free(&pilot);
    return status;
}

static enum status check(const struct sim_setup *setup, struct messages *errors,
                         struct messages *warnings, struct error *err)
{
    enum status status = STATUS_OK;
    print_config(setup);
    for (size_t i = 0; i < setup->config->population_count; i++)
        print_membrane(setup->config, i);
    print_memory(setup);
    status = sim_check_memory(setup, err);
    for (size_t i = 0; !status && i < setup->config->population_count; i++)
        status =
            population_survey(setup->config, i, setup->settings.threads, errors, warnings, err);
    if (!status)
        status = print_pilot(setup, err);
    if (!status)
        sim_warn_disk(setup, warnings);
    return status;
}

/* What --emit asks for. */
struct emission {
    const char *simulator; /* NULL: nothing */
    const char *path;
    bool random, force;
};

/* demo_nest.py for configs/demo.ini. */
static void default_script(char *path, size_t size, const struct sim_setup *setup,
                           const char *simulator)
{
    const char *name = strcmp(setup->config->file, "-") == 0 ? "stdin" : setup->config->file;
    const char *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    const char *dot = strrchr(name, '.');
    snprintf(path, size, "%.*s_%s.py", (int)(dot && dot > name ? dot - name : (long)strlen(name)),
             name, simulator);
}

static enum status emit(const struct sim_setup *setup, const struct emission *emission,
                        struct messages *errors, struct messages *warnings, struct error *err)
{
    struct emit_model model = {NULL};
    char script[300], data[4096];
    enum status status = emit_possible(setup->config, emission->simulator, err);
    default_script(script, sizeof script, setup, emission->simulator);
    const char *path = emission->path ? emission->path : script;
    for (size_t i = 0; !status && i < setup->config->population_count; i++)
        status =
            population_survey(setup->config, i, setup->settings.threads, errors, warnings, err);
    if (status)
        return status;
    status = emit_model_open(&model, setup->config, emission->simulator, emission->random, err);
    if (!status)
        status = emit_write(&model, path, emission->force, data, err);
    if (!status && strcmp(path, "-") != 0)
        printf("%s%s%s: %s\n", path, *data ? ", " : "", data,
               model.random ? "noise is the simulator's own; rates and CVs can be compared"
                            : "the same spikes, step by step");
    emit_model_close(&model);
    return status;
}

static int open_and_check(const struct mlif_options *options, const struct emission *emission)
{
    struct sim_setup setup;
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    enum status status = sim_setup_open(&setup, options, &errors, &warnings);
    if (!status)
        status = emission->simulator ? emit(&setup, emission, &errors, &warnings, &err)
                                     : check(&setup, &errors, &warnings, &err);
    if (status && err.text[0])
        messages_add(&errors, "%s", err.text);
    fflush(stdout);
    report_lines("warning", &(struct mlif_messages){warnings.line, warnings.count});
    report_lines("error", &(struct mlif_messages){errors.line, errors.count});
    sim_setup_close(&setup);
    messages_free(&errors);
    messages_free(&warnings);
    return (int)status;
}

static int check_emission(const struct emission *emission)
{
    const char *name = emission->simulator;
    if (name && strcmp(name, "nest") != 0 && strcmp(name, "brian2") != 0)
        return cmd_options_error(&syntax, "--emit takes nest or brian2, not %s", name);
    if (!name && (emission->random || emission->force))
        return cmd_options_error(&syntax, "--random and --force go with --emit");
    return CMD_GO_ON;
}

int cmd_check(int argc, char **argv)
{
    struct cmd_arguments arguments;
    struct mlif_options options = mlif_default_options();
    uint64_t threads = 0;
    int status = cmd_options_parse(&syntax, argc, argv, &arguments);
    if (status == CMD_GO_ON) {
        const char *asked = arguments.option[THREADS];
        options.config = arguments.file[0];
        options.overrides = arguments.list;
        options.override_count = arguments.list_count;
        struct emission emission = {arguments.option[EMIT], arguments.option[OUTPUT],
                                    arguments.option[RANDOM] != NULL,
                                    arguments.option[FORCE] != NULL};
        options.output = emission.simulator ? NULL : emission.path;
        if (asked && !cmd_options_count(asked, 1, 4096, &threads))
            status = cmd_options_error(&syntax, "--threads takes a whole number from 1 to 4096");
        options.threads = (int)threads;
        if (status == CMD_GO_ON)
            status = check_emission(&emission);
        if (status == CMD_GO_ON)
            status = open_and_check(&options, &emission);
    }
    cmd_options_free(&arguments);
    return status;
}
