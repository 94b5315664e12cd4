/* Copies of the arrays that population_state lists, made and put back by all threads. */
#include "engine/state_copy.h"

#include "base/memory.h"
#include "base/team.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 20 }; /* bytes that one thread copies at a time */

/* Array `index` of all arrays of the population's state. */
static struct state_array array_of(const struct population *population, size_t index)
{
    return population_state(population, index / STATE_ARRAYS, 0).array[index % STATE_ARRAYS];
}

enum status state_copy_open(struct state_copy *out, const struct population *population,
                            struct error *err)
{
    size_t count = population_state_count(population) * STATE_ARRAYS;
    *out = (struct state_copy){.array = calloc(count, sizeof *out->array)};
    bool failed = !out->array;
    for (; !failed && out->count < count; out->count++) {
        struct state_array *array = &out->array[out->count];
        *array = array_of(population, out->count);
        failed = array->data && !(array->data = memory_alloc(array->bytes));
    }
    return failed ? error_no_memory(err, "for a copy of the state of %s",
                                    population->description->name)
                  : STATUS_OK;
}

void state_copy_close(struct state_copy *copy)
{
    for (size_t i = 0; i < copy->count; i++)
        memory_free(copy->array[i].data, copy->array[i].bytes);
    free(copy->array);
    memset(copy, 0, sizeof *copy);
}

struct copying {
    char *to;
    const char *from;
    uint64_t bytes;
};

static void copy_part(void *context, int part, int parts)
{
    const struct copying *c = context;
    uint64_t begin = team_begin(c->bytes, part, parts), end = team_begin(c->bytes, part + 1, parts);
    if (end > begin)
        memcpy(c->to + begin, c->from + begin, end - begin);
}

static void copy_bytes(char *to, const char *from, uint64_t bytes, int threads)
{
    team_run(bytes > PIECE ? threads : 1, copy_part, &(struct copying){to, from, bytes});
}

void state_copy_take(struct state_copy *copy, const struct population *population, int threads)
{
    for (size_t i = 0; i < copy->count; i++)
        copy_bytes(copy->array[i].data, array_of(population, i).data, copy->array[i].bytes,
                   threads);
}

void state_copy_restore(const struct state_copy *copy, struct population *population, int threads)
{
    for (size_t i = 0; i < copy->count; i++)
        copy_bytes(array_of(population, i).data, copy->array[i].data, copy->array[i].bytes,
                   threads);
}
