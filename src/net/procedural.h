/* Synapses that are drawn anew whenever their source spikes (net/synapses.h): nothing but their
 * number is kept. They are those that lists would have, to the last bit. */
#ifndef MEGALIF_PROCEDURAL_H
#define MEGALIF_PROCEDURAL_H

#include "net/history.h"
#include "net/synapses.h"

/* Adds to sum[targets of the cell], of as many bits as `kernels`, what these spikes bring, and
 * returns over how many synapses. Any thread. */
uint64_t procedural_deliver(const struct kernels *kernels, const struct synapses *synapses,
                            const struct step_spikes *spikes, void *sum);

#endif
