/* LIF with synaptic conductances that jump and decay exponentially: NEST's
 * iaf_cond_exp. */
#include "neuron/cond.h"

const struct model model_iaf_cond_exp = {
    .type = {.name = "iaf_cond_exp",
             .help = "leaky integrate and fire, with exponential synaptic conductances",
             .weight = DIMENSION_CONDUCTANCE,
             .keys = cond_keys,
             .key_count = COND_KEYS - POPULATION_KEYS,
             .recordables = cond_recordables,
             .recordable_count = COND_RECORDABLES,
             .check = cond_check},
    .coefficient = cond_coefficient,
    .coefficient_count = COND_COEFFICIENTS,
    .state = cond_state,
    .state_count = COND_EXP_STATES,
    .recordable = cond_recordable,
    .receptors = RECEPTORS_MOST,
    .step = cond_step_exp,
};
