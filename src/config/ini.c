/* Lines to sections and keys, by libinih. */
#include "config/ini.h"

#include "base/file_kind.h"
#include "config/names.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libinih splits `key = value`; but it cuts lines at 200 characters, gives no line numbers, takes
 * indented lines for continuations and lets much pass. So its reader callback here sees every line
 * first: it judges and cleans it, and hands long values over in pieces, as continuation lines. */

enum { PIECE = 120, KEY_MOST = 40, SWEPT_MOST = 1000, KEYS_MOST = 100 };

struct reader {
    const char *text, *end; /* what is still to be read */
    int line;
    char key[SWEPT_MOST + 1];
    char *value;                /* with room for the longest line */
    size_t begin, end_of_value; /* of `value`: what libinih has not had yet */
    char *got;                  /* what came back from libinih of it */
    size_t got_length;
    struct report *errors;
    struct ini *ini;
    struct ini_section *section; /* NULL before the first header; `ignored` when broken */
    struct ini_section ignored;
    bool full; /* too many sections, and told so */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void complain(struct reader *reader, const char *text)
{
    struct place place = {.line = reader->line};
    if (reader->section && reader->section != &reader->ignored) {
        place.section = reader->section->name;
        reader->section->broken = true;
    }
    config_report(reader->errors, &place, "%s", text);
}

/* Without comment, line end and blanks at the end. */
static size_t content_length(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((line[i] == ';' || line[i] == '#') && (i == 0 || is_blank(line[i - 1])))
            length = i;
    }
    while (length && is_blank(line[length - 1]))
        length--;
    return length;
}

/* True when the line may be looked at; otherwise reported. */
static bool line_is_text(struct reader *reader, const char *line, size_t length)
{
    if (memchr(line, '\0', length)) {
        complain(reader,
                 "a NUL byte; a config is plain text (ASCII or UTF-8), not UTF-16 or binary");
        reader->text = reader->end; /* no use going on */
        reader->ini->broken_header = true;
        return false;
    }
    if (length >= CONFIG_LINE_MOST) {
        complain(reader, "the line is too long; at most 512 KiB are read");
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            char text[80];
            snprintf(text, sizeof text, "a control character (0x%02x); write plain text", c);
            complain(reader, text);
            return false;
        }
    }
    return true;
}

struct ini_section *config_ini_add_section(struct ini *ini, struct store *store, const char *name,
                                           int line)
{
    struct ini_section *list = config_grow(store, ini->section, ini->count, sizeof *list);
    char *copy = config_copy(store, name, strlen(name));
    if (!list || !copy)
        return NULL;
    ini->section = list;
    list[ini->count] = (struct ini_section){.name = copy, .line = line};
    return &list[ini->count++];
}

/* line: "[...", without comment. */
static void open_section(struct reader *reader, const char *line, size_t length)
{
    reader->section = &reader->ignored; /* until all is well */
    const char *close = memchr(line, ']', length);
    if (!close || close != line + length - 1) {
        reader->ini->broken_header = true;
        complain(reader,
                 close ? "something stands behind the ] of a section header; only a comment may"
                       : "the ] of the section header is missing");
        return;
    }
    if (reader->ini->count == CONFIG_SECTIONS_MOST) {
        reader->ini->broken_header = true;
        if (!reader->full)
            complain(reader, "too many sections; at most 4096 are read");
        reader->full = true;
        return;
    }
    struct store *store = reader->errors->store;
    char *name = config_copy(store, line + 1, length - 2);
    if (!name)
        return;
    const struct ini_section *first = config_ini_section(reader->ini, name);
    if (first) {
        struct place place = {.line = reader->line, .section = name};
        config_report(reader->errors, &place,
                      "the section stands twice, first in line %d; put all its keys there",
                      first->line);
        return;
    }
    struct ini_section *section = config_ini_add_section(reader->ini, store, name, reader->line);
    if (section)
        reader->section = section;
}

