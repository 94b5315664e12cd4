/* The traces of a population (population/trace.h): one for each V_m, I or jumps recorder that names
 * it, in the order of the recorders. */
#ifndef MEGALIF_ENGINE_TRACES_H
#define MEGALIF_ENGINE_TRACES_H

#include "population/population.h"
#include "population/trace.h"

/* Bytes of the values that all traces of a config may have in a block of so many steps;
 * value_bytes: 4 or 8 each, or 0: there are no traces. */
uint64_t traces_block_bytes(const struct config *config, uint64_t steps, size_t value_bytes);

/* What traces_open will allocate for one population. */
uint64_t traces_bytes(const struct config *config, size_t population, uint64_t tiles,
                      uint64_t block, size_t value_bytes);

/* Rows that a block of so many steps has at most. */
size_t traces_rows(const struct record_config *record, uint64_t steps);

/* The ids that a recorder selects in a population of so many neurons, of those in
 * [first, first + neurons): *count of them, in memory_alloc(*bytes), the caller's, also after
 * STATUS_MEMORY. */
enum status traces_select(const struct record_config *record, uint64_t size, uint64_t first,
                          uint64_t neurons, uint64_t **ids, uint64_t *bytes, uint64_t *count,
                          struct error *err);

/* Opens population->traces for blocks of up to `block` steps. STATUS_MEMORY on failure; the caller
 * calls traces_close, also then. */
enum status traces_open(struct population *population, uint64_t block, size_t value_bytes,
                        int threads, struct error *err);
void traces_close(struct population *population);

/* Which of a population's traces is that of a recorder (index in config->record); SIZE_MAX: none.
 */
size_t traces_place(const struct config *config, size_t record, size_t population);

/* The rows of the next block begin at `step`. */
void traces_begin(struct population *population, uint64_t step);

#endif
