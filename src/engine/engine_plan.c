/* Threads, tile, block and memory from a config and its settings alone. */
#include "engine/engine_plan.h"

#include "engine/block.h"
#include "engine/limits.h"
#include "engine/neuron_counts.h"
#include "engine/rate_bins.h"
#include "engine/recorded.h"
#include "engine/traces.h"
#include "net/net.h"
#include "population/population_plan.h"
#include "population/tile.h"

enum {
    BLOCK_STEPS = 128,    /* amortises a tile's way from memory */
    BLOCK_MOST = 1024,    /* of few neurons: amortises the barrier at a block's end */
    BLOCK_WORK = 1 << 22, /* neuron-steps of a thread that are worth a barrier */
    TILE_BYTES = 16384,   /* of u: with a drift as large it stays in a 32 KiB L1 cache */
    TILE_LEAST = 512,     /* neurons */
    TILES_PER_THREAD = 4, /* at least, so that threads end together ... */
    TILES_OF_NETWORK = 2, /* ... and where all that arrives in a cell comes first */
    THREAD_LEAST = 512    /* neurons worth waking another thread for */
};
/* Bytes for a block's spikes, and for its traces, if possible. */
static const uint64_t block_budget = UINT64_C(256) << 20;

static const struct kernels *kernels_of(const struct config *config,
                                        const struct engine_settings *settings)
{
    return kernels_for(settings->isa, config->precision == PRECISION_DOUBLE ? 64 : 32);
}

struct part engine_plan_part(const struct engine_settings *settings)
{
    return (struct part){comm_rank(settings->comm), comm_ranks(settings->comm)};
}

static uint64_t size_of(const struct config *config, const struct engine_settings *settings,
                        size_t population)
{
    return part_range(config, population, engine_plan_part(settings)).neurons;
}

static uint64_t neurons_of(const struct config *config, const struct engine_settings *settings)
{
    return part_neurons(config, engine_plan_part(settings));
}

int engine_plan_threads(const struct config *config, const struct engine_settings *settings)
{
    uint64_t useful = neurons_of(config, settings) / THREAD_LEAST;
    if (useful < 1)
        return 1;
    return useful < (uint64_t)settings->threads ? (int)useful : settings->threads;
}

