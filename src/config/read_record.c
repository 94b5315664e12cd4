/* [record.NAME]: what is recorded, of whom, and how often. */
#include "config/read_record.h"

#include "config/names.h"
#include "config/read_targets.h"
#include "config/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Populations by name, without slices; sorted by index. */
static bool read_populations(struct reading *reading, const struct parser *parser, const char *text,
                             struct record_config *out)
{
    if (strchr(text, '[')) {
        config_report(parser->errors, &parser->place,
                      "a slice; name whole populations here and choose ids with `neurons`");
        return false;
    }
    struct target *target;
    size_t count;
    if (!config_read_populations(reading, parser, text, &target, &count))
        return false;
    out->population = config_alloc(reading->store, count, sizeof *out->population);
    for (size_t i = 0; out->population && i < count; i++)
        out->population[i] = target[i].population;
    out->population_count = out->population ? count : 0;
    return out->population != NULL;
}

/* The words that `what` may be. */
struct words {
    const char **list;
    size_t count;
};

static void add_word(struct words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->list[i], word) == 0)
            return;
    words->list[words->count++] = word;
}

/* Those of any of the populations [first, last), each once. */
static struct words words_of(struct reading *reading, size_t first, size_t last)
{
    const struct population_config *population = reading->config->population;
    size_t room = CONFIG_RECORDABLES + RECORD_TRACE;
    for (size_t i = first; i < last; i++)
        room += population[i].model ? population[i].model->recordable_count : 0;
    struct words words = {config_alloc(reading->store, room, sizeof *words.list), 0};
    if (!words.list)
        return words;
    add_word(&words, "spikes");
    add_word(&words, "counts");
    for (size_t i = first; i < last; i++)
        for (size_t r = 0; r < CONFIG_RECORDABLES; r++)
            if (config_find_recordable(population[i].model, config_recordables[r].name))
                add_word(&words, config_recordables[r].name);
    add_word(&words, "rate");
    for (size_t i = first; i < last; i++)
        for (size_t r = 0; population[i].model && r < population[i].model->recordable_count; r++)
            add_word(&words, population[i].model->recordables[r].name);
    return words;
}

/* What any population has under this name. Says nothing of a word where a model is not known. */
static bool read_what(struct reading *reading, const struct ini_section *section,
                      const struct value *value, struct record_config *out)
{
    const struct population_config *population = reading->config->population;
    const size_t count = reading->config->population_count;
    bool sure = true;
    if (!value->present)
        return false;
    for (out->what = RECORD_SPIKES; out->what != RECORD_TRACE; out->what++)
        if (strcmp(record_what_name(out), value->text) == 0)
            return true;
    out->trace = config_find_recordable(NULL, value->text);
    for (size_t i = 0; i < count && !out->trace; i++) {
        out->trace = config_find_recordable(population[i].model, value->text);
        sure &= population[i].model != NULL;
    }
    struct words words = words_of(reading, 0, count);
    if (!out->trace && sure && words.list) {
        struct place place = config_value_place(section, &config_record_keys[RECORD_WHAT], value);
        config_report_word(&reading->errors, &place, value->text, strlen(value->text), words.list,
                           words.count);
    }
    return out->trace != NULL;
}

/* What is recorded as a trace must be there in all populations of the recorder, in one unit. */
static void check_trace(struct reading *reading, const struct ini_section *section,
                        const struct value *value, struct record_config *out)
{
    struct place place = config_value_place(section, &config_record_keys[RECORD_WHAT], value);
    const struct population_config *population = reading->config->population;
    const char *name = out->trace ? out->trace->name : NULL;
    const struct recordable *first = NULL;
    for (size_t i = 0; name && i < out->population_count; i++) {
        const struct population_config *p = &population[out->population[i]];
        const struct recordable *own = config_find_recordable(p->model, name);
        first = first ? first : own;
        struct words words = words_of(reading, out->population[i], out->population[i] + 1);
        char hint[256];
        if (!own && p->model && words.list)
            config_report(
                &reading->errors, &place, "%s has no %s; %s", p->name, name,
                config_suggest(name, "write one of ", words.list, words.count, hint, sizeof hint));
        else if (own && own->dimension != first->dimension)
            config_report(&reading->errors, &place,
                          "%s is in %s in %s, in %s before; give it a recorder of its own", name,
                          config_kept_unit(own->dimension), p->name,
                          config_kept_unit(first->dimension));
    }
    out->trace = first;
}

/* A key that does not go with what is recorded. */
static void refuse(struct reading *reading, const struct ini_section *section,
                   const struct value *value, enum record_key key, const char *text)
{
    struct place place = config_value_place(section, &config_record_keys[key], &value[key]);
    if (value[key].given)
        config_report(&reading->errors, &place, "%s; leave this key out", text);
}

