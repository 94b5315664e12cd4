/* Working memory of a thread that steps tiles. */
#ifndef MEGALIF_TILE_SCRATCH_H
#define MEGALIF_TILE_SCRATCH_H

#include "base/error.h"
#include "kernel/kernel.h"
#include "neuron/model.h"

/* What a leap (tile_leap.c) works with; room: tile + LEAP_SLACK elements each. */
struct tile_leap_scratch {
    void *elsewhere;    /* real: u after every other leap */
    void *u;            /* real: of replayed neurons */
    uint16_t *released; /* neurons of the tile released during the leap */
    uint8_t *since;     /* the step they start in */
    uint8_t *below;     /* and that before which they stay below threshold */
    uint16_t *spiked;   /* neurons that crossed */
    uint8_t *at;        /* and the step */
};

/* Neurons of a tile that traces follow through a leap. */
enum { FOLLOW_MOST = 256, FOLLOW_ROOM = FOLLOW_MOST + LEAP_SLACK };
struct tile_follow_scratch {
    __attribute__((
        aligned(64))) double path[LEAP_STEPS][FOLLOW_ROOM]; /* real: u before each step */
    __attribute__((aligned(64))) double u[FOLLOW_ROOM];
    uint16_t ids[FOLLOW_ROOM]; /* in the tile */
    uint8_t below[FOLLOW_ROOM];
};

/* Working memory of one thread, for tiles of up to `tile` neurons of any population. */
struct tile_scratch {
    void *drift;                /* real[tile]: d without noise */
    void *noisy;                /* real[tile]: d with noise */
    void *jump[RECEPTORS_MOST]; /* real[tile] */
    void *row;                  /* real[tile] */
    void *before;               /* real[tile]: u as it was, where a bridge asks for it */
    void *strength;             /* real[tile]: of that bridge */
    void *cells;                /* real[tile + 2 TILE_ALIGN]: for rows that copies share */
    uint16_t *group;            /* [tile / 64] */
    uint64_t *crossed;          /* [tile / 64] */
    void **held;                /* [held_count] real[tile]: rows of drives with hold > 1 */
    size_t held_count;
    struct tile_leap_scratch leap;
    struct tile_follow_scratch *follow;
    size_t tile;
};

/* real_bytes 4 or 8; drive_count: the most that any population has. STATUS_MEMORY on failure. */
enum status tile_scratch_open(struct tile_scratch *scratch, size_t tile, size_t drive_count,
                              struct error *err);
void tile_scratch_close(struct tile_scratch *scratch);
uint64_t tile_scratch_bytes(size_t tile, size_t drive_count);

#endif
