/* Memory for the spikes of a block, and where those of a step lie. */
#include "engine/block.h"

#include "base/memory.h"

#include <string.h>

uint64_t block_bytes(uint64_t tiles, size_t room)
{
    return tiles * (sizeof(uint16_t *) + 2 * room * sizeof(uint32_t));
}

enum status block_open(struct block *out, uint64_t first_id, uint64_t tiles, size_t tile,
                       size_t room, struct error *err)
{
    uint64_t bytes = tiles * room * sizeof(uint32_t);
    *out = (struct block){
        .first_id = first_id,
        .tiles = tiles,
        .tile = tile,
        .room = room,
        .ids = memory_alloc(tiles * sizeof(uint16_t *)),
        .count = memory_alloc(bytes),
        .position = memory_alloc(bytes),
    };
    if (out->ids && out->count && out->position)
        return STATUS_OK;
    return error_no_memory(err, "for the spikes of %llu tiles", (unsigned long long)tiles);
}

void block_close(struct block *block)
{
    uint64_t bytes = block->tiles * block->room * sizeof(uint32_t);
    memory_free(block->ids, block->tiles * sizeof(uint16_t *));
    memory_free(block->count, bytes);
    memory_free(block->position, bytes);
    memset(block, 0, sizeof *block);
}

void block_place(struct block *block, uint64_t tile, size_t steps)
{
    const uint32_t *count = block->count + tile * block->room;
    uint32_t *position = block->position + tile * block->room, next = 0;
    for (size_t k = 0; k < steps; k++) {
        position[k] = next;
        next += count[k];
    }
}
