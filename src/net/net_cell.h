/* A cell: neurons that get their spikes together, as their sums fit a cache. The more of them, the
 * longer each source's lists of synapses into the cell. It has whole tiles, of every population a
 * share, so that cells take about as long as each other. */
#ifndef MEGALIF_NET_CELL_H
#define MEGALIF_NET_CELL_H

#include "base/error.h"
#include "config/config.h"
#include "population/part.h"

enum { NET_CELL_MOST = 65536 }; /* neurons: their numbers in the cell have 16 bits */

struct net_member {
    size_t population;
    uint64_t begin, end; /* tiles */
    uint32_t offset;     /* number in the cell of the first neuron of tile `begin` */
};

struct net_cell {
    struct net_member *member;
    size_t members;
    size_t targets; /* neurons, padded ones included */
    uint64_t tiles; /* of all members */
};

/* Cells of a part of all neurons. How many: one for each thread, more where they would be too
 * large; 0 without memory for finding out. */
size_t net_cell_count(const struct config *config, struct part part, size_t tile, int threads);

/* About the neurons in one of them. */
size_t net_cell_mean(const struct config *config, struct part part, int threads);

/* Neurons in the largest of so many cells; 0 without memory for finding out. */
size_t net_cell_largest(const struct config *config, struct part part, size_t tile, size_t cells);

/* Deals all tiles to cell[cells]. STATUS_MEMORY, or STATUS_CONFIG where tiles are so large that a
 * cell has more than NET_CELL_MOST; net_cell_close each in any case. */
enum status net_cells_open(struct net_cell *cell, size_t cells, const struct config *config,
                           struct part part, size_t tile, struct error *err);
void net_cell_close(struct net_cell *cell);

/* The member that tile `number` of the cell belongs to; *tile is the tile in its population. */
const struct net_member *net_cell_tile(const struct net_cell *cell, uint64_t number,
                                       uint64_t *tile);

#endif
