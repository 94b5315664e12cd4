/* Rates over what a sweep varied: a series for each population and each combination of the other
 * keys. Where the points' files lie beside the table, theory is drawn for what it is known. */
#include "plot/plot_table.h"

#include "base/decimal.h"
#include "io/csv.h"
#include "io/hdf5_text.h"
#include "io/table.h"
#include "plot/chart_finish.h"
#include "plot/plot_outputs.h"
#include "plot/plot_theory.h"
#include "plot/plot_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { THEORY_POINTS = 1000 };
enum { NAME = 1, FIRST_KEY = 2 }; /* columns: point, name, the swept keys, results */

struct swept {
    const char *path;
    struct table table;
    size_t key_end;                     /* columns FIRST_KEY .. key_end - 1 are swept keys */
    size_t x;                           /* the one on the x axis */
    char **label;                       /* [row_count] what the other keys are: "t_ref = 2 ms" */
    bool files_missing, theory_missing; /* of some series */
};

static double number_in(const struct table *table, size_t row, size_t column)
{
    double value;
    const char *text = table_cell(table, row, column)->text;
    return double_parse(text, (int)strlen(text), &value) ? value : NAN;
}

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
        if (c < FIRST_KEY)
            good &= strcmp(name, c == 0 ? "point" : "name") == 0;
        if (strncmp(name, "rate.", 5) == 0 && s->key_end == 0)
            s->key_end = c;
        table_add_column(&s->table, name, "", TABLE_TEXT);
        free(name);
    }
    if (s->table.failed || (good && s->key_end > NAME))
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

/* Different numbers in a column, up to a hundred. */
static size_t count_values(const struct table *table, size_t column)
{
    double seen[100];
    size_t count = 0;
    for (size_t row = 0; row < table->row_count && count < 100; row++) {
        double value = number_in(table, row, column);
        size_t i = 0;
        while (i < count && fabs(seen[i] - value) > 1e-12 * fabs(value))
            i++;
        if (i == count && isfinite(value))
            seen[count++] = value;
    }
    return count;
}

/* The key with the most values is on the x axis. */
static enum status choose_x(struct swept *s, struct error *err)
{
    size_t most = 1;
    for (size_t c = FIRST_KEY; c < s->key_end; c++) {
        size_t count = count_values(&s->table, c);
        if (count > most) {
            most = count;
            s->x = c;
        }
    }
    if (most > 1)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG, "%s: no swept key has two different numbers", s->path);
}

/* "population.cell.t_ref (ms)" and "2" as "t_ref = 2 ms". */
static int describe_key(char *text, size_t size, const char *column, const char *value)
{
    const char *unit = strstr(column, " (");
    int length = unit ? (int)(unit - column) : (int)strlen(column), first = length;
    while (first > 0 && column[first - 1] != '.')
        first--;
    return snprintf(text, size, "%.*s = %s%s%.*s", length - first, column + first, value,
                    unit ? " " : "", unit ? (int)strcspn(unit + 2, ")") : 0, unit ? unit + 2 : "");
}

static enum status label_rows(struct swept *s, struct error *err)
{
    s->label = calloc(s->table.row_count + 1, sizeof *s->label);
    for (size_t row = 0; s->label && row < s->table.row_count; row++) {
        char text[300] = "";
        size_t used = 0;
        for (size_t c = FIRST_KEY; c < s->key_end && used + 1 < sizeof text; c++)
            if (c != s->x) {
                used += (size_t)snprintf(text + used, sizeof text - used, "%s", used ? ", " : "");
                used +=
                    (size_t)describe_key(text + used, sizeof text - used, s->table.column[c].name,
                                         table_cell(&s->table, row, c)->text);
            }
        if (!(s->label[row] = strdup(text)))
            break;
    }
    if (!s->label || (s->table.row_count > 0 && !s->label[s->table.row_count - 1]))
        return error_no_memory(err, NULL);
    return STATUS_OK;
}

/* A point's file beside the table, to be freed; NULL without memory. */
static char *path_beside(const struct swept *s, size_t row)
{
    const char *slash = strrchr(s->path, '/'), *point = table_cell(&s->table, row, NAME)->text;
    int folder = slash ? (int)(slash + 1 - s->path) : 0;
    size_t size = strlen(s->path) + strlen(point) + sizeof ".h5";
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s%s.h5", folder, s->path, point);
    return path;
}