size_t engine_plan_tile(const struct config *config, const struct engine_settings *settings)
{
    size_t tile = settings->tile;
    if (tile > 0) {
        tile = tile < TILE_MOST ? tile : TILE_MOST; /* first: a size near SIZE_MAX would wrap */
        return (tile + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN;
    }
    tile = TILE_BYTES / (config->precision == PRECISION_DOUBLE ? sizeof(double) : sizeof(float));
    const uint64_t threads = (uint64_t)engine_plan_threads(config, settings);
    const uint64_t neurons = neurons_of(config, settings);
    uint64_t wanted =
        threads * (config->projection_count > 0 ? TILES_OF_NETWORK : TILES_PER_THREAD);
    if (threads == 1)
        wanted = 0; /* nobody waits for it */
    while (tile > TILE_LEAST && neurons / tile < wanted)
        tile /= 2;
    return tile;
}

bool engine_plan_keeps_spikes(const struct config *config, const struct engine_settings *settings,
                              size_t population)
{
    return limits_stop(config) || net_is_source(config, population) ||
           (settings->record && !selection_is_none(config, population));
}

/* Bytes that the spikes of a block of so many steps may take, all populations together. */
static uint64_t spike_bytes(const struct config *config, const struct engine_settings *settings,
                            uint64_t steps)
{
    uint64_t bytes = 0, tile = engine_plan_tile(config, settings);
    uint64_t in_tiles = tile * (uint64_t)engine_plan_threads(config, settings);
    for (size_t i = 0; i < config->population_count; i++) {
        uint64_t shortest, longest, size = size_of(config, settings, i);
        population_refractory_bounds(config, i, &shortest, &longest);
        size = engine_plan_keeps_spikes(config, settings, i) ? size + TILE_ALIGN : in_tiles;
        bytes += size * sizeof(uint16_t) *
                 tile_most_spikes(1, steps, shortest, population_spikes_most(config, i));
    }
    return bytes;
}

/* A tile's spikes in a block are counted in 32 bits. */
static size_t countable(const struct config *config, const struct engine_settings *settings,
                        size_t block)
{
    size_t tile = engine_plan_tile(config, settings);
    for (size_t i = 0; i < config->population_count; i++) {
        uint32_t most = population_spikes_most(config, i);
        while (block > 1 && tile_most_spikes(tile, block, 0, most) > UINT32_MAX)
            block /= 2;
    }
    return block;
}

/* Neurons do not hear each other within the least delay. */
static size_t network_block(const struct config *config, const struct engine_settings *settings,
                            size_t block)
{
    struct net_delays delays;
    if (!net_delays(config, &delays))
        return block;
    size_t most =
        net_block_most(config, engine_plan_part(settings), engine_plan_threads(config, settings));
    most = most < delays.least ? most : delays.least;
    return block < most ? block : most;
}

static size_t free_block(const struct config *config, const struct engine_settings *settings)
{
    size_t block = settings->block;
    uint64_t budget = neurons_of(config, settings) * 2 * sizeof(uint16_t);
    if (block > 0)
        return countable(config, settings, block < ENGINE_BLOCK_MOST ? block : ENGINE_BLOCK_MOST);
    budget = budget > block_budget ? budget : block_budget;
    block = BLOCK_STEPS;
    while (block < BLOCK_MOST &&
           neurons_of(config, settings) * block <
               (uint64_t)BLOCK_WORK * (uint64_t)engine_plan_threads(config, settings))
        block *= 2;
    while (block > 1 && spike_bytes(config, settings, block) > budget)
        block /= 2;
    while (block > 1 && traces_block_bytes(config, block, settings->trace_bytes) > block_budget)
        block /= 2;
    return countable(config, settings, block);
}

size_t engine_plan_block(const struct config *config, const struct engine_settings *settings)
{
    return network_block(config, settings, free_block(config, settings));
}

struct net_settings engine_plan_network(const struct config *config,
                                        const struct engine_settings *settings)
{
    size_t block = engine_plan_block(config, settings);
    return (struct net_settings){.kernels = kernels_of(config, settings),
                                 .tile = engine_plan_tile(config, settings),
                                 .block = block,
                                 .memory = limits_stop(config) ? COPY_BLOCKS * block : 0,
                                 .threads = engine_plan_threads(config, settings),
                                 .part = engine_plan_part(settings),
                                 .watch = settings->watch};
}

struct population_settings engine_plan_population(const struct config *config,
                                                  const struct engine_settings *settings, size_t i)
{
    const struct part_range own = part_range(config, i, engine_plan_part(settings));
    return (struct population_settings){.kernels = kernels_of(config, settings),
                                        .tile = engine_plan_tile(config, settings),
                                        .threads = engine_plan_threads(config, settings),
                                        .rows = settings->rows,
                                        .fed = settings->fed,
                                        .first_id = own.neurons > 0 ? own.first
                                                                    : config->population[i].size,
                                        .neurons = own.neurons};
}

bool engine_has_counts(const struct config *config, size_t population)
{
    return selection_recorder(config, RECORD_COUNTS, population) != NULL;
}

static uint64_t rate_bytes(const struct config *config, size_t population)
{
    uint64_t bins = rate_bins_of(config, NULL).count;
    for (size_t r = 0; r < config->record_count; r++)
        if (rate_bins_wanted(&config->record[r], population))
            bins += rate_bins_of(config, &config->record[r]).count;
    return bins * sizeof(uint64_t);
}

void engine_plan(struct memory_plan *plan, const struct config *config,
                 const struct engine_settings *settings)
{
    const size_t block = engine_plan_block(config, settings);
    const size_t tile = engine_plan_tile(config, settings);
    for (size_t i = 0; i < config->population_count; i++) {
        const struct population_settings population = engine_plan_population(config, settings, i);
        population_plan(plan, config, i, &population);
    }
    memory_plan_add(plan, "spikes of a block (at most)", spike_bytes(config, settings, block));
    for (size_t i = 0; i < config->population_count; i++) {
        uint64_t size = size_of(config, settings, i);
        uint64_t tiles = (size + tile - 1) / tile;
        const struct record_config *spikes = selection_recorder(config, RECORD_SPIKES, i);
        uint64_t some = selection_bytes(spikes, config->population[i].size);
        uint64_t order = block_bytes(tiles, block);
        if (settings->record && !selection_is_none(config, i))
            order += recorded_bytes(tiles, block, some > 0);
        memory_plan_add(plan, "order of a block's spikes", order);
        memory_plan_add(plan, "rate bins", rate_bytes(config, i));
        if (some > 0)
            memory_plan_add(plan, "recorders' selections", some);
        uint64_t traces = traces_bytes(config, i, tiles, block, settings->trace_bytes);
        if (traces > 0)
            memory_plan_add(plan, "traces of a block", traces);
        if (engine_has_counts(config, i))
            memory_plan_add(plan, "counts per neuron", size * NEURON_COUNTS_BYTES);
        if (limits_stop(config))
            memory_plan_add(plan, "copy of the state, for limits",
                            population_state_bytes(config, i, tile).held);
    }
    const struct net_settings network = engine_plan_network(config, settings);
    net_plan(plan, config, &network);
    memory_plan_add(plan, "threads' working space",
                    (uint64_t)engine_plan_threads(config, settings) *
                        tile_scratch_bytes(tile, config->input_count));
}
