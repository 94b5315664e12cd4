/* The recorded spikes of one population in one block: where each tile left its own, and the order
 * (step, tile, neuron in tile) of the rows they become. */
#ifndef MEGALIF_ENGINE_BLOCK_H
#define MEGALIF_ENGINE_BLOCK_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { BLOCK_SLACK = 16 };

struct block {
    uint64_t tiles;
    size_t tile;  /* neurons in each */
    size_t most;  /* steps there is room for */
    size_t steps; /* in the present block */

    /* Written by the thread that stepped the tile. */
    uint16_t **ids;     /* [tiles]: numbers in the tile, step after step; BLOCK_SLACK more can be
                           read behind them */
    uint32_t *count;    /* [tiles][most]: recorded spikes in each step */
    uint32_t *position; /* [tiles][most]: where those of a step begin in ids */

    /* Written by block_order. */
    uint64_t *row;  /* [most][tiles]: first row of (step, tile), from the start of the step */
    uint64_t *step; /* [most + 1]: first row of each step */
};

uint64_t block_bytes(uint64_t tiles, size_t most);
enum status block_open(struct block *out, uint64_t tiles, size_t tile, size_t most,
                       struct error *err);
void block_close(struct block *block);

/* Counts -> rows: call once when all tiles are done. Uses `threads` OpenMP threads. */
void block_order(struct block *block, size_t steps, int threads);

static inline uint64_t block_rows(const struct block *block)
{
    return block->step[block->steps];
}

/* Rows [first, first + rows) into node_ids and timestamps; time[k]: of step k of the block. Any
 * number of threads may read at once. */
void block_read(const struct block *block, uint64_t first, size_t rows, const double *time,
                uint64_t *node_ids, double *timestamps);

#endif
