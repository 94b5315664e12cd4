/* A config as INI text that reads back to the same config. */
#include "config/write.h"

#include "base/wall_time.h"
#include "config/distribution.h"
#include "config/keys.h"
#include "config/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_exact(FILE *to, struct decimal number, enum dimension dimension)
{
    char text[48];
    const char *unit = config_kept_unit(dimension);
    fprintf(to, "%s%s%s", decimal_format(number, text), *unit ? " " : "", unit);
}

static void write_double(FILE *to, double number, enum dimension dimension)
{
    char text[32];
    const char *unit = config_kept_unit(dimension);
    fprintf(to, "%s%s%s", double_format(number, text), *unit ? " " : "", unit);
}

/* steps * dt; "inf" for a time that never comes. */
static void write_time(FILE *to, const struct config *config, uint64_t steps)
{
    struct decimal exact;
    if (steps == VALUE_FOREVER)
        fputs("inf", to);
    else if (config_exact_time(config->dt, steps, &exact))
        write_exact(to, exact, DIMENSION_TIME);
    else /* not of a config that was read: its times have 18 digits at most */
        write_double(to, decimal_times_steps(config->dt, steps), DIMENSION_TIME);
}

static void write_distribution(FILE *to, const struct key *key, const struct value *value)
{
    enum distribution_kind kind = value->number.kind;
    if (kind == DISTRIBUTION_CONSTANT) {
        write_exact(to, value->exact, key->dimension);
        return;
    }
    if (kind == DISTRIBUTION_FILE) {
        fprintf(to, "file(%s%s%s)", value->text, value->part ? ", " : "",
                value->part ? value->part : "");
        return;
    }
    fprintf(to, "%s(", config_distribution_name(kind));
    for (int i = 0; i < config_distribution_parameters(kind); i++) {
        bool plain = kind == DISTRIBUTION_LOGNORMAL && i == 1;
        fputs(i ? ", " : "", to);
        write_double(to, value->number.parameter[i], plain ? DIMENSION_NONE : key->dimension);
    }
    for (size_t i = 0; i < value->number.count; i++) {
        fputs(i ? ", " : "", to);
        write_double(to, value->number.list[i], key->dimension);
    }
    fputc(')', to);
}

static void write_list(FILE *to, const struct config *config, const struct key *key,
                       const struct value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        fputs(i ? ", " : "", to);
        if (key->kind == VALUE_TIMES)
            write_time(to, config, value->steps[i]);
        else
            write_double(to, value->numbers[i], key->dimension);
    }
}

static void write_key(FILE *to, const char *name)
{
    fprintf(to, "%-13s = ", name);
}

/* One line, or none for an absent value. */
static void write_value(FILE *to, const struct config *config, const struct key *key,
                        const struct value *value)
{
    if (!value->present)
        return;
    write_key(to, key->name);
    switch (key->kind) {
    case VALUE_NUMBER:
    case VALUE_DISTRIBUTION:
        write_distribution(to, key, value);
        break;
    case VALUE_INTEGER:
        fprintf(to, "%" PRIu64, value->integer);
        break;
    case VALUE_TIME:
        write_time(to, config, value->integer);
        break;
    case VALUE_NUMBERS:
    case VALUE_TIMES:
        write_list(to, config, key, value);
        break;
    case VALUE_FLAG:
        fputs(value->integer ? "yes" : "no", to);
        break;
    case VALUE_WORD:
    case VALUE_TEXT:
        fputs(value->text, to);
        break;
    }
    fputc('\n', to);
}

static void write_limits(FILE *to, const struct config *config)
{
    if (config->max_rate.present) {
        write_value(to, config, &config_simulation_keys[SIMULATION_MAX_RATE], &config->max_rate);
        write_key(to, "on_max_rate");
        fprintf(to, "%s\n", config->max_rate_stops ? "stop" : "warn");
    }
    if (config->stop_after_spikes) {
        write_key(to, "stop_after_spikes");
        fprintf(to, "%" PRIu64 "\n", config->stop_after_spikes);
    }
}

static void write_simulation(FILE *to, const struct config *config)
{
    fputs("[simulation]\n", to);
    write_key(to, "dt");
    write_exact(to, config->dt, DIMENSION_TIME);
    fputc('\n', to);
    write_key(to, "duration");
    write_time(to, config, config->steps);
    fputc('\n', to);
    write_key(to, "seed");
    fprintf(to, "%" PRIu64 "\n", config->seed);
    write_key(to, "precision");
    fprintf(to, "%s\n", config->precision == PRECISION_DOUBLE ? "double" : "single");
    write_key(to, "method");
    fprintf(to, "%s\n", config->method == METHOD_EULER ? "euler" : "exact");
    write_key(to, "warmup");
    write_time(to, config, config->warmup_steps);
    fputc('\n', to);
    write_key(to, "record_warmup");
    fprintf(to, "%s\n", config->record_warmup ? "yes" : "no");
    write_limits(to, config);
}

static void write_population(FILE *to, const struct config *config,
                             const struct population_config *population)
{
    fprintf(to, "\n[population.%s]\n", population->name);
    for (int i = 0; i < config_population_key_count(population); i++)
        write_value(to, config, config_population_key(population, i), &population->value[i]);
}

