/* The parameters of neurons, for a host program: drawn again from the seed. */
#include "base/float_env.h"
#include "config/units.h"
#include "drive/input_draw.h"
#include "neuron/membrane.h"
#include "sim/sim_handle.h"
#include "sim/sim_messages.h"
#include "sim/sim_range.h"

#include <stdio.h>
#include <string.h>

/* A key of the population, or of an input. */
struct parameter {
    const struct input_config *input; /* NULL: the population's own */
    int key;
    const struct key *description;
};

static bool is_membrane(int key)
{
    return key == POPULATION_C_M || key == POPULATION_TAU_M || key == POPULATION_G_L ||
           key == POPULATION_R_M;
}

/* Has every neuron a number for this key, given or derived? */
static bool has_key(const struct population_config *p, int key)
{
    return config_population_key(p, key)->kind == VALUE_DISTRIBUTION &&
           (p->value[key].present || (is_membrane(key) && !p->model->source_only));
}

static bool find_own(const struct population_config *p, size_t *index, struct parameter *found)
{
    for (int key = 0; key < config_population_key_count(p); key++)
        if (has_key(p, key) && (*index)-- == 0) {
            *found = (struct parameter){NULL, key, config_population_key(p, key)};
            return true;
        }
    return false;
}

/* The parameter of a number. */
static bool find(const struct config *config, size_t population, size_t index,
                 struct parameter *found)
{
    if (find_own(&config->population[population], &index, found))
        return true;
    for (size_t i = 0; i < config->input_count; i++)
        for (size_t k = 0; k < config->input[i].type->key_count; k++)
            if (input_draws_key(&config->input[i], population, (int)k) && index-- == 0) {
                *found = (struct parameter){&config->input[i], (int)k, &config->input[i].keys[k]};
                return true;
            }
    return false;
}

static void put_name(const struct parameter *p, char name[MLIF_PARAMETER_NAME_MOST])
{
    snprintf(name, MLIF_PARAMETER_NAME_MOST, "%s%s%s%s", p->input ? "input." : "",
             p->input ? p->input->name : "", p->input ? "." : "", p->description->name);
}

enum mlif_status mlif_parameter_name(const struct mlif_simulation *simulation, size_t population,
                                     size_t parameter, char name[MLIF_PARAMETER_NAME_MOST],
                                     const char **units)
{
    struct parameter found;
    if (!mlif_population_name(simulation, population) ||
        !find(simulation->setup.config, population, parameter, &found))
        return MLIF_CONFIG;
    put_name(&found, name);
    *units = config_kept_unit(found.description->dimension);
    return MLIF_OK;
}

static enum status find_named(const struct config *config, size_t population, const char *name,
                              struct parameter *found, struct error *err)
{
    char own[MLIF_PARAMETER_NAME_MOST];
    for (size_t i = 0; find(config, population, i, found); i++) {
        put_name(found, own);
        if (strcmp(own, name) == 0)
            return STATUS_OK;
    }
    return error_set(err, STATUS_CONFIG, "population %s has no parameter %s",
                     config->population[population].name, name);
}

static void read_values(const struct config *config, size_t population, const struct parameter *p,
                        uint64_t begin, uint64_t end, double *values)
{
    const enum membrane membrane = config->population[population].membrane;
    if (begin == end)
        return;
    if (p->input)
        input_draws_read(config, p->input, population, p->key, begin, end, values);
    else if (is_membrane(p->key) && !(membrane_keys(membrane) >> p->key & 1))
        population_read_membrane(config, population, p->key, begin, end, values);
    else
        population_read_parameter(config, population, p->key, begin, end, values);
}

enum mlif_status mlif_read_parameter(const struct mlif_simulation *simulation, size_t population,
                                     const char *name, uint64_t begin, uint64_t end, double *values,
                                     struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    const struct config *config = simulation->setup.config;
    struct parameter found;
    struct error err = {STATUS_OK, ""};
    enum status status = sim_range_check(config, population, begin, end, &err);
    if (!status)
        status = find_named(config, population, name, &found, &err);
    if (status)
        return sim_tell_error(errors, &err);
    read_values(config, population, &found, begin, end, values);
    return MLIF_OK;
}
