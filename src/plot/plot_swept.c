/* The table of a sweep, as pictures use it. */
#include "plot/plot_swept.h"

#include "base/decimal.h"
#include "io/csv.h"
#include "plot/plot_outputs.h"
#include "plot/plot_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double swept_number(const struct swept *s, size_t row, size_t column)
{
    double value;
    const char *text = table_cell(&s->table, row, column)->text;
    return double_parse(text, (int)strlen(text), &value) ? value : NAN;
}

/* ---- reading */

/* A text of the file's, to be freed; NULL without memory, and the table has failed. */
static char *copy(struct table *table, const char *text, size_t length)
{
    char *copied = strndup(text, length);
    table->failed |= !copied;
    return copied;
}

/* The columns as the file's header has them, all of texts. */
static enum status read_columns(struct swept *s, const struct csv *csv, struct error *err)
{
    bool good = true;
    for (size_t c = 0; c < csv_columns(csv) && !s->table.failed; c++) {
        size_t length;
        const char *text = csv_name(csv, c, &length);
        char *name = copy(&s->table, text, length);
        if (!name)
            break;
        if (c < SWEPT_FIRST_KEY)
            good &= strcmp(name, c == 0 ? "point" : "name") == 0;
        if (strncmp(name, "rate.", 5) == 0 && s->key_end == 0)
            s->key_end = c;
        table_add_column(&s->table, name, "", TABLE_TEXT);
        free(name);
    }
    if (s->table.failed || (good && s->key_end >= SWEPT_FIRST_KEY))
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT,
                     "%s is no table of a sweep: its columns should be point, name, the swept "
                     "keys, rate.POPULATION (Hz), ...",
                     s->path);
}

static void add_row(struct table *table, const struct csv *csv)
{
    table_add_row(table);
    for (size_t c = 0; c < table->column_count && !table->failed; c++) {
        size_t length;
        const char *text = csv_text(csv, c, &length);
        char *cell = copy(table, text, length);
        if (cell)
            table_set_text(table, table->row_count - 1, c, cell);
        free(cell);
    }
}

static enum status read_table(struct swept *s, struct error *err)
{
    struct csv *csv;
    enum status status = csv_open(&csv, s->path, err);
    bool more = !status;
    if (!status)
        status = read_columns(s, csv, err);
    while (!status && more && !s->table.failed) {
        status = csv_next(csv, &more, err);
        if (!status && more)
            add_row(&s->table, csv);
    }
    csv_close(csv);
    if (!status && s->table.failed)
        return error_no_memory(err, "for %s", s->path);
    return status;
}

/* ---- keys */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Greatest over least gap, of values or of their logarithms: 1 where they are even. */
static double unevenness(const struct swept_values *v, bool log_scale)
{
    double least = INFINITY, most = 0;
    for (size_t i = 1; i < v->count; i++) {
        double gap = log_scale ? log(v->value[i] / v->value[i - 1]) : v->value[i] - v->value[i - 1];
        least = fmin(least, gap);
        most = fmax(most, gap);
    }
    return most / least;
}

static bool wants_log(const struct swept_values *v)
{
    return v->count >= 3 && v->value[0] > 0 && v->value[v->count - 1] >= 5 * v->value[0] &&
           unevenness(v, true) < unevenness(v, false);
}

/* None without memory, and the table has failed. */
static struct swept_values values_of(struct swept *s, size_t column)
{
    struct swept_values v = {.value = malloc((s->table.row_count + 1) * sizeof *v.value)};
    s->table.failed |= !v.value;
    size_t all = 0;
    for (size_t row = 0; v.value && row < s->table.row_count; row++) {
        v.value[all] = swept_number(s, row, column);
        all += isfinite(v.value[all]) ? 1 : 0;
    }
    if (all > 0)
        qsort(v.value, all, sizeof *v.value, by_value);
    for (size_t i = 0; i < all; i++)
        if (v.count == 0 || v.value[i] - v.value[v.count - 1] > 1e-12 * fabs(v.value[i]))
            v.value[v.count++] = v.value[i];
    v.log = wants_log(&v);
    return v;
}

