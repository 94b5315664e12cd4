/* Every population's tiles are dealt to the cells in their order. */
#include "net/net_cell.h"

#include "population/population_plan.h"

#include <stdlib.h>
#include <string.h>

static uint64_t tiles_of(const struct config *config, size_t population, size_t tile)
{
    return (population_padded(config->population[population].size) + tile - 1) / tile;
}

/* The tiles of a population that belong to a cell. The cells that get one more are others in each
 * population. */
static struct net_member member_of(const struct config *config, size_t population, size_t tile,
                                   size_t index, size_t cells)
{
    const uint64_t tiles = tiles_of(config, population, tile);
    const uint64_t turn = (index + population) % cells;
    const uint64_t place = tiles < cells ? turn : index;
    return (struct net_member){.population = population,
                               .begin = tiles * place / cells,
                               .end = tiles * (place + 1) / cells};
}

static size_t targets_of(const struct config *config, const struct net_member *member, size_t tile)
{
    const uint64_t padded = population_padded(config->population[member->population].size);
    const uint64_t end = member->end * tile < padded ? member->end * tile : padded;
    return member->begin < member->end ? (size_t)(end - member->begin * tile) : 0;
}

size_t net_cell_largest(const struct config *config, size_t tile, size_t cells)
{
    size_t largest = 0;
    for (size_t c = 0; c < cells; c++) {
        size_t targets = 0;
        for (size_t p = 0; p < config->population_count; p++) {
            const struct net_member member = member_of(config, p, tile, c, cells);
            targets += targets_of(config, &member, tile);
        }
        largest = targets > largest ? targets : largest;
    }
    return largest;
}

size_t net_cell_count(const struct config *config, size_t tile, int threads)
{
    uint64_t neurons = 0, tiles = 0;
    for (size_t p = 0; p < config->population_count; p++) {
        neurons += population_padded(config->population[p].size);
        tiles += tiles_of(config, p, tile);
    }
    size_t cells = (size_t)(neurons / NET_CELL_MOST + 1);
    cells = (cells + (size_t)threads - 1) / (size_t)threads * (size_t)threads;
    /* With so many every share is of one tile at most: more would not make the largest smaller. */
    const uint64_t enough = 4 * (tiles + (uint64_t)threads);
    while (cells < enough && net_cell_largest(config, tile, cells) > NET_CELL_MOST)
        cells += (size_t)threads;
    /* Cells without a tile are left out where that makes none of the others too large. */
    const bool fewer =
        tiles < cells && net_cell_largest(config, tile, (size_t)tiles) <= NET_CELL_MOST;
    return fewer ? (size_t)tiles : cells;
}

enum status net_cell_open(struct net_cell *out, const struct config *config, size_t tile,
                          size_t index, size_t cells, struct error *err)
{
    *out = (struct net_cell){.member = calloc(config->population_count, sizeof *out->member)};
    if (!out->member)
        return error_no_memory(err, "for the cells of a network");
    for (size_t p = 0; p < config->population_count; p++) {
        struct net_member member = member_of(config, p, tile, index, cells);
        member.offset = (uint32_t)out->targets;
        out->targets += targets_of(config, &member, tile);
        if (member.begin < member.end)
            out->member[out->members++] = member;
    }
    if (out->targets > NET_CELL_MOST)
        return error_set(err, STATUS_CONFIG,
                         "tiles of %zu neurons are too large for a network of %zu populations: %zu "
                         "neurons would come together, at most %d can; choose smaller ones "
                         "(MEGALIF_TILE)",
                         tile, config->population_count, out->targets, NET_CELL_MOST);
    return STATUS_OK;
}

void net_cell_close(struct net_cell *cell)
{
    free(cell->member);
    memset(cell, 0, sizeof *cell);
}
