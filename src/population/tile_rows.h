/* The rows of a step: noises, jumps and currents that have a number for each neuron. */
#ifndef MEGALIF_TILE_ROWS_H
#define MEGALIF_TILE_ROWS_H

#include "population/tile_run.h"

/* real[count] in scratch: the row of drive d in a step, 0 outside its targets begin ... end - 1. A
 * row that is held over several steps is made anew in the block's first step, too. */
void *tile_row_of(struct tile_run *r, size_t d, uint64_t step, uint64_t block_start, size_t begin,
                  size_t end);

/* Step (4): *d = the drift with all noises of the step, in name order. True: but for the last of
 * them, which the step's kernel is to make itself, as *noise says (faster, and the same bits). */
bool tile_gather_noise(struct tile_run *r, uint64_t step, struct field *d, struct noise *noise);

/* Step (6): what arrives in the step at a receptor, summed in name order; data NULL: nothing. */
struct field tile_gather_jumps(struct tile_run *r, uint64_t step, enum receptor receptor);

#endif
