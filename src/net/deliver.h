/* Pull by delay: in each step the synapses whose spikes arrive in it add their weights to the sums
 * of their targets, as integers, so that no order matters (docs/numerics.md). Nothing is written
 * when a neuron spikes: its list is read on, delay by delay, as its spike is under way. */
#ifndef MEGALIF_DELIVER_H
#define MEGALIF_DELIVER_H

#include "net/history.h"
#include "net/synapses.h"
#include "neuron/model.h"

/* A spike that has synapses left to reach. */
struct in_flight {
    uint32_t table;
    uint32_t next, end; /* elements of its list that are left; at `next` stands a head */
    uint32_t spiked;    /* step, modulo 2^32 */
};

/* The spikes under way into a cell over synapses whose delays differ. Of one thread at a time. */
struct flights {
    struct in_flight *list;
    uint32_t *due; /* [count]: step in which `next` arrives, modulo 2^32 */
    uint32_t *now; /* room for `count`: which of them are due */
    size_t count, room;
    uint64_t until; /* spikes of the steps before it have been taken, */
    uint64_t step;  /* and what arrives before this one has been added */
};

void flights_close(struct flights *flights);

/* Synapses from a population to a receptor. */
struct delivery_table {
    struct synapses synapses;
    size_t population;
    enum receptor receptor;
};

/* All that reaches a cell. */
struct delivery {
    const struct delivery_table *table;
    size_t tables;
    const struct history *history;
    size_t targets;                /* neurons of the cell */
    int sum_bytes;                 /* 4 or 8 */
    const struct kernels *kernels; /* of sums with so many bytes */
    uint8_t *count; /* [targets], all 0, now and after: for tally.h; NULL: there are none */
};

/* Adds what arrives in step `step` to sum[receptors][targets], and how many synapses it came over
 * to events[receptors]. The history holds the steps before `known`, back to `step` minus the
 * longest delay; `step` is less than the least delay behind them. Steps may be taken in any order,
 * one after the other is fastest. STATUS_MEMORY. */
enum status deliver(const struct delivery *delivery, struct flights *flights, uint64_t step,
                    uint64_t known, void *sum, uint64_t events[RECEPTORS_MOST], struct error *err);

#endif
