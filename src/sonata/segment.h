/* What the closed pieces of a run with checkpoints have in common, rasters and reports alike.
 * For sonata, and for the lists that checkpoints keep. */
#ifndef MEGALIF_SEGMENT_H
#define MEGALIF_SEGMENT_H

#include "base/error.h"

#include <stdint.h>

/* STATUS_CHECKPOINT, "PATH has been altered or damaged: HOW". */
enum status segment_altered(const char *path, const char *how, struct error *err);

/* STATUS_CHECKPOINT unless the file is there and has so many bytes. */
enum status segment_check_size(const char *path, uint64_t bytes, struct error *err);

#endif