/* Rows or bins: how far apart. */
static void read_interval(struct reading *reading, const struct ini_section *section,
                          const struct value *value, struct record_config *out)
{
    enum record_key key = out->what == RECORD_RATE ? RECORD_BIN_WIDTH : RECORD_INTERVAL;
    if (out->what != RECORD_RATE)
        refuse(reading, section, value, RECORD_BIN_WIDTH, "only a rate has bins");
    if (!record_is_trace(out))
        refuse(reading, section, value, RECORD_INTERVAL, "only V_m, I and jumps have an interval");
    struct place place = config_value_place(section, &config_record_keys[key], &value[key]);
    place.fallback = false; /* also said of the key when it is missing */
    if (out->what == RECORD_RATE && !value[key].given && !section->broken)
        config_report(&reading->errors, &place,
                      "the key is missing; rates in bins of 1 ms are always recorded: choose "
                      "another width, such as 10 ms");
    if (value[key].present)
        out->interval_steps = value[key].integer;
    else if (record_is_trace(out) && reading->dt)
        out->interval_steps = config_steps_of_1_ms(reading->config);
}

static void read_window(struct reading *reading, const struct ini_section *section,
                        const struct value *value, struct record_config *out)
{
    const uint64_t end = reading->config->steps;
    struct place start =
        config_value_place(section, &config_record_keys[RECORD_START], &value[RECORD_START]);
    struct place stop =
        config_value_place(section, &config_record_keys[RECORD_STOP], &value[RECORD_STOP]);
    out->start_step = value[RECORD_START].integer;
    out->stop_step = value[RECORD_STOP].integer;
    if (!reading->dt || !value[RECORD_START].present || !value[RECORD_STOP].present)
        return;
    if (out->start_step >= out->stop_step)
        config_report(&reading->errors, &stop,
                      "stop is not after start; nothing would ever be recorded");
    else if (end > 0 && out->start_step >= end)
        config_report(&reading->errors, &start,
                      "not before the end of the simulation; nothing would ever be recorded");
}

void config_read_record(struct reading *reading, struct ini_section *section,
                        struct record_config *out)
{
    struct value value[RECORD_KEYS];
    const struct key *keys = config_record_keys;
    const char *name = strchr(section->name, '.') + 1;
    out->name = config_copy(reading->store, name, strlen(name));
    out->line = section->line;
    config_read_keys(reading, section, keys, RECORD_KEYS, value);
    config_report_unknown(reading, section, keys, RECORD_KEYS, NULL, 0);
    out->seed = config_seed(reading, &value[RECORD_SEED]);
    if (read_what(reading, section, &value[RECORD_WHAT], out))
        read_interval(reading, section, value, out);
    read_window(reading, section, value, out);

    struct parser parser = {.store = reading->store, .errors = &reading->errors};
    parser.place = config_value_place(section, &keys[RECORD_POPULATION], &value[RECORD_POPULATION]);
    if (!value[RECORD_POPULATION].present ||
        !read_populations(reading, &parser, value[RECORD_POPULATION].text, out))
        return;
    check_trace(reading, section, &value[RECORD_WHAT], out);
    parser.place = config_value_place(section, &keys[RECORD_NEURONS], &value[RECORD_NEURONS]);
    if (out->what == RECORD_COUNTS)
        refuse(reading, section, value, RECORD_NEURONS, "counts are always those of all neurons");
    else if (out->what == RECORD_RATE)
        refuse(reading, section, value, RECORD_NEURONS, "a rate is always that of all neurons");
    else if (value[RECORD_NEURONS].present)
        config_read_selection(reading, &parser, value[RECORD_NEURONS].text, out);
}

/* Reports the later one of two recorders of the same on one population; returns the first. */
static const struct record_config *settle(struct reading *reading, const struct record_config *a,
                                          const struct record_config *b,
                                          const struct population_config *population)
{
    const struct record_config *first = a->line < b->line ? a : b, *later = first == a ? b : a;
    char section[80] = "record.";
    strncat(section, later->name, sizeof section - sizeof "record.");
    struct place place = {.line = later->line, .section = section, .key = "population"};
    config_report(&reading->errors, &place,
                  "%s of %s are recorded by [record.%s] in line %d already; one recorder is enough",
                  record_what_name(later), population->name, first->name, first->line);
    return first;
}

void config_check_records(struct reading *reading)
{
    const struct config *config = reading->config;
    const struct record_config **owner = /* of (population, what) */
        config_alloc(reading->store, 2 * config->population_count, sizeof *owner);
    for (size_t i = 0; owner && i < config->record_count; i++) {
        const struct record_config *record = &config->record[i];
        bool single = record->what == RECORD_SPIKES || record->what == RECORD_COUNTS;
        for (size_t k = 0; single && k < record->population_count; k++) {
            size_t population = record->population[k];
            const struct record_config **own = &owner[2 * population + record->what];
            *own = *own ? settle(reading, *own, record, &config->population[population]) : record;
        }
    }
}
