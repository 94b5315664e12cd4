#include "engine/engine.h"

#include "base/decimal.h"
#include "base/float_env.h"
#include "base/memory.h"
#include "engine/engine_plan.h"
#include "engine/engine_private.h"
#include "engine/traces.h"
#include "population/population_open.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_BLOCKS = 16 }; /* between two copies of the state, where there are limits */

/* The steps whose spikes are recorded, and those whose spikes are counted. */
static void set_windows(const struct config *config, size_t i, bool record, struct member *m)
{
    const struct record_config *spikes = selection_recorder(config, RECORD_SPIKES, i);
    const struct record_config *counts = selection_recorder(config, RECORD_COUNTS, i);
    uint64_t warmup = config->warmup_steps, first = config->record_warmup ? 0 : warmup;
    m->record_start = spikes && spikes->start_step > first ? spikes->start_step : first;
    m->record_stop = spikes ? spikes->stop_step : VALUE_FOREVER;
    m->totals.counts_start = counts && counts->start_step > warmup ? counts->start_step : warmup;
    m->totals.counts_stop =
        counts && counts->stop_step < config->steps ? counts->stop_step : config->steps;
    m->totals.records_all = record && m->selected.kind == SELECTED_ALL && m->record_start == 0 &&
                            m->record_stop >= config->steps;
}

static enum status open_rates(struct engine *e, size_t i, struct member *m, struct error *err)
{
    m->rates = calloc(1 + e->config->record_count, sizeof *m->rates);
    if (!m->rates)
        return error_set(err, STATUS_MEMORY, "no memory for rate bins");
    m->totals.bins = &m->rates[0];
    enum status status = rate_bins_open(&m->rates[0], e->config, NULL, err);
    for (size_t r = 0; r < e->config->record_count && !status; r++)
        if (rate_bins_wanted(&e->config->record[r], i))
            status = rate_bins_open(&m->rates[1 + r], e->config, &e->config->record[r], err);
    return status;
}

static enum status open_member(struct engine *e, size_t i, const struct engine_settings *settings,
                               struct messages *errors, struct messages *warnings,
                               struct error *err)
{
    struct member *m = &e->member[i];
    const struct population_settings population = engine_plan_population(e->config, settings);
    enum status status =
        population_open(&m->population, e->config, i, &population, errors, warnings, err);
    if (!status)
        status = selection_open(&m->selected, selection_recorder(e->config, RECORD_SPIKES, i),
                                e->config->population[i].size, err);
    if (!status)
        status = block_open(&m->block, m->population.tiles, e->tile, e->block, err);
    if (!status && engine_has_counts(e->config, i)) {
        status = neuron_counts_open(&m->counts, m->population.size, err);
        m->totals.counts = &m->counts;
    }
    if (!status && settings->trace_bytes > 0)
        status = traces_open(&m->population, e->block, settings->trace_bytes, e->threads, err);
    if (!status)
        status = open_rates(e, i, m, err);
    m->digest_key = calloc(e->block, sizeof *m->digest_key);
    m->totals.parameters_digest = m->population.parameters_digest;
    set_windows(e->config, i, e->record, m);
    if (!status && !m->digest_key)
        status = error_set(err, STATUS_MEMORY, "no memory for a block's digest");
    if (!status && e->limited)
        status = state_copy_open(&m->copy, &m->population, err);
    return status;
}

