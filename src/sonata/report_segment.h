/* A closed report of a run with checkpoints, read row by row as it stands there: to check it, and
 * to join the segments of a run. One thread at a time. */
#ifndef MEGALIF_REPORT_SEGMENT_H
#define MEGALIF_REPORT_SEGMENT_H

#include "base/error.h"
#include "sonata/report_writer.h"

#include <stddef.h>

/* Checks that a file is there and what `segment` says of it: size, rows of so many values for the
 * populations (node_ids is not looked at), checksum. STATUS_CHECKPOINT with a message naming it
 * otherwise. Reads all of it, and appends its rows to `writer`, unless that is NULL: one of the
 * same populations in the same order. */
enum status report_read_segment(struct report_writer *writer, const char *path,
                                const struct report_population *population, size_t population_count,
                                const struct report_segment *segment, struct error *err);

#endif
