/* What models with synapses share: the time constants of their two receptors. */
#ifndef MEGALIF_SYNAPSE_H
#define MEGALIF_SYNAPSE_H

#include "neuron/neuron_rows.h"

/* The first keys of such models, with NEST's names. */
enum synapse_key {
    SYNAPSE_TAU_EX = POPULATION_KEYS, /* DISTRIBUTION ms, > 0 */
    SYNAPSE_TAU_IN,                   /* likewise */
    SYNAPSE_KEYS
};

/* A key tau_syn_*, `which` is ex or in. */
#define SYNAPSE_TAU(which, words, usual, more)                                                     \
    {                                                                                              \
        .name = "tau_syn_" which, .kind = VALUE_DISTRIBUTION, .dimension = DIMENSION_TIME,         \
        .fallback = usual, .least = 1e-3, .most = 1e6, .positive = true, .help = words, more       \
    }

/* Is a key drawn? */
static inline bool synapse_draws(const struct neuron_source *source, int key)
{
    return source->drawn >> key & 1;
}

/* What a synaptic current does to one neuron in a step of h ms: propagators (Rotter & Diesmann
 * 1999), right to 1e-14 for any time constants, equal ones too; with method = euler those of
 * forward Euler. */
struct synapse_of {
    enum method method;
    double h, tau_syn, tau_m, C; /* ms, ms, ms, pF */
};
double synapse_by_current(const struct synapse_of *s); /* mV for 1 pA of I at its start */
double synapse_by_feed(const struct synapse_of *s);    /* mV for 1 of D, as D is in kernel.h */
double synapse_feeds(const struct synapse_of *s);      /* what 1 of D adds to I */

#endif
