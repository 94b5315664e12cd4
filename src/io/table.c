#include "io/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void table_add_column(struct table *table, const char *name, const char *units,
                      enum table_kind kind)
{
    struct table_column *list = realloc(table->column, (table->column_count + 1) * sizeof *list);
    if (list)
        table->column = list;
    char *name_copy = strdup(name), *units_copy = strdup(units);
    if (!list || !name_copy || !units_copy || table->failed) {
        free(name_copy);
        free(units_copy);
        table->failed = true;
        return;
    }
    list[table->column_count++] = (struct table_column){name_copy, units_copy, kind};
}

union table_cell *table_cell(const struct table *table, size_t row, size_t column)
{
    return &table->cell[row * table->column_count + column];
}

static void clear_cell(struct table *table, union table_cell *cell, enum table_kind kind)
{
    if (kind == TABLE_NUMBER)
        cell->number = NAN;
    else if (kind == TABLE_INTEGER)
        cell->integer = 0;
    else if (!(cell->text = strdup("")))
        table->failed = true;
}

/* Room grows to powers of two. */
static bool has_room(struct table *table)
{
    size_t rows = table->row_count;
    if (rows != 0 && (rows & (rows - 1)) != 0)
        return true;
    size_t bytes = (rows ? 2 * rows : 1) * table->column_count * sizeof *table->cell;
    union table_cell *grown = realloc(table->cell, bytes);
    if (grown)
        table->cell = grown;
    return grown != NULL;
}

void table_add_row(struct table *table)
{
    if (table->failed || !has_room(table)) {
        table->failed = true;
        return;
    }
    size_t row = table->row_count++;
    for (size_t i = 0; i < table->column_count; i++)
        clear_cell(table, table_cell(table, row, i), table->column[i].kind);
}

void table_set_text(struct table *table, size_t row, size_t column, const char *text)
{
    char *copy = strdup(text);
    if (!copy) {
        table->failed = true;
        return;
    }
    union table_cell *cell = table_cell(table, row, column);
    free(cell->text);
    cell->text = copy;
}

void table_free(struct table *table)
{
    for (size_t c = 0; c < table->column_count; c++) {
        for (size_t r = 0; r < table->row_count && table->column[c].kind == TABLE_TEXT; r++)
            free(table_cell(table, r, c)->text);
        free(table->column[c].name);
        free(table->column[c].units);
    }
    free(table->column);
    free(table->cell);
    *table = (struct table){0};
}
