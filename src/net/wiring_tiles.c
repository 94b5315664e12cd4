#include "net/wiring_tiles.h"
#include "net/wiring_private.h"

#include <stdlib.h>

uint64_t wiring_tile_size(const struct projection_config *p)
{
    return p->rule == RULE_FIXED_OUTDEGREE && p->multapses ? WIRING_TILE_MOST : WIRING_TILE;
}

/* Wide tiles end where ids are multiples of WIRING_TILE_MOST, as cells can, and with a population.
 * first: NULL, or those of each. */
static uint64_t list_tiles(const struct projection_config *p, uint64_t *first)
{
    uint64_t tiles = 0, place = 0;
    for (size_t t = 0; t < p->target_count; t++) {
        const struct target *range = &p->target[t], *before = t > 0 ? range - 1 : NULL;
        uint64_t block = range->begin / WIRING_TILE_MOST;
        const bool goes_on = before && before->population == range->population &&
                             (before->end - 1) / WIRING_TILE_MOST == block;
        for (block += goes_on; block * WIRING_TILE_MOST < range->end; block++, tiles++) {
            const uint64_t id = block * WIRING_TILE_MOST;
            if (first)
                first[tiles] = place + (id > range->begin ? id - range->begin : 0);
        }
        place += range->end - range->begin;
    }
    return tiles;
}

bool wiring_tiles_open(struct wiring *wiring)
{
    const struct projection_config *p = wiring->projection;
    wiring->tiles = (wiring->targets + WIRING_TILE - 1) / WIRING_TILE;
    if (wiring_tile_size(p) == WIRING_TILE)
        return true;
    wiring->tiles = list_tiles(p, NULL);
    wiring->tile_first = calloc(wiring->tiles + 1, sizeof *wiring->tile_first);
    if (wiring->tile_first)
        list_tiles(p, wiring->tile_first);
    return wiring->tile_first;
}

uint64_t wiring_tiles(const struct wiring *wiring)
{
    return wiring->tiles;
}

uint64_t wiring_first_target(const struct wiring *wiring, uint64_t tile)
{
    return wiring->tile_first ? wiring->tile_first[tile] : tile * WIRING_TILE;
}

uint64_t wiring_end_target(const struct wiring *wiring, uint64_t tile)
{
    return tile + 1 < wiring->tiles ? wiring_first_target(wiring, tile + 1) : wiring->targets;
}

uint64_t wiring_tile_of(const struct wiring *wiring, uint64_t target)
{
    uint64_t begin = 0, end = wiring->tiles; /* of which one is it */
    if (!wiring->tile_first)
        return target / WIRING_TILE;
    while (end - begin > 1) {
        const uint64_t middle = begin + (end - begin) / 2;
        *(target < wiring->tile_first[middle] ? &end : &begin) = middle;
    }
    return begin;
}
