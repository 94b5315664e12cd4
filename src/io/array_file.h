/* Arrays of doubles for other programs: a dataset each in an HDF5 file. */
#ifndef MEGALIF_IO_ARRAY_FILE_H
#define MEGALIF_IO_ARRAY_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A vector, or a matrix in C order. */
struct array {
    char *name; /* of the dataset; a / in it makes a group */
    uint64_t rows;
    uint64_t columns; /* 0: a vector of `rows` */
    const double *values;
};

/* Writes all arrays to a new file, over an existing one only with force. STATUS_OUTPUT. */
enum status array_file_write(const char *path, bool force, const struct array *array, size_t count,
                             struct error *err);

#endif
