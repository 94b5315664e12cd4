/* What stepping changes in a population, listed once: a copy, a checkpoint and whoever adds up
 * memory walk this list. */
#ifndef MEGALIF_POPULATION_STATE_H
#define MEGALIF_POPULATION_STATE_H

#include "population/population.h"

/* Memory that belongs to a piece; data may be NULL (and bytes 0). */
struct state_array {
    void *data;
    uint64_t bytes;
};

/* One piece: where it lies, and how a checkpoint has it, in a form that depends on no tile. */
enum { STATE_NAME = 128, STATE_ARRAYS = 2 };
struct state_piece {
    char name[STATE_NAME]; /* in a checkpoint: population.NAME.name */
    size_t bytes;          /* of a saved element: 1, 2, 4 or 8 */
    uint64_t count;        /* saved elements */
    uint64_t first, whole; /* the place of the first of them among those of all ranks; how many
                              these are. 0: none, it is as in a population just opened */
    void *data;            /* these, where they lie as they are saved; else NULL, and: */

    /* Elements first ... first + count - 1 to out, before step `step`: any number of threads may
     * call it. And back, into a population just opened: one thread at a time, each element once;
     * false when they cannot be this population's. */
    void (*save)(const struct population *population, uint64_t step, uint64_t first, uint64_t count,
                 void *out);
    bool (*restore)(struct population *population, uint64_t step, uint64_t first, uint64_t count,
                    const void *in);

    struct state_array array[STATE_ARRAYS]; /* all of its memory, for a copy */
};

/* The pieces, in the order of a checkpoint: the model's state, the refractory neurons after u, the
 * numbers that drives keep in name order. index < population_state_count; `step` is the next one.
 */
size_t population_state_count(const struct population *population);
struct state_piece population_state(const struct population *population, size_t index,
                                    uint64_t step);

#endif
