#include "io/csv.h"

#include "base/decimal.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 256 << 20, ROOM = 256, SHOWN = 40 };

struct csv {
    FILE *stream;
    char *name; /* of the file */
    char separator;
    char *header; /* its line, ended by a NUL */
    size_t columns;
    size_t *header_start; /* [columns + 1]: of each name; the last: one behind the line's end */
    char *line;           /* the present one, ended by a NUL */
    size_t length, room;
    size_t *start; /* [columns + 1]: of each field, as header_start */
    uint64_t number;
};

struct field {
    const char *text;
    size_t length;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_MEMORY, "not enough memory for the lines of a CSV file");
}

static enum status refuse_line(const struct csv *csv, size_t column, struct error *err,
                               const char *what)
{
    return error_set(err, STATUS_OUTPUT, "%s:%llu:%zu: %s", csv->name,
                     (unsigned long long)csv->number, column + 1, what);
}

static struct field field_of(const char *line, const size_t *start, size_t column)
{
    const char *begin = line + start[column], *end = line + start[column + 1] - 1;
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct field){begin, (size_t)(end - begin)};
}

static bool put_char(struct csv *csv, int c)
{
    if (csv->length + 1 >= csv->room) {
        size_t room = 2 * csv->room;
        char *line = realloc(csv->line, room);
        if (!line)
            return false;
        csv->line = line;
        csv->room = room;
    }
    csv->line[csv->length++] = (char)c;
    csv->line[csv->length] = '\0';
    return true;
}

static void drop_byte_order_mark(struct csv *csv)
{
    if (csv->number == 1 && csv->length >= 3 && memcmp(csv->line, "\xef\xbb\xbf", 3) == 0) {
        csv->length -= 3;
        memmove(csv->line, csv->line + 3, csv->length + 1);
    }
}

/* One line without its end; *more is false at the end of the file. */
static enum status read_line(struct csv *csv, bool *more, struct error *err)
{
    int c;
    csv->length = 0;
    csv->number++;
    while ((c = getc_unlocked(csv->stream)) != EOF && c != '\n') {
        if (csv->length == LINE_MOST)
            return refuse_line(csv, 0, err, "the line is longer than 256 MiB");
        if (!put_char(csv, c))
            return no_memory(err);
    }
    if (ferror(csv->stream))
        return error_set(err, STATUS_OUTPUT, "cannot read %s: %s", csv->name, strerror(errno));
    *more = c != EOF || csv->length > 0;
    if (csv->length > 0 && csv->line[csv->length - 1] == '\r')
        csv->line[--csv->length] = '\0';
    drop_byte_order_mark(csv);
    const char *alone = memchr(csv->line, '\r', csv->length);
    if (alone) /* or a whole file would be one line, its header */
        return refuse_line(csv, (size_t)(alone - csv->line), err,
                           "there is a carriage return within the line; end lines with a newline");
    const char *nul = memchr(csv->line, '\0', csv->length);
    if (nul)
        return refuse_line(csv, (size_t)(nul - csv->line), err, "there is a NUL; this is no text");
    return STATUS_OK;
}

/* How many fields the present line has. */
static size_t count_fields(const struct csv *csv)
{
    size_t count = 1;
    for (size_t i = 0; csv->separator && i < csv->length; i++)
        count += csv->line[i] == csv->separator;
    return count;
}

static enum status split(struct csv *csv, size_t *start, struct error *err)
{
    size_t count = count_fields(csv), field = 0;
    char text[96];
    if (count != csv->columns) {
        snprintf(text, sizeof text, "%zu field%s, where the header has %zu", count,
                 count == 1 ? "" : "s", csv->columns);
        return refuse_line(csv, 0, err, text);
    }
    start[field++] = 0;
    for (size_t i = 0; csv->separator && i < csv->length; i++)
        if (csv->line[i] == csv->separator)
            start[field++] = i + 1;
    start[csv->columns] = csv->length + 1;
    return STATUS_OK;
}

/* A file without a header would otherwise lose its first line. */
static enum status check_names(const struct csv *csv, struct error *err)
{
    double number;
    for (size_t i = 0; i < csv->columns; i++) {
        struct field name = field_of(csv->header, csv->header_start, i);
        if (name.length > INT_MAX || !double_parse(name.text, (int)name.length, &number))
            return STATUS_OK;
    }
    return refuse_line(csv, 0, err, "there are only numbers; the first line must name the columns");
}

static enum status read_header(struct csv *csv, struct error *err)
{
    bool more;
    enum status status = read_line(csv, &more, err);
    if (status)
        return status;
    if (csv->length == 0)
        return refuse_line(csv, 0, err, "a line with the names of the columns is missing");
    const struct field names = field_of(csv->line, (size_t[]){0, csv->length + 1}, 0);
    for (const char *s = ",;\t "; !csv->separator && *s; s++)
        csv->separator = memchr(names.text, *s, names.length) ? *s : '\0';
    csv->columns = count_fields(csv);
    csv->header_start = malloc((csv->columns + 1) * sizeof *csv->header_start);
    csv->start = malloc((csv->columns + 1) * sizeof *csv->start);
    csv->header = strdup(csv->line);
    if (!csv->header_start || !csv->start || !csv->header)
        return no_memory(err);
    status = split(csv, csv->header_start, err);
    return status ? status : check_names(csv, err);
}

