/* Lines of text into fields. A line is read whole and cut where it lies: fields point into it, and
 * quotes are taken off in place. */
#include "io/csv.h"

#include "base/decimal.h"
#include "base/file_kind.h"
#include "base/look_alike.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 256 << 20, ROOM = 256, SHOWN = 40 };

struct field {
    char *text;
    size_t length;
};

struct csv {
    FILE *stream;
    char *name;             /* of the file */
    char separator;         /* '\0': one column; ' ': any run of blanks and tabs */
    char *header;           /* the names' line as it stands, ended by a NUL; NULL: not yet read */
    uint64_t header_number; /* of that line */
    char *cut;              /* the same line; the names point into it */
    size_t columns;
    struct field *column; /* [columns]: their names */
    off_t data;           /* where the lines behind the header begin */
    uint64_t data_number; /* of the line before */
    char *line;           /* the present one, ended by a NUL */
    size_t length, room;
    struct field *field; /* [columns]: of the present line */
    uint64_t number;     /* of the present line */
};

static enum status refuse_line(const struct csv *csv, size_t column, struct error *err,
                               const char *what)
{
    return error_set(err, STATUS_OUTPUT, "%s:%llu:%zu: %s", csv->name,
                     (unsigned long long)csv->number, column + 1, what);
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
    csv->line[0] = '\0';
    csv->number++;
    while ((c = getc_unlocked(csv->stream)) != EOF && c != '\n') {
        if (csv->length == LINE_MOST)
            return refuse_line(csv, 0, err, "the line is longer than 256 MiB");
        if (!put_char(csv, c))
            return error_no_memory(err, "for the lines of a CSV file");
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

/* ---- a line into fields ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool separates(char separator, char c)
{
    return separator && (c == separator || (separator == ' ' && c == '\t'));
}

/* Takes the quotes off: the text begins behind the first one, and "" in it stands for ". Returns
 * what is behind the last one; NULL: there is none. */
static char *unquote(char *from, const char *end, struct field *field)
{
    char *to = from;
    field->text = from;
    for (; from < end; from++) {
        if (*from == '"' && (from + 1 == end || from[1] != '"')) {
            field->length = (size_t)(to - field->text);
            return from + 1;
        }
        from += *from == '"';
        *to++ = *from;
    }
    return NULL;
}

/* A field in quotes, from the first one on. Returns what is wrong at *at, or NULL. */
static const char *take_quoted(char separator, char **at, char *end, struct field *field)
{
    char *behind = unquote(*at + 1, end, field);
    if (!behind)
        return "a quote begins here and is not closed in this line";
    while (behind < end && is_blank(*behind) && !separates(separator, *behind))
        behind++;
    *at = behind;
    return behind == end || separates(separator, *behind)
               ? NULL
               : "a separator is missing behind a closing quote; a quote within quotes is written "
                 "twice";
}

/* The next field, without blanks around it; *at moves to its separator, or the end. Returns what is
 * wrong at *at, or NULL. */
static const char *take_field(char separator, char **at, char *end, struct field *field)
{
    while (*at < end && is_blank(**at) && (separator == ' ' || **at != separator))
        (*at)++;
    if (*at < end && **at == '"')
        return take_quoted(separator, at, end, field);
    char *from = *at;
    while (*at < end && !separates(separator, **at))
        (*at)++;
    *field = (struct field){from, (size_t)(*at - from)};
    while (field->length > 0 && is_blank(from[field->length - 1]))
        field->length--;
    return NULL;
}

/* Cuts a line into fields, of which the first `most` are kept; *count is how many there are. */
static enum status split(const struct csv *csv, char separator, char *line, struct field *fields,
                         size_t most, size_t *count, struct error *err)
{
    char *at = line, *end = line + strlen(line);
    bool more = true;
    while (separator == ' ' && end > line && is_blank(end[-1]))
        end--;
    for (*count = 0; more; ++*count) {
        struct field field;
        const char *wrong = take_field(separator, &at, end, &field);
        if (wrong)
            return refuse_line(csv, (size_t)(at - line), err, wrong);
        if (*count < most)
            fields[*count] = field;
        more = at < end;
        at += more;
    }
    return STATUS_OK;
}

static enum status split_line(struct csv *csv, struct error *err)
{
    size_t count;
    char text[96];
    if (csv->line[0] == '#')
        return refuse_line(csv, 0, err,
                           "a line with # stands among the numbers; only before the names of the "
                           "columns it is a comment");
    enum status status =
        split(csv, csv->separator, csv->line, csv->field, csv->columns, &count, err);
    if (status || count == csv->columns)
        return status;
    snprintf(text, sizeof text, "%zu field%s, where the header has %zu", count,
             count == 1 ? "" : "s", csv->columns);
    return refuse_line(csv, 0, err, text);
}

/* ---- the header ---- */

/* The first of comma, semicolon, tab and blank that stands within a line, outside of quotes. */
static char separator_of(const char *line)
{
    bool found[4] = {false, false, false, false}, quoted = false;
    static const char marks[] = ",;\t ";
    const char *end = line + strlen(line);
    while (end > line && is_blank(end[-1]))
        end--;
    for (const char *at = line + strspn(line, " \t"); at < end; at++) {
        const char *mark = quoted ? NULL : strchr(marks, *at);
        quoted ^= *at == '"';
        if (mark)
            found[mark - marks] = true;
    }
    for (size_t i = 0; i < 4; i++)
        if (found[i])
            return marks[i];
    return '\0';
}

/* No line has more fields than this. */
static size_t most_fields(char separator, const char *line)
{
    size_t most = 1;
    for (; separator && *line; line++)
        most += separates(separator, *line);
    return most;
}

/* Takes a line for the names of the columns. */
static enum status take_names(struct csv *csv, const char *line, uint64_t number, struct error *err)
{
    char separator = separator_of(line);
    size_t most = most_fields(separator, line);
    csv->header = strdup(line);
    csv->cut = strdup(line);
    csv->column = malloc(most * sizeof *csv->column);
    csv->field = malloc(most * sizeof *csv->field);
    csv->header_number = number;
    csv->separator = separator;
    if (!csv->header || !csv->cut || !csv->column || !csv->field)
        return error_no_memory(err, "for the lines of a CSV file");
    return split(csv, separator, csv->cut, csv->column, most, &csv->columns, err);
}

/* Without a header the names are numbers, and the file would lose its first line. */
static bool names_are_numbers(const struct csv *csv)
{
    double number;
    for (size_t i = 0; i < csv->columns; i++)
        if (csv->column[i].length > INT_MAX ||
            !double_parse(csv->column[i].text, (int)csv->column[i].length, &number))
            return false;
    return true;
}

static void drop_names(struct csv *csv)
{
    free(csv->header);
    free(csv->cut);
    free(csv->column);
    free(csv->field);
    csv->header = csv->cut = NULL;
    csv->column = csv->field = NULL;
}

/* The line taken for names is the first of the numbers. A comment right before it may have the
 * names, as numpy's savetxt writes them, and NEST up to 2.20. */
static enum status take_comment(struct csv *csv, const char *comment, struct error *err)
{
    char text[160], separator = csv->separator;
    size_t numbers = csv->columns;
    if (!comment)
        return refuse_line(csv, 0, err,
                           "there are only numbers; the first line must name the columns");
    drop_names(csv);
    comment += 1 + strspn(comment + 1, " \t");
    enum status status = take_names(csv, comment, csv->number - 1, err);
    csv->separator = separator;
    if (status || csv->columns == numbers)
        return status ? status : csv_rewind(csv, err);
    snprintf(text, sizeof text,
             "there are only numbers, %zu in a line; the # line before them has %zu words, so it "
             "does not name the columns",
             numbers, csv->columns);
    return refuse_line(csv, 0, err, text);
}

/* Skips comments; the last one is kept, NULL: none. */
static enum status read_comments(struct csv *csv, char **comment, struct error *err)
{
    bool more;
    enum status status = STATUS_OK;
    do {
        csv->data = ftello(csv->stream);
        csv->data_number = csv->number;
        status = read_line(csv, &more, err);
        if (status || csv->line[0] != '#')
            return status;
        free(*comment);
        *comment = strdup(csv->line);
    } while (*comment);
    return error_no_memory(err, "for the lines of a CSV file");
}

/* Where the numbers begin. */
static enum status find_header(struct csv *csv, const char *comment, struct error *err)
{
    if (csv->length == 0)
        return refuse_line(csv, 0, err, "a line with the names of the columns is missing");
    enum status status = take_names(csv, csv->line, csv->number, err);
    if (status)
        return status;
    if (names_are_numbers(csv))
        return take_comment(csv, comment, err);
    csv->data = ftello(csv->stream);
    csv->data_number = csv->number;
    return STATUS_OK;
}

static enum status read_header(struct csv *csv, struct error *err)
{
    char *comment = NULL;
    enum status status = read_comments(csv, &comment, err);
    if (!status)
        status = find_header(csv, comment, err);
    free(comment);
    return status;
}

/* Is it text at all? */
static enum status check_kind(struct csv *csv, struct error *err)
{
    char bytes[FILE_KIND_BYTES], text[400];
    const char *kind = file_kind(bytes, fread(bytes, 1, sizeof bytes, csv->stream));
    csv->number = 1;
    if (kind) {
        snprintf(text, sizeof text, "it is %s", kind);
        return refuse_line(csv, 0, err, text);
    }
    return csv_rewind(csv, err);
}

enum status csv_open_stream(struct csv **out, FILE *stream, const char *name, struct error *err)
{
    struct csv *csv = calloc(1, sizeof *csv);
    *out = NULL;
    if (!csv) {
        fclose(stream);
        return error_no_memory(err, "for the lines of a CSV file");
    }
    csv->stream = stream;
    csv->name = strdup(name);
    csv->line = calloc(ROOM, 1);
    csv->room = ROOM;
    enum status status = csv->name && csv->line
                             ? check_kind(csv, err)
                             : error_no_memory(err, "for the lines of a CSV file");
    if (!status)
        status = read_header(csv, err);
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
    drop_names(csv);
    free(csv->line);
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
        if (is_name(csv->column[i], name)) {
            *column = i;
            found++;
        }
    if (found == 1)
        return STATUS_OK;
    const char *odd = look_alike(csv->header, strlen(csv->header));
    return error_set(err, STATUS_OUTPUT, "%s:%llu: %s column %s; the header is '%.200s'%s%s",
                     csv->name, (unsigned long long)csv->header_number,
                     found ? "there is more than one" : "there is no", name, csv->header,
                     odd ? ", in which there is " : "", odd ? odd : "");
}

enum status csv_find_optional(const struct csv *csv, const char *name, struct csv_column *column,
                              struct error *err)
{
    column->there = false;
    for (size_t i = 0; i < csv->columns; i++)
        column->there = column->there || is_name(csv->column[i], name);
    return column->there ? csv_find(csv, name, &column->column, err) : STATUS_OK;
}

const char *csv_name(const struct csv *csv, size_t column, size_t *length)
{
    *length = csv->column[column].length;
    return csv->column[column].text;
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
    return status || !*more ? status : split_line(csv, err);
}

uint64_t csv_line(const struct csv *csv)
{
    return csv->number;
}

enum status csv_rewind(struct csv *csv, struct error *err)
{
    csv->number = csv->data_number;
    if (fseeko(csv->stream, csv->data, SEEK_SET) == 0)
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT, "cannot read %s again from its beginning: %s", csv->name,
                     strerror(errno));
}

const char *csv_text(const struct csv *csv, size_t column, size_t *length)
{
    *length = csv->field[column].length;
    return csv->field[column].text;
}

enum status csv_refuse(const struct csv *csv, size_t column, struct error *err, const char *what)
{
    struct field field = csv->field[column], name = csv->column[column];
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

/* With 0,5 for 0.5, as R's write.csv2 and spreadsheets of some countries write it? */
static bool has_decimal_comma(struct field field)
{
    char text[SHOWN + 1];
    double number;
    char *comma = field.length <= SHOWN ? memchr(field.text, ',', field.length) : NULL;
    if (!comma)
        return false;
    memcpy(text, field.text, field.length);
    text[comma - field.text] = '.';
    return double_parse(text, (int)field.length, &number);
}

static enum status refuse_number(const struct csv *csv, size_t column, struct error *err,
                                 const char *what)
{
    char text[200];
    struct field field = csv->field[column];
    const char *odd = look_alike(field.text, field.length);
    if (odd)
        snprintf(text, sizeof text, "%s; there is %s", what, odd);
    else if (has_decimal_comma(field))
        snprintf(text, sizeof text, "is no number; decimals have a point, not a comma");
    else
        snprintf(text, sizeof text, "%s", what);
    return csv_refuse(csv, column, err, text);
}

enum status csv_number(const struct csv *csv, size_t column, double *value, struct error *err)
{
    struct field field = csv->field[column];
    if (field.length <= INT_MAX && double_parse(field.text, (int)field.length, value))
        return STATUS_OK;
    return refuse_number(csv, column, err, "is no number, such as -0.25 or 1e3");
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
    struct field field = csv->field[column];
    uint64_t sum = 0;
    bool good = field.length > 0;
    for (size_t i = 0; good && i < field.length; i++) {
        unsigned digit = (unsigned)(field.text[i] - '0');
        good = digit <= 9 && !__builtin_mul_overflow(sum, UINT64_C(10), &sum) &&
               !__builtin_add_overflow(sum, (uint64_t)digit, &sum);
    }
    *value = sum;
    good = good || whole_of_number(field, value);
    return good ? STATUS_OK
                : refuse_number(csv, column, err, "is no whole number from 0 to 2^64 - 1");
}
