/* Arrays of doubles for NumPy: a .npz file, which is a zip archive of .npy files, not compressed
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, and PKWARE's APPNOTE).
 */
#ifndef MEGALIF_IO_NPZ_FILE_H
#define MEGALIF_IO_NPZ_FILE_H

#include "base/error.h"

#include <stdint.h>
#include <stdio.h>

/* A vector, or a matrix in C order. */
struct npz_array {
    char *name; /* printable ASCII, no quotes; at most 200 bytes */
    uint64_t rows;
    uint64_t columns; /* 0: a vector of `rows` */
    const double *values;
};

/* Writes all arrays to an open, empty, seekable file; the caller closes it. STATUS_OUTPUT with the
 * reason when the file cannot be written, or would be longer than the 4 GB that plain zip can hold.
 * `path` is for messages. */
enum status npz_write(FILE *file, const char *path, const struct npz_array *array, size_t count,
                      struct error *err);

#endif