/* The config in a point's file beside the table, to be freed; NULL without one. */
static char *config_beside(const struct swept *s, size_t row)
{
    char *path = path_beside(s, row), *text = NULL;
    struct result_file file;
    struct error ignored;
    if (!path)
        return NULL;
    if (result_file_open(&file, path, &ignored) == STATUS_OK)
        hdf5_text_of_dataset(file.file, "/megalif/config", &text, NULL);
    result_file_close(&file);
    free(path);
    return text;
}

/* Theory is read from the files of points: none is an output. */
static enum status check_outputs(const struct swept *s, const struct plot_options *options,
                                 struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t row = 0; row < s->table.row_count && !status; row++) {
        char *path = path_beside(s, row);
        if (path)
            status = plot_outputs_keep(options, path, err);
        free(path);
    }
    return status ? status : plot_outputs_check(options, err);
}

static int by_x(const void *a, const void *b)
{
    double x = ((const struct chart_point *)a)->x, y = ((const struct chart_point *)b)->x;
    return (x > y) - (x < y);
}

static void sort_points(struct chart_series *s)
{
    if (s && s->count > 1)
        qsort(s->point, s->count, sizeof *s->point, by_x);
}

/* The rows with the label of row `first`, of one population. */
static void add_rates(struct chart *chart, const struct swept *s, size_t column, size_t first,
                      const char *name, uint32_t colour)
{
    struct chart_series *series = chart_add_series(chart, name, colour, CHART_POINTS);
    for (size_t row = first; series && row < s->table.row_count; row++) {
        double x = number_in(&s->table, row, s->x), y = number_in(&s->table, row, column);
        if (strcmp(s->label[row], s->label[first]) == 0 && isfinite(x) && isfinite(y))
            chart_add_point(chart, series, x, y, NAN);
    }
    sort_points(series);
}

/* Theory where the key on the x axis has a number, whether a run of the sweep had it or not; false
 * where it is unknown. */
static bool add_theory_at(struct chart *chart, const struct swept *s, struct chart_series *series,
                          const char *config, const char *population, double x)
{
    const char *column = s->table.column[s->x].name, *unit = strstr(column, " (");
    char set[300];
    snprintf(set, sizeof set, "%.*s=%.15g%s%.*s", unit ? (int)(unit - column) : (int)strlen(column),
             column, x, unit ? " " : "", unit ? (int)strcspn(unit + 2, ")") : 0,
             unit ? unit + 2 : "");
    double rate = plot_theory_of_text(config, set, population, series->note, sizeof series->note);
    if (isfinite(rate))
        chart_add_point(chart, series, x, rate, NAN);
    return isfinite(rate);
}

/* From the first swept value to the last, finely: rates bend between the runs. Nothing is tried
 * beyond a value without theory, as reading a config may take long. */
static void add_theory_line(struct chart *chart, const struct swept *s, struct chart_series *series,
                            const char *config, const char *population,
                            const struct chart_series *seen)
{
    double range = seen->count > 0 ? seen->point[seen->count - 1].x - seen->point[0].x : 0;
    for (size_t i = 0; i < seen->count; i++) {
        double x = seen->point[i].x, gap = i + 1 < seen->count ? seen->point[i + 1].x - x : 0;
        int pieces = gap > 0 ? (int)ceil(THEORY_POINTS * gap / range) : 1;
        bool again = i > 0 && x <= seen->point[i - 1].x; /* two runs of one value */
        if (!again && !add_theory_at(chart, s, series, config, population, x))
            continue;
        for (int k = 1; k < pieces; k++)
            add_theory_at(chart, s, series, config, population, x + gap * k / pieces);
    }
}

/* Below what was seen, which stands in the series before. */
static void add_theory(struct chart *chart, struct swept *s, const char *population, size_t first,
                       uint32_t colour)
{
    char *config = NULL;
    for (size_t row = first; !config && row < s->table.row_count; row++)
        if (strcmp(s->label[row], s->label[first]) == 0)
            config = config_beside(s, row);
    s->files_missing |= !config;
    struct chart_series *series = chart_add_series(chart, "theory", colour, CHART_DASHES);
    if (series && config)
        add_theory_line(chart, s, series, config, population, &series[-1]);
    free(config);
    if (!series)
        return;
    series->nameless = series->count == 0;
    s->theory_missing |= series->count == 0;
    if (series->count == 0) /* what was seen gets the line */
        series[-1].style = CHART_LINKED;
    for (size_t i = 0; i + 1 < chart->panel[0].series_count; i++)
        series->nameless |= strcmp(chart->panel[0].series[i].name, "theory") == 0 &&
                            !chart->panel[0].series[i].nameless;
}

