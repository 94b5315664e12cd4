/* A thread of the engine: the tiles that are its own, and what it works with. */
#ifndef MEGALIF_ENGINE_WORKER_H
#define MEGALIF_ENGINE_WORKER_H

#include "base/digest.h"
#include "net/net.h"
#include "population/tile_scratch.h"

#include <stdatomic.h>

struct engine;

/* A worker's tiles of one population, or its cells of a network. */
struct share {
    uint64_t begin, end;
    _Atomic uint64_t next; /* of them that nobody has begun in this block */
};

enum offer { OFFER_NONE, OFFER_COMES, OFFER_STANDS };

/* The last of a worker's own cells: others may take some of its tiles once they are on offer. */
struct open_cell {
    size_t cell;
    uint64_t tiles;
    _Atomic uint64_t next, done; /* of them */
    _Atomic int state;           /* enum offer */
};

struct worker {
    struct share *share; /* [populations] */
    struct tile_scratch scratch;
    struct share cells;   /* where there is a network: its cells, in place of tiles */
    uint64_t tile_spikes; /* the most that any tile of it can have in a block */
    uint64_t cell_spikes; /* that any cell can have, and a tile */
    struct open_cell open;
    struct net_scratch arriving; /* in that cell */
    uint16_t *ids; /* spikes of the tiles it has stepped in this block, one behind the other */
    uint64_t capacity;
    struct digest *digest; /* [populations], of this block */
    uint64_t *count;       /* [populations][block]: spikes of the tiles it has stepped */
};

/* Worker number `thread` of an engine whose populations are open. STATUS_MEMORY on failure;
 * worker_close in any case. */
enum status worker_open(struct engine *engine, int thread, struct error *err);
void worker_close(struct worker *worker);

/* Before a block: none of its tiles has been begun. */
void worker_begin(struct engine *engine, int thread);

/* Takes a worker's tiles through `steps` steps from first_step on, and then some that others have
 * not begun. Where no limit may cut the block short, each tile's spikes are settled at once. All
 * workers may do so at the same time, each by one thread. */
void worker_advance(struct engine *engine, int thread, uint64_t first_step, size_t steps);

/* Settles the spikes of a worker's tiles in the steps that are left of a block. */
void worker_settle(struct engine *engine, int thread, size_t steps);

#endif
