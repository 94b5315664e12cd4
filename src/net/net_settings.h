/* How an engine runs that a network is to serve. */
#ifndef MEGALIF_NET_SETTINGS_H
#define MEGALIF_NET_SETTINGS_H

#include "kernel/kernel.h"
#include "population/part.h"

#include <stdbool.h>
#include <stdint.h>

/* Who waits for the synapses: is told by the thread that called how many have been made, and how
 * many there will be (expected, where their number is drawn); true: they are wanted no more. */
struct net_watch {
    bool (*tell)(void *context, uint64_t made, uint64_t all);
    void *context;
};

struct net_settings {
    const struct kernels *kernels; /* decides the precision of sums, too */
    size_t tile;                   /* neurons */
    size_t block;                  /* steps, at most the least delay */
    size_t memory;                 /* steps that may be stepped again */
    int threads;                   /* that build; and step, at most */
    struct part part;              /* of the neurons: those that get their spikes from it */
    const struct net_watch *watch; /* NULL: nobody waits */
};

#endif
