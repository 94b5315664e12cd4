/* All synapses of a projection, with the weights that a run uses, as they are drawn: unsorted, and
 * handed to several threads at once. For what only counts; net/connections.h sorts. */
#ifndef MEGALIF_NET_PROJECTION_SCAN_H
#define MEGALIF_NET_PROJECTION_SCAN_H

#include "config/config.h"
#include "kernel/kernel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Some synapses. Places are numbers in the projection's lists of sources and targets. */
struct projection_piece {
    size_t count;
    const uint64_t *source; /* places */
    uint64_t first_target;  /* the place of target 0 */
    const uint32_t *target;
    const double *weight;  /* in the unit of the target's model */
    const uint32_t *delay; /* steps */
};

/* worker: 0 ... threads - 1; no two threads have the same at a time, nor targets in common. */
typedef void projection_sink(void *context, int worker, const struct projection_piece *piece);

struct projection_scan {
    const struct config *config;
    size_t projection;
    const struct kernels *kernels;
    int threads;
    projection_sink *sink;
    bool (*progress)(void *context, double share); /* one thread at a time; false: it is enough */
    void *context;                                 /* of both */
};

/* Draws all, or until it is enough. STATUS_MEMORY, STATUS_CONFIG (a normal_clipped that finds no
 * value). */
enum status projection_scan(const struct projection_scan *scan, struct error *err);

#endif
