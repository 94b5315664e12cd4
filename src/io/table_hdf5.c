/* Columns go to HDF5 as provenance.h writes lists of numbers and texts. */
#include "io/table_hdf5.h"

#include "io/hdf5_output.h"
#include "io/provenance.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATH_MOST = 4200 };

/* The cells of a column in the rows that are kept, side by side; the caller frees them. */
static union table_cell *collect(const struct table *table, const bool *keep, size_t column,
                                 size_t *rows)
{
    union table_cell *cells = malloc((table->row_count + 1) * sizeof *cells);
    *rows = 0;
    for (size_t r = 0; cells && r < table->row_count; r++) {
        if (keep[r])
            cells[(*rows)++] = *table_cell(table, r, column);
    }
    return cells;
}

static enum status write_texts(struct provenance *to, const char *path,
                               const union table_cell *cells, size_t rows, struct error *err)
{
    const char **texts = calloc(rows + 1, sizeof *texts);
    if (!texts)
        return error_no_memory(err, "for a column of the table");
    for (size_t r = 0; r < rows; r++)
        texts[r] = cells[r].text;
    enum status status = provenance_put_texts(to, path, rows, texts, err);
    free(texts);
    return status;
}

/* A union of 8 bytes: the numbers of a column lie as in an array of their own type. */
static enum status write_numbers(struct provenance *to, const char *path,
                                 const struct table_column *column, const union table_cell *cells,
                                 size_t rows, struct error *err)
{
    _Static_assert(sizeof *cells == 8, "cells are 8 bytes");
    const struct provenance_numbers numbers = {
        .path = path,
        .type = column->kind == TABLE_INTEGER ? DATASET_U64 : DATASET_F64,
        .length = rows,
        .units = *column->units ? column->units : NULL,
        .fill = provenance_copy_numbers,
        .context = cells,
    };
    return provenance_put_numbers(to, &numbers, 1, err);
}

static enum status write_column(struct provenance *to, const struct table *table, const bool *keep,
                                size_t c, struct error *err)
{
    const struct table_column *column = &table->column[c];
    char path[PATH_MOST];
    size_t rows;
    union table_cell *cells = collect(table, keep, c, &rows);
    if (!cells)
        return error_no_memory(err, "for a column of the table");
    snprintf(path, sizeof path, "/table/%s", column->name);
    enum status status = column->kind == TABLE_TEXT
                             ? write_texts(to, path, cells, rows, err)
                             : write_numbers(to, path, column, cells, rows, err);
    free(cells);
    return status;
}

/* The names of the columns in their order, one a line. */
static enum status write_order(struct provenance *to, const struct table *table, struct error *err)
{
    char *names = NULL;
    size_t size;
    FILE *stream = open_memstream(&names, &size);
    for (size_t i = 0; stream && i < table->column_count; i++)
        fprintf(stream, "%s%s", i ? "\n" : "", table->column[i].name);
    if (!stream || fclose(stream) != 0)
        return error_no_memory(err, "for the names of the columns");
    enum status status = provenance_put_string(to, "/table", "columns", names, err);
    free(names);
    return status;
}

struct filling {
    const struct table *table;
    const bool *keep;
};

static enum status fill(hid_t file, const void *context, struct error *err)
{
    const struct filling *what = context;
    struct provenance to;
    enum status status = provenance_begin(&to, file, err);
    if (!status)
        status = write_order(&to, what->table, err);
    for (size_t c = 0; !status && c < what->table->column_count; c++)
        status = write_column(&to, what->table, what->keep, c, err);
    return status ? status : provenance_end(&to, err);
}

enum status table_write_hdf5(const struct table *table, const bool *keep, const char *path,
                             struct error *err)
{
    if (table->failed)
        return error_no_memory(err, "for the table %s", path);
    return hdf5_output_write(path, true, fill, &(struct filling){table, keep}, err);
}
