/* [input.NAME]: the keys that all inputs have; each type brings its own. */
#include "config/read_input.h"

#include "config/names.h"
#include "config/read_population.h"
#include "config/read_targets.h"
#include "config/weight.h"

#include <string.h>

static const struct input_type *find_type(struct reading *reading, const struct place *place,
                                          const char *name)
{
    for (size_t i = 0; i < reading->types->input_count; i++) {
        if (strcmp(reading->types->input[i]->name, name) == 0)
            return reading->types->input[i];
    }
    const char **known = config_alloc(reading->store, reading->types->input_count, sizeof *known);
    if (!known)
        return NULL;
    for (size_t i = 0; i < reading->types->input_count; i++)
        known[i] = reading->types->input[i]->name;
    char hint[512], quoted[64];
    config_report(
        &reading->errors, place, "there is no input type '%s'; %s",
        config_quote(name, strlen(name), quoted),
        config_suggest(name, "types are ", known, reading->types->input_count, hint, sizeof hint));
    return NULL;
}

/* What a type's check needs to report. */
struct checking {
    struct reading *reading;
    const struct ini_section *section;
    const struct input_config *input;
};

static void report_check(void *context, int key, const char *text)
{
    const struct checking *c = context;
    config_report_check(c->reading, c->section, key < 0 ? NULL : &c->input->keys[key],
                        key < 0 ? NULL : &c->input->value[key], text);
}

/* The keys of the input's own type. */
static bool read_type(struct reading *reading, struct ini_section *section,
                      const struct place *target, struct input_config *out)
{
    const struct input_type *type = out->type;
    out->keys = config_weight_keys(reading, target, out->target, out->target_count, type->keys,
                                   type->key_count);
    out->value = config_alloc(reading->store, type->key_count, sizeof *out->value);
    if (!out->keys || !out->value)
        return false;
    bool good = config_read_keys(reading, section, out->keys, type->key_count, out->value);
    config_report_unknown(reading, section, config_input_keys, INPUT_KEYS, out->keys,
                          type->key_count);
    return good;
}

static bool read_times(struct reading *reading, const struct ini_section *section,
                       const struct value *value, struct input_config *out)
{
    out->start_step = value[INPUT_START].integer;
    out->stop_step = value[INPUT_STOP].integer;
    if (!reading->dt || !value[INPUT_START].present || !value[INPUT_STOP].present ||
        out->start_step < out->stop_step)
        return true;
    struct place place =
        config_value_place(section, &config_input_keys[INPUT_STOP], &value[INPUT_STOP]);
    config_report(&reading->errors, &place, "stop is not after start; the input would never act");
    return false;
}

bool config_targets_copies(const struct input_config *input)
{
    bool all = true;
    for (size_t t = 0; t < input->target_count; t++)
        all &=
            input->config->population[input->target[t].population].value[POPULATION_COPIES].given;
    return all;
}

void config_read_input(struct reading *reading, struct ini_section *section,
                       struct input_config *out)
{
    struct value value[INPUT_KEYS];
    const char *name = strchr(section->name, '.') + 1;
    out->name = config_copy(reading->store, name, strlen(name));
    out->line = section->line;
    out->config = reading->config;
    bool good = config_read_keys(reading, section, config_input_keys, INPUT_KEYS, value);
    out->seed = config_seed(reading, &value[INPUT_SEED]);
    out->seed_given = value[INPUT_SEED].given;
    good &= read_times(reading, section, value, out);
    struct parser parser = {
        .store = reading->store,
        .errors = &reading->errors,
        .place =
            config_value_place(section, &config_input_keys[INPUT_TARGET], &value[INPUT_TARGET]),
    };
    if (value[INPUT_TARGET].present)
        good &= config_read_targets(reading, &parser, value[INPUT_TARGET].text, &out->target,
                                    &out->target_count);
    if (!value[INPUT_TYPE].present)
        return;
    struct place place =
        config_value_place(section, &config_input_keys[INPUT_TYPE], &value[INPUT_TYPE]);
    out->type = find_type(reading, &place, value[INPUT_TYPE].text);
    bool read = out->type && read_type(reading, section, &parser.place, out);
    if (read)
        config_check_levels(reading, section, out->keys, out->type->key_count, out->value,
                            config_targets_copies(out));
    if (read && good && out->type->check)
        out->type->check(out, report_check,
                         &(struct checking){.reading = reading, .section = section, .input = out});
}
