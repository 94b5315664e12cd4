#include "neuron/generator.h"

void generator_check_times(const struct population_config *population,
                           void (*report)(void *context, int key, const char *text), void *context)
{
    const struct value *v = population->value;
    if (v[GENERATOR_START].integer >= v[GENERATOR_STOP].integer)
        report(context, GENERATOR_STOP, "is not after start; there would never be a spike");
}
