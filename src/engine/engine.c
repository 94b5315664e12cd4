#include "engine/engine.h"

#include "base/decimal.h"
#include "base/memory.h"
#include "engine/engine_private.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_STEPS = 128,    /* amortises a tile's way from memory */
    BLOCK_MOST = 1024,    /* of few neurons: amortises the barrier at a block's end */
    BLOCK_WORK = 1 << 22, /* neuron-steps of a thread that are worth a barrier */
    TILE_BYTES = 16384,   /* of u: with a drift as large it stays in a 32 KiB L1 cache */
    TILE_LEAST = 512,     /* neurons */
    TILES_PER_THREAD = 4, /* at least, so that threads end together */
    THREAD_LEAST = 512    /* neurons worth waking another thread for */
};
static const uint64_t spike_budget = UINT64_C(256)
                                     << 20; /* bytes for a block's spikes, if possible */

uint64_t engine_bin_steps(const struct config *config)
{
    double steps = floor(1.0 / config->dt_ms + 0.5);
    return steps >= 1.0 ? (uint64_t)steps : 1;
}

uint64_t engine_bin_count(const struct config *config)
{
    uint64_t width = engine_bin_steps(config);
    return config->steps / width + (config->steps % width != 0);
}

static const struct kernels *kernels_of(const struct config *config,
                                        const struct engine_settings *settings)
{
    return kernels_for(settings->isa, config->precision == PRECISION_DOUBLE ? 64 : 32);
}

static uint64_t neurons_of(const struct config *config, const struct engine_settings *settings)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < config->population_count; i++) {
        uint64_t size = config->population[i].size, most = settings->most_neurons;
        sum += most > 0 && size > most ? most : size;
    }
    return sum;
}

static int choose_threads(const struct config *config, const struct engine_settings *settings)
{
    uint64_t useful = neurons_of(config, settings) / THREAD_LEAST;
    if (useful < 1)
        return 1;
    return useful < (uint64_t)settings->threads ? (int)useful : settings->threads;
}

