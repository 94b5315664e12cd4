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
                                const double *value, const struct key *key, struct error *err)
{
    for (uint64_t i = 0; i < range->end - range->begin; i++)
        if (!(value[i] >= key->least && value[i] <= key->most))
            return error_set(err, STATUS_CONFIG,
                             "%s of neuron %llu of population %s cannot be %g; %g to %g %s can",
                             key->name, (unsigned long long)(range->begin + i),
                             e->config->population[range->population].name, value[i], key->least,
                             key->most, config_kept_unit(key->dimension));
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
    enum status status = check_values(e, range, V_m, config_population_key(p, POPULATION_V_M), err);
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

/* The key of an input that can be set for these neurons; NULL: not. */
static const struct key *settable_key(const struct engine *e, const char *name,
                                      const struct change_range *range, struct error *err)
{
    const struct input_config *input = find_input(e, name);
    const struct key *key = NULL;
    if (!input) {
        error_set(err, STATUS_CONFIG, "there is no input %s", name);
        return NULL;
    }
    for (size_t k = 0; k < input->type->key_count; k++)
        key = input->keys[k].settable ? &input->keys[k] : key;
    if (!key)
        error_set(err, STATUS_CONFIG,
                  "input %s is of type %s, which a program cannot set; type = external can be set",
                  name, input->type->name);
    else if (count_targets(input, range) == range->end - range->begin)
        return key;
    else
        error_set(err, STATUS_CONFIG,
                  "input %s does not act on all of the neurons %llu to %llu of population %s", name,
                  (unsigned long long)range->begin, (unsigned long long)range->end - 1,
                  e->config->population[range->population].name);
    return NULL;
}

enum status change_current(struct engine *e, const char *input, const struct change_range *range,
                           const double *current, struct error *err)
{
    struct population *p = &e->population[range->population].neurons;
    const struct key *key = settable_key(e, input, range, err);
    if (!key)
        return err->status;
    enum status status = check_values(e, range, current, key, err);
    if (status)
        return status;
    for (size_t d = 0; d < p->drive_count; d++)
        if (strcmp(p->drives[d].input->name, input) == 0)
            population_set_amplitudes(p, &p->drives[d], range->begin, range->end, current);
    forget_copy(e);
    e->changes.currents += range->end - range->begin;
    return STATUS_OK;
}

const struct engine_changes *change_counts(const struct engine *e)
{
    return &e->changes;
}
