/* The command line: finds the command; each has a file cmd_NAME.c. */
#include "base/cpu.h"
#include "base/version.h"
#include "cli/cli_errors.h"
#include "commands/cmd.h"
#include "config/names.h"
#include "io/provenance.h"
#include "kernel/kernel.h"

#include <megalif/megalif.h>

#include <hdf5.h>
#include <omp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &cmd_run,     &cmd_sweep, &cmd_check, &cmd_info,        &cmd_digest, &cmd_compare,
    &cmd_convert, &cmd_join,  &cmd_plot,  &cmd_connections, &cmd_watch,
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static int print_help(void)
{
    printf("usage: megalif COMMAND ...\n"
           "\n"
           "megalif simulates very large populations and networks of leaky integrate-and-fire\n"
           "neurons on CPUs."
           " A text file says what to simulate; the spikes go to an HDF5 file in\n"
           "SONATA's layout.\n"
           "\n"
           "commands (megalif COMMAND --help says more):\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-11s %s\n", commands[i]->name, commands[i]->help);
    printf(
        "\n"
        "  --help     this text\n"
        "  --version  version, compiler, instruction sets, libraries\n"
        "\n"
        "examples:\n"
        "  megalif run configs/demo.ini -o demo.h5\n"
        "  megalif plot demo.h5 -o demo.png\n"
        "  megalif run configs/demo.ini --set simulation.duration='200 ms' -o short.h5\n"
        "\n"
        "Every section and key of a config is explained in configs/annotated.ini and\n"
        "docs/configuration.md, the numbers in docs/numerics.md, the files in docs/format.md.\n");
    return 0;
}

/* OpenMP's number from the date that _OPENMP is. */
static const char *openmp_version(void)
{
    return _OPENMP >= 202011   ? "5.1"
           : _OPENMP >= 201811 ? "5.0"
           : _OPENMP >= 201511 ? "4.5"
                               : "4.0 or older";
}

static void print_isas(const char *label, bool (*has)(enum isa))
{
    printf("%s", label);
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        if (has((enum isa)isa))
            printf(" %s", cpu_isa_name((enum isa)isa));
    }
    putchar('\n');
}

static bool is_built(enum isa isa)
{
    return kernels_built(isa) != 0;
}

static int print_version(void)
{
    char hdf5[48];
    printf("megalif %s\n", version_number());
    printf("git commit        %s\n", version_commit());
    printf("compiler          %s\n", version_compiler());
    print_isas("instruction sets  built:", is_built);
    print_isas("                  this CPU:", cpu_has);
    printf("                  chosen: %s\n", cpu_isa_name(kernels_best_isa()));
    printf("HDF5              %s\n", provenance_hdf5_version(hdf5));
    printf("OpenMP            %s, %d threads allowed\n", openmp_version(), cpu_threads_allowed());
    return 0;
}

static int unknown(const char *word)
{
    const char *known[COMMANDS];
    char hint[200];
    for (size_t i = 0; i < COMMANDS; i++)
        known[i] = commands[i]->name;
    if (word[0] == '-')
        cli_errors_text("megalif: ", "unknown option %s; see megalif --help", word);
    else
        cli_errors_text(
            "megalif: ", "unknown command %s; %s", word,
            config_suggest(word, "the commands are: ", known, COMMANDS, hint, sizeof hint));
    return MLIF_CONFIG;
}

/* arguments[0] is the command. */
static int run_command(int count, char **arguments)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(arguments[0], commands[i]->name) == 0)
            return commands[i]->start(count, arguments);
    }
    return unknown(arguments[0]);
}

static int dispatch(int argc, char **argv)
{
    const char *word = argv[1];
    if (strcmp(word, "help") == 0 && argc > 2)
        return run_command(2, (char *[]){argv[2], (char[]){"--help"}, NULL});
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return print_help();
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return print_version();
    return run_command(argc - 1, argv + 1);
}

/* After an HDF5 error open files must not be touched again, as HDF5 would at exit. A file that
 * grows beyond its limit is an error as any other, not the end of the process. */
int main(int argc, char **argv)
{
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    if (argc < 2) {
        fprintf(stderr, "megalif: no command given; see megalif --help\n");
        return MLIF_CONFIG;
    }
    cli_errors_begin(argc - 1, argv + 1);
    int code = dispatch(argc, argv);
    cli_errors_end(code);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "megalif: standard output cannot be written\n");
        return code ? code : MLIF_OUTPUT;
    }
    return code;
}
