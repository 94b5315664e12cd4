/* Recorded spikes of a population in one block, of all ranks: whole in rank 0, in the order (step,
 * neuron). They are made step after step. */
#ifndef MEGALIF_ENGINE_GATHERED_ROWS_H
#define MEGALIF_ENGINE_GATHERED_ROWS_H

#include "engine/recorded.h"

struct gathered_rows {
    uint64_t *ids; /* [step[steps]] */
    size_t room;
    uint64_t *step; /* [block + 1]: first row of each step; NULL: nothing is gathered */
    size_t steps;   /* begun in the present block */
};

/* For blocks of so many steps. STATUS_MEMORY; gathered_rows_close in any case. */
enum status gathered_rows_open(struct gathered_rows *rows, size_t block, struct error *err);
void gathered_rows_close(struct gathered_rows *rows);

/* A block begins; its next step does. */
void gathered_rows_begin(struct gathered_rows *rows);
void gathered_rows_begin_step(struct gathered_rows *rows);

/* Adds to the step those of the neurons first + ids[count] that are selected. STATUS_MEMORY. */
enum status gathered_rows_add(struct gathered_rows *rows, const struct recorded *recorded,
                              const uint32_t *ids, uint64_t count, uint64_t first,
                              struct error *err);

/* How many there are; and rows [first, first + count) of them into node_ids and timestamps;
 * time[k]: of step k of the block. Any number of threads may read at once. */
uint64_t gathered_rows_count(const struct gathered_rows *rows);
void gathered_rows_read(const struct gathered_rows *rows, uint64_t first, size_t count,
                        const double *time, uint64_t *node_ids, double *timestamps);

#endif
