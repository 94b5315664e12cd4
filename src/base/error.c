/* Errors and lists of messages, written with printf formats. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status error_set(struct error *err, enum status status, const char *format, ...)
{
    if (err == NULL) {
        return status;
    }
    char text[sizeof err->text]; /* apart, for err->text itself may be among the arguments */
    text[0] = '\0';
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    err->status = status;
    memcpy(err->text, text, sizeof text);
    return status;
}

enum status error_no_memory(struct error *err, const char *purpose, ...)
{
    char text[sizeof err->text];
    if (!purpose)
        return error_set(err, STATUS_MEMORY, "not enough memory");
    va_list arguments;
    va_start(arguments, purpose);
    vsnprintf(text, sizeof text, purpose, arguments);
    va_end(arguments);
    return error_set(err, STATUS_MEMORY, "not enough memory %s", text);
}

/* What stands in for a line, or for the whole list, when there is no memory for it. Never freed. */
static char lost_line[] = "out of memory: messages were lost";
static char *lost_list[] = {lost_line};

static char *format_line(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *line = length < 0 ? NULL : malloc((size_t)length + 1);
    if (line != NULL) {
        vsnprintf(line, (size_t)length + 1, format, again);
    }
    va_end(again);
    return line != NULL ? line : lost_line;
}

void messages_add(struct messages *messages, const char *format, ...)
{
    if (messages->line == lost_list) {
        return;
    }
    char **grown = realloc(messages->line, (messages->count + 1) * sizeof *grown);
    if (grown == NULL) {
        if (messages->count == 0) {
            *messages = (struct messages){.line = lost_list, .count = 1};
        }
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    grown[messages->count++] = format_line(format, arguments);
    va_end(arguments);
    messages->line = grown;
}

void messages_free(struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++) {
        if (messages->line[i] != lost_line) {
            free(messages->line[i]);
        }
    }
    if (messages->line != lost_list) {
        free(messages->line);
    }
    *messages = (struct messages){0};
}
