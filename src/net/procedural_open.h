/* Makes procedural synapses (net/synapses.h): each is drawn once, for the digest and the largest
 * sums, and forgotten. */
#ifndef MEGALIF_PROCEDURAL_OPEN_H
#define MEGALIF_PROCEDURAL_OPEN_H

#include "net/synapses.h"

/* Of a part within one canonical tile, whose counts are made (procedural_counts.h); as
 * synapses_open. */
enum status procedural_open(struct synapses *out, struct synapses_part *part, size_t targets,
                            struct net_progress *progress, struct synapses_work *work,
                            struct error *err);

/* Working space for that. */
size_t procedural_open_bytes(size_t targets);

#endif
