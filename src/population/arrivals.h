/* What spikes of a network bring to a tile in the steps of a block: for each step, receptor and
 * neuron a sum of weights as an integer (docs/numerics.md). Whoever delivers sets them before the
 * tile is stepped; the tile only reads them. */
#ifndef MEGALIF_ARRIVALS_H
#define MEGALIF_ARRIVALS_H

#include "neuron/model.h"

#include <stdbool.h>

struct arrivals {
    const void *sum; /* [steps][receptors][count]: int32, in double precision int64 */
    const bool *any; /* [steps][receptors]: whether anything arrives */
    size_t count;    /* neurons in a row */
    size_t receptors;
    double unit[RECEPTORS_MOST]; /* 2^n of the weights' unit: one of a sum */
};

static inline bool arrivals_any(const struct arrivals *arrivals, uint64_t step, size_t receptor)
{
    return arrivals->any[step * arrivals->receptors + receptor];
}

/* The sums of step `step` of the block. */
static inline const void *arrivals_row(const struct arrivals *arrivals, uint64_t step,
                                       size_t receptor, size_t sum_bytes)
{
    size_t row = step * arrivals->receptors + receptor;
    return (const char *)arrivals->sum + row * arrivals->count * sum_bytes;
}

#endif
