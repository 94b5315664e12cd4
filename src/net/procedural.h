/* Synapses that are drawn anew whenever their source spikes (net/synapses.h): nothing but their
 * number is kept. They are those that lists would have, to the last bit. */
#ifndef MEGALIF_PROCEDURAL_H
#define MEGALIF_PROCEDURAL_H

#include "net/history.h"
#include "net/synapses.h"

/* Of a part within one canonical tile; as synapses_open. All synapses are drawn once, for the
 * digest and the sums. */
enum status procedural_open(struct synapses *out, struct synapses_part *part, size_t targets,
                            struct net_progress *progress, struct synapses_work *work,
                            struct error *err);

/* Adds to sum[targets of the cell], of as many bits as `kernels`, what these spikes bring, and
 * returns over how many synapses. Any thread. */
uint64_t procedural_deliver(const struct kernels *kernels, const struct synapses *synapses,
                            const struct step_spikes *spikes, void *sum);

/* Bytes of each source and tile. */
size_t procedural_count_bytes(const struct projection_config *projection);

#endif
