/* The list of what stepping changes: for each piece where it lies and how it is saved. */
#include "population/population_state.h"

#include "neuron/models.h"
#include "population/release_queue.h"

#include <stdio.h>

/* A number per neuron. */
static struct state_piece model_piece(const struct population *p, size_t k)
{
    struct state_piece piece = {.bytes = p->real_bytes,
                                .count = p->size,
                                .first = p->first_id,
                                .whole = p->description->size,
                                .data = p->state[k],
                                .array = {{p->state[k], p->padded * p->real_bytes}}};
    snprintf(piece.name, sizeof piece.name, "%s", model_state_at(p->model, k)->name);
    return piece;
}

/* Neurons that are refractory: in lists by tile. */
static struct state_piece release_piece(const struct population *p)
{
    const size_t bytes = release_queue_bytes(p->longest);
    return (struct state_piece){
        .name = "releases",
        .bytes = bytes,
        .count = bytes > 0 ? p->size : 0,
        .first = p->first_id,
        .whole = bytes > 0 ? p->description->size : 0,
        .save = release_queue_save,
        .restore = release_queue_restore,
        .array = {{p->queue_next, p->queue_next ? p->padded * QUEUE_BYTES : 0},
                  {p->queue_head, p->queue_head ? p->tiles * (p->longest + 1) * QUEUE_BYTES : 0}}};
}

/* What a program may set of a population that is only a source. */
static struct state_piece generator_piece(const struct population *p)
{
    const size_t bytes = sizeof *p->generator.value;
    return (struct state_piece){.name = "generator",
                                .bytes = bytes,
                                .count = p->size,
                                .first = p->first_id,
                                .whole = p->description->size,
                                .data = p->generator.value,
                                .array = {{p->generator.value, p->padded * bytes}}};
}

/* What a drive keeps of its targets in an array of the population's size. */
static struct state_piece drive_piece(const struct population *p, const struct drive *drive,
                                      void *array, size_t bytes, const char *what, bool begun)
{
    const uint64_t behind = p->first_id + p->size;
    const uint64_t begin = drive->begin > p->first_id ? drive->begin : p->first_id;
    const uint64_t end = drive->end < behind ? drive->end : behind;
    const bool none = !begun || begin >= end; /* of this rank's */
    struct state_piece piece = {.bytes = bytes,
                                .count = none ? 0 : end - begin,
                                .first = none ? 0 : begin - drive->begin,
                                .whole = begun ? drive->end - drive->begin : 0,
                                .data = (char *)array + (none ? 0 : begin - p->first_id) * bytes,
                                .array = {{array, p->padded * bytes}}};
    snprintf(piece.name, sizeof piece.name, "input.%s.%llu.%s%s", drive->input->name,
             (unsigned long long)drive->begin, what, drive->receptor == RECEPTOR_IN ? ".in" : "");
    return piece;
}

/* A drive has either: a memory, from its first step on, or numbers that may be set at any time. */
static bool has_state(const struct drive *drive)
{
    return drive->z || drive_sets_amplitudes(drive) || drive_sets_values(drive);
}

static struct state_piece state_of_drive(const struct population *p, const struct drive *drive,
                                         uint64_t step)
{
    const bool begun = step > drive->input->start_step;
    if (drive->z)
        return drive_piece(p, drive, drive->z, p->real_bytes, "z", begun);
    if (drive_sets_values(drive))
        return drive_piece(p, drive, drive->value, sizeof *drive->value, "value", true);
    return drive_piece(p, drive, (void *)drive->amplitude.data, p->real_bytes, "amplitude", true);
}

size_t population_state_count(const struct population *p)
{
    size_t count = model_state_count(p->model) + 1;
    if (p->model->generator) /* its numbers are functions of the step, and of what was set */
        return generator_settable(p->model->generator, p->description);
    for (size_t d = 0; d < p->drive_count; d++)
        count += has_state(&p->drives[d]);
    return count;
}

struct state_piece population_state(const struct population *p, size_t index, uint64_t step)
{
    enum { RELEASES = MODEL_U + 1 }; /* stand behind u */
    const size_t states = model_state_count(p->model);
    if (p->model->generator)
        return generator_piece(p);
    if (index <= states)
        return index == RELEASES ? release_piece(p)
                                 : model_piece(p, index < RELEASES ? index : index - 1);
    index -= states + 1;
    size_t d = 0;
    while (!has_state(&p->drives[d]) || index-- > 0)
        d++;
    return state_of_drive(p, &p->drives[d], step);
}
