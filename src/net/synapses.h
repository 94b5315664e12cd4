/* The synapses of one projection onto one receptor of neurons of one tile: by source, and of each
 * source by delay, so that what arrives in a step lies together. Weights are integers
 * (weight_grid.h).
 *
 * Each source has a list of elements. Where all delays are the same: its synapses. Else segments,
 * one for each delay, ascending: a head (delay, number of synapses), then these. Where all weights
 * are the same an element has 16 bits, and a synapse is the target's number in the tile; else it
 * has 32, and a synapse is one element (target, weight of 16 bits), two or three (target, weight of
 * 32 or 64 bits). */
#ifndef MEGALIF_SYNAPSES_H
#define MEGALIF_SYNAPSES_H

#include "base/digest.h"
#include "net/net_progress.h"
#include "net/weight_grid.h"
#include "net/wiring.h"

enum synapse_kind {
    SYNAPSE_TARGET,    /* 16 bits */
    SYNAPSE_WEIGHT_16, /* target << 16 | weight */
    SYNAPSE_WEIGHT_32, /* target, weight */
    SYNAPSE_WEIGHT_64  /* target, low half of the weight, high half */
};

/* Which of a projection's synapses. */
struct synapses_part {
    uint64_t begin, end; /* targets: places in the projection's list */
    uint32_t local;      /* number in the tile of target `begin` */
    size_t tile;         /* neurons in the tile */
    struct weight_unit unit;
    bool positive, negative; /* weights that go to the receptor; 0 counts as negative */
    bool zeros;              /* weights of 0 are counted here, stored or not */
    const struct config *config;
    size_t projection, population; /* of the targets */
    uint64_t id;                   /* of target `begin` */
    struct net_progress *progress;
};

struct synapses {
    uint64_t sources; /* places in the projection's list */
    enum synapse_kind kind;
    bool segments;   /* delays differ */
    uint32_t delay;  /* else the one there is */
    int64_t weight;  /* of SYNAPSE_TARGET, in the sum's unit */
    int shift;       /* of SYNAPSE_WEIGHT_16: from its unit to the sum's */
    uint32_t *first; /* [sources + 1]: where a list begins, in elements */
    void *list;      /* uint16_t or uint32_t */
    uint64_t bytes;  /* of the list */
    uint64_t count;
    uint64_t largest; /* sum of |weights| onto any target, in the sum's unit */
    uint32_t longest; /* delay */
    struct digest digest;
};

static inline size_t synapse_element_bytes(enum synapse_kind kind)
{
    return kind == SYNAPSE_TARGET ? sizeof(uint16_t) : sizeof(uint32_t);
}

/* Elements of one synapse. */
static inline size_t synapse_elements(enum synapse_kind kind)
{
    return kind == SYNAPSE_WEIGHT_64 ? 3 : kind == SYNAPSE_WEIGHT_32 ? 2 : 1;
}

/* Elements of a segment's head. */
static inline size_t synapse_head(enum synapse_kind kind)
{
    return kind == SYNAPSE_TARGET ? 2 : 1;
}

/* What a thread works with while it makes synapses, kept from one table to the next: the system
 * would clear the pages anew each time. All zero at first; some 40 bytes for each synapse of its
 * largest table. */
struct work_memory {
    void *data;
    uint64_t bytes;
};
struct synapses_work {
    struct work_memory drawn, dealt; /* synapses by target, by source */
    struct work_memory list, next, sum;
    uint32_t place[UINT16_MAX + 2]; /* by delay */
};
void synapses_work_close(struct synapses_work *work);

/* Draws and sorts them. Any thread, with a work of its own. STATUS_MEMORY,
 * STATUS_INTERRUPTED without a text, or what wiring_draw returns; synapses_close in any case. */
enum status synapses_open(struct synapses *out, const struct wiring *wiring,
                          const struct synapses_part *part, struct synapses_work *work,
                          struct error *err);
void synapses_close(struct synapses *synapses);

#endif
