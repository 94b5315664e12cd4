/* Pull by delay: in each step the synapses whose spikes arrive in it add their weights to the sums
 * of their targets, as integers, so that no order matters (docs/numerics.md). Nothing is written
 * when a neuron spikes: its list is read on, delay by delay, as its spike is under way. */
#ifndef MEGALIF_DELIVER_H
#define MEGALIF_DELIVER_H

#include "net/history.h"
#include "net/synapses.h"

/* A spike that has synapses left to reach. */
struct in_flight {
    uint32_t next, end; /* elements of the list that are left; at `next` stands a head */
    uint32_t spiked;    /* step, modulo 2^32 */
};

/* The spikes under way over synapses whose delays differ. Of one thread at a time. */
struct flights {
    struct in_flight *list;
    uint32_t *due; /* [count]: step in which `next` arrives, modulo 2^32 */
    uint32_t *now; /* room for `count`: which of them are due */
    size_t count, room;
    uint64_t until; /* spikes of the steps before it have been taken, */
    uint64_t step;  /* and what arrives before this one has been added */
};

void flights_close(struct flights *flights);

/* Where a projection's sources are in the history. */
struct source_range {
    size_t population;
    uint64_t begin, end; /* ids */
    uint64_t place;      /* of `begin` among the sources */
};

struct delivery {
    const struct synapses *synapses;
    const struct source_range *range;
    size_t ranges;
    const struct history *history;
    int sum_bytes; /* 4 or 8 */
};

/* Adds what arrives in step `step` to sum[neurons of the tile], and to *events how many synapses it
 * came over.
 * The history holds the steps before `known`, back to `step` minus the longest delay; `step` is
 * less than the least delay behind them. Steps may be taken in any order, one after the other is
 * fastest. STATUS_MEMORY. */
enum status deliver(const struct delivery *delivery, struct flights *flights, uint64_t step,
                    uint64_t known, void *sum, uint64_t *events, struct error *err);

#endif
