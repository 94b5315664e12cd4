/* What all sections have in common, and two of those that stand once: [simulation] and [output]. */
#include "config/sections.h"

#include "config/advice.h"
#include "config/names.h"

#include <stdio.h>
#include <string.h>

enum { PATH_MOST = 4096 };

const char *const config_single_sections[CONFIG_SINGLES] = {
    "[simulation]", "[output]", "[checkpoint]", "[" CONFIG_SWEEP "]", "[defaults]"};

bool config_is_single_section(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < CONFIG_SINGLES; i++)
        if (strlen(config_single_sections[i]) == length + 2 &&
            strncmp(config_single_sections[i] + 1, name, length) == 0)
            return true;
    return false;
}

struct place config_value_place(const struct ini_section *section, const struct key *key,
                                const struct value *value)
{
    return (struct place){.line = value->given ? value->line : section->line,
                          .section = section->name,
                          .key = key->name,
                          .fallback = !value->given,
                          .override = value->given && value->line == 0};
}

static struct place entry_place(const struct ini_section *section, const struct ini_entry *entry)
{
    return (struct place){.line = entry->line,
                          .section = section->name,
                          .key = entry->key,
                          .override = entry->line == 0};
}

static bool read_key(struct reading *reading, struct ini_section *section, const struct key *key,
                     struct value *value)
{
    struct parser parser = {
        .store = reading->store, .errors = &reading->errors, .key = key, .dt = reading->dt};
    struct ini_entry *entry = config_ini_entry(section, key->name);
    if (entry) {
        entry->used = true;
        parser.place = entry_place(section, entry);
        bool good = config_parse_value(&parser, entry->text, value);
        value->given = true;
        value->line = entry->line;
        return good;
    }
    parser.place =
        (struct place){.line = section->line, .section = section->name, .key = key->name};
    if (key->required && !section->broken)
        config_report(&reading->errors, &parser.place, "the key is missing; it is %s", key->help);
    if (!key->fallback)
        return !key->required;
    parser.place.fallback = true;
    return config_parse_value(&parser, key->fallback, value);
}

bool config_read_keys(struct reading *reading, struct ini_section *section, const struct key *keys,
                      size_t count, struct value *values)
{
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        values[i] = (struct value){0};
        good &= read_key(reading, section, &keys[i], &values[i]);
    }
    return good;
}

void config_report_unknown(struct reading *reading, const struct ini_section *section,
                           const struct key *keys, size_t count, const struct key *more,
                           size_t more_count)
{
    const char **known = config_alloc(reading->store, count + more_count, sizeof *known);
    if (!known)
        return;
    for (size_t i = 0; i < count + more_count; i++)
        known[i] = i < count ? keys[i].name : more[i - count].name;
    for (size_t i = 0; i < section->count; i++) {
        if (section->entry[i].used || section->entry[i].shared)
            continue;
        char hint[512];
        const char *key = section->entry[i].key;
        struct place place = entry_place(section, &section->entry[i]);
        const char *advice =
            config_translate(key, known, count + more_count)
                ? NULL
                : config_advise(reading->types, section->name, key, hint, sizeof hint);
        config_report(&reading->errors, &place, "unknown key; %s",
                      advice ? advice
                             : config_suggest(key, "keys here are ", known, count + more_count,
                                              hint, sizeof hint));
    }
}

void config_report_check(struct reading *reading, const struct ini_section *section,
                         const struct key *key, const struct value *value, const char *text)
{
    struct place place = {.line = section->line, .section = section->name};
    if (key) {
        place = config_value_place(section, key, value);
        place.fallback = false; /* also said of keys that are missing */
    }
    config_report(&reading->errors, &place, "%s", text);
}

uint64_t config_seed(const struct reading *reading, const struct value *value)
{
    return value->present ? value->integer : reading->config->seed;
}

