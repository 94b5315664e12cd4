/* What a config says of a projection's synapses before any is drawn, and for `rule = file` what the
 * file says, which has been read. All are pure. */
#ifndef MEGALIF_NET_WIRING_BOUNDS_H
#define MEGALIF_NET_WIRING_BOUNDS_H

#include "config/config.h"

/* Synapses to expect: exact but for pairwise_bernoulli and pairwise_poisson. */
double wiring_expected_count(const struct projection_config *projection);

/* The least and the greatest delay that a synapse can have, in steps. */
uint32_t wiring_least_delay(const struct config *config,
                            const struct projection_config *projection);
uint32_t wiring_greatest_delay(const struct config *config,
                               const struct projection_config *projection);

/* No weight lies outside, in the key's unit, as no |weight| is larger than below; equal where all
 * are the same. */
void wiring_weight_bounds(const struct projection_config *projection, double *least, double *most);

/* No |weight| is larger, in the key's unit: with certainty, as no normal drawn for a synapse is
 * beyond 8 standard deviations. */
double wiring_greatest_weight(const struct projection_config *projection);

/* Synapses onto any one target: no more with certainty where the rule says so, else mean
 * + 12 sqrt(mean) + 24, which a target exceeds with a chance below 1e-25. */
double wiring_greatest_indegree(const struct projection_config *projection);

#endif
