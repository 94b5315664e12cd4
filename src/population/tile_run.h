/* A tile on its way through a block, as tile.c and tile_leap.c share it. */
#ifndef MEGALIF_TILE_RUN_H
#define MEGALIF_TILE_RUN_H

#include "population/tile.h"

#include <string.h>

struct tile_run {
    struct population *p;
    struct tile_scratch *scratch;
    uint64_t tile;  /* its number */
    uint64_t first; /* neuron */
    size_t count;   /* neurons, padding included */
    void *home;     /* the tile's part of the population's u */
    void *u;        /* where it is now: home, or scratch->leap.elsewhere */
    struct field decay, bias, gain, reset, floor, drift, strength;
    uint64_t drift_until;    /* first step for which drift may be another */
    uint64_t strength_until; /* likewise */
    uint64_t look;           /* next step in which a trace wants values */
    bool follows;            /* traces can be served within a leap */

    uint64_t begin, end; /* steps of the block */
    uint16_t *ids;       /* spikes of the block so far, step after step */
    uint32_t *spikes;    /* [end - begin]: in each step */
    size_t total;        /* of them so far */
    size_t released;     /* of ids: so many have gone through their refractory period */

    /* Neurons that are parked beyond a block: lists by the step that releases them. */
    uint16_t *head, *next;
    uint64_t slots; /* of the ring of lists: longest + 1 */
};

static inline void tile_set_u(struct tile_run *r, size_t i, uint64_t bits)
{
    if (r->p->real_bytes == sizeof(float)) {
        uint32_t low = (uint32_t)bits;
        memcpy((float *)r->u + i, &low, sizeof low);
    } else {
        memcpy((double *)r->u + i, &bits, sizeof bits);
    }
}

/* The part of a population's field that belongs to the tile. */
struct field tile_field(const struct tile_run *r, struct field field);

/* The drive's targets within the tile, relative to it; false: none. */
bool tile_overlap(const struct tile_run *r, const struct drive *drive, size_t *begin, size_t *end);

/* First step after `step` at which the drive starts, stops or, at `until`, changes. */
uint64_t tile_next_change(const struct drive *drive, uint64_t step, uint64_t until);

/* fma in the run's precision. */
double tile_fma(const struct tile_run *r, double a, double b, double c);

/* row = value for neurons begin ... end - 1, 0 for all others of the tile. */
void tile_fill_row(const struct tile_run *r, void *row, double value, size_t begin, size_t end);

/* crossing = bridge: to be called before a step, and after it to list its crossings anew, those
 * within the step included. */
void tile_before_bridge(struct tile_run *r, uint64_t step);
size_t tile_bridge(struct tile_run *r, uint64_t step);

/* The neurons behind ids[total] spike in `step` and the steps after it, count[k] in each: those
 * without a refractory period are reset, all others parked until it is over. */
void tile_park(struct tile_run *r, uint64_t step, const uint32_t *count, size_t steps);

/* The neurons whose refractory period ends before this step: into ids; returns how many. To be
 * called once for every step. */
size_t tile_release(struct tile_run *r, uint64_t step, uint16_t *ids);

/* tile_look.c: what traces see of the tile. */

/* The first look in `step` or later of a trace that has chosen neurons of this tile. */
uint64_t tile_next_look(const struct tile_run *r, uint64_t step);

/* Shows the traces what the neurons are about to make of this step. */
void tile_look(struct tile_run *r, uint64_t step, struct field d, struct field jump);

/* Are so few neurons chosen that they can be followed through a leap? */
bool tile_can_follow(const struct tile_run *r);

/* Shows the traces the LEAP_STEPS steps from `step` on, of a leap that starts with u = `from`;
 * `released` of scratch->leap.released are released in it. */
void tile_follow(struct tile_run *r, uint64_t step, const void *from, size_t released);

/* Can the tile take the LEAP_STEPS steps from `step` on at once: before the block's end, with an
 * unchanged drift, nothing that acts in single steps, no neuron that is parked and released within?
 */
bool tile_can_leap(const struct tile_run *r, uint64_t step);

/* Takes them: adds their spikes to the block's. */
void tile_leap(struct tile_run *r, uint64_t step);

#endif