static enum status open_lane(struct engine *e, int thread, const struct engine_settings *settings,
                             struct error *err)
{
    struct lane *lane = &e->lane[thread];
    size_t drives = 0, populations = e->config->population_count;
    uint64_t one_tile = 0; /* of the populations that keep none */
    lane->share = calloc(populations, sizeof *lane->share);
    if (!lane->share)
        return error_set(err, STATUS_MEMORY, "no memory for the tiles of a thread");
    for (size_t i = 0; i < populations; i++) {
        const struct population *p = &e->member[i].population;
        struct share *share = &lane->share[i];
        population_share(p, thread, e->threads, &share->begin, &share->end);
        uint64_t most = tile_most_spikes(e->tile, e->block, p->shortest);
        if (engine_plan_keeps_spikes(e->config, settings, i))
            lane->capacity += (share->end - share->begin) * most;
        else if (share->end > share->begin && most > one_tile)
            one_tile = most;
        drives = p->drive_count > drives ? p->drive_count : drives;
    }
    lane->capacity += one_tile;
    lane->capacity += BLOCK_SLACK;
    lane->ids = memory_alloc(lane->capacity * sizeof *lane->ids);
    lane->digest = calloc(populations, sizeof *lane->digest);
    lane->spikes = calloc(populations * e->block, sizeof *lane->spikes);
    if (!lane->ids || !lane->digest || !lane->spikes)
        return error_set(err, STATUS_MEMORY, "no memory for the spikes of a block");
    return tile_scratch_open(&lane->scratch, e->tile, drives, err);
}

enum status engine_open(struct engine **out, const struct config *config,
                        const struct engine_settings *settings, struct messages *errors,
                        struct messages *warnings, struct error *err)
{
    struct engine *e = calloc(1, sizeof *e);
    enum status status = STATUS_OK;
    *out = NULL;
    if (!e)
        return error_set(err, STATUS_MEMORY, "no memory for the engine");
    e->config = config;
    e->threads = engine_plan_threads(config, settings);
    e->tile = engine_plan_tile(config, settings);
    e->block = engine_plan_block(config, settings);
    e->record = settings->record;
    e->limited = limits_stop(config);
    e->copy_blocks = settings->rows ? 1 : COPY_BLOCKS; /* rows of earlier blocks are gone */
    e->member = calloc(config->population_count, sizeof *e->member);
    e->lane = calloc((size_t)e->threads, sizeof *e->lane);
    e->time = calloc(e->block, sizeof *e->time);
    e->spikes = calloc(e->block, sizeof *e->spikes);
    if (!e->member || !e->lane || !e->time || !e->spikes)
        status = error_set(err, STATUS_MEMORY, "no memory for the engine");
    for (size_t i = 0; !status && i < config->population_count; i++)
        status = open_member(e, i, settings, errors, warnings, err);
    for (int t = 0; !status && t < e->threads; t++)
        status = open_lane(e, t, settings, err);
    if (!status && e->limited)
        status = limits_open(&e->limits, config, config_steps_of_1_ms(config), err);
    if (status)
        engine_close(e);
    else
        *out = e;
    return status;
}

static void close_member(struct member *m, size_t records)
{
    traces_close(&m->population);
    population_close(&m->population);
    block_close(&m->block);
    selection_close(&m->selected);
    neuron_counts_close(&m->counts);
    state_copy_close(&m->copy);
    for (size_t r = 0; m->rates && r < 1 + records; r++)
        rate_bins_close(&m->rates[r]);
    free(m->rates);
    free(m->digest_key);
}

static void close_lane(struct lane *lane)
{
    tile_scratch_close(&lane->scratch);
    free(lane->share);
    memory_free(lane->ids, lane->capacity * sizeof *lane->ids);
    free(lane->digest);
    free(lane->spikes);
}

void engine_close(struct engine *e)
{
    if (!e)
        return;
    for (size_t i = 0; e->member && i < e->config->population_count; i++)
        close_member(&e->member[i], e->config->record_count);
    for (int t = 0; e->lane && t < e->threads; t++)
        close_lane(&e->lane[t]);
    limits_close(&e->limits);
    free(e->member);
    free(e->lane);
    free(e->time);
    free(e->spikes);
    free(e);
}

/* Digest and per-neuron counts of one tile's spikes. */
static void account(const struct engine *e, struct member *m, struct lane *lane, size_t i,
                    uint64_t tile, size_t steps, const uint16_t *ids)
{
    const uint32_t *count = m->block.count + tile * e->block;
    uint64_t base = tile * e->tile;
    struct digest digest = lane->digest[i]; /* in registers */
    for (size_t k = 0; k < steps; ids += count[k], k++) {
        uint64_t step = e->steps_done + k;
        for (uint32_t s = 0; s < count[k]; s++)
            digest_add(&digest, m->digest_key[k], base + ids[s]);
        if (m->totals.counts && step >= m->totals.counts_start && step < m->totals.counts_stop)
            for (uint32_t s = 0; s < count[k]; s++)
                neuron_counts_add(&m->counts, base + ids[s], step + 1);
    }
    lane->digest[i] = digest;
}

