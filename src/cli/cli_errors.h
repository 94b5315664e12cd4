/* What a command says on standard error, kept for the document that --json prints. One list for the
 * process: a command is one thread here. */
#ifndef MEGALIF_CLI_ERRORS_H
#define MEGALIF_CLI_ERRORS_H

#include "base/error.h"
#include "cli/cli_json.h"

#include <stdbool.h>

/* The arguments, argv[0] is the command: does any ask for --json? Then a command that fails before
 * it has printed a document gets one from cli_errors_end. */
void cli_errors_begin(int argc, char **argv);

/* Prints "BEFORE LINE" on standard error, and keeps the line, an error or a warning, with its
 * place. The line is of a list (messages_add). */
void cli_errors_line(const char *before, const char *line);
void cli_errors_warning(const char *before, const char *line);

/* The same for a text that is in no list yet. */
void cli_errors_text(const char *before, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* How every document of check, compare, digest, sweep and watch ends: exit_code, errors,
 * warnings. */
void cli_errors_json(struct cli_json *json, int exit_code);

/* Other processes have printed their own documents: this one prints none. */
void cli_errors_leave(void);

/* What a command that failed prints: its errors alone, where --json asks for a document and none
 * was printed. Frees what was kept. */
void cli_errors_end(int exit_code);

#endif
