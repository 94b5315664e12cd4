/* The grid that weights are rounded to, so that sums of them are exact integers: a closed form of
 * the config (docs/numerics.md, "Sums of weights"). */
#ifndef MEGALIF_WEIGHT_GRID_H
#define MEGALIF_WEIGHT_GRID_H

#include "base/error.h"
#include "config/config.h"

#include <stdint.h>

/* How one projection's weights are kept, onto one population and one of its receptors. */
struct weight_unit {
    int sum;           /* 2^sum: one of a sum */
    int stored;        /* 2^stored, not below it: one of a stored weight */
    int bits;          /* of a stored weight: 16, 32 or 64 */
    double per_stored; /* 2^-stored */
};

struct weight_grid {
    size_t populations;
    int *sum;    /* [populations][2 receptors]: exponents; INT_MIN: nothing arrives */
    int *stored; /* [projections]: the exponent that the projection's own weights ask for */
    bool *kept;  /* [projections]: stored with the sums' own unit */
    int bits;    /* of a sum: 32 or 64 */
};

/* Projections that read files must know them. STATUS_MEMORY; weight_grid_close in any case. */
enum status weight_grid_open(struct weight_grid *out, const struct config *config,
                             struct error *err);
void weight_grid_close(struct weight_grid *grid);

/* Are weights that differ kept with 32 bits in single precision? What stands in a file was meant as
 * it stands. */
bool weight_is_wide(const struct projection_config *projection);

/* The receptor that a weight goes to: of models with two the first where it is positive, else the
 * second. */
size_t weight_receptor(const struct population_config *target, double weight);

struct weight_unit weight_grid_unit(const struct weight_grid *grid, size_t projection,
                                    size_t population, size_t receptor);

/* A weight in units of 2^unit.stored: to the nearest, halves to even. */
int64_t weight_round(struct weight_unit unit, double weight);

/* The weight that is used in place of `weight`. */
double weight_used(struct weight_unit unit, double weight);

#endif