/* dt first: the times are counted in it. */
void config_read_simulation(struct reading *reading, struct ini_section *section)
{
    struct config *config = reading->config;
    struct value value[SIMULATION_KEYS];
    const struct key *keys = config_simulation_keys;
    bool good = config_read_keys(reading, section, keys, SIMULATION_DT + 1, value);
    if (good) {
        config->dt = value[SIMULATION_DT].exact;
        config->dt_ms = decimal_to_double(config->dt);
        reading->dt = &config->dt;
    }
    good &= config_read_keys(reading, section, keys + SIMULATION_DT + 1,
                             SIMULATION_KEYS - SIMULATION_DT - 1, value + SIMULATION_DT + 1);
    config_report_unknown(reading, section, keys, SIMULATION_KEYS, NULL, 0);
    config->steps = value[SIMULATION_DURATION].integer;
    config->seed = value[SIMULATION_SEED].integer;
    config->precision = (enum precision)value[SIMULATION_PRECISION].integer;
    config->method = (enum method)value[SIMULATION_METHOD].integer;
    config->warmup_steps = value[SIMULATION_WARMUP].integer;
    config->record_warmup = value[SIMULATION_RECORD_WARMUP].integer;
    config->max_rate = value[SIMULATION_MAX_RATE];
    config->max_rate_stops = value[SIMULATION_ON_MAX_RATE].integer == 0;
    config->stop_after_spikes = value[SIMULATION_STOP_AFTER_SPIKES].integer;
    if (value[SIMULATION_ON_MAX_RATE].given && !value[SIMULATION_MAX_RATE].given) {
        struct place place = config_value_place(section, &keys[SIMULATION_ON_MAX_RATE],
                                                &value[SIMULATION_ON_MAX_RATE]);
        config_report(&reading->errors, &place,
                      "there is no max_rate to go with it; write one, or leave this out");
    }
    if (good && config->warmup_steps > config->steps) {
        struct place place =
            config_value_place(section, &keys[SIMULATION_WARMUP], &value[SIMULATION_WARMUP]);
        config_report(&reading->errors, &place,
                      "the warmup is longer than the duration; choose it shorter");
    }
}

/* The config's name without folder and ending, with .h5. */
static char *default_output(struct reading *reading)
{
    const char *file = reading->config->file, *slash = strrchr(file, '/');
    const char *base = strcmp(file, "-") == 0 ? "stdin" : slash ? slash + 1 : file;
    const char *dot = strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    char *name = config_alloc(reading->store, length + sizeof ".h5", 1);
    if (!name)
        return NULL;
    snprintf(name, length + sizeof ".h5", "%.*s.h5", (int)length, base);
    for (char *c = name; *c; c++) { /* what an INI value cannot hold */
        bool blank_again = *c == ' ' && (c == name || c[-1] == ' ');
        if ((unsigned char)*c < ' ' || *c == 0x7f || *c == ';' || *c == '#' || blank_again)
            *c = '_';
    }
    return name;
}

void config_read_output(struct reading *reading, struct ini_section *section)
{
    struct config *config = reading->config;
    struct value value[OUTPUT_KEYS];
    uint64_t neurons = 0;
    config_read_keys(reading, section, config_output_keys, OUTPUT_KEYS, value);
    config_report_unknown(reading, section, config_output_keys, OUTPUT_KEYS, NULL, 0);
    for (size_t i = 0; i < config->population_count; i++)
        neurons += config->population[i].size; /* at most 2^12 times 2^48 */
    config->output_file =
        value[OUTPUT_FILE].present ? value[OUTPUT_FILE].text : default_output(reading);
    if (config->output_file && strlen(config->output_file) >= PATH_MOST) {
        struct place place =
            config_value_place(section, &config_output_keys[OUTPUT_FILE], &value[OUTPUT_FILE]);
        config_report(&reading->errors, &place, "the name is too long; at most %d bytes",
                      PATH_MOST - 1);
    }
    config->output_deflate = value[OUTPUT_COMPRESSION].integer == 0;
    config->output_parameters = value[OUTPUT_PARAMETERS].present
                                    ? value[OUTPUT_PARAMETERS].integer == 0
                                    : neurons <= 10000000;
}
