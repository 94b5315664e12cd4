/* A closed file of a run with checkpoints, read chunk by chunk as it lies there: to check it, and
 * to join the segments of a run. One thread at a time. */
#ifndef MEGALIF_RASTER_SEGMENT_H
#define MEGALIF_RASTER_SEGMENT_H

#include "base/error.h"
#include "sonata/raster_file.h"
#include "sonata/raster_settings.h"

#include <stddef.h>
#include <stdint.h>

struct raster_segment {
    uint64_t bytes;    /* size of the file */
    uint64_t checksum; /* of its whole chunks, as they lie there (raster_checksum.h) */
    uint64_t *chunks;  /* [population_count]: whole chunks; the caller's */
};

/* Checks that a file is there and what `segment` says of it: size, whole chunks of the populations
 * `population`, checksum. STATUS_CHECKPOINT with a message naming it otherwise. Reads all of it. */
enum status raster_check_segment(const char *path, const char *const *population,
                                 size_t population_count, const struct raster_segment *segment,
                                 struct error *err);

/* Copies the whole chunks of a closed segment to the end of `to`, a file created with `settings`;
 * populations are found by name. Chunks go over as they are where both files have the same
 * compression. STATUS_CHECKPOINT naming the segment when it is missing or altered. */
enum status raster_copy_segment(struct raster_file *to, const struct raster_settings *settings,
                                const char *path, const struct raster_segment *segment,
                                struct error *err);

#endif
