/* The state of an engine between two blocks, as a list of named fields: what a checkpoint holds. It
 * is canonical: the same bytes for any threads, tile, block and instruction set, and any of them
 * takes it up again. Parameters are no part of it, they are drawn again from the seed; a digest of
 * them is, to be compared.
 *
 * A new piece of state of a population is a line in its list (population/population_state.c), of
 * the engine itself one in engine_state.c: a name, the array, the size and number of its elements.
 */
#ifndef MEGALIF_ENGINE_ENGINE_STATE_H
#define MEGALIF_ENGINE_ENGINE_STATE_H

#include "engine/engine.h"
#include "engine/network.h"

enum { ENGINE_FIELD_NAME = 192 };

struct engine_field {
    char name[ENGINE_FIELD_NAME]; /* "population.exc.u" */
    size_t bytes;                 /* of an element: 1, 2, 4 or 8 */
    uint64_t count;               /* elements */
    bool parted;                  /* ranks have a part each; else all have the same */
    uint64_t first, whole;        /* then, the place of the first element in the whole field; the
                                     elements of that. Else 0, and count */
    void *data;                   /* the array; NULL: save and restore know */
    bool young;                   /* older checkpoints lack it: then it stays as it is */
    enum under_way under_way;     /* spikes under way: network.h knows them */
    size_t index;                 /* then, of the population */
    struct population *population;
    void (*save)(const struct population *population, uint64_t step, uint64_t first, uint64_t count,
                 void *out);
    bool (*restore)(struct population *population, uint64_t step, uint64_t first, uint64_t count,
                    const void *in);
};

struct engine_state {
    struct engine_field *field;
    size_t count;
};

/* Lists the fields of the present step. STATUS_MEMORY. The list is the caller's
 * (engine_state_close); it holds until the engine steps on. */
enum status engine_state_open(struct engine_state *out, struct engine *engine, struct error *err);
void engine_state_close(struct engine_state *state);

/* Before a field is restored: how many elements the fields before it say it has. */
void engine_state_recount(const struct engine *engine, struct engine_field *field);

/* Elements [first, first + count) of this rank's to out. Any number of threads may call it. */
void engine_state_save(const struct engine *engine, const struct engine_field *field,
                       uint64_t first, uint64_t count, void *out);

/* The reverse, for an engine that has just been opened and told its step. One thread at a time,
 * each element once. STATUS_CHECKPOINT when the elements cannot be this field's; STATUS_MEMORY. */
enum status engine_state_restore(struct engine *engine, const struct engine_field *field,
                                 uint64_t first, uint64_t count, const void *in);

/* Where a new engine goes on: before engine_state_open and any restoring. */
void engine_state_set_step(struct engine *engine, uint64_t step);

/* Bytes that the state of a run takes at its end, without an engine (an upper bound where t_ref is
 * drawn). */
uint64_t engine_state_bytes(const struct config *config);

#endif
