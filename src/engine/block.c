#include "engine/block.h"

#include "base/memory.h"

#include <string.h>

static uint64_t cells(uint64_t tiles, size_t most)
{
    return tiles * most;
}

uint64_t block_bytes(uint64_t tiles, size_t most)
{
    return cells(tiles, most) * (2 * sizeof(uint32_t) + sizeof(uint64_t)) +
           tiles * sizeof(uint16_t *) + (most + 1) * sizeof(uint64_t);
}

enum status block_open(struct block *out, uint64_t tiles, size_t tile, size_t most,
                       struct error *err)
{
    uint64_t n = cells(tiles, most);
    *out = (struct block){
        .tiles = tiles,
        .tile = tile,
        .most = most,
        .ids = memory_alloc(tiles * sizeof(uint16_t *)),
        .count = memory_alloc(n * sizeof(uint32_t)),
        .position = memory_alloc(n * sizeof(uint32_t)),
        .row = memory_alloc(n * sizeof(uint64_t)),
        .step = memory_alloc((most + 1) * sizeof(uint64_t)),
    };
    if (!out->ids || !out->count || !out->position || !out->row || !out->step)
        return error_set(err, STATUS_MEMORY, "no memory to order the spikes of %llu tiles",
                         (unsigned long long)tiles);
    memset(out->step, 0, (most + 1) * sizeof(uint64_t));
    return STATUS_OK;
}

void block_close(struct block *block)
{
    uint64_t n = cells(block->tiles, block->most);
    memory_free(block->ids, block->tiles * sizeof(uint16_t *));
    memory_free(block->count, n * sizeof(uint32_t));
    memory_free(block->position, n * sizeof(uint32_t));
    memory_free(block->row, n * sizeof(uint64_t));
    memory_free(block->step, (block->most + 1) * sizeof(uint64_t));
    memset(block, 0, sizeof *block);
}

void block_order(struct block *block, size_t steps, int threads)
{
    block->steps = steps;
    enum { WORTH_THREADS = 65536 }; /* cells */
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(static) if (block->tiles * steps > WORTH_THREADS)
    for (size_t k = 0; k < steps; k++) {
        uint64_t *row = block->row + k * block->tiles, next = 0;
        for (uint64_t t = 0; t < block->tiles; t++) {
            row[t] = next;
            next += block->count[t * block->most + k];
        }
        block->step[k + 1] = next;
    }
    block->step[0] = 0;
    for (size_t k = 0; k < steps; k++)
        block->step[k + 1] += block->step[k];
}

/* Last index in ascending first[count] whose value is <= row; first[0] <= row. */
static size_t last_at_most(const uint64_t *first, size_t count, uint64_t row)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (first[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Numbers in a tile -> ids. Where there is room for it, a few more are written than asked for: the
 * loop over WIDE is vectorised, and what follows is written over. ids has BLOCK_SLACK more. */
static void copy_ids(uint64_t *restrict out, const uint16_t *restrict ids, size_t count,
                     size_t room, uint64_t base)
{
    enum { WIDE = BLOCK_SLACK };
    size_t i = 0;
    for (; i < count && i + WIDE <= room; i += WIDE)
        for (size_t j = 0; j < WIDE; j++)
            out[i + j] = base + ids[i + j];
    for (; i < count; i++)
        out[i] = base + ids[i];
}

/* Rows [first, first + rows) of those of step k; all of them are there. */
static void read_step(const struct block *block, size_t k, uint64_t first, size_t rows,
                      uint64_t *node_ids)
{
    const uint64_t *row = block->row + k * block->tiles;
    const uint64_t end = block->step[k + 1] - block->step[k];
    size_t t = last_at_most(row, block->tiles, first), done = 0;
    for (uint64_t at = first; done < rows; t++) {
        uint64_t next = t + 1 < block->tiles ? row[t + 1] : end;
        const uint16_t *ids = block->ids[t] + block->position[t * block->most + k];
        size_t count = (size_t)(next - at), room = rows - done;
        copy_ids(node_ids + done, ids + (at - row[t]), count < room ? count : room, room,
                 t * block->tile);
        done += count;
        at = next;
    }
}

void block_read(const struct block *block, uint64_t first, size_t rows, const double *time,
                uint64_t *node_ids, double *timestamps)
{
    size_t k = last_at_most(block->step, block->steps, first), done = 0;
    for (; done < rows; k++) {
        uint64_t begin = first + done - block->step[k];
        uint64_t left = block->step[k + 1] - block->step[k] - begin;
        size_t count = left < rows - done ? (size_t)left : rows - done;
        if (count == 0)
            continue;
        read_step(block, k, begin, count, node_ids + done);
        for (size_t i = 0; i < count; i++)
            timestamps[done + i] = time[k];
        done += count;
    }
}
