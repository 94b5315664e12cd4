/* The time of each neuron's last spike, kept for those that have one: ids may be any numbers. */
#ifndef MEGALIF_LAST_TIMES_H
#define MEGALIF_LAST_TIMES_H

#include <stddef.h>
#include <stdint.h>

struct last_time {
    uint64_t key; /* id + 1; 0: free */
    double time;
};

/* Open addressing; all zero: empty. */
struct last_times {
    struct last_time *slot;
    size_t slots, count; /* slots: a power of two */
};

/* Where the time of a neuron stands; it is 0 when the neuron is new. The pointer holds until the
 * next call. NULL without memory. `id` is not UINT64_MAX. Used by one thread. */
double *last_times_of(struct last_times *times, uint64_t id);

void last_times_free(struct last_times *times);

#endif
