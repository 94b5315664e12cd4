#define _GNU_SOURCE 1 /* vasprintf */
#include "cli/cli_errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct messages errors, warnings;
    const char *command;
    bool json, left;
} kept;

/* getopt_long takes any beginning of a name that no other option has: --js is --json, --j may be
 * --jobs. */
void cli_errors_begin(int argc, char **argv)
{
    kept.command = argv[0];
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        kept.json |= strlen(argv[i]) >= sizeof "--js" - 1 &&
                     strncmp("--json", argv[i], strlen(argv[i])) == 0;
}

void cli_errors_line(const char *before, const char *line)
{
    fflush(stdout);
    fprintf(stderr, "%s%s\n", before, line);
    messages_copy(&kept.errors, line);
}

void cli_errors_warning(const char *before, const char *line)
{
    fflush(stdout);
    fprintf(stderr, "%s%s\n", before, line);
    messages_copy(&kept.warnings, line);
}

void cli_errors_text(const char *before, const char *format, ...)
{
    struct messages list = {NULL, 0};
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    messages_add(&list, "%s", text ? text : "no memory");
    cli_errors_line(before, list.line[0]);
    messages_free(&list);
    free(text);
}

/* "--threads" of "--threads takes a whole number ...": the option that a text begins with, or has
 * behind "option ". */
static const char *option_of(const char *text, char *option, size_t size)
{
    const char *at = strstr(text, "option -");
    at = at ? at + sizeof "option" : text;
    size_t length = strcspn(at, " =:;,");
    if (at[0] != '-' || length < 2 || length >= size)
        return NULL;
    snprintf(option, size, "%.*s", (int)length, at);
    return option;
}

static void json_line(struct cli_json *json, const char *line)
{
    struct message_place place = messages_place(line);
    char option[64], *message = strndup(line + place.begin, place.end - place.begin);
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "message", message ? message : line);
    cli_json_text(json, "hint", place.hint);
    cli_json_text(json, "file", place.file);
    cli_json_u64_if(json, "line", place.line > 0, (uint64_t)place.line);
    cli_json_text(json, "section", place.section);
    cli_json_text(json, "key", place.key);
    cli_json_text(json, "option",
                  place.option || !message ? place.option
                                           : option_of(message, option, sizeof option));
    cli_json_text(json, "text", line);
    cli_json_close(json, '}');
    free(message);
}

void cli_errors_json(struct cli_json *json, int exit_code)
{
    cli_json_u64(json, "exit_code", (uint64_t)exit_code);
    cli_json_open(json, "errors", '[');
    for (size_t i = 0; i < kept.errors.count; i++)
        json_line(json, kept.errors.line[i]);
    cli_json_close(json, ']');
    cli_json_texts(json, "warnings", (const char *const *)kept.warnings.line, kept.warnings.count);
}

void cli_errors_leave(void)
{
    kept.left = true;
}

void cli_errors_end(int exit_code)
{
    if (kept.json && exit_code != 0 && !kept.left && !cli_json_is_printed()) {
        struct cli_json json = {0, false};
        cli_json_open(&json, NULL, '{');
        cli_json_text(&json, "command", kept.command);
        cli_errors_json(&json, exit_code);
        cli_json_close(&json, '}');
    }
    messages_free(&kept.errors);
    messages_free(&kept.warnings);
}
