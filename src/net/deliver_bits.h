/* Delivery from bitmaps (net/synapses.h): the rows of all sources that have spiked together. */
#ifndef MEGALIF_DELIVER_BITS_H
#define MEGALIF_DELIVER_BITS_H

#include "kernel/kernel.h"
#include "net/history.h"
#include "net/synapses.h"

/* Adds to sum[targets of the cell] what the bits of these spikes' sources bring, and returns over
 * how many synapses. */
uint64_t deliver_bits(const struct kernels *kernels, const struct synapses *synapses,
                      const struct step_spikes *spikes, void *sum);

#endif
