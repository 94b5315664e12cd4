/* [sweep]: its lines, and what it means for a single run. The points follow in sweep_points.c. */
#include "config/sweep_section.h"

#include "config/names.h"
#include "config/override.h"
#include "config/sweep_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SWEEP_SEED, SWEEP_FILES, SWEEP_WORDS };

static const struct key words[SWEEP_WORDS] = {
    [SWEEP_SEED] = {.name = "seed",
                    .kind = VALUE_WORD,
                    .fallback = "same",
                    .words = "same|point",
                    .help = "same for one seed everywhere, point for one of its own in each point"},
    [SWEEP_FILES] = {.name = "files",
                     .kind = VALUE_WORD,
                     .fallback = "all",
                     .words = "all|none",
                     .help = "all to keep every point's output file, none to keep the table alone"},
};

static bool is_word_key(const char *name)
{
    return strcmp(name, words[SWEEP_SEED].name) == 0 || strcmp(name, words[SWEEP_FILES].name) == 0;
}

static struct place place_of(const struct ini_entry *entry)
{
    return (struct place){
        .line = entry->line, .section = CONFIG_SWEEP, .key = entry->key, .vary = entry->line == 0};
}

/* `section.key` of what may be swept; otherwise reported. */
static bool check_key(struct report *errors, const struct place *place, const char *name)
{
    static const char *const known[SWEEP_WORDS] = {"seed", "files"};
    const char *dot = strrchr(name, '.');
    char hint[160], quoted[64];
    config_quote(name, strlen(name), quoted);
    if (!dot)
        config_report(
            errors, place,
            "unknown key; a key to sweep has its section before it, such as "
            "population.exc.I_e; %s",
            config_suggest(name, "keys here are ", known, SWEEP_WORDS, hint, sizeof hint));
    else if (dot == name || !config_is_name(dot + 1, strlen(dot + 1)))
        config_report(errors, place,
                      "'%s' is no key; write its section, a dot and its name, such "
                      "as population.exc.I_e",
                      quoted);
    else if (strncmp(name, "output.", 7) == 0)
        config_report(errors, place, "[output] cannot be swept; every point has its own file");
    else
        return true;
    return false;
}

