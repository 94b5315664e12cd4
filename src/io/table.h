/* Tables of results: named columns of numbers and texts, one row for each point of a sweep.
 *
 * As CSV (RFC 4180: commas, quotes where needed, a header line, the unit behind a column's name as
 * in `rate.exc (Hz)`), and as HDF5: a group /table with a dataset for each column, its unit as
 * attribute `units`, and the order of the columns as attribute `columns` of the group, one name a
 * line. A number that is not there is empty in CSV, NaN in HDF5. Both are written under a temporary
 * name, synced, and renamed: a reader finds a whole table or none.
 *
 * Not thread-safe on one table. */
#ifndef MEGALIF_IO_TABLE_H
#define MEGALIF_IO_TABLE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum table_kind { TABLE_INTEGER, TABLE_NUMBER, TABLE_TEXT }; /* uint64, float64, string */

union table_cell {
    uint64_t integer;
    double number; /* NaN: not there */
    char *text;    /* owned by the table, never NULL */
};

struct table_column {
    char *name, *units; /* units: "" for none */
    enum table_kind kind;
};

struct table {
    struct table_column *column;
    size_t column_count;
    union table_cell *cell; /* [row_count][column_count] */
    size_t row_count;
    bool failed; /* an allocation has failed; nothing more is added */
};

/* A table starts zeroed. Columns come before rows; texts are copied. */
void table_add_column(struct table *table, const char *name, const char *units,
                      enum table_kind kind);

/* Appends a row of zeros, NaN and "". */
void table_add_row(struct table *table);

/* The cell of a row and column that exist. */
union table_cell *table_cell(const struct table *table, size_t row, size_t column);

/* Replaces a cell of kind TABLE_TEXT. */
void table_set_text(struct table *table, size_t row, size_t column, const char *text);

/* Frees all and leaves an empty table. */
void table_free(struct table *table);

/* The rows whose `keep` is true; keep[row_count]. STATUS_OUTPUT with a message that names the file;
 * STATUS_MEMORY for a table that has failed. An existing file is replaced. */
enum status table_write_csv(const struct table *table, const bool *keep, const char *path,
                            struct error *err);
enum status table_write_hdf5(const struct table *table, const bool *keep, const char *path,
                             struct error *err);

/* Adds the rows of a CSV file to a table that has its columns; both must have the same. A file that
 * is not there adds none; one that is no such table is STATUS_OUTPUT. */
enum status table_read_csv(struct table *table, const char *path, struct error *err);

#endif
