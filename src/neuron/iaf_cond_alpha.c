/* LIF with synaptic conductances that are alpha functions, whose peak is the weight: NEST's
 * iaf_cond_alpha. */
#include "neuron/cond.h"

const struct model model_iaf_cond_alpha = {
    .type = {.name = "iaf_cond_alpha",
             .help = "leaky integrate and fire, with conductances that are alpha functions",
             .weight = DIMENSION_CONDUCTANCE,
             .keys = cond_keys,
             .key_count = COND_KEYS - POPULATION_KEYS,
             .recordables = cond_recordables,
             .recordable_count = COND_RECORDABLES,
             .check = cond_check},
    .coefficient = cond_coefficient,
    .coefficient_count = COND_COEFFICIENTS,
    .state = cond_state,
    .state_count = COND_ALPHA_STATES,
    .recordable = cond_recordable,
    .receptors = RECEPTORS_MOST,
    .step = cond_step_alpha,
};
