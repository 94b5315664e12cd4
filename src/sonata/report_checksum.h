/* The checksum of a report goes over its values alone, in pieces of as many rows as a chunk has:
 * for every population a chain, added up over the populations. */
#ifndef MEGALIF_REPORT_CHECKSUM_H
#define MEGALIF_REPORT_CHECKSUM_H

#include "base/checksum.h"
#include "base/digest.h"

#include <stdint.h>

enum { REPORT_CHUNK_VALUES = 1 << 18 }; /* 1 MiB: what HDF5's cache of a reader holds */

/* Rows of so many values that fit into a chunk; a longer row goes into several chunks. */
static inline uint64_t report_rows_fit(uint64_t count)
{
    return count > 0 && count < REPORT_CHUNK_VALUES ? REPORT_CHUNK_VALUES / count : 1;
}

/* The next link of a population's chain; the first one has before = 0. */
static inline uint64_t report_piece_checksum(uint64_t before, const float *values, uint64_t rows,
                                             uint64_t count)
{
    return mix64(before + checksum64(values, rows * count * sizeof *values));
}

/* What a population's chain adds to the sum; name: fnv1a64 of its name. */
static inline uint64_t report_population_checksum(uint64_t name, uint64_t checksum)
{
    return mix64(name + checksum);
}

#endif
