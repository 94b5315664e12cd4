#include "neuron/membrane.h"

#include "base/elementary.h"

void membrane_derive(struct neuron *n, enum membrane membrane)
{
    const double *v = n->value; /* ms/pF = 1/nS = 1e3 MOhm = mV/pA */
    switch (membrane) {
    case MEMBRANE_C_TAU:
        n->tau_m = v[POPULATION_TAU_M];
        n->resistance = v[POPULATION_TAU_M] / v[POPULATION_C_M];
        break;
    case MEMBRANE_C_G:
        n->tau_m = v[POPULATION_C_M] / v[POPULATION_G_L];
        n->resistance = 1.0 / v[POPULATION_G_L];
        break;
    case MEMBRANE_C_R:
        n->resistance = v[POPULATION_R_M] * 1e-3;
        n->tau_m = v[POPULATION_C_M] * n->resistance;
        break;
    case MEMBRANE_TAU_G:
        n->tau_m = v[POPULATION_TAU_M];
        n->resistance = 1.0 / v[POPULATION_G_L];
        break;
    case MEMBRANE_TAU_R:
        n->tau_m = v[POPULATION_TAU_M];
        n->resistance = v[POPULATION_R_M] * 1e-3;
        break;
    }
}

struct membrane_step membrane_step_of(enum method method, double dt_ms, double tau_ms)
{
    if (method == METHOD_EULER)
        return (struct membrane_step){dt_ms / tau_ms, 2.0 * (dt_ms / tau_ms)};
    double decay = -elementary_expm1(-dt_ms / tau_ms);
    return (struct membrane_step){decay, decay * (2.0 - decay)};
}

unsigned membrane_keys(enum membrane membrane)
{
    static const unsigned keys[] = {
        [MEMBRANE_C_TAU] = 1u << POPULATION_C_M | 1u << POPULATION_TAU_M,
        [MEMBRANE_C_G] = 1u << POPULATION_C_M | 1u << POPULATION_G_L,
        [MEMBRANE_C_R] = 1u << POPULATION_C_M | 1u << POPULATION_R_M,
        [MEMBRANE_TAU_G] = 1u << POPULATION_TAU_M | 1u << POPULATION_G_L,
        [MEMBRANE_TAU_R] = 1u << POPULATION_TAU_M | 1u << POPULATION_R_M,
    };
    return keys[membrane];
}
