/* Reads SONATA spike files, ours and others'. One thread at a time. */
#ifndef MEGALIF_RASTER_READER_H
#define MEGALIF_RASTER_READER_H

#include "base/digest.h"
#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct raster_population {
    char *name;   /* "(unnamed)" where the file has none */
    bool unnamed; /* the older layout: /spikes/gids and /spikes/timestamps, without a group */
    char *path;   /* in the file, such as "/spikes/exc", for messages */
    uint64_t rows;
    bool sorted_by_time; /* what the file claims */
};

struct raster_reader;

/* Opens a file of one group /spikes/POP for each population, or of the older layout, which has one
 * population and no group for it. The ids are node_ids, or gids as older files call them.
 * STATUS_OUTPUT with a message naming the file when it is missing, no HDF5, or no SONATA spike
 * file. */
enum status raster_open(struct raster_reader **out, const char *path, struct error *err);
void raster_close(struct raster_reader *reader);

/* Populations sorted by name; owned by the reader. */
const struct raster_population *raster_populations(const struct raster_reader *reader,
                                                   size_t *count);

/* Rows [first, first + rows) of a population into the caller's arrays (either may be NULL). */
enum status raster_read(struct raster_reader *reader, size_t population, uint64_t first,
                        size_t rows, uint64_t *node_ids, double *timestamps, struct error *err);

/* As it was given to raster_open. */
const char *raster_reader_path(const struct raster_reader *reader);

/* The open file, for what lies under /megalif (NULL-safe helpers in io/provenance.h). */
hid_t raster_reader_file(const struct raster_reader *reader);

#endif