/* Leaves only the recorded spikes, and notes where those of each step begin. */
static size_t keep_recorded(const struct engine *e, struct member *m, uint64_t tile, size_t steps,
                            uint16_t *ids)
{
    uint32_t *count = m->block.count + tile * e->block;
    uint32_t *position = m->block.position + tile * e->block;
    uint64_t base = tile * e->tile;
    uint32_t kept = 0;
    const uint16_t *from = ids;
    for (size_t k = 0; k < steps; k++) {
        uint32_t all = count[k];
        uint64_t step = e->steps_done + k;
        bool silent = step < m->record_start || step >= m->record_stop;
        position[k] = kept;
        if (!silent && m->selected.kind == SELECTED_ALL) {
            if (ids + kept != from)
                memmove(ids + kept, from, all * sizeof *ids);
            kept += all;
        }
        for (uint32_t s = 0; !silent && m->selected.kind == SELECTED_SOME && s < all; s++)
            if (selection_has(&m->selected, base + from[s]))
                ids[kept++] = from[s];
        from += all;
        count[k] = kept - position[k];
    }
    return kept;
}

/* Steps one tile; its spikes go to ids, their number in each step to the lane's totals. */
static size_t step_tile(struct engine *e, size_t i, struct lane *lane, uint64_t tile,
                        uint64_t first_step, size_t steps, uint16_t *ids)
{
    struct member *m = &e->member[i];
    uint32_t *count = m->block.count + tile * e->block;
    uint64_t *spikes = lane->spikes + i * e->block;
    size_t total =
        tile_advance(&m->population, tile, first_step, steps, &lane->scratch, ids, count);
    for (size_t k = 0; k < steps; k++)
        spikes[k] += count[k];
    m->block.ids[tile] = ids;
    return total;
}

/* Accounts for the spikes that a tile had in the block's steps; returns how many are recorded. */
static size_t settle_tile(struct engine *e, size_t i, struct lane *lane, uint64_t tile,
                          size_t steps)
{
    struct member *m = &e->member[i];
    uint16_t *ids = m->block.ids[tile];
    account(e, m, lane, i, tile, steps, ids);
    return e->record && m->selected.kind != SELECTED_NONE ? keep_recorded(e, m, tile, steps, ids)
                                                          : 0;
}

/* Steps those of a share's tiles that no thread has begun, while there is room for their spikes
 * from `ids` on; returns where the next ones go. Where no limit may cut the block short, each
 * tile's spikes are accounted for while they are in cache, and only those recorded are kept. */
static uint16_t *advance_share(struct engine *e, struct lane *lane, size_t i, struct share *share,
                               uint64_t first_step, size_t steps, uint16_t *ids)
{
    uint64_t most = tile_most_spikes(e->tile, e->block, e->member[i].population.shortest);
    while ((uint64_t)(ids - lane->ids) + most + BLOCK_SLACK <= lane->capacity) {
        uint64_t tile = atomic_fetch_add_explicit(&share->next, 1, memory_order_relaxed);
        if (tile >= share->end)
            break;
        size_t spikes = step_tile(e, i, lane, tile, first_step, steps, ids);
        ids += e->limited ? spikes : settle_tile(e, i, lane, tile, steps);
    }
    return ids;
}

static bool all_begun(struct share *share)
{
    return atomic_load_explicit(&share->next, memory_order_relaxed) >= share->end;
}

/* Takes a thread's tiles through the steps, then some that others have not begun: a processor may
 * be slower than the others for a while, and all would wait for it. They are few, so that each
 * tile's memory stays by the processor whose tile it is; and the looks for them are few where there
 * are many threads. Who steps a tile changes no bit. */
