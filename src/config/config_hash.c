/* Resolved configs key by key, and as one number. */
#include "config/config_hash.h"

#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A piece of a text. */
struct slice {
    const char *begin;
    size_t length;
};

/* One "key = value" of a resolved config. */
struct line {
    struct slice section, key, value;
};

static bool equal(struct slice a, struct slice b)
{
    return a.length == b.length && memcmp(a.begin, b.begin, a.length) == 0;
}

static bool is(struct slice slice, const char *text)
{
    return equal(slice, (struct slice){text, strlen(text)});
}

static struct slice trimmed(const char *begin, const char *end)
{
    while (begin < end && *begin == ' ')
        begin++;
    while (end > begin && end[-1] == ' ')
        end--;
    return (struct slice){begin, (size_t)(end - begin)};
}

/* The next key from *at on; line->section must hold the section so far. False at the end. */
static bool next_line(const char **at, struct line *line)
{
    while (**at) {
        const char *begin = *at, *end = begin + strcspn(begin, "\n");
        const char *equals = memchr(begin, '=', (size_t)(end - begin));
        *at = *end ? end + 1 : end;
        if (*begin == '[') {
            line->section = trimmed(begin, end);
        } else if (equals) {
            line->key = trimmed(begin, equals);
            line->value = trimmed(equals + 1, end);
            return true;
        }
    }
    return false;
}

/* A place in a text where the next search begins: lines mostly come in the same order. */
struct cursor {
    const char *text, *at;
    struct slice section;
};

static struct cursor at_beginning(const char *text)
{
    return (struct cursor){text, text, {"", 0}};
}

static bool find(struct cursor *cursor, const struct line *wanted, struct line *found)
{
    for (int pass = 0; pass < 2; pass++) {
        *found = (struct line){cursor->section, {"", 0}, {"", 0}};
        while (next_line(&cursor->at, found)) {
            cursor->section = found->section;
            if (equal(found->section, wanted->section) && equal(found->key, wanted->key))
                return true;
        }
        *cursor = at_beginning(cursor->text);
    }
    return false;
}

/* How a projection's synapses are kept in memory. */
static bool is_storage(const struct line *line)
{
    return line->section.length > 12 && memcmp(line->section.begin, "[projection.", 12) == 0 &&
           is(line->key, "storage");
}

static bool may_change(const struct line *line, enum config_compared what)
{
    bool output = is(line->section, "[output]");
    if (is(line->section, "[checkpoint]") || is_storage(line))
        return true;
    return what == CONFIG_RESULTS
               ? output && is(line->key, "file")
               : output || (is(line->section, "[simulation]") && is(line->key, "duration"));
}

/* A value without the name of the file in it, whose content a resumed run compares. */
static struct slice without_name(const struct line *line)
{
    struct slice value = line->value;
    if (is(line->key, "file") || is(line->key, "edge_types"))
        return (struct slice){value.begin, 0};
    if (value.length < 5 || memcmp(value.begin, "file(", 5) != 0)
        return value;
    const char *end = value.begin + value.length, *part = end - 1; /* file(NAME, PART) */
    for (const char *c = value.begin; c < end; c++)
        part = *c == ',' ? c : part;
    return (struct slice){part, (size_t)(end - part)};
}

static bool same_value(const struct line *a, const struct line *b, enum config_compared what)
{
    return what == CONFIG_RESULTS ? equal(a->value, b->value)
                                  : equal(without_name(a), without_name(b));
}

static void add(struct messages *differences, const struct line *at, struct slice before,
                struct slice now)
{
    messages_add(differences, "%.*s %.*s: %.*s before, %.*s now", (int)at->section.length,
                 at->section.begin, (int)at->key.length, at->key.begin, (int)before.length,
                 before.begin, (int)now.length, now.begin);
}

void config_compare_text(const char *before, const char *now, enum config_compared what,
                         struct messages *differences)
{
    const struct slice none = {"not there", 9};
    struct cursor in_now = at_beginning(now), in_before = at_beginning(before);
    struct line line = {{"", 0}, {"", 0}, {"", 0}}, other;
    for (const char *at = before; next_line(&at, &line);) {
        bool fixed = !may_change(&line, what), found = fixed && find(&in_now, &line, &other);
        if (fixed && !(found && same_value(&line, &other, what)))
            add(differences, &line, line.value, found ? other.value : none);
    }
    line = (struct line){{"", 0}, {"", 0}, {"", 0}};
    for (const char *at = now; next_line(&at, &line);)
        if (!may_change(&line, what) && !find(&in_before, &line, &other))
            add(differences, &line, none, line.value);
}

uint64_t config_hash(const char *resolved)
{
    uint64_t hash = fnv1a64("");
    bool output = false, checkpoint = false, projection = false;
    for (const char *line = resolved; *line;) {
        size_t length = strcspn(line, "\n") + 1;
        char byte[2] = "";
        if (*line == '[') {
            output = strncmp(line, "[output]", 8) == 0;
            checkpoint = strncmp(line, "[checkpoint]", 12) == 0;
            projection = strncmp(line, "[projection.", 12) == 0;
        }
        bool skip = checkpoint || *line == '\n' || (output && strncmp(line, "file ", 5) == 0) ||
                    (projection && strncmp(line, "storage ", 8) == 0);
        for (size_t i = 0; i < length && line[i]; i++) {
            byte[0] = line[i];
            hash = skip ? hash : fnv1a64_continue(hash, byte);
        }
        line += strnlen(line, length);
    }
    return hash;
}
