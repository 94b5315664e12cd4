/* A cell: neurons that get their spikes together, as their sums fit a cache. The more of them, the
 * longer each source's lists of synapses into the cell. It has whole tiles, of every population a
 * share, so that cells take about as long as each other. */
#ifndef MEGALIF_NET_CELL_H
#define MEGALIF_NET_CELL_H

#include "base/error.h"
#include "config/config.h"

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
};

/* How many cells: one for each thread, more where they would be too large. */
size_t net_cell_count(const struct config *config, size_t tile, int threads);

/* The largest of so many cells. */
size_t net_cell_largest(const struct config *config, size_t tile, size_t cells);

/* Cell `index` of so many. STATUS_MEMORY, or STATUS_CONFIG where tiles are so large that a cell has
 * more than NET_CELL_MOST; net_cell_close in any case. */
enum status net_cell_open(struct net_cell *out, const struct config *config, size_t tile,
                          size_t index, size_t cells, struct error *err);
void net_cell_close(struct net_cell *cell);

#endif
