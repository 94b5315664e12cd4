/* The options of a command: one table says what there is, how it is parsed and what --help prints.
 */
#ifndef MEGALIF_CLI_OPTIONS_H
#define MEGALIF_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLI_OPTIONS_MOST = 18, CLI_SOME_FILES = 1000 };

struct cli_option {
    const char *name;     /* behind the two dashes */
    char letter;          /* 0: none */
    const char *argument; /* what stands for it in the help; NULL: it takes none */
    const char *help;     /* one line, or several with newlines */
};

struct cli_syntax {
    const char *name;                           /* "digest" */
    const char *usage;                          /* "FILE [options]" */
    const char *about;                          /* some lines, each ended by a newline */
    size_t files;                               /* how many arguments beside the options, or
                                                   CLI_SOME_FILES: one or more */
    struct cli_option option[CLI_OPTIONS_MOST]; /* ended by a NULL name; --help is added */
    unsigned repeats;                           /* 1u << i: option[i] may be given more than once */
};

/* All arguments of an option, in order. */
struct cli_list {
    const char **text;
    size_t count;
};

struct cli_arguments {
    const char *file[2];
    char **files; /* all of them */
    size_t file_count;
    const char *option[CLI_OPTIONS_MOST];   /* by place in the table: NULL not given, else its
                                               argument ("" when it takes none) */
    struct cli_list list[CLI_OPTIONS_MOST]; /* by the same place: of options that repeat */
};

/* What a command does next. */
enum { CLI_GO_ON = -1 };

/* Fills the arguments and returns CLI_GO_ON; otherwise the exit code, after printing the help (0)
 * or what is wrong (2). The texts point into argv. Where options repeat:
 * cli_options_free in any case. */
int cli_options_parse(const struct cli_syntax *syntax, int argc, char **argv,
                      struct cli_arguments *arguments);
void cli_options_free(struct cli_arguments *arguments);

/* "megalif NAME: TEXT; see megalif NAME --help" on standard error; returns exit code 2. */
int cli_options_error(const struct cli_syntax *syntax, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A time of at least 0 in ms: "250", "250 ms", "1.5s". False when it is none. */
bool cli_options_time(const char *text, double *ms);

/* A whole number in [least, most], nothing else. */
bool cli_options_count(const char *text, uint64_t least, uint64_t most, uint64_t *count);

#endif