enum status csv_open_stream(struct csv **out, FILE *stream, const char *name, struct error *err)
{
    struct csv *csv = calloc(1, sizeof *csv);
    *out = NULL;
    if (!csv) {
        fclose(stream);
        return no_memory(err);
    }
    csv->stream = stream;
    csv->name = strdup(name);
    csv->line = calloc(ROOM, 1);
    csv->room = ROOM;
    enum status status = csv->name && csv->line ? read_header(csv, err) : no_memory(err);
    if (status)
        csv_close(csv);
    else
        *out = csv;
    return status;
}

enum status csv_open(struct csv **out, const char *path, struct error *err)
{
    FILE *stream = fopen(path, "rb");
    *out = NULL;
    if (!stream)
        return error_set(err, STATUS_OUTPUT, "cannot read %s: %s", path, strerror(errno));
    return csv_open_stream(out, stream, path, err);
}

void csv_close(struct csv *csv)
{
    if (!csv)
        return;
    fclose(csv->stream);
    free(csv->name);
    free(csv->header);
    free(csv->header_start);
    free(csv->line);
    free(csv->start);
    free(csv);
}

size_t csv_columns(const struct csv *csv)
{
    return csv->columns;
}

static bool is_name(struct field field, const char *name)
{
    return strlen(name) == field.length && memcmp(field.text, name, field.length) == 0;
}

enum status csv_find(const struct csv *csv, const char *name, size_t *column, struct error *err)
{
    size_t found = 0;
    for (size_t i = 0; i < csv->columns; i++)
        if (is_name(field_of(csv->header, csv->header_start, i), name)) {
            *column = i;
            found++;
        }
    if (found == 1)
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT, "%s:1: %s column %s; the header is '%.200s'", csv->name,
                     found ? "there is more than one" : "there is no", name, csv->header);
}

/* Empty lines may only end the file. */
static enum status check_end(struct csv *csv, bool *more, struct error *err)
{
    uint64_t empty = csv->number;
    enum status status = STATUS_OK;
    while (!status && *more && csv->length == 0)
        status = read_line(csv, more, err);
    if (status || !*more)
        return status;
    csv->number = empty;
    return refuse_line(csv, 0, err, "the line is empty");
}

enum status csv_next(struct csv *csv, bool *more, struct error *err)
{
    enum status status = read_line(csv, more, err);
    if (!status && *more && csv->length == 0)
        status = check_end(csv, more, err);
    return status || !*more ? status : split(csv, csv->start, err);
}

enum status csv_rewind(struct csv *csv, struct error *err)
{
    bool more;
    csv->number = 0;
    if (fseek(csv->stream, 0, SEEK_SET) != 0)
        return error_set(err, STATUS_OUTPUT, "cannot read %s again from its beginning: %s",
                         csv->name, strerror(errno));
    return read_line(csv, &more, err);
}

const char *csv_text(const struct csv *csv, size_t column, size_t *length)
{
    struct field field = field_of(csv->line, csv->start, column);
    *length = field.length;
    return field.text;
}

enum status csv_refuse(const struct csv *csv, size_t column, struct error *err, const char *what)
{
    struct field field = field_of(csv->line, csv->start, column);
    struct field name = field_of(csv->header, csv->header_start, column);
    char text[SHOWN + 4];
    bool cut = field.length > SHOWN;
    snprintf(text, sizeof text, "%.*s%s", cut ? SHOWN : (int)field.length, field.text,
             cut ? "..." : "");
    for (char *c = text; *c; c++)
        *c = iscntrl((unsigned char)*c) ? '?' : *c;
    return error_set(err, STATUS_OUTPUT, "%s:%llu:%zu: '%s' %s (column %.*s)", csv->name,
                     (unsigned long long)csv->number, (size_t)(field.text - csv->line) + 1, text,
                     what, name.length > SHOWN ? SHOWN : (int)name.length, name.text);
}

enum status csv_number(const struct csv *csv, size_t column, double *value, struct error *err)
{
    struct field field = field_of(csv->line, csv->start, column);
    if (field.length <= INT_MAX && double_parse(field.text, (int)field.length, value))
        return STATUS_OK;
    return csv_refuse(csv, column, err, "is no number, such as -0.25 or 1e3");
}

/* As tables of floating-point numbers are written: 85.0, 8.5e+01. Exact below 2^53. */
static bool whole_of_number(struct field field, uint64_t *value)
{
    double number;
    if (field.length > INT_MAX || !double_parse(field.text, (int)field.length, &number) ||
        !(number >= 0 && number < 0x1p53) || number != floor(number))
        return false;
    *value = (uint64_t)number;
    return true;
}

enum status csv_whole(const struct csv *csv, size_t column, uint64_t *value, struct error *err)
{
    struct field field = field_of(csv->line, csv->start, column);
    uint64_t sum = 0;
    bool good = field.length > 0;
    for (size_t i = 0; good && i < field.length; i++) {
        unsigned digit = (unsigned)(field.text[i] - '0');
        good = digit <= 9 && !__builtin_mul_overflow(sum, UINT64_C(10), &sum) &&
               !__builtin_add_overflow(sum, (uint64_t)digit, &sum);
    }
    *value = sum;
    good = good || whole_of_number(field, value);
    return good ? STATUS_OK : csv_refuse(csv, column, err, "is no whole number from 0 to 2^64 - 1");
}
