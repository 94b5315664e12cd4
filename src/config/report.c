/* What is wrong with a config, sorted by line and said once. */
#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1000 };

const char *config_place_format(const char *file, const struct place *place, char *buffer,
                                size_t size)
{
    const char *section = place->section ? place->section : "";
    const char *key = place->key ? place->key : "";
    if (place->vary) {
        snprintf(buffer, size, "--vary %s", key);
        return buffer;
    }
    if (place->override) {
        snprintf(buffer, size, "--set %s%s%s", section, *section && *key ? "." : "", key);
        return buffer;
    }
    char line[16] = "";
    if (place->line)
        snprintf(line, sizeof line, ":%d", place->line);
    snprintf(buffer, size, "%s%s%s%s%s%s%s%s", file, line, *section ? ": [" : "", section,
             *section ? "]" : "", *key ? " " : "", key, place->fallback ? " (default)" : "");
    return buffer;
}

void config_report(struct report *report, const struct place *place, const char *format, ...)
{
    if (report->count > MOST)
        return;
    if (report->count == MOST)
        format = "more is wrong than is shown here";
    char where[5120], what[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    config_place_format(report->file, place, where, sizeof where);

    size_t size = strlen(where) + strlen(what) + 3;
    char *text = config_alloc(report->store, size, 1);
    struct problem *list = config_grow(report->store, report->problem, report->count, sizeof *list);
    if (!text || !list)
        return;
    snprintf(text, size, "%s: %s", where, what);
    report->problem = list;
    list[report->count] =
        (struct problem){.line = place->line, .order = report->count, .text = text};
    report->count++;
}

static int by_line(const void *left, const void *right)
{
    const struct problem *a = left, *b = right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

void config_report_emit(struct report *report, struct messages *messages)
{
    if (report->count)
        qsort(report->problem, report->count, sizeof *report->problem, by_line);
    for (size_t i = 0; i < report->count; i++)
        messages_add(messages, "%s", report->problem[i].text);
}

const char *config_quote(const char *text, size_t length, char *buffer)
{
    if (length <= 60) {
        memcpy(buffer, text, length);
        buffer[length] = '\0';
        return buffer;
    }
    size_t cut = 60;
    while (cut > 50 && ((unsigned char)text[cut] & 0xc0) == 0x80)
        cut--; /* not inside a UTF-8 character */
    memcpy(buffer, text, cut);
    memcpy(buffer + cut, "...", 4);
    return buffer;
}
