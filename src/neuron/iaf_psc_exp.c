/* LIF with synaptic currents that jump and decay exponentially: NEST's iaf_psc_exp. */
#include "neuron/psc.h"

const struct model model_iaf_psc_exp = {
    .type = {.name = "iaf_psc_exp",
             .help = "leaky integrate and fire, with exponential synaptic currents",
             .weight = DIMENSION_CURRENT,
             .keys = psc_keys,
             .key_count = SYNAPSE_KEYS - POPULATION_KEYS,
             .recordables = psc_recordables,
             .recordable_count = PSC_RECORDABLES},
    .coefficient = psc_coefficient,
    .coefficient_count = PSC_EXP_COEFFICIENTS,
    .state = psc_state,
    .state_count = PSC_EXP_STATES,
    .recordable = psc_recordable,
    .receptors = RECEPTORS_MOST,
    .step = psc_step_exp,
};
