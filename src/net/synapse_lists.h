/* Makes lists of synapses (synapses.h). */
#ifndef MEGALIF_SYNAPSE_LISTS_H
#define MEGALIF_SYNAPSE_LISTS_H

#include "net/synapse_draw.h"

/* As synapses_open, once out->form and out->sources are settled. */
enum status synapse_lists_open(struct synapses *out, struct synapses_part *part, size_t parts,
                               size_t targets, struct net_progress *progress,
                               struct synapses_work *work, struct error *err);

/* What a synapse takes beside its place in the list while that is made, at most. */
size_t synapse_lists_making_bytes(const struct synapse_form *form);

#endif