static void write_targets(FILE *to, const struct config *config, const char *key,
                          const struct target *list, size_t count)
{
    write_key(to, key);
    for (size_t i = 0; i < count; i++) {
        const struct target *target = &list[i];
        const struct population_config *population = &config->population[target->population];
        fprintf(to, "%s%s", i ? ", " : "", population->name);
        if (target->begin != 0 || target->end != population->size)
            fprintf(to, "[%" PRIu64 ":%" PRIu64 "]", target->begin, target->end);
    }
    fputc('\n', to);
}

static void write_input(FILE *to, const struct config *config, const struct input_config *input)
{
    fprintf(to, "\n[input.%s]\n", input->name);
    write_targets(to, config, "target", input->target, input->target_count);
    write_key(to, "type");
    fprintf(to, "%s\n", input->type->name);
    write_key(to, "start");
    write_time(to, config, input->start_step);
    fputc('\n', to);
    write_key(to, "stop");
    write_time(to, config, input->stop_step);
    fputc('\n', to);
    for (size_t i = 0; i < input->type->key_count; i++)
        write_value(to, config, &input->keys[i], &input->value[i]);
    if (input->seed_given) {
        write_key(to, "seed");
        fprintf(to, "%" PRIu64 "\n", input->seed);
    }
}

static void write_projection(FILE *to, const struct config *config,
                             const struct projection_config *projection)
{
    fprintf(to, "\n[projection.%s]\n", projection->name);
    write_targets(to, config, "source", projection->source, projection->source_count);
    write_targets(to, config, "target", projection->target, projection->target_count);
    for (int k = PROJECTION_RULE; k < PROJECTION_KEYS; k++)
        write_value(to, config, config_projection_key(projection, k), &projection->value[k]);
}

static void write_selection(FILE *to, const struct selection *neurons)
{
    write_key(to, "neurons");
    switch (neurons->kind) {
    case SELECT_ALL:
        fputs("all", to);
        break;
    case SELECT_NONE:
        fputs("none", to);
        break;
    case SELECT_RANGE:
        fprintf(to, "%" PRIu64 ":%" PRIu64, neurons->begin, neurons->end);
        if (neurons->step != 1)
            fprintf(to, ":%" PRIu64, neurons->step);
        break;
    case SELECT_LIST:
        for (size_t i = 0; i < neurons->list_count; i++)
            fprintf(to, "%s%" PRIu64, i ? ", " : "", neurons->list[i]);
        break;
    case SELECT_SAMPLE:
        fprintf(to, "sample(%" PRIu64 ")", neurons->sample);
        break;
    }
    fputc('\n', to);
}

static void write_record_time(FILE *to, const struct config *config, const char *name,
                              uint64_t steps)
{
    write_key(to, name);
    write_time(to, config, steps);
    fputc('\n', to);
}

static void write_record(FILE *to, const struct config *config, const struct record_config *record)
{
    fprintf(to, "\n[record.%s]\n", record->name);
    write_key(to, "population");
    for (size_t i = 0; i < record->population_count; i++)
        fprintf(to, "%s%s", i ? ", " : "", config->population[record->population[i]].name);
    fputc('\n', to);
    write_key(to, "what");
    fprintf(to, "%s\n", record_what_name(record));
    if (record->what == RECORD_SPIKES || record_is_trace(record))
        write_selection(to, &record->neurons);
    if (record->interval_steps > 0)
        write_record_time(to, config, record->what == RECORD_RATE ? "bin_width" : "interval",
                          record->interval_steps);
    write_record_time(to, config, "start", record->start_step);
    write_record_time(to, config, "stop", record->stop_step);
    if (record->seed != config->seed) {
        write_key(to, "seed");
        fprintf(to, "%" PRIu64 "\n", record->seed);
    }
}

static void write_checkpoint(FILE *to, const struct config *config)
{
    char text[64];
    if (!config->checkpoint)
        return;
    fputs("\n[checkpoint]\n", to);
    write_key(to, "every_wall");
    fprintf(to, "%s\n",
            isinf(config->checkpoint_wall_s) ? "inf"
                                             : wall_time_format(config->checkpoint_wall_s, text));
    write_key(to, "every_model");
    write_time(to, config, config->checkpoint_steps);
    fputc('\n', to);
    write_key(to, "keep");
    fprintf(to, "%s\n", config->checkpoint_keep ? "yes" : "no");
}

static void write_output(FILE *to, const struct config *config)
{
    fputs("\n[output]\n", to);
    write_key(to, "file");
    fprintf(to, "%s\n", config->output_file);
    write_key(to, "compression");
    fprintf(to, "%s\n", config->output_deflate ? "deflate" : "none");
    write_key(to, "parameters");
    fprintf(to, "%s\n", config->output_parameters ? "drawn" : "none");
}

char *config_to_text(const struct config *config)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    write_simulation(to, config);
    for (size_t i = 0; i < config->population_count; i++)
        write_population(to, config, &config->population[i]);
    for (size_t i = 0; i < config->input_count; i++)
        write_input(to, config, &config->input[i]);
    for (size_t i = 0; i < config->projection_count; i++)
        write_projection(to, config, &config->projection[i]);
    for (size_t i = 0; i < config->record_count; i++)
        write_record(to, config, &config->record[i]);
    write_checkpoint(to, config);
    write_output(to, config);
    bool good = !ferror(to);
    if (fclose(to) == 0 && good)
        return text;
    free(text);
    return NULL;
}
