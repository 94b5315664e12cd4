/* Errors and lists of messages, written with printf formats. */
#include "base/error.h"

#include <stdarg.h>
#include <stddef.h>
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

/* A line as it lies in memory: lists point to the text. Behind it are the texts of the place. */
struct record {
    struct message_place place;
    char text[];
};

static struct record *record_of(const char *line)
{
    return (struct record *)(line - offsetof(struct record, text));
}

/* Copies a text to *to, which moves behind it; NULL remains NULL. */
static const char *keep(char **to, const char *text)
{
    char *copy = *to;
    if (text)
        *to = stpcpy(copy, text) + 1;
    return text ? copy : NULL;
}

static size_t bytes_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static char *make_line(const struct message_place *place, const char *text)
{
    struct record *record =
        malloc(sizeof *record + bytes_of(text) + bytes_of(place->file) + bytes_of(place->section) +
               bytes_of(place->key) + bytes_of(place->option) + bytes_of(place->hint));
    if (record == NULL)
        return lost_line;
    char *end = record->text;
    record->place = *place;
    keep(&end, text);
    record->place.file = keep(&end, place->file);
    record->place.section = keep(&end, place->section);
    record->place.key = keep(&end, place->key);
    record->place.option = keep(&end, place->option);
    record->place.hint = keep(&end, place->hint);
    return record->text;
}

/* The hint of a text of which nothing is known: its writers put what is wrong first, then "; " and
 * what would be right. A ; behind a blank is quoted. */
static const char *find_hint(const char *text)
{
    const char *mark = strstr(text, "; ");
    while (mark && (mark == text || mark[-1] == ' ' || mark[2] == '\0'))
        mark = strstr(mark + 1, "; ");
    return mark ? mark + 2 : NULL;
}

void messages_add_at(struct messages *messages, const struct message_place *place, const char *line)
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
    grown[messages->count++] = make_line(place, line);
    messages->line = grown;
}

void messages_copy(struct messages *messages, const char *line)
{
    struct message_place place = messages_place(line);
    messages_add_at(messages, &place, line);
}

struct message_place messages_place(const char *line)
{
    return line == lost_line ? (struct message_place){.end = strlen(line)} : record_of(line)->place;
}

void messages_add(struct messages *messages, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *line = length < 0 ? NULL : malloc((size_t)length + 1);
    if (line != NULL) {
        vsnprintf(line, (size_t)length + 1, format, again);
    }
    va_end(again);
    va_end(arguments);
    const char *text = line ? line : lost_line, *hint = find_hint(text);
    struct message_place place = {.end = hint ? (size_t)(hint - text) - 2 : strlen(text),
                                  .hint = hint};
    messages_add_at(messages, &place, text);
    free(line);
}

void messages_free(struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++) {
        if (messages->line[i] != lost_line) {
            free(record_of(messages->line[i]));
        }
    }
    if (messages->line != lost_list) {
        free(messages->line);
    }
    *messages = (struct messages){0};
}
