/* Reads tables of text, strictly: a line with the names of the columns, then lines with as many
 * fields. The separator is the first of comma, semicolon, tab and blank that the header has outside
 * of quotes; blanks around fields do not count, and where blanks separate, any run of blanks and
 * tabs is one separator. Fields may stand in quotes, in which "" is a quote; none goes on over
 * lines. Lines that begin with # may stand before the header, and the last of them is the header
 * where only numbers follow. No empty lines but at the end, no NUL; Unix or Windows line ends, no
 * other carriage returns, a byte order mark is fine. Numbers do not depend on the locale.
 *
 * A file that is no text is refused as what it is (base/file_kind.h).
 * Errors are STATUS_OUTPUT and say FILE:LINE:COLUMN, from 1, the column in bytes. One thread at a
 * time. */
#ifndef MEGALIF_IO_CSV_H
#define MEGALIF_IO_CSV_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct csv;

/* Opens a file and reads its header. */
enum status csv_open(struct csv **out, const char *path, struct error *err);

/* The same of an open stream, which the csv closes, also on failure; name is for messages. */
enum status csv_open_stream(struct csv **out, FILE *stream, const char *name, struct error *err);
void csv_close(struct csv *csv); /* NULL is fine */

size_t csv_columns(const struct csv *csv);

/* The place of a column; an error when there is none of this name, or more than one. */
enum status csv_find(const struct csv *csv, const char *name, size_t *column, struct error *err);

/* The same of a column that may be missing, but not be there twice. */
struct csv_column {
    size_t column;
    bool there;
};
enum status csv_find_optional(const struct csv *csv, const char *name, struct csv_column *column,
                              struct error *err);

/* The name of a column (not terminated; valid while the csv is open); may be empty. */
const char *csv_name(const struct csv *csv, size_t column, size_t *length);

/* Reads the next line; *more is false, and there is no line, at the end. */
enum status csv_next(struct csv *csv, bool *more, struct error *err);

/* The number of the present line, from 1. */
uint64_t csv_line(const struct csv *csv);

/* Goes back to the first line behind the header. */
enum status csv_rewind(struct csv *csv, struct error *err);

/* A field of the present line: a finite number, a whole number, or its text (not terminated; valid
 * until the next line is read). */
enum status csv_number(const struct csv *csv, size_t column, double *value, struct error *err);
enum status csv_whole(const struct csv *csv, size_t column, uint64_t *value, struct error *err);
const char *csv_text(const struct csv *csv, size_t column, size_t *length);

/* "FILE:LINE:COLUMN: 'TEXT' WHAT (column NAME)" of a field of the present line. */
enum status csv_refuse(const struct csv *csv, size_t column, struct error *err, const char *what);

#endif
