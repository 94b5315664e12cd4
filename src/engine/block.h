/* All spikes of one population in one block, where the threads that stepped its tiles left them.
 * They are whole and in the order (step, neuron), whatever is recorded: recorded.h is a view of
 * them, and what a network delivers is another. */
#ifndef MEGALIF_ENGINE_BLOCK_H
#define MEGALIF_ENGINE_BLOCK_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { BLOCK_SLACK = 16 };

/* For step k of the block and a tile t, in this order: the neurons
 *   first_id + t * tile + ids[t][position[t * room + k] + i],   i < count[t * room + k],
 * ascending in i; a neuron that has several spikes in a step stands there as often. Written by the
 * thread that steps the tile; then any number of threads may read.
 */
struct block {
    uint64_t first_id; /* of the population's first neuron */
    uint64_t tiles;
    size_t tile;         /* neurons in each */
    size_t room;         /* steps there is room for */
    size_t steps;        /* in the present block */
    uint64_t first_step; /* of the run, that is step 0 of the present block */
    uint16_t **ids;      /* [tiles]: numbers in the tile, step after step; BLOCK_SLACK more can be
                            read behind them; owned by whoever stepped the tile */
    uint32_t *count;     /* [tiles][room]: spikes in each step */
    uint32_t *position;  /* [tiles][room]: where those of a step begin in ids */
};

uint64_t block_bytes(uint64_t tiles, size_t room);

/* The id of a tile's first neuron. */
static inline uint64_t block_tile_id(const struct block *block, uint64_t tile)
{
    return block->first_id + tile * block->tile;
}

/* STATUS_MEMORY on failure; block_close in any case. */
enum status block_open(struct block *out, uint64_t first_id, uint64_t tiles, size_t tile,
                       size_t room, struct error *err);
void block_close(struct block *block);

/* Where the spikes of each of so many steps begin, from their counts. */
void block_place(struct block *block, uint64_t tile, size_t steps);

#endif
