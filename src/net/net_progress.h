/* How far the making of synapses is, told now and then to whoever waits for it. */
#ifndef MEGALIF_NET_PROGRESS_H
#define MEGALIF_NET_PROGRESS_H

#include "net/net_settings.h"

#include <pthread.h>
#include <stdatomic.h>

struct net_progress {
    const struct net_watch *watch; /* NULL: nobody waits */
    uint64_t all;                  /* synapses to expect */
    _Atomic uint64_t made;
    _Atomic bool stop; /* it is wanted no more */
    pthread_t teller;  /* who began it */
    double told_at;    /* clock_seconds(), the teller's */
};

void net_progress_begin(struct net_progress *progress, const struct net_watch *watch, double all);

/* So many more have been made. Any thread; the one that began tells it. True: stop. */
bool net_progress_add(struct net_progress *progress, uint64_t synapses);

/* Whoever makes synapses stops before the next table. Any thread. */
void net_progress_stop(struct net_progress *progress);
bool net_progress_is_stopped(const struct net_progress *progress);

/* Tells once more, at the end, how many there are. True as above. */
bool net_progress_end(struct net_progress *progress, uint64_t synapses);

#endif
