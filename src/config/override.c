/* What --set and --vary put in place of a line of the file. */
#include "config/override.h"

#include "config/keys.h"
#include "config/names.h"
#include "config/sections.h"

#include <stdio.h>
#include <string.h>

static const char *trimmed(struct store *store, const char *begin, const char *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return config_copy(store, begin, (size_t)(end - begin));
}

bool config_value_is_plain(const char *value)
{
    for (const char *c = value; *c; c++) {
        bool first = c == value || c[-1] == ' ' || c[-1] == '\t';
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f || (first && strchr(";#", *c)))
            return false;
    }
    return strlen(value) < CONFIG_LINE_MOST / 2 && !strstr(value, "          ");
}

/* A recorder or an input is begun by what it is. A population is not: a name that is misspelt would
 * make a second one. */
static bool begins_section(const char *name, const char *key)
{
    return (strncmp(name, "record.", 7) == 0 && strcmp(key, "what") == 0) ||
           (strncmp(name, "input.", 6) == 0 && strcmp(key, "type") == 0);
}

static struct ini_section *find_section(struct ini *ini, struct report *errors, const char *name,
                                        const char *key, const struct place *place)
{
    struct ini_section *section = config_ini_section(ini, name);
    if (section)
        return section;
    if (config_is_single_section(name) || begins_section(name, key))
        return config_ini_add_section(ini, errors->store, name, 0);
    if (strncmp(name, "sweep.", 6) == 0) {
        config_report(errors, place,
                      "what is swept is said by megalif sweep --vary '%.200s.%.100s=...'", name + 6,
                      key);
        return NULL;
    }
    const char **known = config_alloc(errors->store, ini->count, sizeof *known);
    if (!known || ini->broken_header)
        return NULL;
    for (size_t i = 0; i < ini->count; i++)
        known[i] = ini->section[i].name;
    char hint[512], quoted[64];
    config_report(errors, place, "the config has no section [%s]; %s",
                  config_quote(name, strlen(name), quoted),
                  config_suggest(name, "sections are ", known, ini->count, hint, sizeof hint));
    return NULL;
}

static bool is_simulation_key(const char *key)
{
    bool found = false;
    for (size_t i = 0; key && i < SIMULATION_KEYS; i++)
        found |= strcmp(key, config_simulation_keys[i].name) == 0;
    return found;
}

/* The dot between section and key, the last one before the `=`; NULL: there is none. */
static const char *find_dot(const char *text, const char **equals)
{
    const char *dot = NULL;
    *equals = strchr(text, '=');
    for (const char *c = text; *equals && c < *equals; c++)
        dot = *c == '.' ? c : dot;
    return dot;
}

static void override(const char *text, struct report *errors, struct ini *ini)
{
    const char *equals, *dot = find_dot(text, &equals);
    char quoted[64];
    struct place place = {.override = true};
    struct store *store = errors->store;
    if (!dot) {
        place.section = config_quote(text, strlen(text), quoted);
        if (equals && is_simulation_key(trimmed(store, text, equals)))
            config_report(errors, &place, "the section is missing; did you mean simulation.%s?",
                          quoted);
        else
            config_report(errors, &place,
                          "no override; write section.key=value, such as population.exc.I_e=200 "
                          "pA");
        return;
    }
    const char *name = trimmed(store, text, dot), *key = trimmed(store, dot + 1, equals);
    const char *value = trimmed(store, equals + 1, equals + strlen(equals));
    if (!name || !key || !value)
        return;
    place.section = name;
    place.key = key;
    if (!config_value_is_plain(value)) {
        config_report(errors, &place,
                      "the value has control characters, a ; or # that starts a "
                      "comment, or a run of blanks; write one line of plain text");
        return;
    }
    struct ini_section *section = find_section(ini, errors, name, key, &place);
    if (!section)
        return;
    struct ini_entry *entry = config_ini_entry(section, key);
    if (!entry)
        entry = config_ini_add_entry(section, store, key, value, 0);
    if (entry) {
        entry->text = value;
        entry->line = 0;
    }
}

static bool is_beginning(const char *text, struct store *store)
{
    const char *equals, *dot = find_dot(text, &equals);
    const char *name = dot ? trimmed(store, text, dot) : NULL;
    const char *key = dot ? trimmed(store, dot + 1, equals) : NULL;
    return name && key && begins_section(name, key);
}

void config_ini_override(const char *const *texts, size_t count, struct report *errors,
                         struct ini *ini)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++)
            if (is_beginning(texts[i], errors->store) == (pass == 0))
                override(texts[i], errors, ini);
}
