#include "net/wiring_lists.h"
#include "net/wiring_tiles.h"

#include <stdlib.h>

uint64_t wiring_list_size(const struct target *list, size_t count)
{
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += list[i].end - list[i].begin;
    return size;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}
static uint64_t greatest(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Ids that both ranges have, as places in the two lists; the ranges' own places are given. */
static void add_overlap(struct wiring *wiring, const struct target *target, uint64_t target_place,
                        const struct target *source, uint64_t source_place)
{
    uint64_t begin = greatest(target->begin, source->begin), end = least(target->end, source->end);
    if (target->population != source->population || begin >= end)
        return;
    wiring->overlap[wiring->overlap_count++] = (struct wiring_overlap){
        target_place + begin - target->begin, source_place + begin - source->begin, end - begin};
}

bool wiring_lists_overlap(struct wiring *wiring)
{
    const struct projection_config *p = wiring->projection;
    uint64_t target_place = 0;
    /* Disjoint and sorted ranges overlap in fewer pieces than there are ranges. */
    wiring->overlap = malloc((p->target_count + p->source_count) * sizeof *wiring->overlap);
    if (!wiring->overlap)
        return false;
    for (size_t t = 0; t < p->target_count; t++) {
        uint64_t source_place = 0;
        for (size_t s = 0; s < p->source_count; s++) {
            add_overlap(wiring, &p->target[t], target_place, &p->source[s], source_place);
            source_place += p->source[s].end - p->source[s].begin;
        }
        target_place += p->target[t].end - p->target[t].begin;
    }
    return true;
}

uint64_t wiring_source_of(const struct wiring *wiring, uint64_t target)
{
    for (size_t i = 0; i < wiring->overlap_count; i++) {
        const struct wiring_overlap *o = &wiring->overlap[i];
        if (target - o->target < o->count)
            return o->source + (target - o->target);
    }
    return WIRING_NONE;
}

uint64_t wiring_target_of(const struct wiring *wiring, uint64_t source)
{
    for (size_t i = 0; i < wiring->overlap_count; i++) {
        const struct wiring_overlap *o = &wiring->overlap[i];
        if (source - o->source < o->count)
            return o->target + (source - o->source);
    }
    return WIRING_NONE;
}

/* What of an overlap lies in targets begin ... end - 1. */
static struct wiring_overlap clip(struct wiring_overlap o, uint64_t begin, uint64_t end)
{
    uint64_t from = greatest(o.target, begin), to = least(o.target + o.count, end);
    return (struct wiring_overlap){from, o.source + (from - o.target), to > from ? to - from : 0};
}

uint64_t wiring_pairs(const struct wiring *wiring, uint64_t begin, uint64_t end)
{
    uint64_t pairs = (end - begin) * wiring->sources;
    for (size_t i = 0; i < wiring->overlap_count; i++)
        pairs -= clip(wiring->overlap[i], begin, end).count;
    return pairs;
}

/* Within an overlap the forbidden pairs are a row's length and one apart; each that is not behind
 * the rank moves it on by one. */
struct wiring_pair wiring_pair_at(const struct wiring *wiring, uint64_t tile, uint64_t rank)
{
    uint64_t first = wiring_first_target(wiring, tile), end = wiring_end_target(wiring, tile);
    uint64_t width = end - first;
    for (size_t i = 0; i < wiring->overlap_count; i++) {
        struct wiring_overlap o = clip(wiring->overlap[i], first, end);
        uint64_t forbidden = o.source * width + (o.target - first);
        if (o.count > 0 && rank >= forbidden)
            rank += least(o.count, (rank - forbidden) / width + 1);
    }
    return (struct wiring_pair){rank / width, rank % width};
}
