/* What the ranks have recorded in a block, put together by rank 0: rows of spikes in the order
 * (step, neuron), and whole traces. So files and callbacks are those of one process. */
#ifndef MEGALIF_ENGINE_GATHERED_H
#define MEGALIF_ENGINE_GATHERED_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct engine;

/* For an engine whose populations are open, where there are several ranks. STATUS_MEMORY;
 * gathered_close in any case. */
enum status gathered_open(struct engine *engine, struct error *err);
void gathered_close(struct engine *engine);

/* Of the present block; after the exchange has told the history of its spikes. STATUS_MEMORY. All
 * ranks call it. */
enum status gathered_take(struct engine *engine, size_t steps, struct error *err);

/* Membrane potentials (mV) of the neurons begin ... end - 1 of a population, of all ranks to all of
 * them, each of which calls it. */
void gathered_read_V(const struct engine *engine, size_t population, uint64_t begin, uint64_t end,
                     double *V);

/* Before files are completed: what is counted for each neuron, of all ranks, in rank 0's totals.
 * All ranks call it, once. STATUS_MEMORY. */
enum status gathered_counts(struct engine *engine, struct error *err);

#endif
