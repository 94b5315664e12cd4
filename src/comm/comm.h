/* Ranks: processes, on one machine or many, that share a run. Each calls the same exchanges in the
 * same order, from one thread at a time; a call returns when all that it needs of the others is
 * there. What carries the bytes is a table of functions: MPI's is in a library of its own that is
 * loaded for ranks alone (comm_mpi.h), and one process needs none.
 *
 * An exchange cannot fail and leave the process running: where a rank dies, or the network does,
 * MPI ends all ranks. */
#ifndef MEGALIF_COMM_H
#define MEGALIF_COMM_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The table's layout and meaning; a library that has another is not used. */
#define COMM_CALLS_NAME "megalif_comm_calls_1"

struct comm_calls {
    /* 0, and which of how many ranks this one is; else what MPI said. Before all other calls. */
    int (*start)(int *rank, int *ranks);
    /* Ranks that have all called it end. */
    void (*finish)(void);
    /* Ends all ranks with this exit code, without waiting for them. Does not return. */
    void (*abort)(int code);
    /* `bytes` of each rank, one behind the other, to all: all[ranks][bytes]. */
    void (*allgather)(const void *own, size_t bytes, void *all);
    /* each[ranks] bytes, which all ranks know, one behind the other, to all ranks (`own` may lie at
     * its place in `all`); to rank 0, whose `all` alone is looked at. */
    void (*allgather_each)(const void *own, const uint64_t *each, void *all);
    void (*gather_each)(const void *own, const uint64_t *each, void *all);
    /* Sums over the ranks, modulo 2^64, in place. */
    void (*sum)(uint64_t *values, size_t count);
};

/* Of one process: NULL, in all that takes a comm. */
struct comm {
    int rank, ranks;
    uint64_t spikes; /* that a block's first exchange has room for; 0: some, more when needed */
    const struct comm_calls *calls;
};

/* This process is one of several ranks? Which; of how many. */
static inline bool comm_is_shared(const struct comm *comm)
{
    return comm && comm->ranks > 1;
}
static inline int comm_rank(const struct comm *comm)
{
    return comm ? comm->rank : 0;
}
static inline int comm_ranks(const struct comm *comm)
{
    return comm ? comm->ranks : 1;
}

/* Gives all ranks the first rank's error that is one: its status is returned, its text in *err,
 * which must be there where `status` is no STATUS_OK. Of one process: returns `status`. */
enum status comm_agree(const struct comm *comm, enum status status, struct error *err);

/* The least of all ranks' values. */
uint64_t comm_least(const struct comm *comm, uint64_t value);

/* What rank 0 says; the others' value is not looked at. */
uint64_t comm_of_first(const struct comm *comm, uint64_t value);

/* `bytes` of rank 0, at `own` there, to all ranks' `all`. For several ranks. */
void comm_copy_first(const struct comm *comm, const void *own, uint64_t bytes, void *all);

/* Sums over all ranks, modulo 2^64, in place. */
void comm_sum(const struct comm *comm, uint64_t *values, size_t count);

/* Makes *buffer, of *room bytes, larger where it has less than `bytes`; what was in it is lost. A
 * rank without memory for an exchange ends all: it cannot tell the others. */
void comm_make_room(const struct comm *comm, void **buffer, size_t *room, size_t bytes);

/* How many ranks have the same `bytes` as this one, itself included: at most 256 bytes. */
int comm_count_same(const struct comm *comm, const void *own, size_t bytes);

#endif
