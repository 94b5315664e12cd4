/* Reads the lists of values that populations take from files, one number for each neuron. */
#include "setup/setup_values.h"

#include "io/number_table.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A list of exactly `size` numbers. */
static enum status check_shape(const struct number_table *table, const char *path, uint64_t size,
                               struct error *err)
{
    if (number_table_columns(table) != 1)
        return error_set(err, STATUS_CONFIG,
                         "%s has %" PRIu64 " columns, where a list is wanted; name one column",
                         path, number_table_columns(table));
    if (number_table_rows(table) == size)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "%s has %" PRIu64 " values, but there are %" PRIu64
                     " neurons; give one value for each",
                     path, number_table_rows(table), size);
}

static enum status read_list(double **out, const char *path, const char *part, uint64_t size,
                             struct error *err)
{
    struct number_table_request request = {path, part, NULL, DBL_MAX};
    struct number_table *table;
    *out = NULL;
    if (!number_table_is_hdf5(path)) {
        request.column = part;
        request.dataset = NULL;
    }
    enum status status = number_table_open(&table, &request, err);
    if (!status)
        status = check_shape(table, path, size, err);
    if (!status && !(*out = malloc(size * sizeof **out)))
        status = error_no_memory(err, "for the values of %s", path);
    if (!status)
        status = number_table_read(table, 0, size, *out, err);
    number_table_close(table);
    return status;
}

static enum status keep(struct setup_values *values, double *list, uint64_t size, struct error *err)
{
    double **grown = realloc(values->list, (values->count + 1) * sizeof *grown);
    if (!grown)
        return error_no_memory(err, "for values of files");
    values->list = grown;
    values->list[values->count++] = list;
    values->bytes += size * sizeof *list;
    return STATUS_OK;
}

static enum status read_value(struct setup_values *values, struct config *config,
                              struct setup_files *files, size_t population, int key,
                              struct error *err)
{
    struct population_config *p = &config->population[population];
    struct value *value = &p->value[key];
    char section[80];
    double *list = NULL;
    snprintf(section, sizeof section, "population.%s", p->name);
    const struct sim_file *file =
        setup_files_add(files, config, section, config_population_key(p, key)->name, value->text);
    enum status status = file ? read_list(&list, file->path, value->part, p->cells, err)
                              : error_no_memory(err, "for the names of files");
    if (!status)
        status = keep(values, list, p->cells, err);
    if (status) {
        free(list);
        return status;
    }
    value->number.list = list;
    value->number.count = p->cells;
    return STATUS_OK;
}

static void tell(const struct config *config, size_t population, int key, struct messages *errors,
                 const char *text)
{
    const struct population_config *p = &config->population[population];
    char section[80], where[600];
    snprintf(section, sizeof section, "population.%s", p->name);
    config_where(config, section, config_population_key(p, key)->name, &p->value[key], where,
                 sizeof where);
    messages_add(errors, "%s: %s", where, text);
}

static void refuse_inputs(const struct input_config *input, struct messages *errors,
                          enum status *worst)
{
    char section[80], where[600];
    snprintf(section, sizeof section, "input.%s", input->name);
    for (size_t k = 0; k < input->type->key_count; k++) {
        const struct key *key = &input->keys[k];
        if (key->kind != VALUE_DISTRIBUTION || !input->value[k].present ||
            input->value[k].number.kind != DISTRIBUTION_FILE)
            continue;
        config_where(input->config, section, key->name, &input->value[k], where, sizeof where);
        messages_add(errors, "%s: file(...) gives parameters of populations, not of inputs", where);
        *worst = *worst ? *worst : STATUS_CONFIG;
    }
}

enum status setup_values_read(struct setup_values *values, struct config *config,
                              struct setup_files *files, struct messages *errors)
{
    enum status worst = STATUS_OK;
    struct error err;
    for (size_t i = 0; i < config->population_count; i++)
        for (int key = 0; key < config_population_key_count(&config->population[i]); key++) {
            const struct population_config *p = &config->population[i];
            const struct value *value = &p->value[key];
            if (config_population_key(p, key)->kind != VALUE_DISTRIBUTION || !value->present ||
                value->number.kind != DISTRIBUTION_FILE)
                continue;
            if (!read_value(values, config, files, i, key, &err))
                continue;
            tell(config, i, key, errors, err.text);
            if (worst != STATUS_MEMORY)
                worst = err.status == STATUS_MEMORY ? STATUS_MEMORY : STATUS_CONFIG;
        }
    for (size_t i = 0; i < config->input_count; i++)
        refuse_inputs(&config->input[i], errors, &worst);
    return worst;
}

void setup_values_free(struct setup_values *values)
{
    for (size_t i = 0; i < values->count; i++)
        free(values->list[i]);
    free(values->list);
    *values = (struct setup_values){NULL, 0, 0};
}
