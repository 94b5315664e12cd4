/* A tile on its way through a block, as all tile_*.c share it. */
#ifndef MEGALIF_TILE_RUN_H
#define MEGALIF_TILE_RUN_H

#include "population/arrivals.h"
#include "population/population.h"
#include "population/tile_scratch.h"

#include <string.h>

struct tile_run {
    struct population *p;
    struct tile_scratch *scratch;
    uint64_t tile;     /* its number */
    uint64_t first;    /* place of its first neuron in the arrays of the population */
    uint64_t first_id; /* the id of that neuron: targets, traces and random numbers go by ids */
    size_t count;      /* neurons, padding included */
    void *home;        /* the tile's part of the population's u */
    struct field field[MODEL_FIELDS_MOST]; /* the tile's part of the population's */
    void *state[MODEL_STATES_MOST]; /* likewise; u is at home, or at scratch->leap.elsewhere */
    struct field drift, strength;
    uint64_t drift_until;    /* first step for which drift may be another */
    uint64_t strength_until; /* likewise */
    uint64_t look;           /* next step in which a trace wants values */
    bool follows;            /* traces can be served within a leap */

    uint64_t begin, end;             /* steps of the block */
    const struct arrivals *arrivals; /* in these steps; NULL: nothing */
    uint16_t *ids;                   /* spikes of the block so far, step after step */
    uint32_t *spikes;                /* [end - begin]: how many of them in each step */
    size_t total;                    /* of ids so far */
    size_t released; /* of ids, from the first on: their refractory period is over */

    /* Neurons that are parked beyond a block: lists by the step that releases them. */
    uint16_t *head, *next;
    uint64_t slots; /* of the ring of lists: longest + 1 */
};

/* Neuron i of the tile starts at V_reset. */
static inline void tile_reset(struct tile_run *r, size_t i)
{
    const struct field reset = r->field[MODEL_RESET];
    if (r->p->real_bytes == sizeof(float))
        ((float *)r->state[MODEL_U])[i] =
            reset.data ? ((const float *)reset.data)[i] : (float)reset.value;
    else
        ((double *)r->state[MODEL_U])[i] =
            reset.data ? ((const double *)reset.data)[i] : reset.value;
}

/* The part of a population's field that belongs to the tile. */
static inline struct field tile_field(const struct tile_run *r, struct field field)
{
    if (field.data)
        field.data = (const char *)field.data + r->first * r->p->real_bytes;
    return field;
}

/* The drive's targets within the tile, relative to it; false: none. */
bool tile_overlap(const struct tile_run *r, const struct drive *drive, size_t *begin, size_t *end);

/* First step after `step` at which the drive starts, stops or, at `until`, changes. */
uint64_t tile_next_change(const struct drive *drive, uint64_t step, uint64_t until);

/* fma in the run's precision. */
double tile_fma(const struct tile_run *r, double a, double b, double c);

/* row = 0 for neurons begin ... end - 1 of the tile. */
static inline void tile_zero(const struct tile_run *r, void *row, size_t begin, size_t end)
{
    memset((char *)row + begin * r->p->real_bytes, 0, (end - begin) * r->p->real_bytes);
}

/* row = value for neurons begin ... end - 1, 0 for all others of the tile. */
void tile_fill_row(const struct tile_run *r, void *row, double value, size_t begin, size_t end);

#endif
