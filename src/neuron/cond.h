/* Models with synaptic conductances: g of two receptors, by one step of Runge and Kutta a dt.
 * iaf_cond_exp.c and iaf_cond_alpha.c differ in how a conductance rises. */
#ifndef MEGALIF_COND_H
#define MEGALIF_COND_H

#include "neuron/model.h"
#include "neuron/synapse.h"

enum cond_key { COND_E_EX = SYNAPSE_KEYS, COND_E_IN, COND_KEYS };
extern const struct key cond_keys[COND_KEYS - POPULATION_KEYS];

enum { COND_COEFFICIENTS = 7, COND_EXP_STATES = 2, COND_ALPHA_STATES = 4 };
extern const struct model_coefficient cond_coefficient[COND_COEFFICIENTS];
extern const struct model_state cond_state[COND_ALPHA_STATES];

/* g_ex, g_in, jumps */
enum { COND_RECORDABLES = 3 };
extern const struct recordable cond_recordables[COND_RECORDABLES];
extern const struct model_recordable cond_recordable[COND_RECORDABLES];

/* A model's `check`. */
void cond_check(const struct population_config *population,
                void (*report)(void *context, int key, const char *text), void *context);

/* A model's `step`. */
size_t cond_step_exp(const struct model_step *step);
size_t cond_step_alpha(const struct model_step *step);

#endif
