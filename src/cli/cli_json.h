/* Writes JSON on standard output, a value after the other. Names: NULL within an array. A byte of a
 * text that belongs to no UTF-8 character is written as \udcXX, which os.fsencode of Python turns
 * back into it. */
#ifndef MEGALIF_CLI_JSON_H
#define MEGALIF_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Commas, line ends and indents come by themselves. */
struct cli_json {
    int depth;
    bool filled; /* the innermost bracket holds something */
};

void cli_json_open(struct cli_json *json, const char *name, char bracket);     /* '{' or '[' */
void cli_json_close(struct cli_json *json, char bracket);                      /* '}' or ']' */
void cli_json_text(struct cli_json *json, const char *name, const char *text); /* NULL: null */
void cli_json_u64(struct cli_json *json, const char *name, uint64_t value);
void cli_json_u64_if(struct cli_json *json, const char *name, bool there, uint64_t value);
void cli_json_f64(struct cli_json *json, const char *name, double value); /* NaN, inf: null */
void cli_json_bool(struct cli_json *json, const char *name, bool value);
void cli_json_null(struct cli_json *json, const char *name);
void cli_json_texts(struct cli_json *json, const char *name, const char *const *text, size_t count);

/* Whether this process has printed a whole document. */
bool cli_json_is_printed(void);

#endif
