/* The synapses of one population onto one receptor of the neurons of a cell: by source, and of each
 * source by delay, so that what arrives in a step lies together. They may come from several
 * projections: the longer the lists, the fewer places in memory are to be fetched. Weights are
 * integers (weight_grid.h).
 *
 * Each source has a list of elements. Where all delays are the same: its synapses. Else segments,
 * one for each delay, ascending: a head (delay, number of synapses), then these. Where all weights
 * are the same an element has 16 bits, and a synapse is the target's number in the cell; else it
 * has 32, and a synapse is one element (target, weight of 16 bits), two or three (target, weight of
 * 32 or 64 bits).
 *
 * As bitmaps, which is for one projection whose weights and delays are all the same, each pair of a
 * source and a target has a bit, and the lists have the synapses beyond the first of each pair.
 *
 * Procedural ones are not kept: of fixed_outdegree with multapses, constant weight and delay it is
 * enough to know how many a source has into each canonical tile. */
#ifndef MEGALIF_SYNAPSES_H
#define MEGALIF_SYNAPSES_H

#include "base/digest.h"
#include "net/storage.h"
#include "net/synapse_places.h"
#include "net/weight_grid.h"
#include "net/wiring.h"

struct net_progress;
struct procedural_counts;

enum synapse_kind {
    SYNAPSE_TARGET,    /* 16 bits */
    SYNAPSE_WEIGHT_16, /* target << 16 | weight */
    SYNAPSE_WEIGHT_32, /* target, weight */
    SYNAPSE_WEIGHT_64  /* target, low half of the weight, high half */
};

/* What synapses of one table have in common. */
struct synapse_form {
    enum projection_storage storage; /* any but automatic */
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
    const struct procedural_counts *counts; /* of the projection, if it is procedural */
    struct digest digest;                   /* out: of these synapses */
};

/* Of a part: what its wiring and its unit say. */
struct synapse_form synapses_form(const struct synapses_part *part);

/* Bits of STORAGE_BITMAPS: a row for each of some sources, neighbours in their population, and one
 * without any at the end. */
struct synapse_bits {
    uint8_t *row;          /* [rows + 1][stride]: bit i % 8 of byte i / 8 is of target begin + i */
    size_t stride;         /* bytes, a multiple of 64 */
    uint64_t source, rows; /* source: id of the first one */
    uint32_t begin, targets; /* numbers in the cell: multiples of 64 */
    uint32_t *count;         /* [rows]: bits that are set */
};

static inline uint64_t synapse_bits_bytes(const struct synapse_bits *bits)
{
    return bits->row ? (bits->rows + 1) * bits->stride : 0;
}

/* STORAGE_PROCEDURAL: how to draw anew the synapses of a source into one canonical tile. */
struct synapse_rule {
    const struct wiring *wiring;
    uint64_t tile, source; /* source: place of the first one */
    uint64_t id, sources;  /* its id, and how many there are */
    uint32_t begin, end;   /* targets of the tile that are in the cell, from the tile's first on */
    uint32_t local;        /* number in the cell of target `begin` */
    uint32_t all;          /* targets of the tile */
    const uint8_t *few;    /* [sources]: synapses into the tile; NULL where they are in `many` */
    const uint32_t *many;  /* (procedural_counts.h) */
};

struct synapses {
    struct synapse_form form;
    uint64_t sources;             /* neurons of their population */
    struct synapse_places places; /* none where there is no list */
    void *list;                   /* uint16_t or uint32_t; NULL: all lists are empty */
    uint64_t bytes;               /* of the list */
    uint64_t count;
    uint32_t longest; /* delay */
    struct synapse_bits bits;
    struct synapse_rule rule;
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
    struct work_memory spare; /* of one source, twice; or what is noted of targets */
    struct work_memory sum;   /* uint64_t[targets]: of |weights| onto each, in units of 2^stored */
    uint32_t place[UINT16_MAX + 2]; /* by delay */
};
void synapses_work_close(struct synapses_work *work);

/* Memory of so many bytes; what was in it is lost when it grows. NULL: none. */
void *synapses_work_memory(struct work_memory *memory, uint64_t bytes);

void synapses_close(struct synapses *synapses);

#endif
