#include "engine/change.h"

#include "config/units.h"
#include "engine/engine_private.h"
#include "engine/network.h"
#include "population/population_set.h"

#include <string.h>

enum status change_inject(struct engine *e, size_t population, const uint64_t *ids, size_t count,
                          struct error *err)
{
    enum status status = network_inject(e, population, ids, count, err);
    e->changes.spikes += status ? 0 : count;
    return status;
}

/* The copy that a limit goes back to lacks the change: the next block takes another one. */
static void forget_copy(struct engine *e)
{
    e->copy_age = 0;
}

static enum status check_values(const struct engine *e, const struct change_range *range,
                                const double *value, const struct key *key, double most,
                                struct error *err)
{
    for (uint64_t i = 0; i < change_numbers(range); i++)
        if (!(value[i] >= key->least && value[i] <= most))
            return error_set(err, STATUS_CONFIG,
                             "%s of neuron %llu of population %s cannot be %g; %g to %g %s can",
                             key->name, (unsigned long long)(range->begin + i),
                             e->config->population[range->population].name, value[i], key->least,
                             most, config_kept_unit(key->dimension));
    return STATUS_OK;
}

enum status change_V_m(struct engine *e, const struct change_range *range, const double *V_m,
                       struct error *err)
{
    const struct population_config *p = &e->config->population[range->population];
    if (p->model->source_only)
        return error_set(err, STATUS_CONFIG,
                         "the neurons of population %s (model = %s) have no membrane", p->name,
                         p->model->name);
    const struct key *key = config_population_key(p, POPULATION_V_M);
    enum status status = check_values(e, range, V_m, key, key->most, err);
    if (status)
        return status;
    population_set_V(&e->population[range->population].neurons, e->steps_done, range->begin,
                     range->end, V_m);
    forget_copy(e);
    e->changes.V_m += range->end - range->begin;
    return STATUS_OK;
}

/* ---- inputs */

static const struct input_config *find_input(const struct engine *e, const char *name)
{
    for (size_t i = 0; i < e->config->input_count; i++)
        if (strcmp(e->config->input[i].name, name) == 0)
            return &e->config->input[i];
    return NULL;
}

/* How many neurons of a range an input acts on. */
static uint64_t count_targets(const struct input_config *input, const struct change_range *range)
{
    uint64_t count = 0;
    for (size_t t = 0; t < input->target_count; t++) {
        const struct target *target = &input->target[t];
        const uint64_t begin = range->begin > target->begin ? range->begin : target->begin;
        const uint64_t end = range->end < target->end ? range->end : target->end;
        count += target->population == range->population && begin < end ? end - begin : 0;
    }
    return count;
}

/* A program may set a key of such numbers, or -1. */
static int settable_key(const struct input_config *input, enum dimension dimension)
{
    for (size_t k = 0; k < input->type->key_count; k++)
        if (input_settable(input, k) && input->keys[k].dimension == dimension)
            return (int)k;
    return -1;
}

static enum status refuse_input(const struct input_config *input, enum dimension dimension,
                                struct error *err)
{
    return error_set(err, STATUS_CONFIG, "input %s is of type %s; a program can set %s",
                     input->name, input->type->name,
                     dimension == DIMENSION_RATE ? "the rates of type = poisson with rate_most"
                                                 : "the currents of type = external");
}

/* Sets the numbers of an input for neurons that it acts on. */
static enum status set_input(struct engine *e, const char *name, enum dimension dimension,
                             const struct change_range *range, const double *value,
                             struct error *err)
{
    struct population *p = &e->population[range->population].neurons;
    const struct input_config *input = name ? find_input(e, name) : NULL;
    if (!input)
        return error_set(err, STATUS_CONFIG, "there is no input %s",
                         name ? name : "without a name");
    const int key = settable_key(input, dimension);
    if (key < 0)
        return refuse_input(input, dimension, err);
    if (count_targets(input, range) != range->end - range->begin)
        return error_set(err, STATUS_CONFIG,
                         "input %s does not act on all of the neurons %llu to %llu of population "
                         "%s",
                         name, (unsigned long long)range->begin, (unsigned long long)range->end - 1,
                         p->description->name);
    const double most = drive_most(input, key);
    enum status status = check_values(e, range, value, &input->keys[key], most, err);
    if (status)
        return status;
    for (size_t d = 0; d < p->drive_count; d++)
        if (p->drives[d].input == input)
            population_set_drive(p, &p->drives[d], range->begin, range->end, value, range->same);
    forget_copy(e);
    return STATUS_OK;
}

enum status change_current(struct engine *e, const char *input, const struct change_range *range,
                           const double *current, struct error *err)
{
    enum status status = set_input(e, input, DIMENSION_CURRENT, range, current, err);
    e->changes.currents += status ? 0 : range->end - range->begin;
    return status;
}

/* Sets the rates of a population that is only a source. */
static enum status set_source(struct engine *e, const struct change_range *range,
                              const double *rate, struct error *err)
{
    struct population *p = &e->population[range->population].neurons;
    const struct generator_type *type = p->model->generator;
    if (!type || !generator_settable(type, p->description))
        return error_set(err, STATUS_CONFIG,
                         "population %s has no rates that a program can set; it can those of "
                         "model = poisson with rate_most, and of inputs, by their name",
                         p->description->name);
    const struct key *key = config_population_key(p->description, type->drawn_key);
    enum status status = check_values(e, range, rate, key, type->most_value(p->description), err);
    if (status)
        return status;
    population_set_generator(p, range->begin, range->end, rate);
    forget_copy(e);
    return STATUS_OK;
}

enum status change_rate(struct engine *e, const char *input, const struct change_range *range,
                        const double *rate, struct error *err)
{
    enum status status = input ? set_input(e, input, DIMENSION_RATE, range, rate, err)
                               : set_source(e, range, rate, err);
    e->changes.rates += status ? 0 : range->end - range->begin;
    return status;
}

const struct engine_changes *change_counts(const struct engine *e)
{
    return &e->changes;
}