/* What stands before the =, without blanks at its end; 0: nothing, or no =. */
static size_t key_length(const char *line, size_t length)
{
    const char *equals = memchr(line, '=', length);
    size_t key = equals ? (size_t)(equals - line) : 0;
    while (key && is_blank(line[key - 1]))
        key--;
    return key;
}

/* In [sweep] keys have their section before them, and several may share a line:
 * `population.a.I_e, population.b.I_e`. sweep.c looks closer. */
static bool key_is_sound(const struct reader *reader, const char *key, size_t length)
{
    if (!reader->section || !reader->section->name ||
        strcmp(reader->section->name, CONFIG_SWEEP) != 0)
        return config_is_name(key, length) && length <= KEY_MOST;
    for (size_t i = 0; i < length; i++) {
        if (!config_is_name(&key[i], 1) && !strchr("0123456789., \t", key[i]))
            return false;
    }
    return length <= SWEPT_MOST;
}

/* True when the line is `key = ...` with a sound key, in a section. */
static bool line_is_entry(struct reader *reader, const char *line, size_t length)
{
    size_t key = key_length(line, length);
    if (is_blank(line[0])) {
        complain(reader, "the line is indented; values do not go on over lines, and keys start "
                         "in the first column");
        return false;
    }
    if (!key) {
        complain(reader, "neither a [section] nor key = value");
        return false;
    }
    if (!key_is_sound(reader, line, key)) {
        char text[200], quoted[64];
        snprintf(text, sizeof text,
                 "'%s' cannot be a key; a key has at most 40 letters, digits and _, then =",
                 config_quote(line, key, quoted));
        complain(reader, text);
        return false;
    }
    if (!reader->section) {
        complain(reader,
                 "a key before the first section; start with a header such as [simulation]");
        reader->section = &reader->ignored; /* one message will do */
    }
    if (reader->section->count == KEYS_MOST) {
        complain(reader, "too many keys in one section; at most 100 are read");
        reader->section = &reader->ignored;
    }
    return reader->section != &reader->ignored;
}

/* The longest beginning of text, at most PIECE, that libinih will not damage at either end. */
static size_t piece_length(const char *text, size_t length)
{
    if (length <= PIECE)
        return length;
    for (size_t i = PIECE; i > 0; i--) {
        if (!is_blank(text[i - 1]) && !is_blank(text[i]) && !strchr(";#", text[i]))
            return i;
    }
    return 0;
}

static bool value_can_be_cut(const char *value, size_t length)
{
    for (size_t at = 0, piece; at < length; at += piece) {
        piece = piece_length(value + at, length - at);
        if (!piece)
            return false;
    }
    return true;
}

/* Judges one line. True: it is an entry, now in `key` and `value`. */
static bool take_line(struct reader *reader, const char *line, size_t length)
{
    if (!line_is_text(reader, line, length))
        return false;
    length = content_length(line, length);
    if (length && line[0] == '[') {
        open_section(reader, line, length);
        return false;
    }
    if (!length || !line_is_entry(reader, line, length))
        return false;
    size_t key = key_length(line, length), value = key + strspn(line + key, " \t") + 1;
    while (value < length && is_blank(line[value]))
        value++;
    if (!value_can_be_cut(line + value, length - value)) {
        complain(reader, "a very long run of blanks inside a value; write it without");
        return false;
    }
    memcpy(reader->key, line, key);
    reader->key[key] = '\0';
    memcpy(reader->value, line + value, length - value);
    reader->begin = 0;
    reader->end_of_value = length - value;
    reader->got_length = 0;
    return true;
}

/* The next line of the text, without its end. */
static bool next_line(struct reader *reader, const char **line, size_t *length)
{
    if (reader->text == reader->end)
        return false;
    *line = reader->text;
    const char *newline = memchr(reader->text, '\n', (size_t)(reader->end - reader->text));
    reader->text = newline ? newline + 1 : reader->end;
    *length = (size_t)((newline ? newline : reader->end) - *line);
    if (*length && (*line)[*length - 1] == '\r')
        (*length)--;
    reader->line++;
    return true;
}

