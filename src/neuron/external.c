/* Sources that have no spikes of their own: a program puts them in between two steps
 * (megalif/stepwise.h), and projections deliver them. */
#include "neuron/generator.h"
#include "neuron/model.h"

#include <string.h>

enum { SPIKES_MOST = GENERATOR_KEYS, END };

static const struct key keys[END - POPULATION_KEYS] = {
    GENERATOR_TIMES,
    [SPIKES_MOST - POPULATION_KEYS] = {.name = "spikes_most",
                                       .kind = VALUE_INTEGER,
                                       .fallback = "1",
                                       .least = 1,
                                       .most = 255,
                                       .help = "spikes that a neuron can be given in a step"},
};

static uint32_t most(const struct population_config *population)
{
    return (uint32_t)population->value[SPIKES_MOST].integer;
}

static void fill(const struct generator *generator, const struct kernels *kernels, void *row,
                 size_t count, uint64_t step, uint64_t first_id)
{
    (void)generator, (void)step, (void)first_id;
    memset(row, 0, count * (size_t)kernels->bits / 8);
}

static const struct generator_type generator = {.most = most, .fill = fill};

const struct model model_external = {
    .type = {.name = "external",
             .help = "spikes that a program puts in while it runs, sources only",
             .source_only = true,
             .keys = keys,
             .key_count = END - POPULATION_KEYS,
             .check = generator_check_times},
    .generator = &generator,
};