static bool first_of_label(const struct swept *s, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(s->label[i], s->label[row]) == 0)
            return false;
    return true;
}

/* Why a line of theory is not there. */
static void describe(struct chart *chart, const struct swept *s)
{
    snprintf(chart->facts, sizeof chart->facts, "a sweep of %zu points%s", s->table.row_count,
             s->files_missing    ? "; theory needs the points' files beside the table (files = all)"
             : s->theory_missing ? "; lines without theory: it is not known for what was swept"
                                 : "");
}

static void fill(struct chart *chart, struct swept *s)
{
    size_t populations = 0, colour = 0;
    for (size_t c = s->key_end; c < s->table.column_count; c++)
        populations += strncmp(s->table.column[c].name, "rate.", 5) == 0;
    for (size_t c = s->key_end; c < s->table.column_count; c++) {
        const char *column = s->table.column[c].name;
        char population[64], name[400];
        if (strncmp(column, "rate.", 5) != 0)
            continue;
        snprintf(population, sizeof population, "%.*s", (int)strcspn(column + 5, " "), column + 5);
        for (size_t row = 0; row < s->table.row_count; row++) {
            if (!first_of_label(s, row))
                continue;
            bool both = populations > 1 && s->label[row][0];
            snprintf(name, sizeof name, "%s%s%s",
                     populations > 1 || !s->label[row][0] ? population : "", both ? ", " : "",
                     s->label[row]);
            add_rates(chart, s, c, row, name, plot_colour(colour));
            add_theory(chart, s, population, row, plot_colour(colour++));
        }
    }
}

static bool same_points(const struct chart_series *a, const struct chart_series *b)
{
    bool same = a->count == b->count && a->count > 0;
    for (size_t i = 0; same && i < a->count; i++)
        same = a->point[i].x == b->point[i].x && a->point[i].y == b->point[i].y;
    return same && (a->style == CHART_DASHES) == (b->style == CHART_DASHES);
}

/* "also t_ref = 2 ms" below the name of a series; only their number when there are many. */
static void note_same(struct chart_series *s, const char *name, int count)
{
    char text[PLOT_NAME_BYTES];
    size_t used = strlen(s->note);
    plot_short_name(name, text);
    int length =
        snprintf(s->note + used, sizeof s->note - used, "%salso %s", used ? "\n" : "", text);
    if (count > 2 || length >= (int)(sizeof s->note - used))
        snprintf(s->note, sizeof s->note, "and %d that are the same", count);
}

/* Series that lie on each other are drawn once, where only the last would be seen. */
static void join_equal(struct chart_panel *panel)
{
    for (size_t i = 0; i < panel->series_count; i++) {
        struct chart_series *one = &panel->series[i], *other = one + 1;
        int count = 0;
        for (; !one->hidden && other < panel->series + panel->series_count; other++) {
            if (other->hidden || !same_points(one, other))
                continue;
            other->hidden = other->nameless = true;
            if (one->style != CHART_DASHES)
                note_same(one, other->name, ++count);
        }
    }
}

/* "sweep_fi/table.csv": all tables have one name. */
static const char *with_folder(const char *path)
{
    const char *name = plot_base_name(path);
    name -= name > path; /* the slash */
    while (name > path && name[-1] != '/')
        name--;
    return name;
}

enum status plot_table(const char *path, const struct plot_options *options, struct error *err)
{
    struct swept s = {.path = path};
    struct chart chart;
    enum status status = read_table(&s, err);
    if (!status)
        status = choose_x(&s, err);
    if (!status)
        status = label_rows(&s, err);
    if (!status)
        status = check_outputs(&s, options, err);
    chart_init(&chart, with_folder(path), status ? "" : s.table.column[s.x].name, "rate (Hz)");
    chart.from_zero = true;
    if (!status) {
        chart_add_panel(&chart, "");
        fill(&chart, &s);
        if (!chart.failed)
            join_equal(&chart.panel[0]);
        describe(&chart, &s);
        status = chart_finish(&chart, options, err);
    }
    for (size_t i = 0; s.label && i < s.table.row_count; i++)
        free(s.label[i]);
    free(s.label);
    table_free(&s.table);
    chart_free(&chart);
    return status;
}
