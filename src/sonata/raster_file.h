/* A SONATA spike file being written, as HDF5 sees it: whole chunks go in, one thread at a time.
 * Private to sonata; raster_writer.h is the way in. */
#ifndef MEGALIF_RASTER_FILE_H
#define MEGALIF_RASTER_FILE_H

#include "base/error.h"
#include "sonata/raster_settings.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One column of one chunk as it goes into the file: RASTER_CHUNK_ROWS values, packed
 * (chunk_codec.h) if the file is deflated. */
struct raster_column {
    const void *bytes;
    size_t size;
};

struct raster_file;

/* Creates `path` with one empty group per population of the settings; the temporary file of a
 * killed run is replaced. Of the settings, path, force and threads play no part. */
enum status raster_file_create(struct raster_file **out, const char *path,
                               const struct raster_settings *settings, struct error *err);

/* Appends a chunk to a population, of which `rows` rows count. Only the last chunk of a population
 * may have fewer than RASTER_CHUNK_ROWS; it, too, holds that many values, zero at the end. */
enum status raster_file_append(struct raster_file *file, size_t population,
                               const struct raster_column column[RASTER_COLUMNS], size_t rows,
                               struct error *err);

/* Whole chunks of each population so far, to chunks[population_count], and their checksum
 * (raster_checksum.h), 0 unless the settings want it checked. */
uint64_t raster_file_chunks(const struct raster_file *file, uint64_t *chunks);
uint64_t raster_file_checksum(const struct raster_file *file);

hid_t raster_file_id(const struct raster_file *file);
uint64_t raster_file_rows(const struct raster_file *file);
uint64_t raster_file_stored_bytes(const struct raster_file *file);

/* Closes and syncs to disk; every error on the way counts. The file is freed, and removed on error.
 */
enum status raster_file_close(struct raster_file *file, struct error *err);

/* Removes the file, releases its space on disk and frees what belongs to us; NULL is fine. The HDF5
 * handles are abandoned: after an error, closing them may crash. */
void raster_file_discard(struct raster_file *file);

#endif
