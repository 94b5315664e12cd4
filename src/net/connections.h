/* The synapses of a projection as a list: drawn tile by tile as for a run, with the weights that a
 * run uses, and sorted by target, source, delay and weight. */
#ifndef MEGALIF_NET_CONNECTIONS_H
#define MEGALIF_NET_CONNECTIONS_H

#include "config/config.h"
#include "kernel/kernel.h"

#include <stddef.h>
#include <stdint.h>

/* Ids of a population. */
struct connections_range {
    uint64_t begin, end;
};

/* Which ones: those of a projection between two populations, from and onto some ids. */
struct connections_choice {
    size_t projection;
    size_t source, target; /* populations */
    struct connections_range sources, targets;
};

/* Some of them, one target after the other. */
struct connections_piece {
    size_t count;                    /* 0: there are no more */
    const uint64_t *source, *target; /* ids */
    const double *weight;            /* in the unit of the target's model */
    const double *delay;             /* ms */
};

/* All pairs of populations that a projection connects, in the order of the config. */
size_t connections_pairs(const struct config *config, size_t projection);
void connections_pair(const struct config *config, size_t projection, size_t pair, size_t *source,
                      size_t *target);

struct connections;

/* Keeps `config`. `threads` draw at once, each a canonical tile of 4,096 targets, or fewer where
 * the tiles' synapses do not fit into memory. STATUS_MEMORY. */
enum status connections_open(struct connections **out, const struct config *config,
                             const struct connections_choice *choice, const struct kernels *kernels,
                             int threads, struct error *err);
void connections_close(struct connections *connections); /* NULL is fine */

/* Synapses that are looked through, and how many have been so far. */
uint64_t connections_total(const struct connections *connections);
uint64_t connections_done(const struct connections *connections);

/* The next ones; valid until the next call. */
enum status connections_next(struct connections *connections, struct connections_piece *piece,
                             struct error *err);

#endif
