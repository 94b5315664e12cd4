/* Every population's tiles are dealt to the cells in shares that differ by one tile at most, or by
 * one canonical tile. */
#include "net/net_cell.h"

#include "net/wiring_batch.h"
#include "net/wiring_bounds.h"
#include "population/population_plan.h"

#include <stdlib.h>
#include <string.h>

static uint64_t tiles_of(const struct config *config, struct part part, size_t population,
                         size_t tile)
{
    return (population_padded(part_range(config, population, part).neurons) + tile - 1) / tile;
}

/* What one neuron of each population takes, in synapses: those onto it, and the step itself as if
 * it were some more. The caller frees it; NULL without memory. */
static double *costs_of(const struct config *config)
{
    const double step = 2000;
    double *cost = calloc(config->population_count + 1, sizeof *cost);
    for (size_t i = 0; cost && i < config->projection_count; i++) {
        const struct projection_config *p = &config->projection[i];
        const double each = wiring_expected_count(p) / (double)p->targets;
        for (size_t t = 0; t < p->target_count; t++)
            cost[p->target[t].population] += each * (double)(p->target[t].end - p->target[t].begin);
    }
    for (size_t i = 0; cost && i < config->population_count; i++)
        cost[i] = step + cost[i] / (double)config->population[i].size;
    return cost;
}

/* A cell by the cost of what it has, or a share of a population by its neurons. */
struct rank {
    size_t index;
    double amount;
};

