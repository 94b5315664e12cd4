/* A closed file of a run with checkpoints, read chunk by chunk as it lies there: to check it, and
 * to join the segments of a run.
 *
 * The checksum of a file goes over its whole chunks alone: for every column a chain of checksums in
 * the order of the chunks, added up over columns and populations. */
#ifndef MEGALIF_RASTER_SEGMENT_H
#define MEGALIF_RASTER_SEGMENT_H

#include "base/checksum.h"
#include "base/digest.h"
#include "sonata/raster_file.h"

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

/* Checks that a file is there and what `segment` says of it: size, whole chunks of the populations
 * `population`, checksum. STATUS_CHECKPOINT with a message naming it otherwise. Reads all of it. */
enum status raster_check_segment(const char *path, const char *const *population,
                                 size_t population_count, const struct raster_segment *segment,
                                 struct error *err);

/* A writer's open file and settings; io's own. */
struct raster_file *raster_writer_file(struct raster_writer *writer);
const struct raster_settings *raster_writer_settings(const struct raster_writer *writer);

#endif
