/* Weights: their unit is that of what arrives at their targets, which the targets' models say. */
#ifndef MEGALIF_CONFIG_WEIGHT_H
#define MEGALIF_CONFIG_WEIGHT_H

#include "config/sections.h"

/* The dimension of weights onto all of these targets, VOLTAGE where none is known. False: they are
 * not of one dimension, which is told at `place`. */
bool config_weight_dimension(struct reading *reading, const struct place *place,
                             const struct target *target, size_t count, enum dimension *out);

/* A table of keys whose weights have this dimension: `keys` itself where they have it already, or
 * a copy in the store; NULL when memory has run out. */
const struct key *config_weight_keys(struct store *store, const struct key *keys, size_t count,
                                     enum dimension dimension);

#endif
