/* Models with synaptic currents: I of two receptors, which V follows exactly. iaf_psc_exp.c and
 * iaf_psc_alpha.c differ in how a current rises. */
#ifndef MEGALIF_PSC_H
#define MEGALIF_PSC_H

#include "neuron/model.h"
#include "neuron/synapse.h"

extern const struct key psc_keys[SYNAPSE_KEYS - POPULATION_KEYS];

/* Coefficients and state; those that only alpha functions need stand behind. */
enum {
    PSC_EXP_COEFFICIENTS = 4,
    PSC_ALPHA_COEFFICIENTS = 8,
    PSC_EXP_STATES = 2,
    PSC_ALPHA_STATES = 4
};
extern const struct model_coefficient psc_coefficient[PSC_ALPHA_COEFFICIENTS];
extern const struct model_state psc_state[PSC_ALPHA_STATES];

/* I_syn, I_syn_ex, I_syn_in, jumps */
enum { PSC_RECORDABLES = 4 };
extern const struct recordable psc_recordables[PSC_RECORDABLES];
extern const struct model_recordable psc_recordable[PSC_RECORDABLES];

/* A model's `step`. */
size_t psc_step_exp(const struct model_step *step);
size_t psc_step_alpha(const struct model_step *step);

#endif