/* libinih's ini_reader: fills buffer, which has room for 200 bytes or more, with one line. */
static char *feed(char *buffer, int size, void *stream)
{
    struct reader *reader = stream;
    (void)size;
    bool piece = reader->begin < reader->end_of_value;
    if (!piece) {
        const char *line;
        size_t length;
        if (!next_line(reader, &line, &length))
            return NULL;
        if (!take_line(reader, line, length)) {
            memcpy(buffer, "\n", 2);
            return buffer;
        }
    }
    const char *value = reader->value + reader->begin;
    size_t length = piece_length(value, reader->end_of_value - reader->begin);
    reader->begin += length;
    sprintf(buffer, "%.*s%s%.*s\n", KEY_MOST, piece ? " " : reader->key, piece ? "" : "=",
            (int)length, value);
    return buffer;
}

struct ini_entry *config_ini_add_entry(struct ini_section *section, struct store *store,
                                       const char *key, const char *text, int line)
{
    struct ini_entry *list = config_grow(store, section->entry, section->count, sizeof *list);
    if (!list)
        return NULL;
    section->entry = list;
    struct ini_entry *entry = &list[section->count];
    *entry = (struct ini_entry){.key = config_copy(store, key, strlen(key)),
                                .text = config_copy(store, text, strlen(text)),
                                .line = line};
    if (!entry->key || !entry->text)
        return NULL;
    section->count++;
    return entry;
}

/* The whole value has come. */
static void finish_entry(struct reader *reader)
{
    struct store *store = reader->errors->store;
    const struct ini_entry *first = config_ini_entry(reader->section, reader->key);
    if (first) {
        struct place place = {
            .line = reader->line, .section = reader->section->name, .key = reader->key};
        config_report(reader->errors, &place,
                      "the key stands twice, first in line %d; keep one of them", first->line);
    }
    struct ini_entry *entry =
        config_ini_add_entry(reader->section, store, reader->key, reader->got, reader->line);
    if (entry)
        entry->used = first != NULL; /* nobody shall ask for the second one */
}

/* libinih's ini_handler; 1: go on. Section and key are cut at 49 characters: the reader has them.
 */
static int handle(void *user, const char *section, const char *key, const char *value)
{
    struct reader *reader = user;
    (void)section;
    (void)key;
    size_t length = strlen(value);
    memcpy(reader->got + reader->got_length, value, length + 1);
    reader->got_length += length;
    if (reader->begin == reader->end_of_value)
        finish_entry(reader);
    return 1;
}

void config_ini_read(const char *text, size_t length, struct report *errors, struct ini *ini)
{
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    const char *kind = file_kind(text, length < FILE_KIND_BYTES ? length : FILE_KIND_BYTES);
    if (kind) {
        config_report(errors, &(struct place){.line = 1}, "it is %s; a config is plain text", kind);
        ini->broken_header = true;
        return;
    }
    size_t room = length < CONFIG_LINE_MOST ? length + 1 : CONFIG_LINE_MOST;
    char *buffer = calloc(2, room);
    if (!buffer) {
        errors->store->failed = true;
        return;
    }
    struct reader reader = {.text = text,
                            .end = text + length,
                            .value = buffer,
                            .got = buffer + room,
                            .errors = errors,
                            .ini = ini};
    if (ini_parse_stream(feed, &reader, handle, &reader) != 0)
        config_report(errors, &(struct place){0},
                      "the INI parser failed; its build must allow "
                      "continuation lines (INI_ALLOW_MULTILINE)");
    free(buffer);
}

struct ini_section *config_ini_section(struct ini *ini, const char *name)
{
    for (size_t i = 0; i < ini->count; i++) {
        if (strcmp(ini->section[i].name, name) == 0)
            return &ini->section[i];
    }
    return NULL;
}

struct ini_entry *config_ini_entry(struct ini_section *section, const char *key)
{
    for (size_t i = 0; i < section->count; i++) {
        if (strcmp(section->entry[i].key, key) == 0)
            return &section->entry[i];
    }
    return NULL;
}
