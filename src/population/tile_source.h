/* A tile of a population that is only a source of spikes through a block. */
#ifndef MEGALIF_TILE_SOURCE_H
#define MEGALIF_TILE_SOURCE_H

#include "population/population.h"
#include "population/tile_scratch.h"

/* As tile_advance (tile.h). */
size_t tile_source_advance(const struct population *population, uint64_t tile, uint64_t first_step,
                           size_t steps, struct tile_scratch *scratch, uint16_t *ids,
                           uint32_t *count);

#endif
