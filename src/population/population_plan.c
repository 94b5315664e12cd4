/* What a population will need: its arrays, their memory, bounds of what will be drawn. */
#include "population/population_plan.h"

#include "neuron/draw.h"
#include "neuron/models.h"
#include "population/release_queue.h"

#include <math.h>

bool population_needs_field(const struct neuron_source *source, const struct model *model,
                            size_t field)
{
    const struct model_coefficient *coefficient = model_coefficient_at(model, field);
    size_t population = (size_t)(source->population - source->config->population);
    return coefficient->varies(source) &&
           (!coefficient->for_inputs || drive_target_count(source->config, population) > 0);
}

uint64_t population_padded(uint64_t size)
{
    return (size + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN;
}

void population_refractory_bounds(const struct config *config, size_t population,
                                  uint64_t *shortest, uint64_t *longest)
{
    const struct population_config *p = &config->population[population];
    const struct distribution *t_ref = &p->value[POPULATION_T_REF].number;
    if (t_ref->kind == DISTRIBUTION_CONSTANT) {
        *shortest = *longest = p->t_ref_steps;
        return;
    }
    double lo, hi;
    draw_bounds(t_ref, &lo, &hi);
    *shortest = (uint64_t)fmin(fmax(lo, 0.0) / config->dt_ms, 1e15);
    *longest = (uint64_t)fmin(fmax(hi, 0.0) / config->dt_ms + 1.0, 1e15);
}

/* With a t_ref distribution an estimate. */
static uint64_t queue_bytes(const struct config *config, size_t population, uint64_t padded,
                            uint64_t tiles)
{
    uint64_t shortest, longest;
    population_refractory_bounds(config, population, &shortest, &longest);
    return longest > 0 ? (padded + tiles * (longest + 1)) * QUEUE_BYTES : 0;
}

uint32_t population_spikes_most(const struct config *config, size_t population)
{
    const struct population_config *p = &config->population[population];
    const struct generator_type *generator = model_of(p)->generator;
    return generator ? generator->most(p) : 1;
}

static void plan_generator(struct memory_plan *plan, const struct neuron_source *source,
                           uint64_t padded)
{
    const struct generator_type *type = model_of(source->population)->generator;
    if (type->bytes)
        memory_plan_add(plan, "tables of sources", type->bytes(source->population));
    if (generator_has_values(type, source->population))
        memory_plan_add(plan, "drawn numbers of sources", padded * sizeof(double));
}

void population_plan(struct memory_plan *plan, const struct config *config, size_t population,
                     const struct population_settings *settings)
{
    struct neuron_source source;
    neuron_source_init(&source, config, population);
    const struct model *model = model_of(source.population);
    const uint64_t left = source.population->size - settings->first_id;
    uint64_t padded = population_padded(settings->neurons > 0 ? settings->neurons : left),
             tiles = (padded + settings->tile - 1) / settings->tile;
    uint64_t bytes = padded * (uint64_t)(settings->kernels->bits / 8);
    if (model->generator)
        plan_generator(plan, &source, padded);
    for (size_t k = 0; k < model_state_count(model); k++)
        memory_plan_add(plan, model_state_at(model, k)->what, bytes);
    for (size_t k = 0; k < model_field_count(model); k++)
        if (population_needs_field(&source, model, k))
            memory_plan_add(plan, model_coefficient_at(model, k)->what, bytes);
    struct drive_arrays arrays = drives_arrays(config, population, source.membrane_varies);
    uint64_t values = bytes * arrays.amplitudes + padded * sizeof(double) * arrays.values +
                      population_padded(source.population->cells) * sizeof(double) * arrays.shared;
    if (arrays.coefficients > 0)
        memory_plan_add(plan, "noise coefficients", bytes * arrays.coefficients);
    if (values > 0)
        memory_plan_add(plan, "drawn numbers of the inputs", values);
    if (arrays.memories > 0)
        memory_plan_add(plan, "states of coloured noise", bytes * arrays.memories);
    if (drives_bytes(config, population) > 0)
        memory_plan_add(plan, "tables of the inputs", drives_bytes(config, population));
    if (source.drawn >> POPULATION_T_REF & 1)
        memory_plan_add(plan, "refractory steps", padded * sizeof(uint32_t));
    if (queue_bytes(config, population, padded, tiles) > 0)
        memory_plan_add(plan, "queue of refractory neurons",
                        queue_bytes(config, population, padded, tiles));
}

/* Of a population that is only a source, which a program may set. */
static bool has_set_rates(const struct population_config *p)
{
    const struct generator_type *type = model_of(p)->generator;
    return type && generator_settable(type, p);
}

struct population_state_bytes population_state_bytes(const struct config *config, size_t population,
                                                     size_t tile)
{
    uint64_t neurons = config->population[population].size;
    uint64_t padded = population_padded(neurons), tiles = (padded + tile - 1) / tile;
    uint64_t shortest, longest;
    const struct drive_arrays drives = drives_arrays(config, population, false);
    uint64_t reals = model_state_count(model_of(&config->population[population])) +
                     drives.memories + drives.set_amplitudes;
    reals *= config->precision == PRECISION_DOUBLE ? sizeof(double) : sizeof(float);
    reals += drives.set_values * sizeof(double);
    if (has_set_rates(&config->population[population]))
        reals += sizeof(double);
    population_refractory_bounds(config, population, &shortest, &longest);
    return (struct population_state_bytes){
        .held = padded * reals + queue_bytes(config, population, padded, tiles),
        .saved = neurons * (reals + release_queue_bytes(longest))};
}
