/* The unit of weights, by the models of what they act on. */
#include "config/weight.h"

#include "config/units.h"

#include <string.h>

/* The dimension of weights onto all of these targets, VOLTAGE where none is known. */
static bool find_dimension(struct reading *reading, const struct place *place,
                           const struct target *target, size_t count, enum dimension *out)
{
    const struct population_config *population = reading->config->population, *first = NULL;
    *out = DIMENSION_VOLTAGE;
    for (size_t i = 0; i < count; i++) {
        const struct population_config *p = &population[target[i].population];
        if (!p->model || p->model->source_only)
            continue;
        first = first ? first : p;
        *out = first->model->weight;
        if (p->model->weight == *out)
            continue;
        config_report(
            &reading->errors, place,
            "a weight is in %s in %s (%s), but in %s in %s (%s); write a section for each",
            config_kept_unit(*out), first->name, first->model->name,
            config_kept_unit(p->model->weight), p->name, p->model->name);
        return false;
    }
    return true;
}

/* Currents and conductances go as far as those that neurons have from elsewhere. */
static struct key in_dimension(struct key key, enum dimension dimension)
{
    const double wider = 100;
    if (!key.weight || key.dimension == dimension)
        return key;
    key.dimension = dimension;
    key.least *= wider;
    key.most *= wider;
    return key;
}

const struct key *config_weight_keys(struct reading *reading, const struct place *place,
                                     const struct target *target, size_t target_count,
                                     const struct key *keys, size_t count)
{
    enum dimension dimension;
    size_t weights = 0, others = 0;
    for (size_t i = 0; i < count; i++)
        weights += keys[i].weight;
    if (weights == 0)
        return keys;
    if (!find_dimension(reading, place, target, target_count, &dimension))
        return NULL;
    for (size_t i = 0; i < count; i++)
        others += keys[i].weight && keys[i].dimension != dimension;
    struct key *own = others > 0 ? config_alloc(reading->store, count, sizeof *own) : NULL;
    for (size_t i = 0; own && i < count; i++)
        own[i] = in_dimension(keys[i], dimension);
    return others > 0 ? own : keys;
}
