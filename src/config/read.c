/* A file to a config: sections in an order in which each finds what it refers to. */
#include "config/read.h"

#include "config/advice.h"
#include "config/defaults.h"
#include "config/names.h"
#include "config/override.h"
#include "config/read_checkpoint.h"
#include "config/read_input.h"
#include "config/read_population.h"
#include "config/read_projection.h"
#include "config/read_record.h"
#include "config/sections.h"
#include "config/streams.h"
#include "config/sweep_section.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 63, FILE_MOST = 4 << 20 };

/* A config and its memory. */
struct owned {
    struct config config;
    struct store store;
};

void config_free(struct config *config)
{
    if (!config)
        return;
    struct owned *owned = (struct owned *)config; /* its first member */
    messages_free(&config->warnings);
    config_store_free(&owned->store);
    free(owned);
}

static const char *const prefixes[] = {"population.", "input.", "projection.", "record."};
enum { PREFIXES = sizeof prefixes / sizeof *prefixes };

static bool has_prefix(const struct ini_section *section, const char *prefix)
{
    return strncmp(section->name, prefix, strlen(prefix)) == 0;
}

static void report_unknown_section(struct reading *reading, const struct ini_section *section)
{
    const char *dot = strchr(section->name, '.'), *name = dot ? dot + 1 : "NAME";
    struct place place = {.line = section->line, .section = section->name};
    char list[PREFIXES][96], hint[512];
    const char *known[PREFIXES + CONFIG_SINGLES];
    for (size_t i = 0; i < CONFIG_SINGLES; i++)
        known[i] = config_single_sections[i];
    for (size_t i = 0; i < PREFIXES; i++) {
        snprintf(list[i], sizeof list[i], "[%s%.63s]", prefixes[i], *name ? name : "NAME");
        known[CONFIG_SINGLES + i] = list[i];
        if (!dot && strncmp(list[i] + 1, section->name, strlen(section->name)) == 0 &&
            prefixes[i][strlen(section->name)] == '.') {
            config_report(&reading->errors, &place, "the name is missing; write %s", list[i]);
            return;
        }
    }
    const char *prefix = config_advise_section(section->name);
    if (prefix) {
        config_report(&reading->errors, &place, "unknown section; did you mean [%s%.63s]?", prefix,
                      *name ? name : "NAME");
        return;
    }
    char quoted[64], bracketed[72];
    snprintf(bracketed, sizeof bracketed, "[%s]",
             config_quote(section->name, strlen(section->name), quoted));
    config_report(&reading->errors, &place, "unknown section; %s",
                  config_suggest(bracketed, "sections are ", known, PREFIXES + CONFIG_SINGLES, hint,
                                 sizeof hint));
}

/* Whether the section, whose prefix is right, has a good NAME. */
static bool check_name(struct reading *reading, const struct ini_section *section)
{
    const char *name = strchr(section->name, '.') + 1;
    size_t length = strlen(name);
    struct place place = {.line = section->line, .section = section->name};
    if (!config_is_name(name, length) || length > NAME_MOST) {
        config_report(
            &reading->errors, &place,
            "not a good name; a name has 1 to 63 letters, digits and _, and does not start "
            "with a digit");
        reading->ini.broken_header = true;
        return false;
    }
    if (has_prefix(section, "population.") && strcmp(name, "all") == 0) {
        config_report(&reading->errors, &place, "'all' means all populations; choose another name");
        return false;
    }
    return true;
}

/* The sections of one prefix with good names, in the order of the file. */
static struct ini_section **select_sections(struct reading *reading, const char *prefix,
                                            size_t *count)
{
    struct ini *ini = &reading->ini;
    struct ini_section **list = config_alloc(reading->store, ini->count, sizeof *list);
    *count = 0;
    for (size_t i = 0; list && i < ini->count; i++) {
        if (has_prefix(&ini->section[i], prefix) && check_name(reading, &ini->section[i]))
            list[(*count)++] = &ini->section[i];
    }
    return list;
}

static void check_sections(struct reading *reading)
{
    for (size_t i = 0; i < reading->ini.count; i++) {
        const struct ini_section *section = &reading->ini.section[i];
        bool known = config_is_single_section(section->name);
        for (size_t k = 0; k < PREFIXES; k++)
            known |= has_prefix(section, prefixes[k]);
        if (!known)
            report_unknown_section(reading, section);
    }
}

