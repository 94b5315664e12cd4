#include "config/sections.h"

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
    if (!config_read_targets(reading, parser, text, &target, &count))
        return false;
    out->population = config_alloc(reading->store, count, sizeof *out->population);
    for (size_t i = 0; out->population && i < count; i++)
        out->population[i] = target[i].population;
    out->population_count = out->population ? count : 0;
    return out->population != NULL;
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
    out->what = (enum record_what)value[RECORD_WHAT].integer;
    out->seed = config_seed(reading, &value[RECORD_SEED]);

    struct parser parser = {.store = reading->store, .errors = &reading->errors};
    parser.place = config_value_place(section, &keys[RECORD_POPULATION], &value[RECORD_POPULATION]);
    if (!value[RECORD_POPULATION].present ||
        !read_populations(reading, &parser, value[RECORD_POPULATION].text, out))
        return;
    parser.place = config_value_place(section, &keys[RECORD_NEURONS], &value[RECORD_NEURONS]);
    if (out->what == RECORD_COUNTS && value[RECORD_NEURONS].given)
        config_report(&reading->errors, &parser.place,
                      "counts are always those of all neurons; leave this key out");
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
                  later->what == RECORD_SPIKES ? "spikes" : "counts", population->name, first->name,
                  first->line);
    return first;
}

void config_check_records(struct reading *reading)
{
    const struct config *config = reading->config;
    const struct record_config **owner = /* of (population, what) */
        config_alloc(reading->store, 2 * config->population_count, sizeof *owner);
    for (size_t i = 0; owner && i < config->record_count; i++) {
        const struct record_config *record = &config->record[i];
        for (size_t k = 0; k < record->population_count; k++) {
            size_t population = record->population[k];
            const struct record_config **own = &owner[2 * population + record->what];
            *own = *own ? settle(reading, *own, record, &config->population[population]) : record;
        }
    }
}
