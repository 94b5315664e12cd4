/* How many synapses each source of a procedural projection has into each canonical tile that has
 * targets here: all that is kept of them, and the same for all tables on the tile. */
#ifndef MEGALIF_PROCEDURAL_COUNTS_H
#define MEGALIF_PROCEDURAL_COUNTS_H

#include "base/error.h"
#include "net/wiring.h"

struct net_progress;

/* Of so many synapses as many are told to be made when they are counted (a fifth of the work), */
static inline uint64_t procedural_counted(uint64_t synapses)
{
    return synapses / 5;
}

/* and as many when they have been drawn. */
static inline uint64_t procedural_drawn(uint64_t synapses)
{
    return synapses / 5 * 4;
}

struct procedural_counts {
    const struct wiring *wiring;
    const struct projection_config *projection;
    size_t each; /* bytes of a number: 1 or 4 */
    void **tile; /* [tiles]: numbers of all sources; NULL: the tile is not wanted */
};

/* Bytes of each source and tile. Pure. */
size_t procedural_count_bytes(const struct projection_config *projection);

/* STATUS_MEMORY; procedural_counts_close in any case. */
enum status procedural_counts_open(struct procedural_counts *counts, const struct wiring *wiring,
                                   const struct projection_config *projection, struct error *err);

/* Room for a tile's numbers, if there is none yet. */
enum status procedural_counts_want(struct procedural_counts *counts, uint64_t tile,
                                   struct error *err);

/* Draws the numbers of all tiles that are wanted. STATUS_MEMORY, or STATUS_INTERRUPTED without a
 * text. */
enum status procedural_counts_make(struct procedural_counts *counts, int threads,
                                   struct net_progress *progress, struct error *err);

uint64_t procedural_counts_bytes(const struct procedural_counts *counts);

void procedural_counts_close(struct procedural_counts *counts);

#endif
