/* Makes bitmaps of synapses (synapses.h). */
#ifndef MEGALIF_SYNAPSE_BITS_H
#define MEGALIF_SYNAPSE_BITS_H

#include "net/synapse_draw.h"

/* As synapses_open, once out->form and out->sources are settled. The parts are of one range of one
 * projection's sources. */
enum status synapse_bits_open(struct synapses *out, struct synapses_part *part, size_t parts,
                              size_t targets, struct net_progress *progress,
                              struct synapses_work *work, struct error *err);

#endif
