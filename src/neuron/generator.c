#include "neuron/generator.h"

void generator_check_times(const struct population_config *population,
                           void (*report)(void *context, int key, const char *text), void *context)
{
    const struct value *v = population->value;
    if (v[GENERATOR_START].integer >= v[GENERATOR_STOP].integer)
        report(context, GENERATOR_STOP, "is not after start; there would never be a spike");
}

bool generator_settable(const struct generator_type *type, const struct population_config *p)
{
    return type->settable && type->settable(p);
}

bool generator_has_values(const struct generator_type *type, const struct population_config *p)
{
    return type->drawn_key && (p->value[type->drawn_key].number.kind != DISTRIBUTION_CONSTANT ||
                               generator_settable(type, p));
}
