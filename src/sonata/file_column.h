/* One column of a SONATA file by others: a one-dimensional dataset of numbers. Private to sonata;
 * calls are bracketed by hdf5_quiet. One thread at a time. */
#ifndef MEGALIF_SONATA_FILE_COLUMN_H
#define MEGALIF_SONATA_FILE_COLUMN_H

#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

struct file_column {
    hid_t dataset; /* negative: there is none */
    uint64_t rows;
    bool is_signed;
};

enum file_column_kind { COLUMN_INTEGERS, COLUMN_NUMBERS }; /* numbers: integers, too */

/* Opens `name` of a group; dataset < 0 where it is missing, not in the file itself, or no list of
 * such numbers. */
struct file_column file_column_open(hid_t group, const char *name, enum file_column_kind kind);
void file_column_close(struct file_column *column);

/* The index-th name of a group in the order of names, allocated; `path` is for messages. */
enum status file_column_child(hid_t group, hsize_t index, const char *path, char **name,
                              struct error *err);

/* Rows [first, first + rows) as they are: whole numbers, of which negative ones come out above
 * INT64_MAX, or doubles. */
herr_t file_column_whole(const struct file_column *column, uint64_t first, size_t rows,
                         uint64_t *values);
herr_t file_column_double(const struct file_column *column, uint64_t first, size_t rows,
                          double *values);

#endif
