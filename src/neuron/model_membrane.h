/* What every model has: a membrane that leaks, C dV/dt = -g_L (V - E_L) + I, in u = V - V_th. */
#ifndef MEGALIF_MODEL_MEMBRANE_H
#define MEGALIF_MODEL_MEMBRANE_H

#include "neuron/model.h"

/* One line per coefficient, state and recordable (in the order of config_recordables). */
extern const struct model_coefficient model_membrane_coefficient[MODEL_OWN_FIELDS];
extern const struct model_state model_membrane_state[MODEL_OWN_STATES];
extern const struct model_recordable model_membrane_recordable[CONFIG_RECORDABLES];

#endif
