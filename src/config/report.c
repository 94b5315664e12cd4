/* What is wrong with a config, sorted by line and said once. */
#include "config/report.h"

#include <stdarg.h>
#include <stdint.h>
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

/* Where in a text that a format gives the cure begins: behind the first "; " of the format, which
 * no value that is quoted can bring in; a ; behind a blank is spoken of. SIZE_MAX: nowhere. */
static size_t find_cure(const char *format, va_list arguments)
{
    char head[512];
    const char *mark = strstr(format, "; ");
    while (mark && mark > format && mark[-1] == ' ')
        mark = strstr(mark + 1, "; ");
    if (!mark || (size_t)(mark - format) + 3 > sizeof head)
        return SIZE_MAX;
    snprintf(head, (size_t)(mark - format) + 3, "%s", format);
    return (size_t)vsnprintf(NULL, 0, head, arguments);
}

static struct message_place place_of(const struct report *report, const struct place *place)
{
    struct message_place to = {.file = report->file, .line = place->line};
    if (place->override || place->vary)
        to = (struct message_place){.option = place->vary ? "--vary" : "--set"};
    if (place->section && *place->section)
        to.section = config_copy(report->store, place->section, strlen(place->section));
    if (place->key && *place->key)
        to.key = config_copy(report->store, place->key, strlen(place->key));
    return to;
}

/* `text` is "where: what"; the cure begins so many bytes into `what`. */
static void add_problem(struct report *report, const struct place *place, char *text, size_t where,
                        size_t cure)
{
    struct problem *list = config_grow(report->store, report->problem, report->count, sizeof *list);
    if (!text || !list)
        return;
    struct message_place at = place_of(report, place);
    at.begin = where;
    at.end = strlen(text);
    if (cure < at.end - at.begin) {
        at.hint = text + at.begin + cure;
        at.end = at.begin + cure - 2;
    }
    report->problem = list;
    list[report->count] =
        (struct problem){.line = place->line, .order = report->count, .text = text, .place = at};
    report->count++;
}

void config_report(struct report *report, const struct place *place, const char *format, ...)
{
    if (report->count > MOST)
        return;
    if (report->count == MOST)
        format = "more is wrong than is shown here";
    char where[5120], what[1024];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    vsnprintf(what, sizeof what, format, arguments);
    size_t cure = find_cure(format, again);
    va_end(again);
    va_end(arguments);
    config_place_format(report->file, place, where, sizeof where);

    size_t size = strlen(where) + strlen(what) + 3;
    char *text = config_alloc(report->store, size, 1);
    if (text)
        snprintf(text, size, "%s: %s", where, what);
    add_problem(report, place, text, strlen(where) + 2, cure);
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
        messages_add_at(messages, &report->problem[i].place, report->problem[i].text);
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
