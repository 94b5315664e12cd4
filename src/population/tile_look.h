/* What traces see of a tile. */
#ifndef MEGALIF_TILE_LOOK_H
#define MEGALIF_TILE_LOOK_H

#include "population/tile_run.h"

/* The first look in `step` or later of a trace that has chosen neurons of this tile. */
uint64_t tile_next_look(const struct tile_run *r, uint64_t step);

/* Shows the traces what the neurons are about to make of this step. */
void tile_look(struct tile_run *r, uint64_t step, struct field d,
               const struct field jump[RECEPTORS_MOST]);

/* Are so few neurons chosen that they can be followed through a leap? */
bool tile_can_follow(const struct tile_run *r);

/* Shows the traces the LEAP_STEPS steps from `step` on, of a leap that starts with u = `from`;
 * `released` of scratch->leap.released are released in it. */
void tile_follow(struct tile_run *r, uint64_t step, const void *from, size_t released);

#endif
