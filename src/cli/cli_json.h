/* Writes JSON on standard output, a value after the other. Names: NULL within an array. */
#ifndef MEGALIF_CLI_JSON_H
#define MEGALIF_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>

/* Commas, line ends and indents come by themselves. */
struct cmd_json {
    int depth;
    bool filled; /* the innermost bracket holds something */
};

void cmd_json_open(struct cmd_json *json, const char *name, char bracket);     /* '{' or '[' */
void cmd_json_close(struct cmd_json *json, char bracket);                      /* '}' or ']' */
void cmd_json_text(struct cmd_json *json, const char *name, const char *text); /* NULL: null */
void cmd_json_u64(struct cmd_json *json, const char *name, uint64_t value);
void cmd_json_f64(struct cmd_json *json, const char *name, double value); /* NaN, inf: null */
void cmd_json_bool(struct cmd_json *json, const char *name, bool value);
void cmd_json_null(struct cmd_json *json, const char *name);

#endif
