/* How kernels cut a tile: slots of 16 neurons, words of the sign bits of 64. */
#ifndef MEGALIF_GROUPS_H
#define MEGALIF_GROUPS_H

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

#endif
