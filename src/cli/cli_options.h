/* The options of a command: one table says what there is, how it is parsed and what --help prints.
 */
#ifndef MEGALIF_CLI_OPTIONS_H
#define MEGALIF_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CMD_OPTIONS_MOST = 12, CMD_SOME_FILES = 1000 };

struct cmd_option {
    const char *name;     /* behind the two dashes */
    char letter;          /* 0: none */
    const char *argument; /* what stands for it in the help; NULL: it takes none */
    const char *help;     /* one line, or several with newlines */
};

struct cmd_syntax {
    const char *name;                           /* "digest" */
    const char *usage;                          /* "FILE [options]" */
    const char *about;                          /* some lines, each ended by a newline */
    size_t files;                               /* how many arguments beside the options, or
                                                   CMD_SOME_FILES: one or more */
    struct cmd_option option[CMD_OPTIONS_MOST]; /* ended by a NULL name; --help is added */
    int repeats; /* how many of the first options may be given more than once, up to 2 */
};

struct cmd_arguments {
    const char *file[2];
    char **files; /* all of them */
    size_t file_count;
    const char *option[CMD_OPTIONS_MOST]; /* by place in the table: NULL not given, else its
                                             argument ("" when it takes none) */
    const char **list;                    /* all of option[0] where it repeats, in order */
    size_t list_count;
    const char **second; /* and of option[1] */
    size_t second_count;
};

/* What a command does next. */
enum { CMD_GO_ON = -1 };

/* Fills the arguments and returns CMD_GO_ON; otherwise the exit code, after printing the help (0)
 * or what is wrong (2). The texts point into argv. Where options repeat:
 * cmd_options_free in any case. */
int cmd_options_parse(const struct cmd_syntax *syntax, int argc, char **argv,
                      struct cmd_arguments *arguments);
void cmd_options_free(struct cmd_arguments *arguments);

/* "megalif NAME: TEXT; see megalif NAME --help" on standard error; returns exit code 2. */
int cmd_options_error(const struct cmd_syntax *syntax, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A time of at least 0 in ms: "250", "250 ms", "1.5s". False when it is none. */
bool cmd_options_time(const char *text, double *ms);

/* A whole number in [least, most], nothing else. */
bool cmd_options_count(const char *text, uint64_t least, uint64_t most, uint64_t *count);

#endif
