/* Synapses that are drawn anew whenever their source spikes (net/synapses.h): nothing but their
 * number is kept. They are those that lists would have, to the last bit. */
#ifndef MEGALIF_PROCEDURAL_H
#define MEGALIF_PROCEDURAL_H

#include "net/history.h"
#include "net/synapses.h"
#include "net/tally.h"

/* Tells the tally of a cell's targets what these spikes bring, closes it, and returns over how many
 * synapses it came. Any thread. */
uint64_t procedural_deliver(const struct synapses *synapses, const struct step_spikes *spikes,
                            const struct tally *tally);

#endif
