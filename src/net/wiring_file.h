/* The synapses of `rule = file`, as they stand in memory: of each canonical tile of targets, sorted
 * by target, source, delay and weight, so that the order of the file's edges does not matter.
 * Immutable once read; any thread. */
#ifndef MEGALIF_NET_WIRING_FILE_H
#define MEGALIF_NET_WIRING_FILE_H

#include "config/config.h"
#include "sonata/edge_source.h"

/* target << 48 | source << 16 | delay: places in the projection's lists, the target's minus the
 * first of its tile; the delay in steps. */
struct wiring_edge {
    uint64_t key;
    double
        weight; /* or, where the config says the weight of a synapse, how many there are (nsyns) */
};

static inline uint32_t wiring_edge_target(const struct wiring_edge *edge)
{
    return (uint32_t)(edge->key >> 48);
}
static inline uint64_t wiring_edge_source(const struct wiring_edge *edge)
{
    return edge->key >> 16 & UINT32_MAX;
}
static inline uint32_t wiring_edge_delay(const struct wiring_edge *edge)
{
    return (uint32_t)(edge->key & UINT16_MAX);
}

struct wiring_file {
    uint64_t tiles, edges;
    uint64_t *first; /* [tiles + 1]: where the edges of a tile begin */
    struct wiring_edge *edge;
    double least_weight, greatest_weight; /* of `weight` above; 0 without edges */
    uint32_t least_delay, greatest_delay; /* 1 without edges, or where the config says delays */
    uint64_t greatest_indegree;
};

/* Reads the edges of a projection with rule = file. What the file does not say and the config does
 * not either is an error but for the delay, which is 1 ms then, with a warning. STATUS_OUTPUT and
 * STATUS_CONFIG, naming the file and the edge; STATUS_MEMORY, before anything is read where the
 * number of edges is known. */
enum status wiring_file_read(struct wiring_file **out, const struct config *config,
                             const struct projection_config *projection,
                             const struct edge_reading *reading, struct messages *warnings,
                             struct error *err);
void wiring_file_free(struct wiring_file *file); /* NULL is fine */

/* Memory it takes. */
uint64_t wiring_file_bytes(const struct wiring_file *file);

/* The delays of edges first ... first + count - 1 of a tile. */
void wiring_file_delays(const struct wiring_file *file, uint64_t tile, uint64_t first, size_t count,
                        uint32_t *delay);

/* Their weights; scale: `weight` has the weight of one synapse of each, which there are several of
 * (nsyns). */
void wiring_file_weights(const struct wiring_file *file, uint64_t tile, uint64_t first,
                         size_t count, bool scale, double *weight);

/* A delay in ms in steps: to the nearest, halves up, also where the division falls short of a half
 * by rounding (0.15 ms / 0.1 ms). 0 for what is below half a step. */
uint64_t wiring_file_steps(double delay, double dt);

#endif
