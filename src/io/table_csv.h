/* A table (table.h) as CSV: RFC 4180, with commas, quotes where needed, and a header line with the
 * unit behind a column's name as in `rate.exc (Hz)`. A number that is not there is empty. */
#ifndef MEGALIF_IO_TABLE_CSV_H
#define MEGALIF_IO_TABLE_CSV_H

#include "base/error.h"
#include "io/table.h"

#include <stdbool.h>

/* The rows whose `keep` is true; keep[row_count]. Written under a temporary name, synced and
 * renamed: a reader finds a whole table or none. An existing file is replaced. STATUS_OUTPUT with a
 * message that names the file; STATUS_MEMORY for a table that has failed. */
enum status table_write_csv(const struct table *table, const bool *keep, const char *path,
                            struct error *err);

/* Adds the rows of a CSV file to a table that has its columns; both must have the same. A file that
 * is not there adds none; one that is no such table is STATUS_OUTPUT. */
enum status table_read_csv(struct table *table, const char *path, struct error *err);

#endif
