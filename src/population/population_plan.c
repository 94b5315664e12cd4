/* What a population will need: its arrays, their memory, bounds of what will be drawn. */
#include "population/population_plan.h"

#include "neuron/draw.h"

#include <math.h>

struct population_shape population_shape_of(const struct neuron_source *source)
{
    unsigned drawn = source->drawn;
    const struct value *current = &source->population->value[POPULATION_I_E];
    unsigned all = membrane_keys(source->population->membrane);
    unsigned tau_alone = source->population->membrane == MEMBRANE_C_TAU ||
                                 source->population->membrane == MEMBRANE_TAU_G ||
                                 source->population->membrane == MEMBRANE_TAU_R
                             ? 1u << POPULATION_TAU_M
                             : all;
    bool no_current = current->number.kind == DISTRIBUTION_CONSTANT &&
                      fpclassify(current->number.parameter[0]) == FP_ZERO;
    struct population_shape shape = {
        .decay = drawn & tau_alone,
        .gain = drawn & all,
        .reset = drawn & (1u << POPULATION_V_RESET | 1u << POPULATION_V_TH),
        .floor = (source->given >> POPULATION_V_MIN & 1) &&
                 (drawn & (1u << POPULATION_V_MIN | 1u << POPULATION_V_TH)),
        .refractory = drawn & 1u << POPULATION_T_REF,
        .coefficient = drawn & all,
    };
    shape.bridge =
        shape.decay && source->population->value[POPULATION_CROSSING].integer == CROSSING_BRIDGE;
    shape.bias = shape.decay || (shape.gain && !no_current) ||
                 (drawn & (1u << POPULATION_E_L | 1u << POPULATION_V_TH | 1u << POPULATION_I_E));
    return shape;
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

size_t population_target_count(const struct config *config, size_t population)
{
    size_t count = 0;
    for (size_t i = 0; i < config->input_count; i++)
        for (size_t t = 0; t < config->input[i].target_count; t++)
            count += config->input[i].target[t].population == population;
    return count;
}

/* With a t_ref distribution an estimate. */
static uint64_t queue_bytes(const struct config *config, size_t population, uint64_t padded,
                            uint64_t tiles)
{
    uint64_t shortest, longest;
    population_refractory_bounds(config, population, &shortest, &longest);
    return longest > 0 ? (padded + tiles * (longest + 1)) * QUEUE_BYTES : 0;
}

void population_plan(struct memory_plan *plan, const struct config *config, size_t population,
                     const struct population_settings *settings)
{
    struct neuron_source source;
    neuron_source_init(&source, config, population);
    struct population_shape shape = population_shape_of(&source);
    uint64_t padded = population_padded(source.population->size),
             tiles = (padded + settings->tile - 1) / settings->tile;
    uint64_t bytes = padded * (uint64_t)(settings->kernels->bits / 8);
    memory_plan_add(plan, "membrane potential u", bytes);
    if (shape.bias)
        memory_plan_add(plan, "drift e (E_L - V_th + R I_e)", bytes);
    if (shape.decay)
        memory_plan_add(plan, "decay e", bytes);
    if (shape.gain && population_target_count(config, population) > 0)
        memory_plan_add(plan, "gain e R", bytes);
    if (shape.reset)
        memory_plan_add(plan, "reset V_reset - V_th", bytes);
    if (shape.floor)
        memory_plan_add(plan, "lower bound V_min - V_th", bytes);
    if (shape.bridge)
        memory_plan_add(plan, "bridge tau_m (1 - P^2) / dt", bytes);
    struct drive_arrays arrays = drives_arrays(config, population, shape.coefficient);
    uint64_t values = bytes * arrays.amplitudes + padded * sizeof(double) * arrays.values;
    if (arrays.coefficients > 0)
        memory_plan_add(plan, "noise coefficients", bytes * arrays.coefficients);
    if (values > 0)
        memory_plan_add(plan, "drawn numbers of the inputs", values);
    if (arrays.memories > 0)
        memory_plan_add(plan, "states of coloured noise", bytes * arrays.memories);
    if (drives_bytes(config, population) > 0)
        memory_plan_add(plan, "tables of the inputs", drives_bytes(config, population));
    if (shape.refractory)
        memory_plan_add(plan, "refractory steps", padded * sizeof(uint32_t));
    if (queue_bytes(config, population, padded, tiles) > 0)
        memory_plan_add(plan, "queue of refractory neurons",
                        queue_bytes(config, population, padded, tiles));
}

uint64_t population_state_bytes(const struct config *config, size_t population,
                                const struct population_settings *settings)
{
    uint64_t padded = population_padded(config->population[population].size);
    uint64_t tiles = (padded + settings->tile - 1) / settings->tile;
    uint64_t reals = 1 + drives_arrays(config, population, false).memories;
    return reals * padded * (uint64_t)(settings->kernels->bits / 8) +
           queue_bytes(config, population, padded, tiles);
}
