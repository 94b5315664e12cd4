#include "neuron/neuron_draw.h"

#include "base/digest.h"
#include "neuron/draw.h"

#include <math.h>

void neuron_source_init(struct neuron_source *source, const struct config *config,
                        size_t population)
{
    const struct population_config *p = &config->population[population];
    unsigned membrane = membrane_keys(p->membrane);
    unsigned membranes =
        1u << POPULATION_C_M | 1u << POPULATION_TAU_M | 1u << POPULATION_G_L | 1u << POPULATION_R_M;
    *source = (struct neuron_source){.config = config, .population = p};
    for (int key = 0; key < config_population_key_count(p); key++) {
        const struct key *schema = config_population_key(p, key);
        unsigned bit = 1u << key;
        if (schema->kind != VALUE_DISTRIBUTION || !p->value[key].present ||
            (membranes & ~membrane & bit))
            continue;
        source->given |= bit;
        if (p->value[key].number.kind == DISTRIBUTION_CONSTANT)
            continue;
        source->drawn |= bit;
        source->name_hash[key] = fnv1a64(schema->name);
        source->key[key] = draw_stream_key(p->seed, "population.", p->name, schema->name);
        source->range[key] = finding_range_of(schema);
        if (schema->dt_least)
            source->range[key].least = fmax(schema->least, config->dt_ms);
    }
    struct finding_range *t_ref = &source->range[POPULATION_T_REF];
    t_ref->most = fmin(t_ref->most, config->dt_ms * UINT32_MAX); /* its steps are 32 bits wide */
    source->membrane_varies = (source->drawn & membrane) != 0;
}

struct draw_place neuron_place(const struct population_config *population, uint64_t id)
{
    uint64_t cells = population->cells, copy = population->copies > 1 ? id / cells : 0;
    uint64_t cell = id - copy * cells;
    return (struct draw_place){cell, cell, cells, copy, population->copies};
}

void neuron_draw(struct neuron *neuron, const struct neuron_source *source, uint64_t id)
{
    const struct population_config *p = source->population;
    const struct draw_place place = neuron_place(p, id);
    for (unsigned keys = source->given; keys;) {
        int key = neuron_next_key(&keys);
        neuron->value[key] = draw_value(&p->value[key].number, source->key[key], &place);
    }
    if (!(source->given >> POPULATION_V_M & 1))
        neuron->value[POPULATION_V_M] = neuron->value[POPULATION_E_L];
    membrane_derive(neuron, p->membrane);
}

uint64_t neuron_refractory_steps(const struct neuron *neuron, const struct neuron_source *source)
{
    if (!(source->drawn >> POPULATION_T_REF & 1))
        return source->population->t_ref_steps;
    double steps = floor(neuron->value[POPULATION_T_REF] / source->config->dt_ms + 0.5);
    return steps > 0.0 ? (uint64_t)fmin(steps, UINT32_MAX) : 0; /* out of range: found elsewhere */
}
