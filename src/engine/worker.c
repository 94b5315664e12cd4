/* Stepping: which thread takes which tile, where its spikes go, what is counted at once. */
#include "engine/worker.h"

#include "base/cpu.h"
#include "base/float_env.h"
#include "base/memory.h"
#include "engine/engine_private.h"
#include "population/tile.h"

#include <stdlib.h>
#include <string.h>

/* Of any of its tiles in a block. */
static uint64_t most_spikes(const struct engine *e, size_t population)
{
    const struct population *p = &e->population[population].neurons;
    return tile_most_spikes(e->tile, e->block, p->shortest, p->spikes_most);
}

/* Of a cell's tiles in a block: those that are kept. */
static uint64_t kept_spikes(const struct engine *e, size_t cell)
{
    const struct net_cell *c = net_cell_at(e->net, cell);
    uint64_t kept = 0;
    for (size_t i = 0; i < c->members; i++) {
        const struct net_member *member = &c->member[i];
        if (e->population[member->population].keeps)
            kept += (member->end - member->begin) * most_spikes(e, member->population);
    }
    return kept;
}

/* Room for the spikes of as many cells as are its own. */
static void deal_cells(struct engine *e, int thread)
{
    struct worker *w = &e->worker[thread];
    const uint64_t cells = net_cells(e->net), threads = (uint64_t)e->threads;
    w->cells.begin = cells * (uint64_t)thread / threads;
    w->cells.end = cells * ((uint64_t)thread + 1) / threads;
    for (size_t i = 0; i < e->config->population_count; i++) {
        const uint64_t spikes = most_spikes(e, i);
        w->tile_spikes = spikes > w->tile_spikes ? spikes : w->tile_spikes;
    }
    for (size_t c = 0; c < cells; c++) {
        const uint64_t spikes = kept_spikes(e, c) + w->tile_spikes;
        w->cell_spikes = spikes > w->cell_spikes ? spikes : w->cell_spikes;
    }
    w->capacity = (w->cells.end - w->cells.begin) * w->cell_spikes;
}

enum status worker_open(struct engine *e, int thread, struct error *err)
{
    struct worker *w = &e->worker[thread];
    size_t drives = 0, populations = e->config->population_count;
    uint64_t one_tile = 0; /* of the populations that keep none */
    w->share = calloc(populations, sizeof *w->share);
    if (!w->share)
        return error_no_memory(err, "for the tiles of a thread");
    for (size_t i = 0; i < populations; i++) {
        const struct population *p = &e->population[i].neurons;
        struct share *share = &w->share[i];
        population_share(p, thread, e->threads, &share->begin, &share->end);
        uint64_t most = most_spikes(e, i);
        if (e->population[i].keeps)
            w->capacity += (share->end - share->begin) * most;
        else if (share->end > share->begin && most > one_tile)
            one_tile = most;
        drives = p->drive_count > drives ? p->drive_count : drives;
    }
    w->capacity += one_tile;
    if (e->net)
        deal_cells(e, thread);
    w->capacity += BLOCK_SLACK;
    w->ids = memory_alloc(w->capacity * sizeof *w->ids);
    w->digest = calloc(populations, sizeof *w->digest);
    w->count = calloc(populations * e->block, sizeof *w->count);
    if (!w->ids || !w->digest || !w->count)
        return error_no_memory(err, "for the spikes of a block");
    enum status status = e->net ? net_scratch_open(&w->arriving, e->net, err) : STATUS_OK;
    return status ? status : tile_scratch_open(&w->scratch, e->tile, drives, err);
}

void worker_close(struct worker *w)
{
    tile_scratch_close(&w->scratch);
    net_scratch_close(&w->arriving);
    free(w->share);
    memory_free(w->ids, w->capacity * sizeof *w->ids);
    free(w->digest);
    free(w->count);
}

/* Digest and per-neuron counts of one tile's spikes. */
static void account(const struct engine *e, struct engine_population *p, struct digest *total,
                    uint64_t tile, size_t steps)
{
    const uint32_t *count = p->block.count + tile * e->block;
    const uint16_t *ids = p->block.ids[tile];
    uint64_t place = tile * e->tile, id = block_tile_id(&p->block, tile);
    struct digest digest = *total; /* in registers */
    for (size_t k = 0; k < steps; ids += count[k], k++) {
        uint64_t step = e->steps_done + k;
        if (count[k] == 0)
            continue;
        uint64_t key = digest_key(p->neurons.stream, step + 1);
        for (uint32_t s = 0; s < count[k]; s++)
            digest_add(&digest, key, id + ids[s]);
        if (p->totals.counts && step >= p->totals.counts_start && step < p->totals.counts_stop)
            for (uint32_t s = 0; s < count[k]; s++)
                neuron_counts_add(&p->counts, place + ids[s], step + 1);
    }
    *total = digest;
}