static int inputs_by_name(const void *left, const void *right)
{
    const struct input_config *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static int projections_by_name(const void *left, const void *right)
{
    const struct projection_config *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static int records_by_name(const void *left, const void *right)
{
    const struct record_config *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static void read_populations(struct reading *reading)
{
    struct config *config = reading->config;
    size_t count;
    struct ini_section **list = select_sections(reading, "population.", &count);
    config->population = config_alloc(reading->store, count, sizeof *config->population);
    if (!config->population)
        return;
    config->population_count = count;
    for (size_t i = 0; i < count; i++)
        config_read_population(reading, list[i], &config->population[i]);
    if (count == 0 && !reading->ini.broken_header)
        config_report(&reading->errors, &(struct place){0},
                      "there is no population; write a section such as [population.exc]");
}

static void read_inputs(struct reading *reading)
{
    struct config *config = reading->config;
    size_t count;
    struct ini_section **list = select_sections(reading, "input.", &count);
    config->input = config_alloc(reading->store, count, sizeof *config->input);
    if (!config->input)
        return;
    config->input_count = count;
    for (size_t i = 0; i < count; i++)
        config_read_input(reading, list[i], &config->input[i]);
    if (!reading->store->failed) /* the names are there */
        qsort(config->input, count, sizeof *config->input, inputs_by_name);
}

static void read_projections(struct reading *reading)
{
    struct config *config = reading->config;
    size_t count;
    struct ini_section **list = select_sections(reading, "projection.", &count);
    config->projection = config_alloc(reading->store, count, sizeof *config->projection);
    if (!config->projection)
        return;
    config->projection_count = count;
    for (size_t i = 0; i < count; i++)
        config_read_projection(reading, list[i], &config->projection[i]);
    if (!reading->store->failed)
        qsort(config->projection, count, sizeof *config->projection, projections_by_name);
}

static void read_records(struct reading *reading)
{
    struct config *config = reading->config;
    size_t count;
    struct ini_section **list = select_sections(reading, "record.", &count);
    config->record = config_alloc(reading->store, count, sizeof *config->record);
    if (!config->record)
        return;
    config->record_count = count;
    for (size_t i = 0; i < count; i++)
        config_read_record(reading, list[i], &config->record[i]);
    if (reading->store->failed)
        return;
    qsort(config->record, count, sizeof *config->record, records_by_name);
    config_check_records(reading);
}

/* A section that may be missing: then an empty one stands in. */
static struct ini_section *section_or_empty(struct reading *reading, const char *name,
                                            struct ini_section *empty)
{
    struct ini_section *section = config_ini_section(&reading->ini, name);
    *empty = (struct ini_section){.name = name, .broken = reading->ini.broken_header};
    return section ? section : empty;
}

static void read_all(struct reading *reading, const char *text, size_t length,
                     const char *const *overrides, size_t override_count)
{
    struct ini_section empty;
    config_ini_read(text, length, &reading->errors, &reading->ini);
    config_ini_override(overrides, override_count, &reading->errors, &reading->ini);
    config_apply_defaults(reading);
    check_sections(reading);
    config_check_single(reading, overrides, override_count);
    config_read_simulation(reading, section_or_empty(reading, "simulation", &empty));
    read_populations(reading);
    config_check_defaults(reading);
    read_inputs(reading);
    read_projections(reading);
    read_records(reading);
    config_read_checkpoint(reading, section_or_empty(reading, "checkpoint", &empty),
                           config_ini_section(&reading->ini, "checkpoint") != NULL);
    config_read_output(reading, section_or_empty(reading, "output", &empty));
    if (!reading->store->failed && reading->errors.count == 0)
        config_check_streams(reading);
}

static enum status out_of_memory(const char *name, struct messages *errors)
{
    messages_add(errors, "%s: out of memory while reading the config", name);
    return STATUS_MEMORY;
}

enum status config_read_text(const char *text, size_t length, const char *name,
                             const char *const *overrides, size_t override_count,
                             const struct config_types *types, struct config **out,
                             struct messages *errors)
{
    *out = NULL;
    struct owned *owned = calloc(1, sizeof *owned);
    if (!owned)
        return out_of_memory(name, errors);
    struct config *config = &owned->config;
    struct store *store = &owned->store;
    config->file = config_copy(store, name, strlen(name));
    const char *shown = strcmp(name, "-") == 0 ? "stdin" : name;
    struct reading reading = {.store = store,
                              .errors = {.file = shown, .store = store},
                              .warnings = {.file = shown, .store = store},
                              .types = types,
                              .config = config};
    if (config->file)
        read_all(&reading, text, length, overrides, override_count);
    if (store->failed || reading.errors.count) {
        bool failed = store->failed;
        config_report_emit(&reading.errors, errors);
        config_free(config);
        return failed ? out_of_memory(name, errors) : STATUS_CONFIG;
    }
    config_report_emit(&reading.warnings, &config->warnings);
    *out = config;
    return STATUS_OK;
}

/* All of a stream in memory, to be freed; NULL with errno set. */
static char *load(FILE *stream, size_t *length)
{
    char *text = malloc(FILE_MOST + 2);
    if (!text)
        return NULL;
    *length = fread(text, 1, FILE_MOST + 1, stream);
    if (!ferror(stream) && *length <= FILE_MOST) {
        text[*length] = '\0';
        return text;
    }
    int reason = ferror(stream) ? errno : EFBIG;
    free(text);
    errno = reason;
    return NULL;
}

char *config_load(const char *path, size_t *length, struct messages *errors)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *stream = standard ? stdin : fopen(path, "rb");
    char *text = stream ? load(stream, length) : NULL;
    int reason = errno;
    if (stream && !standard)
        fclose(stream);
    if (!text)
        messages_add(errors, "%s: cannot be read: %s; name an INI file of at most 4 MiB, or -",
                     standard ? "stdin" : path, strerror(reason));
    errno = reason;
    return text;
}

enum status config_read(const char *path, const char *const *overrides, size_t override_count,
                        const struct config_types *types, struct config **out,
                        struct messages *errors)
{
    *out = NULL;
    size_t length = 0;
    char *text = config_load(path, &length, errors);
    if (!text)
        return errno == ENOMEM ? STATUS_MEMORY : STATUS_CONFIG;
    enum status status =
        config_read_text(text, length, path, overrides, override_count, types, out, errors);
    free(text);
    return status;
}