static void advance_lane(struct engine *e, int thread, uint64_t first_step, size_t steps)
{
    enum { LOOKS = 16 };
    const size_t populations = e->config->population_count;
    struct lane *lane = &e->lane[thread];
    uint16_t *ids = lane->ids;
    memset(lane->digest, 0, populations * sizeof *lane->digest);
    memset(lane->spikes, 0, populations * e->block * sizeof *lane->spikes);
    for (size_t i = 0; i < populations; i++)
        ids = advance_share(e, lane, i, &lane->share[i], first_step, steps, ids);
    for (int other = 1, looks = 0; other < e->threads && looks < LOOKS; other++) {
        struct lane *theirs = &e->lane[(thread + other) % e->threads];
        for (size_t i = populations; i-- > 0 && looks < LOOKS; looks++) /* these come last */
            if (!all_begun(&theirs->share[i]))
                ids = advance_share(e, lane, i, &theirs->share[i], first_step, steps, ids);
    }
}

static void settle_lane(struct engine *e, int thread, size_t steps)
{
    struct lane *lane = &e->lane[thread];
    for (size_t i = 0; i < e->config->population_count; i++)
        for (uint64_t tile = lane->share[i].begin; tile < lane->share[i].end; tile++)
            settle_tile(e, i, lane, tile, steps);
}

/* Lanes are dealt to threads, so that it works with however many threads there really are. */
static void advance_lanes(struct engine *e, uint64_t first_step, size_t steps)
{
    for (int t = 0; t < e->threads; t++)
        for (size_t i = 0; i < e->config->population_count; i++)
            atomic_store_explicit(&e->lane[t].share[i].next, e->lane[t].share[i].begin,
                                  memory_order_relaxed);
#pragma omp parallel for num_threads(e->threads) schedule(static, 1)
    for (int thread = 0; thread < e->threads; thread++) {
        WITH_OWN_FLOAT_ENV(env);
        advance_lane(e, thread, first_step, steps);
    }
}

static void settle_lanes(struct engine *e, size_t steps)
{
#pragma omp parallel for num_threads(e->threads) schedule(static, 1)
    for (int thread = 0; thread < e->threads; thread++)
        settle_lane(e, thread, steps);
}

/* How many of the block's steps count: all, or up to the one that meets a limit. */
static size_t steps_within_limits(struct engine *e, size_t steps)
{
    struct limits *limits = &e->limits;
    limits->spikes = engine_digest(e).spikes;
    for (size_t i = 0; i < e->config->population_count; i++)
        limits->in_bin[i] = rate_bins_at(&e->member[i].rates[0], e->steps_done);
    for (size_t k = 0; k < steps; k++) {
        uint64_t step = e->steps_done + k;
        for (size_t i = 0; i < e->config->population_count; i++) {
            uint64_t spikes = 0;
            for (int t = 0; t < e->threads; t++)
                spikes += e->lane[t].spikes[i * e->block + k];
            limits_count(limits, i, step, spikes);
        }
        e->met = limits_test(limits, step);
        if (e->met.limit)
            return k + 1;
    }
    return steps;
}

static void copy_state(struct engine *e)
{
    for (size_t i = 0; i < e->config->population_count; i++)
        state_copy_take(&e->member[i].copy, &e->member[i].population, e->threads);
    e->copy_step = e->steps_done;
}

/* Back to the copy, and forward again to where the present block begins. */
static void rewind_block(struct engine *e)
{
    for (size_t i = 0; i < e->config->population_count; i++)
        state_copy_restore(&e->member[i].copy, &e->member[i].population, e->threads);
    for (uint64_t step = e->copy_step; step < e->steps_done;) {
        uint64_t left = e->steps_done - step;
        size_t steps = left < e->block ? (size_t)left : e->block;
        advance_lanes(e, step, steps);
        step += steps;
    }
}

/* A block of which a step may turn out to be the run's last: then the state must be that of its
 * end. So the block is stepped, and where it went too far, stepped again as far as is right. */
static size_t advance_within_limits(struct engine *e, size_t steps)
{
    if (e->copy_age == 0)
        copy_state(e);
    e->copy_age = (e->copy_age + 1) % e->copy_blocks;
    advance_lanes(e, e->steps_done, steps);
    size_t right = steps_within_limits(e, steps);
    if (right < steps) {
        rewind_block(e);
        advance_lanes(e, e->steps_done, right);
    }
    settle_lanes(e, right);
    return right;
}