static bool is_swept_already(const struct sweep *sweep, const char *name, int *line)
{
    for (size_t i = 0; i < sweep->key_count; i++) {
        *line = sweep->key[i].config_line;
        if (strcmp(sweep->key[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool add_key(struct sweep_reading *r, const struct place *place, struct span name)
{
    struct sweep *sweep = &r->sweep;
    const char *copy = config_copy(r->store, name.text, name.length);
    struct sweep_key *list =
        config_grow(r->store, sweep->key, sweep->key_count, sizeof *sweep->key);
    int line = 0;
    if (!copy || !list)
        return false;
    sweep->key = list;
    if (!check_key(&r->errors, place, copy))
        return false;
    if (is_swept_already(sweep, copy, &line)) {
        if (line)
            config_report(&r->errors, place, "%s is swept twice, first in line %d", copy, line);
        else
            config_report(&r->errors, place, "%s is swept twice", copy);
        return false;
    }
    list[sweep->key_count++] =
        (struct sweep_key){.name = copy, .line = sweep->line_count, .config_line = place->line};
    return true;
}

/* Gives the last `keys` keys their lists. */
static bool read_values(struct sweep_reading *r, const struct place *place, const char *text,
                        size_t keys)
{
    struct sweep *sweep = &r->sweep;
    struct sweep_list *list = config_alloc(r->store, keys, sizeof *list);
    struct parser parser = {.store = r->store, .errors = &r->errors, .place = *place};
    struct span span = config_trim(config_span(text));
    if (!list)
        return false;
    if (span.length == 0) {
        config_report(&r->errors, place, "the values are missing; write a list such as range(1:6)");
        return false;
    }
    if (keys == 1 ? !config_parse_sweep_list(&parser, span, list)
                  : !config_parse_sweep_zip(&parser, span, keys, list))
        return false;
    for (size_t i = 0; i < keys; i++)
        sweep->key[sweep->key_count - keys + i].text = list[i].text;
    size_t *counts = config_grow(r->store, sweep->line_values, sweep->line_count, sizeof *counts);
    if (!counts)
        return false;
    sweep->line_values = counts;
    counts[sweep->line_count++] = list[0].count;
    return true;
}

static void read_line(struct sweep_reading *r, struct ini_entry *entry)
{
    struct place place = place_of(entry);
    struct span name, rest = config_span(entry->key);
    size_t keys = 0;
    entry->used = true;
    for (; config_next_part(&rest, &name); keys++) {
        if (!add_key(r, &place, name))
            return;
    }
    read_values(r, &place, entry->text, keys);
}

/* The keys of a line, without blanks, are its name: `a,b`. */
static bool same_keys(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, " \t");
        b += strspn(b, " \t");
        if (*a != *b || !*a)
            return *a == *b;
    }
}

/* --vary KEYS=LIST. */
static void take_vary(struct sweep_reading *r, struct ini_section *section, const char *text)
{
    const char *equals = strchr(text, '=');
    char quoted[64];
    struct place place = {.section = CONFIG_SWEEP, .vary = true};
    if (!equals || !config_value_is_plain(text)) {
        place.key = config_quote(text, strcspn(text, "\r\n"), quoted);
        config_report(&r->errors, &place,
                      "no list; write KEY=LIST, such as "
                      "'population.exc.I_e=grid(200 pA, 300 pA, 11)'");
        return;
    }
    struct span key = config_trim((struct span){text, (size_t)(equals - text)});
    const char *name = config_copy(r->store, key.text, key.length);
    const char *values = config_copy(r->store, equals + 1, strlen(equals + 1));
    if (!name || !values)
        return;
    if (is_word_key(name) && strchr(values, '(')) {
        place.key = name;
        config_report(&r->errors, &place,
                      "a list is for a key with its section before it, such as simulation.seed");
        return;
    }
    for (size_t i = 0; i < section->count; i++) {
        if (same_keys(section->entry[i].key, name)) {
            section->entry[i].text = values;
            section->entry[i].line = 0;
            return;
        }
    }
    config_ini_add_entry(section, r->store, name, values, 0);
}

static void read_words(struct sweep_reading *r, struct ini_section *section)
{
    struct value value[SWEEP_WORDS];
    struct reading reading = {.store = r->store, .errors = r->errors};
    config_read_keys(&reading, section, words, SWEEP_WORDS, value);
    r->errors = reading.errors;
    r->sweep.seed_by_point = value[SWEEP_SEED].integer == 1;
    r->sweep.files = value[SWEEP_FILES].integer == 0;
}

void config_sweep_read_section(struct sweep_reading *r, const struct sweep_source *source)
{
    struct ini_section *section = config_ini_section(&r->ini, CONFIG_SWEEP);
    if (!section)
        section = config_ini_add_section(&r->ini, r->store, CONFIG_SWEEP, 0);
    if (!section)
        return;
    for (size_t i = 0; i < source->vary_count; i++)
        take_vary(r, section, source->vary[i]);
    read_words(r, section);
    for (size_t i = 0; i < section->count; i++) {
        if (!section->entry[i].used && !is_word_key(section->entry[i].key))
            read_line(r, &section->entry[i]);
    }
}

/* Whether an override `section.key=value` sets this key. */
static bool overrides_key(const char *override, struct span key)
{
    struct span name = config_trim((struct span){override, strcspn(override, "=")});
    return name.length == key.length && memcmp(name.text, key.text, key.length) == 0;
}

bool config_sweep_is_set(const char *const *overrides, size_t count, const char *key, size_t length)
{
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found |= overrides_key(overrides[i], (struct span){key, length});
    return found;
}

void config_check_single(struct reading *reading, const char *const *overrides, size_t count)
{
    struct ini_section *section = config_ini_section(&reading->ini, CONFIG_SWEEP);
    for (size_t i = 0; section && i < section->count; i++) {
        const struct ini_entry *entry = &section->entry[i];
        struct place place = {.line = entry->line, .section = CONFIG_SWEEP, .key = entry->key};
        struct span name, rest = config_span(entry->key);
        while (!is_word_key(entry->key) && config_next_part(&rest, &name)) {
            if (!config_sweep_is_set(overrides, count, name.text, name.length))
                config_report(&reading->errors, &place,
                              "this is a sweep, which megalif sweep runs; a single run needs --set "
                              "%.*s=VALUE",
                              (int)name.length, name.text);
        }
    }
}
