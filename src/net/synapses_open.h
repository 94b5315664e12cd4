/* Makes synapses, in whatever form they are kept. */
#ifndef MEGALIF_SYNAPSES_OPEN_H
#define MEGALIF_SYNAPSES_OPEN_H

#include "net/synapses.h"

/* Draws and sorts all of these parts, which have one form, from a population of `sources` neurons
 * into a cell of `targets`. Any thread, with a work of its own. STATUS_MEMORY, STATUS_INTERRUPTED
 * without a text, or what wiring_draw returns; synapses_close in any case. */
enum status synapses_open(struct synapses *out, struct synapses_part *part, size_t parts,
                          uint64_t sources, size_t targets, struct net_progress *progress,
                          struct synapses_work *work, struct error *err);

#endif
