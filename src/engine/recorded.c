/* From a block's spikes to the rows of a raster: counted, put in order, read in any pieces. */
#include "engine/recorded.h"

#include "base/memory.h"
#include "base/team.h"

#include <string.h>

static uint64_t cells(const struct block *block)
{
    return block->tiles * block->room;
}

uint64_t recorded_bytes(uint64_t tiles, size_t room, bool some)
{
    return tiles * room * (sizeof(uint64_t) + (some ? sizeof(uint32_t) : 0)) +
           (room + 1) * sizeof(uint64_t);
}

enum status recorded_open(struct recorded *out, const struct block *block, struct error *err)
{
    bool some = out->selected.kind == SELECTED_SOME;
    out->block = block;
    out->row = memory_alloc(cells(block) * sizeof(uint64_t));
    out->step = memory_alloc((block->room + 1) * sizeof(uint64_t));
    out->count = some ? memory_alloc(cells(block) * sizeof(uint32_t)) : NULL;
    if (!out->row || !out->step || (some && !out->count))
        return error_no_memory(err, "to order the spikes of %llu tiles",
                               (unsigned long long)block->tiles);
    memset(out->step, 0, (block->room + 1) * sizeof(uint64_t));
    return STATUS_OK;
}

void recorded_close(struct recorded *recorded)
{
    const struct block *block = recorded->block;
    selection_close(&recorded->selected);
    if (block) {
        memory_free(recorded->row, cells(block) * sizeof(uint64_t));
        memory_free(recorded->step, (block->room + 1) * sizeof(uint64_t));
        memory_free(recorded->count, cells(block) * sizeof(uint32_t));
    }
    memset(recorded, 0, sizeof *recorded);
}

void recorded_count(struct recorded *recorded, uint64_t tile, size_t steps)
{
    const struct block *block = recorded->block;
    const uint32_t *all = block->count + tile * block->room;
    const uint16_t *ids = block->ids[tile];
    uint64_t base = block_tile_id(block, tile);
    for (size_t k = 0; k < steps; ids += all[k], k++) {
        uint32_t count = 0;
        for (uint32_t s = 0; s < all[k]; s++)
            count += selection_has(&recorded->selected, base + ids[s]);
        recorded->count[tile * block->room + k] = count;
    }
}

static void order_step(struct recorded *recorded, size_t k)
{
    const struct block *block = recorded->block;
    const uint32_t *count = recorded->count ? recorded->count : block->count;
    uint64_t *row = recorded->row + k * block->tiles, next = 0;
    const bool recorded_now = recorded_in_window(recorded, block->first_step + k);
    for (uint64_t t = 0; recorded_now && t < block->tiles; t++) {
        row[t] = next;
        next += count[t * block->room + k];
    }
    recorded->step[k + 1] = next;
}

static void order_part(void *context, int part, int parts)
{
    struct recorded *recorded = context;
    const size_t steps = recorded->block->steps;
    for (size_t k = team_begin(steps, part, parts); k < team_begin(steps, part + 1, parts); k++)
        order_step(recorded, k);
}

static void order_steps(struct recorded *recorded, int threads)
{
    enum { WORTH_THREADS = 65536 }; /* cells */
    const struct block *block = recorded->block;
    team_run(block->tiles * block->steps > WORTH_THREADS ? threads : 1, order_part, recorded);
}

void recorded_order(struct recorded *recorded, int threads)
{
    const struct block *block = recorded->block;
    order_steps(recorded, threads);
    for (size_t k = 0; k < block->steps; k++)
        recorded->step[k + 1] += recorded->step[k];
}

uint64_t recorded_rows(const struct recorded *recorded)
{
    return recorded->step ? recorded->step[recorded->block->steps] : 0;
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

/* `count` of the selected ones among ids, after the first `skip` of them. */
static void copy_selected(uint64_t *out, const uint16_t *ids, size_t skip, size_t count,
                          uint64_t base, const struct selected *selected)
{
    for (size_t done = 0; done < count; ids++) {
        if (!selection_has(selected, base + *ids))
            continue;
        if (skip > 0)
            skip--;
        else
            out[done++] = base + *ids;
    }
}

/* Rows [first, first + rows) of those of step k; all of them are there. */
static void read_step(const struct recorded *recorded, size_t k, uint64_t first, size_t rows,
                      uint64_t *node_ids)
{
    const struct block *block = recorded->block;
    const uint64_t *row = recorded->row + k * block->tiles;
    const uint64_t end = recorded->step[k + 1] - recorded->step[k];
    size_t t = last_at_most(row, block->tiles, first), done = 0;
    for (uint64_t at = first; done < rows; t++) {
        uint64_t next = t + 1 < block->tiles ? row[t + 1] : end, base = block_tile_id(block, t);
        const uint16_t *ids = block->ids[t] + block->position[t * block->room + k];
        size_t there = (size_t)(next - at), room = rows - done, skip = (size_t)(at - row[t]);
        size_t count = there < room ? there : room;
        if (recorded->count)
            copy_selected(node_ids + done, ids, skip, count, base, &recorded->selected);
        else
            copy_ids(node_ids + done, ids + skip, count, room, base);
        done += count;
        at = next;
    }
}

void recorded_read(const struct recorded *recorded, uint64_t first, size_t rows, const double *time,
                   uint64_t *node_ids, double *timestamps)
{
    const uint64_t *step = recorded->step;
    size_t k = last_at_most(step, recorded->block->steps, first), done = 0;
    for (; done < rows; k++) {
        uint64_t begin = first + done - step[k], left = step[k + 1] - step[k] - begin;
        size_t count = left < rows - done ? (size_t)left : rows - done;
        if (count == 0)
            continue;
        read_step(recorded, k, begin, count, node_ids + done);
        for (size_t i = 0; i < count; i++)
            timestamps[done + i] = time[k];
        done += count;
    }
}
