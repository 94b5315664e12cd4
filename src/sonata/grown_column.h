/* A dataset of 8-byte numbers that grows while it is written, chunk by chunk, deflated where that
 * is asked for. Private to sonata; calls are bracketed by hdf5_quiet, but for grown_column_pack,
 * which several threads may call for different columns. */
#ifndef MEGALIF_SONATA_GROWN_COLUMN_H
#define MEGALIF_SONATA_GROWN_COLUMN_H

#include "base/error.h"
#include "io/chunk_codec.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

enum { GROWN_CHUNK = 65536 }; /* values */

struct grown_column {
    hid_t dataset;
    int width;       /* values in a row: 1 (one dimension) or 2 */
    uint64_t values; /* written so far */
    size_t held;     /* in the chunk below */
    union {
        uint64_t *whole;
        double *number;
    } chunk;                   /* [GROWN_CHUNK] */
    struct chunk_codec *codec; /* NULL: stored as it is */
    const void *packed;        /* what grown_column_pack made of the chunk */
    size_t packed_bytes;
};

/* Creates the dataset `name` of a group; type is H5T_NATIVE_UINT64 or H5T_NATIVE_DOUBLE. Negative:
 * HDF5 failed; *memory is false where there was not enough. */
herr_t grown_column_create(struct grown_column *column, hid_t group, const char *name, hid_t type,
                           int width, bool deflate, bool *memory);

/* Packs the chunk; zeros stand behind what it holds. */
void grown_column_pack(struct grown_column *column);

/* Writes the packed chunk and empties it. */
herr_t grown_column_write(struct grown_column *column);

/* Adds one value; a full chunk is packed and written. */
herr_t grown_column_add(struct grown_column *column, uint64_t value);

/* Writes what is left and closes the dataset. */
herr_t grown_column_close(struct grown_column *column);

/* Frees the memory; the dataset is left as it is. A column of zeros is fine. */
void grown_column_free(struct grown_column *column);

#endif