static int by_amount(const void *left, const void *right)
{
    const struct rank *a = left, *b = right;
    if (a->amount != b->amount)
        return a->amount < b->amount ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* How populations are dealt. */
struct dealing {
    const struct config *config;
    struct part part;
    size_t tile, cells;
    uint64_t unit; /* tiles that stay together */
};

static uint64_t units_of(const struct dealing *d, size_t population)
{
    return (tiles_of(d->config, d->part, population, d->tile) + d->unit - 1) / d->unit;
}

static bool draws_anew(const struct config *config)
{
    for (size_t i = 0; i < config->projection_count; i++)
        if (config->projection[i].storage == STORAGE_PROCEDURAL)
            return true;
    return false;
}

/* Synapses that are drawn anew want the tiles of a canonical tile together: else they are drawn for
 * each of its cells. Such a cell is full, so that this is done with all populations, if it leaves
 * half of the cells something. */
static struct dealing dealing_of(const struct config *config, struct part part, size_t tile,
                                 size_t cells)
{
    struct dealing d = {config, part, tile, cells, 1};
    uint64_t units = 0;
    if (!draws_anew(config) || WIRING_TILE_MOST % tile != 0)
        return d;
    d.unit = WIRING_TILE_MOST / tile;
    for (size_t p = 0; p < config->population_count; p++)
        units += units_of(&d, p);
    if (2 * units <= cells)
        d.unit = 1;
    return d;
}

/* How many shares of a population are dealt. */
static size_t shares_of(const struct dealing *d, size_t population)
{
    const uint64_t units = units_of(d, population);
    return units < d->cells ? (size_t)units : d->cells;
}

/* The one of them with this number. */
static struct net_member member_of(const struct dealing *d, size_t population, size_t index)
{
    const uint64_t tiles = tiles_of(d->config, d->part, population, d->tile);
    const uint64_t units = units_of(d, population), shares = shares_of(d, population);
    const uint64_t end = units * (index + 1) / shares * d->unit;
    return (struct net_member){.population = population,
                               .begin = units * index / shares * d->unit,
                               .end = end < tiles ? end : tiles};
}

static size_t targets_of(const struct dealing *d, const struct net_member *member)
{
    const uint64_t padded =
        population_padded(part_range(d->config, member->population, d->part).neurons);
    const uint64_t end = member->end * d->tile < padded ? member->end * d->tile : padded;
    return (size_t)(end - member->begin * d->tile);
}

static void give(struct net_cell *cell, struct net_member member, size_t targets)
{
    member.offset = (uint32_t)cell->targets;
    cell->targets += targets;
    cell->tiles += member.end - member.begin;
    if (cell->member)
        cell->member[cell->members++] = member;
}

/* A population's largest share to the cell that has had least, and so on. */
static void deal_population(struct net_cell *cell, const struct dealing *d, size_t population,
                            double cost, struct rank *load, struct rank *share)
{
    const size_t shares = shares_of(d, population);
    for (size_t i = 0; i < shares; i++) {
        const struct net_member member = member_of(d, population, i);
        share[i] = (struct rank){i, -(double)targets_of(d, &member)};
    }
    qsort(load, d->cells, sizeof *load, by_amount);
    qsort(share, shares, sizeof *share, by_amount);
    for (size_t i = 0; i < shares; i++) {
        const struct net_member member = member_of(d, population, share[i].index);
        give(&cell[load[i].index], member, (size_t)-share[i].amount);
        load[i].amount += cost * -share[i].amount;
    }
}

/* Such populations come first: a cell that has anything has no room for a full unit of a canonical
 * tile. */
static bool has_full_unit(const struct dealing *d, size_t population)
{
    return tiles_of(d->config, d->part, population, d->tile) >= d->unit;
}

/* Of cells without room for members it is only counted what they have. */
static bool deal(struct net_cell *cell, const struct config *config, struct part part, size_t tile,
                 size_t cells)
{
    const struct dealing d = dealing_of(config, part, tile, cells);
    struct rank *load = calloc(cells, sizeof *load), *share = calloc(cells, sizeof *share);
    double *cost = costs_of(config);
    const bool good = load && share && cost;
    for (size_t c = 0; c < cells && good; c++)
        load[c].index = c;
    for (int full = 1; full >= 0 && good; full--)
        for (size_t p = 0; p < config->population_count; p++)
            if (has_full_unit(&d, p) == full)
                deal_population(cell, &d, p, cost[p], load, share);
    free(cost);
    free(load);
    free(share);
    return good;
}

/* Beyond so many (7e10 neurons) nobody deals just to see: the plan of memory refuses them. */
enum { DEALT_MOST = 1 << 20 };

/* False without memory. */
static bool find_largest(const struct config *config, struct part part, size_t tile, size_t cells,
                         size_t *largest)
{
    if (cells > DEALT_MOST) {
        *largest = NET_CELL_MOST;
        return true;
    }
    struct net_cell *cell = calloc(cells, sizeof *cell);
    const bool good = cell && deal(cell, config, part, tile, cells);
    *largest = 0;
    for (size_t c = 0; good && c < cells; c++)
        *largest = cell[c].targets > *largest ? cell[c].targets : *largest;
    free(cell);
    return good;
}

size_t net_cell_largest(const struct config *config, struct part part, size_t tile, size_t cells)
{
    size_t largest;
    return find_largest(config, part, tile, cells, &largest) ? largest : 0;
}

static uint64_t neurons_of(const struct config *config, struct part part)
{
    uint64_t neurons = 0;
    for (size_t p = 0; p < config->population_count; p++)
        neurons += population_padded(part_range(config, p, part).neurons);
    return neurons;
}

/* As many for each thread. */
static size_t least_count(const struct config *config, struct part part, int threads)
{
    const uint64_t neurons = neurons_of(config, part);
    const size_t cells = neurons > 0 ? (size_t)((neurons - 1) / NET_CELL_MOST + 1) : 1;
    return (cells + (size_t)threads - 1) / (size_t)threads * (size_t)threads;
}

size_t net_cell_mean(const struct config *config, struct part part, int threads)
{
    return (size_t)(neurons_of(config, part) / least_count(config, part, threads)) + 1;
}

size_t net_cell_count(const struct config *config, struct part part, size_t tile, int threads)
{
    uint64_t tiles = 0;
    size_t cells = least_count(config, part, threads), largest;
    for (size_t p = 0; p < config->population_count; p++)
        tiles += tiles_of(config, part, p, tile);
    /* With so many every share is of one tile at most: more would not make the largest smaller. */
    const uint64_t enough = 4 * (tiles + (uint64_t)threads);
    bool good = find_largest(config, part, tile, cells, &largest);
    for (; good && cells < enough && largest > NET_CELL_MOST; cells += (size_t)threads)
        good = find_largest(config, part, tile, cells + (size_t)threads, &largest);
    /* Of as many cells as tiles each has one tile: who has none yet comes first. */
    cells = tiles > 0 && tiles < cells ? (size_t)tiles : cells;
    return good ? cells : 0;
}

static enum status check_size(const struct net_cell *cell, const struct config *config, size_t tile,
                              struct error *err)
{
    if (cell->targets <= NET_CELL_MOST)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "tiles of %zu neurons are too large for a network of %zu populations: %zu "
                     "neurons would come together, at most %d can; choose smaller ones "
                     "(MEGALIF_TILE)",
                     tile, config->population_count, cell->targets, NET_CELL_MOST);
}

enum status net_cells_open(struct net_cell *cell, size_t cells, const struct config *config,
                           struct part part, size_t tile, struct error *err)
{
    bool good = true;
    enum status status = STATUS_OK;
    for (size_t c = 0; c < cells; c++) {
        cell[c] = (struct net_cell){
            .member = good ? calloc(config->population_count, sizeof *cell->member) : NULL};
        good = cell[c].member != NULL;
    }
    if (!good || !deal(cell, config, part, tile, cells))
        return error_no_memory(err, "for the cells of a network");
    for (size_t c = 0; c < cells && !status; c++)
        status = check_size(&cell[c], config, tile, err);
    return status;
}

void net_cell_close(struct net_cell *cell)
{
    free(cell->member);
    memset(cell, 0, sizeof *cell);
}

const struct net_member *net_cell_tile(const struct net_cell *cell, uint64_t number, uint64_t *tile)
{
    const struct net_member *member = cell->member;
    for (; number >= member->end - member->begin; member++)
        number -= member->end - member->begin;
    *tile = member->begin + number;
    return member;
}
