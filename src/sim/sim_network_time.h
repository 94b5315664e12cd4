/* How fast this machine makes synapses as things are: for the time that a network will take. */
#ifndef MEGALIF_SIM_NETWORK_TIME_H
#define MEGALIF_SIM_NETWORK_TIME_H

#include "base/error.h"

struct setup;

struct sim_network_time {
    double synapse_s; /* wall time to make one, of a thread of all; NaN: not known */
    double busy;      /* wall time / processor time of one thread: 1 where none is waited for */
};

/* Draws some of the largest projection's synapses with the setup's threads, for about 0.2 s. Where
 * a canonical tile would take too long, or all come from files: {NaN, 1}. STATUS_MEMORY,
 * STATUS_CONFIG as a run. */
enum status sim_network_measure(const struct setup *setup, struct sim_network_time *out,
                                struct error *err);

#endif
