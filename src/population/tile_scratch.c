/* What a thread works with while it steps tiles. */
#include "population/tile_scratch.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    GROUP = 64, /* neurons */
    CELLS_MORE = 2 * TILE_ALIGN * sizeof(double)
};

static uint64_t leap_bytes(size_t tile)
{
    size_t room = tile + LEAP_SLACK;
    return room * (2 * sizeof(double) + 2 * sizeof(uint16_t) + 3 * sizeof(uint8_t));
}

/* One allocation, widest elements first. */
static bool open_leap(struct tile_leap_scratch *s, size_t tile)
{
    size_t room = tile + LEAP_SLACK;
    s->elsewhere = memory_alloc(leap_bytes(tile));
    if (!s->elsewhere)
        return false;
    s->u = (double *)s->elsewhere + room;
    s->released = (uint16_t *)((double *)s->u + room);
    s->spiked = s->released + room;
    s->below = (uint8_t *)(s->spiked + room);
    s->at = s->below + room;
    s->since = s->at + room;
    return true;
}

uint64_t tile_scratch_bytes(size_t tile, size_t drive_count)
{
    return tile * sizeof(double) * (5 + RECEPTORS_MOST + drive_count) +
           (tile + 2 * TILE_ALIGN) * sizeof(double) +
           tile / GROUP * (sizeof(uint16_t) + sizeof(uint64_t)) + leap_bytes(tile) +
           sizeof(struct tile_follow_scratch);
}

enum status tile_scratch_open(struct tile_scratch *s, size_t tile, size_t drive_count,
                              struct error *err)
{
    size_t bytes = tile * sizeof(double);
    *s = (struct tile_scratch){.tile = tile};
    s->drift = memory_alloc(bytes);
    s->noisy = memory_alloc(bytes);
    s->row = memory_alloc(bytes);
    s->before = memory_alloc(bytes);
    s->strength = memory_alloc(bytes);
    s->cells = memory_alloc(bytes + CELLS_MORE);
    s->group = memory_alloc(tile / GROUP * sizeof *s->group);
    s->crossed = memory_alloc(tile / GROUP * sizeof *s->crossed);
    s->follow = memory_alloc(sizeof *s->follow);
    s->held = calloc(drive_count + 1, sizeof *s->held);
    bool failed = !s->drift || !s->noisy || !s->row || !s->before || !s->strength || !s->cells ||
                  !s->group || !s->crossed || !s->follow || !s->held;
    for (size_t i = 0; i < RECEPTORS_MOST; i++)
        failed |= !(s->jump[i] = memory_alloc(bytes));
    for (; !failed && s->held_count < drive_count; s->held_count++)
        failed = !(s->held[s->held_count] = memory_alloc(bytes));
    failed = failed || !open_leap(&s->leap, tile);
    return failed ? error_no_memory(err, "for a thread's working space") : STATUS_OK;
}

void tile_scratch_close(struct tile_scratch *s)
{
    size_t bytes = s->tile * sizeof(double);
    memory_free(s->drift, bytes);
    memory_free(s->noisy, bytes);
    for (size_t i = 0; i < RECEPTORS_MOST; i++)
        memory_free(s->jump[i], bytes);
    memory_free(s->row, bytes);
    memory_free(s->before, bytes);
    memory_free(s->strength, bytes);
    memory_free(s->cells, bytes + CELLS_MORE);
    memory_free(s->group, s->tile / GROUP * sizeof *s->group);
    memory_free(s->crossed, s->tile / GROUP * sizeof *s->crossed);
    for (size_t i = 0; i < s->held_count; i++)
        memory_free(s->held[i], bytes);
    free(s->held);
    memory_free(s->follow, sizeof *s->follow);
    memory_free(s->leap.elsewhere, leap_bytes(s->tile));
    memset(s, 0, sizeof *s);
}
