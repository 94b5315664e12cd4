/* A closed report of a run with checkpoints, read row by row as it stands there: to check it, and
 * to join the segments of a run.
 *
 * The checksum goes over the values alone, in pieces of as many rows as a chunk has: for every
 * population a chain, added up over the populations. */
#ifndef MEGALIF_REPORT_SEGMENT_H
#define MEGALIF_REPORT_SEGMENT_H

#include "base/checksum.h"
#include "base/digest.h"
#include "sonata/report_writer.h"

enum { REPORT_CHUNK_VALUES = 1 << 18 }; /* 1 MiB: what HDF5's cache of a reader holds */

struct report_segment {
    uint64_t rows;     /* of each population */
    uint64_t bytes;    /* size of the file */
    uint64_t checksum; /* of its values */
};

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

/* Checks that a file is there and what `segment` says of it: size, rows of so many values for the
 * populations (node_ids is not looked at), checksum. STATUS_CHECKPOINT with a message naming it
 * otherwise. Reads all of it, and appends its rows to `writer`, unless that is NULL: one of the
 * same populations in the same order. */
enum status report_read_segment(struct report_writer *writer, const char *path,
                                const struct report_population *population, size_t population_count,
                                const struct report_segment *segment, struct error *err);

#endif
