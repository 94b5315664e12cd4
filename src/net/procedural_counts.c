#include "net/procedural_counts.h"

#include "base/float_env.h"
#include "base/memory.h"
#include "base/team.h"
#include "net/net_progress.h"
#include "net/rule_outdegree.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { TOGETHER = 64 /* sources: their numbers are whole lines, whose memory is written once */ };

/* A source has more into a tile with a chance below 1e-25. */
static double count_most(const struct projection_config *p)
{
    const double degree = (double)p->value[PROJECTION_OUTDEGREE].integer;
    const double others = (double)p->targets - (p->autapses ? 0 : 1);
    const double mean = degree * fmin(WIRING_TILE_MOST / fmax(others, 1), 1);
    return fmin(degree, mean + 12 * sqrt(mean) + 24);
}

size_t procedural_count_bytes(const struct projection_config *p)
{
    return count_most(p) <= UINT8_MAX ? sizeof(uint8_t) : sizeof(uint32_t);
}

static enum status no_memory(const struct projection_config *p, struct error *err)
{
    return error_no_memory(err, "for the numbers of synapses of [projection.%s]", p->name);
}

enum status procedural_counts_open(struct procedural_counts *counts, const struct wiring *wiring,
                                   const struct projection_config *projection, struct error *err)
{
    *counts = (struct procedural_counts){wiring, projection, procedural_count_bytes(projection),
                                         calloc(wiring_tiles(wiring), sizeof *counts->tile)};
    return counts->tile ? STATUS_OK : no_memory(projection, err);
}

enum status procedural_counts_want(struct procedural_counts *counts, uint64_t tile,
                                   struct error *err)
{
    if (!counts->tile[tile])
        counts->tile[tile] = memory_alloc(wiring_sources(counts->wiring) * counts->each);
    return counts->tile[tile] ? STATUS_OK : no_memory(counts->projection, err);
}

/* ---- making */

struct making {
    const struct procedural_counts *counts;
    uint32_t *before;  /* [tiles + 1]: wanted tiles before each */
    uint64_t synapses; /* of a source, about */
    struct net_progress *progress;
    _Atomic uint64_t next;            /* source */
    atomic_bool lacks_memory, larger; /* what went wrong */
};

/* False: one is larger than can be kept. */
static bool keep(const struct procedural_counts *counts, uint64_t tile, uint64_t first,
                 const uint32_t *number, size_t n)
{
    uint8_t *few = counts->tile[tile];
    uint32_t *many = counts->tile[tile], largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = number[i] > largest ? number[i] : largest;
    if (counts->each == sizeof *few)
        for (size_t i = 0; i < n; i++)
            few[first + i] = (uint8_t)number[i];
    else
        memcpy(many + first, number, n * sizeof *number);
    return largest < (counts->each == sizeof *few ? UINT8_MAX + 1 : UINT32_MAX);
}

/* Of n sources, in all tiles. */
static bool make_some(const struct making *m, uint64_t first, size_t n, uint32_t *number)
{
    const struct procedural_counts *counts = m->counts;
    const uint64_t tiles = wiring_tiles(counts->wiring);
    bool good = true;
    for (size_t i = 0; i < n; i += TREE_SOURCES)
        rule_outdegree_tiles(counts->wiring, m->before, first + i, number + i, TOGETHER);
    for (uint64_t tile = 0; tile < tiles; tile++)
        if (counts->tile[tile])
            good = keep(counts, tile, first, number + tile * TOGETHER, n) && good;
    return good;
}

/* Whichever sources are next, until there are none. */
static void make_part(void *context, int part, int parts)
{
    struct making *m = context;
    const uint64_t sources = wiring_sources(m->counts->wiring);
    uint32_t *number = malloc(wiring_tiles(m->counts->wiring) * TOGETHER * sizeof *number);
    uint64_t first;
    WITH_OWN_FLOAT_ENV(env);
    (void)part;
    (void)parts;
    if (!number)
        m->lacks_memory = true;
    while (number && (first = atomic_fetch_add(&m->next, TOGETHER)) < sources) {
        const size_t n = sources - first < TOGETHER ? (size_t)(sources - first) : TOGETHER;
        if (net_progress_add(m->progress, procedural_counted(n * m->synapses)))
            break;
        if (!make_some(m, first, n, number))
            m->larger = true;
    }
    free(number);
}

static enum status verdict(const struct making *m, struct error *err)
{
    const struct projection_config *p = m->counts->projection;
    if (net_progress_is_stopped(m->progress))
        return STATUS_INTERRUPTED;
    if (m->lacks_memory)
        return no_memory(p, err);
    if (m->larger)
        return error_set(err, STATUS_MEMORY,
                         "[projection.%s]: a source has more synapses onto %d targets than is to "
                         "be expected; choose another seed, or storage = lists",
                         p->name, WIRING_TILE_MOST);
    return STATUS_OK;
}

enum status procedural_counts_make(struct procedural_counts *counts, int threads,
                                   struct net_progress *progress, struct error *err)
{
    const uint64_t tiles = wiring_tiles(counts->wiring);
    struct making m = {
        .counts = counts, .before = malloc((tiles + 1) * sizeof *m.before), .progress = progress};
    if (!m.before)
        return no_memory(counts->projection, err);
    m.before[0] = 0;
    for (uint64_t tile = 0; tile < tiles; tile++)
        m.before[tile + 1] = m.before[tile] + (counts->tile[tile] != NULL);
    m.synapses = counts->projection->value[PROJECTION_OUTDEGREE].integer * m.before[tiles] / tiles;
    team_run(threads, make_part, &m);
    free(m.before);
    return verdict(&m, err);
}

uint64_t procedural_counts_bytes(const struct procedural_counts *counts)
{
    uint64_t tiles = 0;
    for (uint64_t tile = 0; tile < wiring_tiles(counts->wiring); tile++)
        tiles += counts->tile[tile] != NULL;
    return tiles * wiring_sources(counts->wiring) * counts->each;
}

void procedural_counts_close(struct procedural_counts *counts)
{
    for (uint64_t tile = 0; counts->tile && tile < wiring_tiles(counts->wiring); tile++)
        memory_free(counts->tile[tile], wiring_sources(counts->wiring) * counts->each);
    free(counts->tile);
    memset(counts, 0, sizeof *counts);
}
