/* Weights: their unit is that of what arrives at their targets, which the targets' models say. */
#ifndef MEGALIF_CONFIG_WEIGHT_H
#define MEGALIF_CONFIG_WEIGHT_H

#include "config/sections.h"

/* The table `keys`, its weights in the dimension that they have at all of these targets: `keys`
 * itself where that is theirs already, or a copy in the store. NULL: memory has run out, or they
 * are not of one dimension, which is told at `place`. */
const struct key *config_weight_keys(struct reading *reading, const struct place *place,
                                     const struct target *target, size_t target_count,
                                     const struct key *keys, size_t count);

#endif
