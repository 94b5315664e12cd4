/* How an engine runs that a network is to serve. */
#ifndef MEGALIF_NET_SETTINGS_H
#define MEGALIF_NET_SETTINGS_H

#include "kernel/kernel.h"

struct net_settings {
    const struct kernels *kernels; /* decides the precision of sums, too */
    size_t tile;                   /* neurons */
    size_t block;                  /* steps, at most the least delay */
    size_t memory;                 /* steps that may be stepped again */
    int threads;                   /* that build; and step, at most */
};

#endif
