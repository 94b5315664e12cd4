/* A copy of what stepping changes in a population, to go back to. */
#ifndef MEGALIF_ENGINE_STATE_COPY_H
#define MEGALIF_ENGINE_STATE_COPY_H

#include "population/population_state.h"

struct state_copy {
    struct state_array *array; /* [count], of the copy's own: STATE_ARRAYS for each piece */
    size_t count;
};

/* Room for a copy; STATUS_MEMORY on failure. state_copy_close in any case. */
enum status state_copy_open(struct state_copy *out, const struct population *population,
                            struct error *err);
void state_copy_close(struct state_copy *copy);

/* Population to copy, and back; both use `threads` threads. */
void state_copy_take(struct state_copy *copy, const struct population *population, int threads);
void state_copy_restore(const struct state_copy *copy, struct population *population, int threads);

#endif
