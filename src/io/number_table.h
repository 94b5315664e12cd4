/* Numbers in a file of the user's, row by row: an HDF5 dataset of one or two dimensions (integers
 * or floating-point numbers), or one column or all columns of a CSV file (io/csv.h). A file is
 * HDF5 when it begins as one. One thread at a time uses a table. */
#ifndef MEGALIF_IO_NUMBER_TABLE_H
#define MEGALIF_IO_NUMBER_TABLE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct number_table;

/* What may be read. */
struct number_table_request {
    const char *path;
    const char *dataset; /* HDF5: its path in the file; else NULL */
    const char *column;  /* CSV: its name; NULL: all columns */
    double most;         /* of any number's magnitude */
};

/* Does the file begin as HDF5? */
bool number_table_is_hdf5(const char *path);

/* Opens the file and finds out its shape. All of a CSV file is read and checked here, for only so
 * its length is known. STATUS_OUTPUT with a message that names the file. */
enum status number_table_open(struct number_table **out, const struct number_table_request *request,
                              struct error *err);
void number_table_close(struct number_table *table); /* NULL is fine */

uint64_t number_table_rows(const struct number_table *table);
uint64_t number_table_columns(const struct number_table *table);

/* One dimension, or one column of a CSV file: a list, not a matrix of one column. */
bool number_table_is_list(const struct number_table *table);

/* Memory it takes while open: what HDF5 keeps of the file. */
uint64_t number_table_bytes(const struct number_table *table);

/* Rows [first, first + rows) into values[rows][columns]. A number that is not finite or beyond
 * `most` is an error that names row and column (from 0; in a CSV file FILE:LINE:COLUMN). CSV files
 * are read forwards; going back starts at their beginning. */
enum status number_table_read(struct number_table *table, uint64_t first, size_t rows,
                              double *values, struct error *err);

#endif
