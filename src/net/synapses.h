/* The synapses of one population onto one receptor of the neurons of a cell: by source, and of each
 * source by delay, so that what arrives in a step lies together. They may come from several
 * projections: the longer the lists, the fewer places in memory are to be fetched. Weights are
 * integers (weight_grid.h).
 *
 * Each source has a list of elements. Where all delays are the same: its synapses. Else segments,
 * one for each delay, ascending: a head (delay, number of synapses), then these. Where all weights
 * are the same an element has 16 bits, and a synapse is the target's number in the cell; else it
 * has 32, and a synapse is one element (target, weight of 16 bits), two or three (target, weight of
 * 32 or 64 bits). */
#ifndef MEGALIF_SYNAPSES_H
#define MEGALIF_SYNAPSES_H

#include "base/digest.h"
#include "net/weight_grid.h"
#include "net/wiring.h"

struct net_progress;

enum synapse_kind {
    SYNAPSE_TARGET,    /* 16 bits */
    SYNAPSE_WEIGHT_16, /* target << 16 | weight */
    SYNAPSE_WEIGHT_32, /* target, weight */
    SYNAPSE_WEIGHT_64  /* target, low half of the weight, high half */
};

/* What synapses of one table have in common. */
struct synapse_form {
    enum synapse_kind kind;
    int shift;      /* of SYNAPSE_WEIGHT_16: from its unit to the sum's */
    int64_t weight; /* of SYNAPSE_TARGET, in the sum's unit */
    bool segments;  /* delays differ */
    uint32_t delay; /* else the one there is */
};

/* Some of a projection's synapses: those from one range of sources onto one range of targets. */
struct synapses_part {
    const struct config *config;
    size_t projection, population; /* of the targets */
    uint64_t id;                   /* of target `begin` */
    const struct wiring *wiring;
    uint64_t begin, end;               /* targets: places in the projection's list */
    uint32_t local;                    /* number in the cell of target `begin` */
    uint64_t source_begin, source_end; /* sources: places in the projection's list */
    uint64_t source_id;                /* in their population of source `source_begin` */
    struct weight_unit unit;
    bool positive, negative; /* weights that go to the receptor; 0 counts as negative */
    bool selects;            /* there are others */
    struct digest digest;    /* out: of these synapses */
};

/* Of a part: what its wiring and its unit say. */
struct synapse_form synapses_form(const struct synapses_part *part);

struct synapses {
    struct synapse_form form;
    uint64_t sources; /* neurons of their population */
    uint32_t *first;  /* [sources + 1]: where a list begins, in elements */
    void *list;       /* uint16_t or uint32_t */
    uint64_t bytes;   /* of the list */
    uint64_t count;
    uint32_t longest; /* delay */
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

/* What a thread works with while it makes synapses, kept from one table to the next. All zero at
 * first. */
struct work_memory {
    void *data;
    uint64_t bytes;
};
struct synapses_work {
    struct work_memory spare; /* the synapses of one source, twice */
    struct work_memory next;  /* uint64_t[sources + 2]: of each */
    struct work_memory sum;   /* uint64_t[targets]: of |weights| onto each, in units of 2^stored */
    uint32_t place[UINT16_MAX + 2]; /* by delay */
};
void synapses_work_close(struct synapses_work *work);

/* Draws and sorts all of these parts, which have one form, from a population of `sources` neurons
 * into a cell of `targets`. Any thread, with a work of its own. STATUS_MEMORY, STATUS_INTERRUPTED
 * without a text, or what wiring_draw returns; synapses_close in any case. */
enum status synapses_open(struct synapses *out, struct synapses_part *part, size_t parts,
                          uint64_t sources, size_t targets, struct net_progress *progress,
                          struct synapses_work *work, struct error *err);
void synapses_close(struct synapses *synapses);

/* What a synapse takes beside its place in the list while synapses_open is at work, at most. */
size_t synapses_making_bytes(const struct synapse_form *form);

#endif