/* Steps one tile; its spikes go to ids, their number in each step to the worker's sums too. */
static size_t step_tile(struct engine *e, size_t i, struct worker *w, uint64_t tile,
                        uint64_t first_step, size_t steps, const struct arrivals *arrivals,
                        uint16_t *ids)
{
    struct engine_population *p = &e->population[i];
    uint32_t *count = p->block.count + tile * e->block;
    uint64_t *sum = w->count + i * e->block;
    size_t total =
        tile_advance(&p->neurons, tile, first_step, steps, arrivals, &w->scratch, ids, count);
    for (size_t k = 0; k < steps; k++)
        sum[k] += count[k];
    p->block.ids[tile] = ids;
    return total;
}

/* Accounts for the spikes that a tile had in the block's steps, and prepares them to be read. */
static void settle_tile(struct engine *e, size_t i, struct worker *w, uint64_t tile, size_t steps)
{
    struct engine_population *p = &e->population[i];
    account(e, p, &w->digest[i], tile, steps);
    if (p->keeps)
        block_place(&p->block, tile, steps);
    if (p->recorded.count)
        recorded_count(&p->recorded, tile, steps);
}

/* One tile, whose spikes go to `ids`; returns where the next ones go. Where no limit may cut the
 * block short, its spikes are accounted for while they are in cache, and given up if nobody will
 * ask for them. */
static uint16_t *advance_tile(struct engine *e, struct worker *w, size_t i, uint64_t tile,
                              uint64_t first_step, size_t steps, const struct arrivals *arrivals,
                              uint16_t *ids)
{
    size_t spikes = step_tile(e, i, w, tile, first_step, steps, arrivals, ids);
    if (!e->limited)
        settle_tile(e, i, w, tile, steps);
    return e->population[i].keeps ? ids + spikes : ids;
}

/* Steps those of a share's tiles that nobody has begun, while there is room for their spikes from
 * `ids` on; returns where the next ones go. */
static uint16_t *advance_share(struct engine *e, struct worker *w, size_t i, struct share *share,
                               uint64_t first_step, size_t steps, uint16_t *ids)
{
    uint64_t most = most_spikes(e, i);
    while ((uint64_t)(ids - w->ids) + most + BLOCK_SLACK <= w->capacity) {
        uint64_t tile = atomic_fetch_add_explicit(&share->next, 1, memory_order_relaxed);
        if (tile >= share->end)
            break;
        ids = advance_tile(e, w, i, tile, first_step, steps, NULL, ids);
    }
    return ids;
}

/* Tile `number` of a cell, of which `of` has what arrives. */
static uint16_t *advance_cell_tile(struct engine *e, struct worker *w, const struct worker *of,
                                   size_t cell, uint64_t number, uint64_t first_step, size_t steps,
                                   uint16_t *ids)
{
    uint64_t tile;
    const struct net_member *member = net_cell_tile(net_cell_at(e->net, cell), number, &tile);
    const struct arrivals arrivals = net_arrivals(e->net, cell, member, tile, &of->arriving);
    return advance_tile(e, w, member->population, tile, first_step, steps, &arrivals, ids);
}

/* Those tiles of the cell on offer that nobody has begun, while there is room for their spikes. */
static uint16_t *advance_open(struct engine *e, struct worker *w, struct worker *of,
                              uint64_t first_step, size_t steps, uint16_t *ids)
{
    while ((uint64_t)(ids - w->ids) + w->tile_spikes + BLOCK_SLACK <= w->capacity) {
        uint64_t tile = atomic_fetch_add_explicit(&of->open.next, 1, memory_order_relaxed);
        if (tile >= of->open.tiles)
            break;
        ids = advance_cell_tile(e, w, of, of->open.cell, tile, first_step, steps, ids);
        atomic_fetch_add_explicit(&of->open.done, 1, memory_order_release);
    }
    return ids;
}

static void offer(struct worker *w, size_t cell, uint64_t tiles)
{
    w->open.cell = cell;
    w->open.tiles = tiles;
    atomic_store_explicit(&w->open.next, 0, memory_order_relaxed);
    atomic_store_explicit(&w->open.done, 0, memory_order_relaxed);
    atomic_store_explicit(&w->open.state, OFFER_STANDS, memory_order_release);
}

/* What arrives in a cell is made for all its tiles at once. The last of a worker's own is offered
 * to the others: without their help they would wait for it. */
static uint16_t *advance_cell(struct engine *e, struct worker *w, size_t cell, uint64_t first_step,
                              size_t steps, uint16_t *ids)
{
    const uint64_t tiles = net_cell_at(e->net, cell)->tiles;
    const bool last = cell + 1 == w->cells.end;
    if (last)
        atomic_store_explicit(&w->open.state, OFFER_COMES, memory_order_relaxed);
    net_deliver(e->net, cell, first_step, steps, &w->arriving);
    if (last) {
        offer(w, cell, tiles);
        return advance_open(e, w, w, first_step, steps, ids);
    }
    for (uint64_t tile = 0; tile < tiles; tile++)
        ids = advance_cell_tile(e, w, w, cell, tile, first_step, steps, ids);
    return ids;
}

