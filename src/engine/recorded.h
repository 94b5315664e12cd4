/* Which spikes of a block are recorded, as rows in the order (step, neuron): a view of the block's
 * spikes (block.h), which stay as they are. */
#ifndef MEGALIF_ENGINE_RECORDED_H
#define MEGALIF_ENGINE_RECORDED_H

#include "engine/block.h"
#include "engine/selection.h"

struct recorded {
    const struct block *block;
    struct selected selected;
    uint64_t start, stop; /* steps whose spikes are recorded */
    uint32_t *count;      /* [tiles][room]: recorded spikes in each step, where only some neurons
                             are recorded; NULL: those of the block */
    uint64_t *row;        /* [room][tiles]: first row of (step, tile), from the start of the step */
    uint64_t *step;       /* [room + 1]: first row of each step; NULL: nothing is ever recorded */
};

/* Whether spikes of a step are recorded, and those of a neuron. */
static inline bool recorded_in_window(const struct recorded *recorded, uint64_t step)
{
    return step >= recorded->start && step < recorded->stop;
}
static inline bool recorded_selects(const struct recorded *recorded, uint64_t id)
{
    return recorded->selected.kind != SELECTED_SOME || selection_has(&recorded->selected, id);
}

/* What recorded_open allocates beside the selection's bits; `some`: not all neurons are recorded.
 */
uint64_t recorded_bytes(uint64_t tiles, size_t room, bool some);

/* A view of `block`, which must outlive it. out->selected, start and stop are the caller's to set
 * before; recorded_close frees `selected`, too. STATUS_MEMORY on failure; recorded_close in any
 * case. */
enum status recorded_open(struct recorded *out, const struct block *block, struct error *err);
void recorded_close(struct recorded *recorded);

/* Where only some neurons are recorded: counts a tile's. Different tiles may be counted by
 * different threads. */
void recorded_count(struct recorded *recorded, uint64_t tile, size_t steps);

/* Counts -> rows: call once when all tiles are done. Uses `threads` threads. */
void recorded_order(struct recorded *recorded, int threads);

/* Rows of the present block. */
uint64_t recorded_rows(const struct recorded *recorded);

/* Rows [first, first + rows) into node_ids and timestamps; time[k]: of step k of the block. Any
 * number of threads may read at once. */
void recorded_read(const struct recorded *recorded, uint64_t first, size_t rows, const double *time,
                   uint64_t *node_ids, double *timestamps);

#endif
