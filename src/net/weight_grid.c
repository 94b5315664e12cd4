/* Closed forms: the largest sum a neuron can get in a step, and the powers of two that follow. */
#include "net/weight_grid.h"

#include "net/wiring_bounds.h"
#include "population/population_plan.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    NOTHING = INT_MIN,
    FINEST = -1022, /* 2^1022 is a number: smaller weights round to 0 */
    SPARE = 2,      /* bits of a sum: its sign, and one for what rounding adds */
    STORED_16 = 15
};

void weight_grid_close(struct weight_grid *grid)
{
    free(grid->sum);
    free(grid->stored);
    free(grid->kept);
    memset(grid, 0, sizeof *grid);
}

bool weight_is_wide(const struct projection_config *projection)
{
    const struct value *bits = &projection->value[PROJECTION_BITS];
    return bits->given ? bits->integer == 1 : projection->rule == RULE_FILE;
}

size_t weight_receptor(const struct population_config *target, double weight)
{
    return target->model->weight != DIMENSION_VOLTAGE && weight < 0;
}

/* The least n with number < 2^n; number > 0. */
static int exponent_above(double number)
{
    int exponent;
    frexp(number, &exponent);
    return exponent;
}

/* `bits` below that. */
static int unit_below(double number, int bits)
{
    const int exponent = exponent_above(number) - bits;
    return exponent > FINEST ? exponent : FINEST;
}

/* Which receptors of a target population may get something from the projection. */
static void receptors_of(const struct projection_config *projection,
                         const struct population_config *target, bool gets[2])
{
    double least, most;
    wiring_weight_bounds(projection, &least, &most);
    gets[weight_receptor(target, 1)] |= most > 0;
    gets[weight_receptor(target, -1)] |= least < 0;
}

/* Is target range t the first one of its population? */
static bool is_first_of(const struct projection_config *projection, size_t t)
{
    for (size_t before = 0; before < t; before++)
        if (projection->target[before].population == projection->target[t].population)
            return false;
    return true;
}

/* The spikes that one of its sources may have in one step. */
static double spikes_most(const struct config *config, const struct projection_config *projection)
{
    uint32_t most = 1;
    for (size_t s = 0; s < projection->source_count; s++) {
        uint32_t own = population_spikes_most(config, projection->source[s].population);
        most = own > most ? own : most;
    }
    return most;
}

/* What may arrive at a neuron of a population p in one step, as |weights|: sum[2 p], sum[2 p + 1].
 */
static void largest_sums(const struct config *config, double *sum)
{
    for (size_t i = 0; i < config->projection_count; i++) {
        const struct projection_config *projection = &config->projection[i];
        const double most = wiring_greatest_indegree(projection) *
                            wiring_greatest_weight(projection) * spikes_most(config, projection);
        for (size_t t = 0; t < projection->target_count; t++) {
            const size_t p = projection->target[t].population;
            bool gets[2] = {false, false};
            receptors_of(projection, &config->population[p], gets);
            for (size_t r = 0; r < 2; r++)
                sum[2 * p + r] += gets[r] && is_first_of(projection, t) ? most : 0;
        }
    }
}

/* What the stored weights of a projection ask for, or that they have the sums' unit. */
static void store(struct weight_grid *grid, const struct projection_config *projection, size_t i)
{
    const struct value *weight = &projection->value[PROJECTION_WEIGHT];
    double most = wiring_greatest_weight(projection);
    bool constant = weight->present && weight->number.kind == DISTRIBUTION_CONSTANT;
    grid->kept[i] = constant || weight_is_wide(projection) || grid->bits == 64 || !(most > 0);
    if (!grid->kept[i]) /* a bit less than 2^15, so that rounding does not reach it */
        grid->stored[i] = unit_below(most * (1 + 0x1p-15), STORED_16);
}

/* All populations whose weights have one dimension get the coarsest unit of any: so synapses onto
 * different ones can be kept in one list. */
static void share_unit(struct weight_grid *grid, const struct config *config, size_t population)
{
    for (size_t p = 0; p < grid->populations; p++)
        for (size_t r = 0; r < 2; r++) {
            int *own = &grid->sum[2 * population + r], other = grid->sum[2 * p + r];
            bool same =
                config->population[p].model->weight == config->population[population].model->weight;
            *own = same && other > *own ? other : *own;
        }
}

enum status weight_grid_open(struct weight_grid *out, const struct config *config,
                             struct error *err)
{
    size_t populations = config->population_count, projections = config->projection_count;
    *out = (struct weight_grid){.populations = populations};
    out->bits = config->precision == PRECISION_DOUBLE ? 64 : 32;
    out->sum = calloc(populations * 2, sizeof *out->sum);
    out->stored = calloc(projections + 1, sizeof *out->stored);
    out->kept = calloc(projections + 1, sizeof *out->kept);
    double *sum = calloc(populations * 2, sizeof *sum);
    if (!out->sum || !out->stored || !out->kept || !sum) {
        free(sum);
        return error_no_memory(err, "for the grid of weights");
    }
    for (size_t i = 0; i < projections; i++)
        store(out, &config->projection[i], i);
    largest_sums(config, sum);
    for (size_t i = 0; i < 2 * populations; i++)
        out->sum[i] = sum[i] > 0 ? unit_below(sum[i], out->bits - SPARE) : NOTHING;
    free(sum);
    for (size_t p = 0; p < populations; p++)
        share_unit(out, config, p);
    return STATUS_OK;
}

struct weight_unit weight_grid_unit(const struct weight_grid *grid, size_t projection,
                                    size_t population, size_t receptor)
{
    int sum = grid->sum[2 * population + receptor];
    struct weight_unit unit = {.sum = sum, .stored = sum, .bits = grid->bits};
    if (sum != NOTHING && !grid->kept[projection]) {
        unit.stored = grid->stored[projection] > sum ? grid->stored[projection] : sum;
        unit.bits = 16;
    }
    unit.per_stored = unit.stored != NOTHING ? ldexp(1.0, -unit.stored) : 0.0;
    return unit;
}

int64_t weight_round(struct weight_unit unit, double weight)
{
    const double exact = weight * unit.per_stored, half_ulp_1 = 0x1.8p52;
    /* rint, which is a function of the library before SSE4.1: the sum keeps no fraction */
    return (int64_t)(fabs(exact) < 0x1p51 ? (exact + half_ulp_1) - half_ulp_1 : rint(exact));
}

double weight_used(struct weight_unit unit, double weight)
{
    return ldexp((double)weight_round(unit, weight), unit.stored);
}