static uint16_t *advance_cells(struct engine *e, struct worker *w, struct share *share,
                               uint64_t first_step, size_t steps, uint16_t *ids)
{
    while ((uint64_t)(ids - w->ids) + w->cell_spikes + BLOCK_SLACK <= w->capacity) {
        uint64_t cell = atomic_fetch_add_explicit(&share->next, 1, memory_order_relaxed);
        if (cell >= share->end)
            break;
        ids = advance_cell(e, w, cell, first_step, steps, ids);
    }
    return ids;
}

enum { LOOKS = 16 }; /* for others' work: a few, as there may be many threads */

static bool all_begun(struct share *share)
{
    return atomic_load_explicit(&share->next, memory_order_relaxed) >= share->end;
}

void worker_begin(struct engine *e, int thread)
{
    for (size_t i = 0; i < e->config->population_count; i++) {
        struct share *share = &e->worker[thread].share[i];
        atomic_store_explicit(&share->next, share->begin, memory_order_relaxed);
    }
    struct worker *w = &e->worker[thread];
    atomic_store_explicit(&w->cells.next, w->cells.begin, memory_order_relaxed);
    atomic_store_explicit(&w->open.state, OFFER_NONE, memory_order_relaxed);
}

/* A processor may be slower than the others for a while, and all would wait for it: so others take
 * some of its tiles. They are few, so that each tile's memory stays by the processor whose tile it
 * is; and the looks for them are few where there are many threads. Who steps a tile changes no bit.
 */
static void advance_tiles(struct engine *e, int thread, uint64_t first_step, size_t steps)
{
    const size_t populations = e->config->population_count;
    struct worker *w = &e->worker[thread];
    uint16_t *ids = w->ids;
    for (size_t i = 0; i < populations; i++)
        ids = advance_share(e, w, i, &w->share[i], first_step, steps, ids);
    for (int other = 1, looks = 0; other < e->threads && looks < LOOKS; other++) {
        struct worker *theirs = &e->worker[(thread + other) % e->threads];
        for (size_t i = populations; i-- > 0 && looks < LOOKS; looks++) /* these come last */
            if (!all_begun(&theirs->share[i]))
                ids = advance_share(e, w, i, &theirs->share[i], first_step, steps, ids);
    }
}

/* Nobody reads any more what arrived in the worker's cell. */
static bool is_free(struct worker *w)
{
    return atomic_load_explicit(&w->open.done, memory_order_acquire) >= w->open.tiles;
}

/* Whether the worker offers tiles: it may be about to. */
static bool await_offer(struct worker *w)
{
    enum { PATIENCE = 1000 }; /* some 50 us */
    int state = OFFER_COMES;
    for (int i = 0; i < PATIENCE && state == OFFER_COMES; i++) {
        state = atomic_load_explicit(&w->open.state, memory_order_acquire);
        if (state == OFFER_COMES)
            cpu_pause();
    }
    return state == OFFER_STANDS;
}

/* Whole cells of others that have not come to them, then tiles of those that they are at. */
static void advance_network(struct engine *e, int thread, uint64_t first_step, size_t steps)
{
    struct worker *w = &e->worker[thread];
    uint16_t *ids = advance_cells(e, w, &w->cells, first_step, steps, w->ids);
    for (int other = 1; other < e->threads && is_free(w); other++) {
        struct worker *theirs = &e->worker[(thread + other) % e->threads];
        if (!all_begun(&theirs->cells))
            ids = advance_cells(e, w, &theirs->cells, first_step, steps, ids);
    }
    for (int other = 1; other < e->threads && other <= LOOKS; other++) {
        struct worker *theirs = &e->worker[(thread + other) % e->threads];
        if (await_offer(theirs))
            ids = advance_open(e, w, theirs, first_step, steps, ids);
    }
}

void worker_advance(struct engine *e, int thread, uint64_t first_step, size_t steps)
{
    const size_t populations = e->config->population_count;
    struct worker *w = &e->worker[thread];
    memset(w->digest, 0, populations * sizeof *w->digest);
    memset(w->count, 0, populations * e->block * sizeof *w->count);
    w->arriving.events = 0;
    if (e->net)
        advance_network(e, thread, first_step, steps);
    else
        advance_tiles(e, thread, first_step, steps);
}

void worker_settle(struct engine *e, int thread, size_t steps)
{
    struct worker *w = &e->worker[thread];
    for (size_t i = 0; i < e->config->population_count; i++)
        for (uint64_t tile = w->share[i].begin; tile < w->share[i].end; tile++)
            settle_tile(e, i, w, tile, steps);
}