/* Adds up what the threads counted, in integers: the order does not matter. All other threads wait
 * meanwhile, and there may be many: so thread by thread, as the numbers lie in memory. */
static void gather(struct engine *e, size_t i, size_t steps)
{
    struct member *m = &e->member[i];
    memset(e->spikes, 0, steps * sizeof *e->spikes);
    for (int t = 0; t < e->threads; t++) {
        const uint64_t *own = e->lane[t].spikes + i * e->block;
        digest_merge(&m->totals.digest, &e->lane[t].digest[i]);
        for (size_t k = 0; k < steps; k++)
            e->spikes[k] += own[k];
    }
    for (size_t k = 0; k < steps; k++) {
        uint64_t step = e->steps_done + k;
        for (size_t r = 0; r < 1 + e->config->record_count; r++)
            rate_bins_add(&m->rates[r], step, e->spikes[k]);
        m->totals.after_warmup += step >= e->config->warmup_steps ? e->spikes[k] : 0;
    }
    if (e->record && m->selected.kind != SELECTED_NONE) {
        block_order(&m->block, steps, e->threads);
        m->totals.recorded += block_rows(&m->block);
    }
}

size_t engine_advance(struct engine *e, uint64_t most)
{
    size_t steps = most < e->block ? (size_t)most : e->block;
    if (e->met.limit)
        return 0;
    for (size_t k = 0; k < steps; k++) {
        uint64_t number = e->steps_done + k + 1;
        e->time[k] = decimal_times_steps(e->config->dt, number);
        for (size_t i = 0; i < e->config->population_count; i++)
            e->member[i].digest_key[k] = digest_key(e->member[i].population.stream, number);
    }
    for (size_t i = 0; i < e->config->population_count; i++)
        traces_begin(&e->member[i].population, e->steps_done);
    if (e->limited)
        steps = advance_within_limits(e, steps);
    else
        advance_lanes(e, e->steps_done, steps);
    for (size_t i = 0; i < e->config->population_count; i++)
        gather(e, i, steps);
    e->steps_done += steps;
    return steps;
}

uint64_t engine_block_rows(const struct engine *engine, size_t population)
{
    return block_rows(&engine->member[population].block);
}

void engine_read_rows(const struct engine *engine, size_t population, uint64_t first, size_t rows,
                      uint64_t *node_ids, double *timestamps)
{
    block_read(&engine->member[population].block, first, rows, engine->time, node_ids, timestamps);
}

struct limit_met engine_limit_met(const struct engine *engine)
{
    return engine->met;
}

const struct trace *engine_trace(const struct engine *e, size_t record, size_t population,
                                 size_t *rows)
{
    const struct population *p = &e->member[population].population;
    size_t t = traces_place(e->config, record, population);
    if (t >= p->trace_count)
        return NULL;
    *rows = (size_t)(trace_rows_before(&p->traces[t], e->steps_done) - p->traces[t].first_row);
    return &p->traces[t];
}

const struct rate_bins *engine_rate(const struct engine *e, size_t record, size_t population)
{
    return rate_bins_wanted(&e->config->record[record], population)
               ? &e->member[population].rates[1 + record]
               : NULL;
}

uint64_t engine_steps_done(const struct engine *engine)
{
    return engine->steps_done;
}

const struct engine_totals *engine_totals(const struct engine *engine, size_t population)
{
    return &engine->member[population].totals;
}

struct digest engine_digest(const struct engine *engine)
{
    struct digest digest = {{0, 0}, 0};
    for (size_t i = 0; i < engine->config->population_count; i++)
        digest_merge(&digest, &engine->member[i].totals.digest);
    return digest;
}

int engine_threads(const struct engine *engine)
{
    return engine->threads;
}

size_t engine_tile(const struct engine *engine)
{
    return engine->tile;
}

size_t engine_block(const struct engine *engine)
{
    return engine->block;
}

struct population *engine_population(struct engine *engine, size_t population)
{
    return &engine->member[population].population;
}
