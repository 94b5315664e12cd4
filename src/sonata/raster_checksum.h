/* The checksum of a spike file goes over its whole chunks alone: for every column a chain of
 * checksums in the order of the chunks, added up over columns and populations. */
#ifndef MEGALIF_RASTER_CHECKSUM_H
#define MEGALIF_RASTER_CHECKSUM_H

#include "base/checksum.h"
#include "base/digest.h"
#include "sonata/raster_settings.h"

/* The next link of a column's chain; the first one has before = 0. */
static inline uint64_t raster_chunk_checksum(uint64_t before, const void *bytes, size_t size)
{
    return mix64(before + checksum64(bytes, size));
}

/* What a population's columns add to the sum. */
static inline uint64_t raster_column_checksums(const char *population,
                                               const uint64_t checksum[RASTER_COLUMNS])
{
    uint64_t sum = 0, name = fnv1a64(population);
    for (unsigned i = 0; i < RASTER_COLUMNS; i++)
        sum += mix64(mix64(name + i) + checksum[i]);
    return sum;
}

#endif
