/* What the rules of projections share; wiring.h is for all others. */
#ifndef MEGALIF_NET_WIRING_PRIVATE_H
#define MEGALIF_NET_WIRING_PRIVATE_H

#include "config/config.h"
#include "net/wiring_batch.h"
#include "net/wiring_counts.h"
#include "net/wiring_dice.h"

#define WIRING_NONE UINT64_MAX /* no place in a list */

/* Neurons that are sources and targets and must not connect to themselves: the places target + i
 * and source + i, i < count, are the same neuron's. */
struct wiring_overlap {
    uint64_t target, source, count;
};

struct wiring;
struct wiring_writer;

/* How a rule makes the synapses into a tile. */
struct wiring_rule {
    uint64_t (*count)(const struct wiring *wiring, uint64_t tile);
    enum status (*draw)(struct wiring_writer *writer, struct error *err);
    void (*open)(struct wiring *wiring);    /* settles what tiles share; NULL: nothing */
    void (*prepare)(struct wiring *wiring); /* wiring_prepare; NULL: nothing */
};

struct wiring {
    const struct config *config;
    const struct projection_config *projection;
    const struct kernels *kernels; /* of 32 bits */
    const struct wiring_rule *rule;
    uint64_t sources, targets, tiles;
    uint64_t *tile_first;           /* [tiles + 1]: targets; NULL: a tile each WIRING_TILE */
    struct wiring_overlap *overlap; /* sorted by target and by source; none if autapses may be */
    size_t overlap_count;
    bool weight_is_constant, delay_is_constant;
    double weight;        /* of a constant one */
    uint32_t delay_steps; /* likewise */
    struct philox_key source_key, target_key, count_key, weight_key, delay_key;
    uint64_t block, share_stride;     /* of fixed_outdegree (wiring_tree.h): tiles, sources */
    uint32_t *shares;                 /* [blocks][share_stride] synapses; NULL: not kept */
    struct wiring_count in_degree[2]; /* of a target; [1]: one that is among the sources itself */
};

#endif
