/* LIF with synaptic currents that are alpha functions, whose peak is the weight: NEST's
 * iaf_psc_alpha. */
#include "neuron/psc.h"

const struct model model_iaf_psc_alpha = {
    .type = {.name = "iaf_psc_alpha",
             .help = "leaky integrate and fire, with synaptic currents that are alpha functions",
             .weight = DIMENSION_CURRENT,
             .keys = psc_keys,
             .key_count = SYNAPSE_KEYS - POPULATION_KEYS,
             .recordables = psc_recordables,
             .recordable_count = PSC_RECORDABLES},
    .coefficient = psc_coefficient,
    .coefficient_count = PSC_ALPHA_COEFFICIENTS,
    .state = psc_state,
    .state_count = PSC_ALPHA_STATES,
    .recordable = psc_recordable,
    .receptors = RECEPTORS_MOST,
    .step = psc_step_alpha,
};
