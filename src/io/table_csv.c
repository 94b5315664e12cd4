/* Tables go to CSV and come back from it with the same bits. */
#include "io/table_csv.h"

#include "base/decimal.h"
#include "io/output_stream.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_text(FILE *to, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text; text++)
        fprintf(to, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', to);
}

static void write_header(FILE *to, const struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column *column = &table->column[i];
        fputs(i ? "," : "", to);
        write_text(to, column->name);
        if (*column->units)
            fprintf(to, " (%s)", column->units);
    }
    fputc('\n', to);
}

static void write_cell(FILE *to, const union table_cell *cell, enum table_kind kind)
{
    char text[32];
    if (kind == TABLE_TEXT)
        write_text(to, cell->text);
    else if (kind == TABLE_INTEGER)
        fprintf(to, "%" PRIu64, cell->integer);
    else if (isfinite(cell->number))
        fputs(double_format(cell->number, text), to);
    else if (isinf(cell->number))
        fputs(cell->number < 0 ? "-inf" : "inf", to);
}

static void write_rows(FILE *to, const struct table *table, const bool *keep)
{
    write_header(to, table);
    for (size_t r = 0; r < table->row_count; r++) {
        for (size_t c = 0; keep[r] && c < table->column_count; c++) {
            write_cell(to, table_cell(table, r, c), table->column[c].kind);
            fputc(c + 1 < table->column_count ? ',' : '\n', to);
        }
    }
}

enum status table_write_csv(const struct table *table, const bool *keep, const char *path,
                            struct error *err)
{
    struct output_stream out;
    if (table->failed)
        return error_no_memory(err, "for the table %s", path);
    enum status status = output_stream_open(&out, path, true, NULL, err);
    if (status)
        return status;
    write_rows(out.file, table, keep);
    return output_stream_close(&out, STATUS_OK, err);
}

/* Cuts the next field off: *at moves behind it; *last: it ended its line. The text is changed in
 * place. False at the end of the text, or in a file that was cut. */
static bool next_field(char **at, char **field, bool *last)
{
    char *from = *at, *to = *at;
    bool quoted = *from == '"';
    if (!*from)
        return false;
    *field = to;
    for (from += quoted; *from; from++) {
        if (quoted && *from == '"' && from[1] != '"') {
            quoted = false;
        } else if (!quoted && (*from == ',' || *from == '\n')) {
            *last = *from == '\n';
            *at = from + 1;
            *to = '\0';
            return true;
        } else {
            from += quoted && *from == '"';
            *to++ = *from;
        }
    }
    return false;
}

static bool read_integer(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && errno == 0;
}

static bool read_number(const char *text, double *out)
{
    *out = NAN;
    if (!*text)
        return true;
    if (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0) {
        *out = *text == '-' ? -INFINITY : INFINITY;
        return true;
    }
    return double_parse(text, (int)strlen(text), out);
}

static bool read_cell(struct table *table, size_t row, size_t column, const char *text)
{
    union table_cell *cell = table_cell(table, row, column);
    if (table->column[column].kind == TABLE_TEXT) {
        table_set_text(table, row, column, text);
        return true;
    }
    return table->column[column].kind == TABLE_INTEGER ? read_integer(text, &cell->integer)
                                                       : read_number(text, &cell->number);
}

/* What stands before the rows: the header of this very table. */
static bool take_header(const struct table *table, char **at)
{
    char *header = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&header, &size);
    if (!to)
        return false;
    write_header(to, table);
    bool same = fclose(to) == 0 && strncmp(*at, header, size) == 0;
    *at += same ? size : 0;
    free(header);
    return same;
}

static bool read_rows(struct table *table, char *at)
{
    if (!take_header(table, &at))
        return false;
    while (*at) {
        table_add_row(table);
        for (size_t c = 0; c < table->column_count; c++) {
            char *field;
            bool last;
            if (table->failed || !next_field(&at, &field, &last) ||
                last != (c + 1 == table->column_count) ||
                !read_cell(table, table->row_count - 1, c, field))
                return false;
        }
    }
    return true;
}

static char *load(const char *path)
{
    FILE *from = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;
    if (!from)
        return NULL;
    FILE *to = open_memstream(&text, &size);
    for (int c; to && (c = getc(from)) != EOF;)
        putc(c, to);
    bool good = to && !ferror(from);
    if (to && fclose(to) != 0)
        good = false;
    fclose(from);
    if (good)
        return text;
    free(text);
    errno = EIO;
    return NULL;
}

enum status table_read_csv(struct table *table, const char *path, struct error *err)
{
    char *text = load(path);
    if (!text && errno == ENOENT)
        return STATUS_OK;
    if (!text)
        return error_set(err, STATUS_OUTPUT, "cannot read %s: %s", path, strerror(errno));
    bool good = read_rows(table, text);
    free(text);
    if (table->failed)
        return error_no_memory(err, "for the table %s", path);
    if (!good)
        return error_set(err, STATUS_OUTPUT,
                         "%s is not this sweep's table: its columns are others, or it is damaged",
                         path);
    return STATUS_OK;
}
