/* Tables of results: named columns of numbers and texts, one row for each point of a sweep.
 * table_csv.h and table_hdf5.h write them. Not thread-safe on one table. */
#ifndef MEGALIF_IO_TABLE_H
#define MEGALIF_IO_TABLE_H

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

#endif