static size_t choose_tile(const struct config *config, const struct engine_settings *settings)
{
    size_t tile = settings->tile;
    if (tile > 0) {
        tile = (tile + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN;
        return tile < TILE_MOST ? tile : TILE_MOST;
    }
    tile = TILE_BYTES / (config->precision == PRECISION_DOUBLE ? sizeof(double) : sizeof(float));
    uint64_t wanted = (uint64_t)choose_threads(config, settings) * TILES_PER_THREAD;
    while (tile > TILE_LEAST && neurons_of(config, settings) / tile < wanted)
        tile /= 2;
    return tile;
}

/* Whether a population's spikes are kept until a block's end; else only until their tile's. */
static bool keeps_spikes(const struct config *config, bool record, size_t population)
{
    return record && !selection_is_none(config, population);
}

/* Bytes that the spikes of a block of so many steps may take, all populations together. */
static uint64_t spike_bytes(const struct config *config, const struct engine_settings *settings,
                            uint64_t steps)
{
    uint64_t bytes = 0, tile = choose_tile(config, settings);
    uint64_t in_tiles = tile * (uint64_t)choose_threads(config, settings);
    for (size_t i = 0; i < config->population_count; i++) {
        uint64_t shortest, longest, size = config->population[i].size;
        uint64_t most = settings->most_neurons;
        population_refractory_bounds(config, i, &shortest, &longest);
        size = most > 0 && size > most ? most : size;
        size = keeps_spikes(config, settings->record, i) ? size + TILE_ALIGN : in_tiles;
        bytes += size * sizeof(uint16_t) * tile_most_spikes(1, steps, shortest);
    }
    return bytes;
}

static size_t choose_block(const struct config *config, const struct engine_settings *settings)
{
    size_t block = settings->block;
    uint64_t budget = neurons_of(config, settings) * 2 * sizeof(uint16_t);
    if (block > 0)
        return block;
    budget = budget > spike_budget ? budget : spike_budget;
    block = BLOCK_STEPS;
    while (block < BLOCK_MOST &&
           neurons_of(config, settings) * block <
               (uint64_t)BLOCK_WORK * (uint64_t)choose_threads(config, settings))
        block *= 2;
    while (block > 1 && spike_bytes(config, settings, block) > budget)
        block /= 2;
    return block;
}

static struct population_settings population_settings_of(const struct config *config,
                                                         const struct engine_settings *settings)
{
    return (struct population_settings){kernels_of(config, settings), choose_tile(config, settings),
                                        choose_threads(config, settings), settings->most_neurons};
}

bool engine_has_counts(const struct config *config, size_t population)
{
    for (size_t r = 0; r < config->record_count; r++)
        for (size_t i = 0; i < config->record[r].population_count; i++)
            if (config->record[r].what == RECORD_COUNTS &&
                config->record[r].population[i] == population)
                return true;
    return false;
}

void engine_plan(struct memory_plan *plan, const struct config *config,
                 const struct engine_settings *settings)
{
    const struct population_settings population = population_settings_of(config, settings);
    size_t block = choose_block(config, settings);
    for (size_t i = 0; i < config->population_count; i++)
        population_plan(plan, config, i, &population);
    memory_plan_add(plan, "spikes of a block (at most)", spike_bytes(config, settings, block));
    for (size_t i = 0; i < config->population_count; i++) {
        uint64_t size = config->population[i].size;
        uint64_t tiles = (size + population.tile - 1) / population.tile;
        memory_plan_add(plan, "order of a block's spikes", block_bytes(tiles, block));
        memory_plan_add(plan, "rate bins", engine_bin_count(config) * sizeof(uint64_t));
        if (selection_bytes(config, i) > 0)
            memory_plan_add(plan, "recorders' selections", selection_bytes(config, i));
        if (engine_has_counts(config, i))
            memory_plan_add(plan, "counts per neuron", size * NEURON_COUNTS_BYTES);
    }
    memory_plan_add(plan, "threads' working space",
                    (uint64_t)choose_threads(config, settings) *
                        tile_scratch_bytes(population.tile, config->input_count));
}

static enum status open_member(struct engine *e, size_t i, const struct engine_settings *settings,
                               struct messages *errors, struct messages *warnings,
                               struct error *err)
{
    struct member *m = &e->member[i];
    const struct population_settings population = population_settings_of(e->config, settings);
    enum status status =
        population_open(&m->population, e->config, i, &population, errors, warnings, err);
    if (!status)
        status = selection_open(&m->selected, e->config, i, err);
    if (!status)
        status = block_open(&m->block, m->population.tiles, e->tile, e->block, err);
    if (!status && engine_has_counts(e->config, i)) {
        status = neuron_counts_open(&m->counts, m->population.size, err);
        m->totals.counts = &m->counts;
    }
    m->bins = calloc(e->bin_count, sizeof *m->bins);
    m->digest_key = calloc(e->block, sizeof *m->digest_key);
    m->totals.bins = m->bins;
    m->totals.parameters_digest = m->population.parameters_digest;
    m->totals.records_all = m->selected.kind == SELECTED_ALL;
    if (!status && (!m->bins || !m->digest_key))
        status = error_set(err, STATUS_MEMORY, "no memory for %llu rate bins",
                           (unsigned long long)e->bin_count);
    return status;
}

static enum status open_lane(struct engine *e, int thread, struct error *err)
{
    struct lane *lane = &e->lane[thread];
    size_t drives = 0, populations = e->config->population_count;
    uint64_t one_tile = 0; /* of the populations that keep none */
    for (size_t i = 0; i < populations; i++) {
        const struct population *p = &e->member[i].population;
        uint64_t begin, end;
        population_share(p, thread, e->threads, &begin, &end);
        uint64_t most = tile_most_spikes(e->tile, e->block, p->shortest);
        if (keeps_spikes(e->config, e->record, i))
            lane->capacity += (end - begin) * most;
        else if (end > begin && most > one_tile)
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
    e->threads = choose_threads(config, settings);
    e->tile = choose_tile(config, settings);
    e->block = choose_block(config, settings);
    e->record = settings->record;
    e->bin_steps = engine_bin_steps(config);
    e->bin_count = engine_bin_count(config);
    e->member = calloc(config->population_count, sizeof *e->member);
    e->lane = calloc((size_t)e->threads, sizeof *e->lane);
    e->time = calloc(e->block, sizeof *e->time);
    if (!e->member || !e->lane || !e->time)
        status = error_set(err, STATUS_MEMORY, "no memory for the engine");
    for (size_t i = 0; !status && i < config->population_count; i++)
        status = open_member(e, i, settings, errors, warnings, err);
    for (int t = 0; !status && t < e->threads; t++)
        status = open_lane(e, t, err);
    if (status)
        engine_close(e);
    else
        *out = e;
    return status;
}

static void close_member(struct member *m)
{
    population_close(&m->population);
    block_close(&m->block);
    selection_close(&m->selected);
    neuron_counts_close(&m->counts);
    free(m->bins);
    free(m->digest_key);
}

static void close_lane(struct lane *lane)
{
    tile_scratch_close(&lane->scratch);
    memory_free(lane->ids, lane->capacity * sizeof *lane->ids);
    free(lane->digest);
    free(lane->spikes);
}

void engine_close(struct engine *e)
{
    if (!e)
        return;
    for (size_t i = 0; e->member && i < e->config->population_count; i++)
        close_member(&e->member[i]);
    for (int t = 0; e->lane && t < e->threads; t++)
        close_lane(&e->lane[t]);
    free(e->member);
    free(e->lane);
    free(e->time);
    free(e);
}

/* Digest, per-neuron counts and step totals of one tile's spikes. */
static void account(const struct engine *e, struct member *m, struct lane *lane, size_t i,
                    uint64_t tile, size_t steps, const uint16_t *ids)
{
    const uint32_t *count = m->block.count + tile * e->block;
    uint64_t base = tile * e->tile, *spikes = lane->spikes + i * e->block;
    for (size_t k = 0; k < steps; ids += count[k], k++) {
        uint64_t step = e->steps_done + k;
        spikes[k] += count[k];
        for (uint32_t s = 0; s < count[k]; s++)
            digest_add(&lane->digest[i], m->digest_key[k], base + ids[s]);
        if (m->totals.counts && step >= e->config->warmup_steps)
            for (uint32_t s = 0; s < count[k]; s++)
                neuron_counts_add(&m->counts, base + ids[s], step + 1);
    }
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
        bool silent = m->selected.kind == SELECTED_NONE ||
                      (!e->config->record_warmup && e->steps_done + k < e->config->warmup_steps);
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

static void advance_lane(struct engine *e, int thread, size_t steps)
{
    struct lane *lane = &e->lane[thread];
    uint16_t *ids = lane->ids;
    for (size_t i = 0; i < e->config->population_count; i++) {
        struct member *m = &e->member[i];
        uint64_t begin, end;
        memset(&lane->digest[i], 0, sizeof lane->digest[i]);
        memset(lane->spikes + i * e->block, 0, e->block * sizeof *lane->spikes);
        population_share(&m->population, thread, e->threads, &begin, &end);
        for (uint64_t tile = begin; tile < end; tile++) {
            uint32_t *count = m->block.count + tile * e->block;
            tile_advance(&m->population, tile, e->steps_done, steps, &lane->scratch, ids, count);
            account(e, m, lane, i, tile, steps, ids);
            m->block.ids[tile] = ids;
            if (e->record)
                ids += keep_recorded(e, m, tile, steps, ids);
        }
    }
}

/* Adds up what the threads counted, in integers: the order does not matter. */
static void gather(struct engine *e, size_t i, size_t steps)
{
    struct member *m = &e->member[i];
    for (int t = 0; t < e->threads; t++) {
        const uint64_t *spikes = e->lane[t].spikes + i * e->block;
        digest_merge(&m->totals.digest, &e->lane[t].digest[i]);
        for (size_t k = 0; k < steps; k++) {
            uint64_t step = e->steps_done + k;
            m->bins[step / e->bin_steps] += spikes[k];
            m->totals.after_warmup += step >= e->config->warmup_steps ? spikes[k] : 0;
        }
    }
    if (e->record) {
        block_order(&m->block, steps, e->threads);
        m->totals.recorded += block_rows(&m->block);
    }
}

size_t engine_advance(struct engine *e, uint64_t most)
{
    size_t steps = most < e->block ? (size_t)most : e->block;
    for (size_t k = 0; k < steps; k++) {
        uint64_t number = e->steps_done + k + 1;
        e->time[k] = decimal_times_steps(e->config->dt, number);
        for (size_t i = 0; i < e->config->population_count; i++)
            e->member[i].digest_key[k] = digest_key(e->member[i].population.stream, number);
    }
    /* Lanes are dealt to threads, so that it works with however many threads there really are. */
#pragma omp parallel for num_threads(e->threads) schedule(static, 1)
    for (int thread = 0; thread < e->threads; thread++)
        advance_lane(e, thread, steps);
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