/* Of several with as many values the first. */
static void keep_most(struct swept_values *kept, size_t *key, struct swept_values *v, size_t column)
{
    struct swept_values other = *kept;
    if (v->count <= kept->count)
        return;
    *kept = *v;
    *key = column;
    *v = other;
}

/* The two keys with the most values; x has the most. */
static enum status choose_keys(struct swept *s, struct error *err)
{
    for (size_t c = SWEPT_FIRST_KEY; c < s->key_end; c++) {
        struct swept_values v = values_of(s, c);
        size_t x = s->x, key = c;
        keep_most(&s->of_x, &s->x, &v, c);
        if (s->x == c) /* what was x may still be y */
            key = x;
        if (v.count > 1)
            keep_most(&s->of_y, &s->y, &v, key);
        free(v.value);
    }
    if (s->table.failed)
        return error_no_memory(err, "for %s", s->path);
    if (s->of_x.count > 1)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG, "%s: no swept key has two different numbers", s->path);
}

/* ---- results */

/* "rate.exc (Hz)" is called so, "rate.exc", and with all of its kind "rate". */
static bool is_called(const char *column, const char *name)
{
    size_t length = strlen(name), bare = strcspn(column, " ");
    return strcmp(column, name) == 0 || (strncmp(column, name, length) == 0 &&
                                         (length == bare || length == strcspn(column, ".")));
}

static bool has_numbers(const struct swept *s, size_t column)
{
    bool any = false;
    for (size_t row = 0; row < s->table.row_count && !any; row++)
        any = isfinite(swept_number(s, row, column));
    return any;
}

/* "rate.exc, rate.inh, cv.exc, ...": what could be asked for. */
static enum status no_column(const struct swept *s, const char *name, bool empty, struct error *err)
{
    char list[400] = "";
    size_t used = 0;
    for (size_t c = s->key_end; c < s->table.column_count && used < sizeof list; c++)
        if (has_numbers(s, c))
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%.*s", used ? ", " : "",
                                     (int)strcspn(s->table.column[c].name, " "),
                                     s->table.column[c].name);
    return error_set(err, STATUS_CONFIG, "%s has no %s %s; numbers are in %s", s->path,
                     empty ? "numbers in its column" : "column", name, used ? list : "no column");
}

static enum status choose_columns(struct swept *s, const char *name, struct error *err)
{
    bool empty = false;
    s->shown = calloc(s->table.column_count, sizeof *s->shown);
    if (!s->shown)
        return error_no_memory(err, "for %s", s->path);
    for (size_t c = s->key_end; c < s->table.column_count; c++) {
        if (!is_called(s->table.column[c].name, name ? name : "rate"))
            continue;
        if (!name || has_numbers(s, c))
            s->shown[s->shown_count++] = c;
        empty = true;
    }
    return s->shown_count > 0 ? STATUS_OK : no_column(s, name, empty, err);
}

enum status swept_open(struct swept *s, const char *path, const char *column, struct error *err)
{
    *s = (struct swept){.path = path};
    enum status status = read_table(s, err);
    if (!status)
        status = choose_keys(s, err);
    return status ? status : choose_columns(s, column, err);
}

static void free_labels(struct swept *s)
{
    for (size_t i = 0; s->label && i < s->table.row_count; i++)
        free(s->label[i]);
    free(s->label);
}

void swept_close(struct swept *s)
{
    free_labels(s);
    free(s->of_x.value);
    free(s->of_y.value);
    free(s->shown);
    table_free(&s->table);
}

/* ---- words */

/* A number of the column that is another one with these digits. */
static bool same_digits(const struct swept_values *v, int digits)
{
    char text[40], before[40] = "";
    bool same = false;
    for (size_t i = 0; i < v->count && !same; i++) {
        snprintf(text, sizeof text, "%.*g", digits, v->value[i]);
        same = strcmp(text, before) == 0;
        memcpy(before, text, sizeof before);
    }
    return same;
}

/* At least 5, and as many as tell a column's numbers apart. */
static int digits_of(struct swept *s, size_t column)
{
    struct swept_values v = values_of(s, column);
    int digits = 5;
    while (digits < 15 && same_digits(&v, digits))
        digits++;
    free(v.value);
    return digits;
}

