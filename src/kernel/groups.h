/* How kernels cut a tile: slots of 16 neurons, words of the sign bits of 64. */
#ifndef MEGALIF_GROUPS_H
#define MEGALIF_GROUPS_H

#include "kernel/kernel.h"
#include "kernel/simd.h"

#include <stddef.h>
#include <stdint.h>

enum {
    SLOT = 16,                /* neurons of a slot: one for each of the 16 lanes of a draw */
    SETS = SLOT / WORD_LANES, /* registers that make a slot */
    GROUP = 64                /* neurons whose sign bits make a word */
};

/* Keeps the words with a bit set and lists their places; branch-free. A pass of its own: within the
 * step loop the processor cannot tell these stores, whose addresses depend on results, from the
 * loads that follow, and at times runs that loop at half its speed. */
static inline size_t list_crossed(uint16_t *group, uint64_t *crossed, size_t groups)
{
    size_t listed = 0;
    for (size_t i = 0; i < groups; i++) {
        uint64_t word = crossed[i];
        group[listed] = (uint16_t)i;
        crossed[listed] = word;
        listed += word != 0;
    }
    return listed;
}

/* A field as a row to walk along: where it is one value, over a row of 128 the same again. */
struct walk {
    const real *from;
    size_t stride; /* 1, or 0: from a row that repeats itself */
};

static inline struct walk walk_of(struct field field, real same[TILE_ALIGN])
{
    for (size_t i = 0; i < TILE_ALIGN && !field.data; i += REAL_LANES)
        vr_store(same + i, vr_set1((real)field.value));
    return field.data ? (struct walk){field.data, 1} : (struct walk){same, 0};
}

/* Of neuron first + j and those behind it; first: a multiple of TILE_ALIGN, j below that. */
static inline vr walk_load(const struct walk *walk, size_t first, size_t j)
{
    return vr_load(walk->from + first * walk->stride + j);
}

#endif
