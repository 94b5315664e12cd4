/* The step coefficients of one LIF neuron, in double, from its parameters.
 * C dV/dt = -g_L (V - E_L) + I, held input, exact over a step (Rotter & Diesmann 1999):
 *   V(t + dt) = P V + (1 - P) (E_L + R I),  P = exp(-dt / tau_m), tau_m = C/g_L, R = 1/g_L
 * and with u = V - V_th, e = 1 - P:  u + (-e u + e (E_L - V_th + R I)). */
#ifndef MEGALIF_MEMBRANE_H
#define MEGALIF_MEMBRANE_H

#include "config/config.h"

/* What one step does to something that relaxes with a time constant tau. */
struct membrane_step {
    double decay;     /* e: the share of its distance that it goes */
    double forgotten; /* the share of its variance that fresh noise must replace */
};

/* exact: e = -expm1(-dt / tau) and e (2 - e) = 1 - P^2; forward Euler (Maruyama 1955): e = dt / tau
 * and 2 e. */
struct membrane_step membrane_step_of(enum method method, double dt_ms, double tau_ms);

/* Drawn or constant values of one neuron; units as in the config. */
struct neuron {
    double value[POPULATION_KEYS_MOST]; /* by key; only the distributions are set */
    double tau_m;                       /* ms */
    double resistance;                  /* mV/pA (GOhm) */
    struct membrane_step step;          /* of tau_m; set where coefficients are made */
};

/* tau_m and resistance from the two facts that fix them. */
void membrane_derive(struct neuron *neuron, enum membrane membrane);

/* Which two keys fix a membrane: bits 1 << enum population_key. */
unsigned membrane_keys(enum membrane membrane);

#endif
