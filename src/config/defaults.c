#include "config/defaults.h"

#include "config/config.h"
#include "config/names.h"
#include "config/sections.h"

#include <string.h>

static const char name[] = "defaults", population[] = "population.";

static bool is_population(const struct ini_section *section)
{
    return strncmp(section->name, population, sizeof population - 1) == 0;
}

static void give(struct reading *reading, struct ini_section *section,
                 const struct ini_section *defaults)
{
    for (size_t i = 0; i < defaults->count; i++) {
        const struct ini_entry *from = &defaults->entry[i];
        if (config_ini_entry(section, from->key))
            continue;
        struct ini_entry *entry =
            config_ini_add_entry(section, reading->store, from->key, from->text, from->line);
        if (entry)
            entry->shared = true;
    }
}

void config_apply_defaults(struct reading *reading)
{
    const struct ini_section *defaults = config_ini_section(&reading->ini, name);
    for (size_t i = 0; defaults && i < reading->ini.count; i++)
        if (is_population(&reading->ini.section[i]))
            give(reading, &reading->ini.section[i], defaults);
}

static bool is_asked_for(struct reading *reading, const char *key)
{
    for (size_t i = 0; i < reading->ini.count; i++) {
        struct ini_section *section = &reading->ini.section[i];
        const struct ini_entry *entry =
            is_population(section) ? config_ini_entry(section, key) : NULL;
        if (entry && entry->used)
            return true;
    }
    return false;
}

void config_check_defaults(struct reading *reading)
{
    const struct ini_section *defaults = config_ini_section(&reading->ini, name);
    const char *known[POPULATION_KEYS];
    char hint[512];
    for (size_t k = 0; k < POPULATION_KEYS; k++)
        known[k] = config_population_keys[k].name;
    for (size_t i = 0; defaults && i < defaults->count; i++) {
        const struct ini_entry *entry = &defaults->entry[i];
        const struct place place = {
            .line = entry->line, .section = name, .key = entry->key, .override = entry->line == 0};
        if (!entry->used && !is_asked_for(reading, entry->key))
            config_report(&reading->errors, &place, "no population has such a key; %s",
                          config_suggest(entry->key, "keys of all models are ", known,
                                         POPULATION_KEYS, hint, sizeof hint));
    }
}