/* "population.cell.t_ref (ms)" and 2 as "t_ref = 2 ms". */
static int describe_key(const struct swept *s, size_t row, size_t column, int digits, char *text,
                        size_t size)
{
    const char *name = s->table.column[column].name, *unit = strstr(name, " (");
    int length = unit ? (int)(unit - name) : (int)strlen(name), first = length;
    double number = swept_number(s, row, column);
    char value[80];
    if (isfinite(number))
        snprintf(value, sizeof value, "%.*g", digits, number);
    else
        snprintf(value, sizeof value, "%s", table_cell(&s->table, row, column)->text);
    while (first > 0 && name[first - 1] != '.')
        first--;
    return snprintf(text, size, "%.*s = %s%s%.*s", length - first, name + first, value,
                    unit ? " " : "", unit ? (int)strcspn(unit + 2, ")") : 0, unit ? unit + 2 : "");
}

/* Adds a key's value to all labels. */
static bool add_to_labels(struct swept *s, size_t column)
{
    int digits = digits_of(s, column);
    for (size_t row = 0; row < s->table.row_count; row++) {
        char text[300];
        const char *old = s->label[row] ? s->label[row] : "";
        int used = snprintf(text, sizeof text, "%s%s", old, *old ? ", " : "");
        if (used + 1 < (int)sizeof text)
            describe_key(s, row, column, digits, text + used, sizeof text - (size_t)used);
        free(s->label[row]);
        if (!(s->label[row] = strdup(text)))
            return false;
    }
    return true;
}

enum status swept_label(struct swept *s, bool both, struct error *err)
{
    bool good = (s->label = calloc(s->table.row_count + 1, sizeof *s->label)) != NULL;
    for (size_t row = 0; good && row < s->table.row_count; row++)
        good = (s->label[row] = strdup("")) != NULL;
    for (size_t c = SWEPT_FIRST_KEY; good && c < s->key_end; c++)
        if (c != s->x && !(both && c == s->y))
            good = add_to_labels(s, c);
    return good && !s->table.failed ? STATUS_OK : error_no_memory(err, NULL);
}

bool swept_first(const struct swept *s, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(s->label[i], s->label[row]) == 0)
            return false;
    return true;
}

const char *swept_population(const struct swept *s, size_t column, char *text)
{
    const char *name = s->table.column[column].name, *dot = strchr(name, '.');
    snprintf(text, 64, "%.*s", dot ? (int)strcspn(dot + 1, " ") : 0, dot ? dot + 1 : "");
    return text;
}

const char *swept_quantity(const struct swept *s, char *text)
{
    const char *name = s->table.column[s->shown[0]].name, *unit = strstr(name, " (");
    snprintf(text, 64, "%.*s%s", (int)strcspn(name, ". "), name, unit ? unit : "");
    return text;
}

void swept_name(const struct swept *s, size_t column, size_t row, char *text, size_t size)
{
    char population[64];
    const char *label = s->label[row];
    bool named = s->shown_count > 1 || !label[0];
    snprintf(text, size, "%s%s%s", named ? swept_population(s, column, population) : "",
             named && label[0] ? ", " : "", label);
}

const char *swept_title(const struct swept *s)
{
    const char *name = plot_base_name(s->path);
    name -= name > s->path; /* the slash */
    while (name > s->path && name[-1] != '/')
        name--;
    return name;
}

/* ---- the points' files */

char *swept_path_beside(const struct swept *s, size_t row)
{
    const char *slash = strrchr(s->path, '/'), *point = table_cell(&s->table, row, 1)->text;
    int folder = slash ? (int)(slash + 1 - s->path) : 0;
    size_t size = strlen(s->path) + strlen(point) + sizeof ".h5";
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s%s.h5", folder, s->path, point);
    return path;
}

enum status swept_check_outputs(const struct swept *s, const struct plot_options *options,
                                struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t row = 0; row < s->table.row_count && !status; row++) {
        char *path = swept_path_beside(s, row);
        if (path)
            status = plot_outputs_keep(options, path, err);
        free(path);
    }
    return status ? status : plot_outputs_check(options, err);
}
