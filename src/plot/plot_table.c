/* Results over what a sweep varied: a series for each population and each combination of the other
 * keys; with theory of rates where it is known and the points' files lie beside the table. */
#include "plot/plot_table.h"

#include "io/hdf5_text.h"
#include "plot/chart_finish.h"
#include "plot/chart_theory.h"
#include "plot/plot_colours.h"
#include "plot/plot_map.h"
#include "plot/plot_swept.h"
#include "plot/plot_theory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { THEORY_POINTS = 1000 };

struct lines {
    struct swept *swept;
    struct chart *chart, *below;
    size_t series;                      /* of results */
    bool sequential;                    /* more than there are colours */
    bool files_missing, theory_missing; /* of some series */
};

/* The config in a point's file beside the table, to be freed; NULL without one. */
static char *config_beside(const struct swept *s, size_t row)
{
    char *path = swept_path_beside(s, row), *text = NULL;
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

static int by_x(const void *a, const void *b)
{
    double x = ((const struct chart_point *)a)->x, y = ((const struct chart_point *)b)->x;
    return (x > y) - (x < y);
}

/* The rows with the label of row `first`, of one column. Returns the series' place, as pointers do
 * not last. */
static size_t add_results(struct lines *l, size_t column, size_t first, uint32_t colour)
{
    const struct swept *s = l->swept;
    char name[400];
    swept_name(s, column, first, name, sizeof name);
    struct chart_series *series = chart_add_series(l->chart, name, colour, CHART_POINTS);
    for (size_t row = first; series && row < s->table.row_count; row++) {
        double x = swept_number(s, row, s->x), y = swept_number(s, row, column);
        if (strcmp(s->label[row], s->label[first]) == 0 && isfinite(x) && isfinite(y))
            chart_add_point(l->chart, series, x, y, NAN);
    }
    if (series && series->count > 1)
        qsort(series->point, series->count, sizeof *series->point, by_x);
    if (series)
        series->nameless = l->sequential;
    return series ? l->chart->panel[0].series_count - 1 : SIZE_MAX;
}

/* Of one population, as the sweep's first run with the other keys has it. */
struct known {
    const struct swept *swept;
    const char *config, *population;
};

/* Theory where the key on the x axis has a number, whether a run of the sweep had it or not; false
 * where it is unknown. */
static bool theory_at(const struct known *k, double x, struct plot_theory_rates *rates)
{
    const char *column = k->swept->table.column[k->swept->x].name, *unit = strstr(column, " (");
    char set[300];
    snprintf(set, sizeof set, "%.*s=%.15g%s%.*s", unit ? (int)(unit - column) : (int)strlen(column),
             column, x, unit ? " " : "", unit ? (int)strcspn(unit + 2, ")") : 0,
             unit ? unit + 2 : "");
    return k->config && plot_theory_of_text(k->config, set, k->population, rates);
}

static double between(double from, double to, double share, bool log_x)
{
    return log_x ? from * pow(to / from, share) : from + (to - from) * share;
}

/* Both lines from the first swept value to the last, finely: rates bend between the runs. Nothing
 * is tried beyond a value without theory, as reading a config may take long. */
static void add_theory_points(struct chart *chart, const struct known *k, size_t place, size_t line,
                              size_t grid)
{
    const struct chart_panel *panel = &chart->panel[0];
    const struct chart_series *seen = &panel->series[place];
    bool log_x = chart->log_x;
    double first = seen->count > 0 ? seen->point[0].x : 0;
    double last = seen->count > 0 ? seen->point[seen->count - 1].x : 0;
    for (size_t i = 0; i < seen->count; i++) {
        double x = seen->point[i].x, next = i + 1 < seen->count ? seen->point[i + 1].x : x;
        double part = log_x ? log(next / x) / log(last / first) : (next - x) / (last - first);
        int pieces = next > x ? (int)ceil(THEORY_POINTS * part) : 1;
        struct plot_theory_rates rates;
        for (int p = 0;
             p < pieces && theory_at(k, between(x, next, (double)p / pieces, log_x), &rates); p++) {
            double at = between(x, next, (double)p / pieces, log_x);
            chart_add_point(chart, &panel->series[line], at, rates.rate, NAN);
            if (isfinite(rates.grid))
                chart_add_point(chart, &panel->series[grid], at, rates.grid, NAN);
            snprintf(panel->series[line].note, sizeof panel->series[line].note, "%s", rates.name);
        }
    }
}

/* What was seen less the theory that it should have. */
static void add_difference(struct lines *l, const struct known *k, size_t place)
{
    const struct chart_series *seen = &l->chart->panel[0].series[place];
    struct plot_theory_rates rates;
    struct chart_series *s = NULL;
    for (size_t i = 0; i < seen->count; i++) {
        if (!theory_at(k, seen->point[i].x, &rates))
            continue;
        bool grid = isfinite(rates.grid);
        s = s ? s : chart_theory_add_below(l->below, seen->name, grid, seen->colour);
        if (s)
            chart_add_point(l->below, s, seen->point[i].x,
                            seen->point[i].y - (grid ? rates.grid : rates.rate), NAN);
    }
}

/* A line without points has no name. */
static void forget_empty(struct chart *chart, size_t line)
{
    struct chart_series *s = &chart->panel[0].series[line];
    s->nameless |= s->count == 0;
    s->key = s->count == 0 ? NULL : s->key; /* the next one may have it */
}

/* Of the rates that stand at `place`. */
static void add_theory(struct lines *l, size_t column, size_t first, size_t place)
{
    const struct swept *s = l->swept;
    char population[64], *config = NULL;
    for (size_t row = first; !config && row < s->table.row_count; row++)
        if (strcmp(s->label[row], s->label[first]) == 0)
            config = config_beside(s, row);
    l->files_missing |= !config;
    const struct known k = {s, config, swept_population(s, column, population)};
    uint32_t colour = l->chart->panel[0].series[place].colour;
    size_t line = l->chart->panel[0].series_count, grid = line + 1;
    chart_theory_add(l->chart, chart_theory, chart_theory, "", colour);
    chart_theory_add(l->chart, chart_theory_grid, chart_theory_grid, "threshold raised", PLOT_PALE);
    if (!l->chart->failed) {
        add_theory_points(l->chart, &k, place, line, grid);
        bool none = l->chart->panel[0].series[line].count == 0;
        l->theory_missing |= none;
        if (none) /* what was seen gets the line */
            l->chart->panel[0].series[place].style = CHART_LINKED;
        else
            add_difference(l, &k, place);
        forget_empty(l->chart, line);
        forget_empty(l->chart, grid);
    }
    free(config);
}

/* Why a line of theory is not there. */
static void describe(struct lines *l, bool rates)
{
    snprintf(l->chart->facts, sizeof l->chart->facts, "a sweep of %zu points%s",
             l->swept->table.row_count,
             !rates              ? ""
             : l->files_missing  ? "; theory needs the points' files beside the table (files = all)"
             : l->theory_missing ? "; lines without theory: it is not known for what was swept"
                                 : "");
}

/* Its place among the labels, 0 .. 1: by the second key's number where that is all of the label. */
static double place_of(const struct lines *l, size_t row, size_t index)
{
    const struct swept *s = l->swept;
    const struct swept_values *v = &s->of_y;
    double value = s->y ? swept_number(s, row, s->y) : NAN;
    size_t labels = l->series / s->shown_count;
    if (v->count != labels || !isfinite(value) || labels < 2)
        return labels > 1 ? (double)(index % labels) / (double)(labels - 1) : 0;
    double low = v->value[0], high = v->value[v->count - 1];
    return v->log ? log(value / low) / log(high / low) : (value - low) / (high - low);
}

/* The words at the ends of the bar. */
static void name_end(struct lines *l, double place, size_t row)
{
    for (int end = 0; end < 2; end++)
        if (place == end)
            snprintf(l->chart->bar[end], sizeof l->chart->bar[end], "%s", l->swept->label[row]);
}

static void add_series(struct lines *l, size_t column, size_t row, size_t index, bool rates)
{
    double share = l->sequential ? place_of(l, row, index) : 0;
    size_t place = add_results(l, column, row,
                               l->sequential ? plot_sequential(PLOT_LINES_MOST * share, 0)
                                             : plot_colour(index));
    if (place == SIZE_MAX)
        return;
    if (l->sequential)
        name_end(l, share, row);
    if (rates)
        add_theory(l, column, row, place);
    else
        l->chart->panel[0].series[place].style = CHART_LINKED;
}

static void fill(struct lines *l, bool rates)
{
    const struct swept *s = l->swept;
    size_t index = 0, labels = 0;
    for (size_t row = 0; row < s->table.row_count; row++)
        labels += swept_first(s, row);
    l->series = labels * s->shown_count;
    l->sequential = l->series > PLOT_COLOURS && s->shown_count == 1;
    for (size_t c = 0; c < s->shown_count; c++)
        for (size_t row = 0; row < s->table.row_count; row++)
            if (swept_first(s, row))
                add_series(l, s->shown[c], row, index++, rates);
    describe(l, rates);
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

static enum status draw_lines(struct swept *s, const struct plot_options *options,
                              struct error *err)
{
    char quantity[64];
    struct chart chart, below;
    struct lines l = {.swept = s, .chart = &chart, .below = &below};
    bool rates = strncmp(s->table.column[s->shown[0]].name, "rate.", 5) == 0;
    enum status status = swept_label(s, false, err);
    if (status)
        return status;
    chart_init(&chart, swept_title(s), s->table.column[s->x].name, swept_quantity(s, quantity));
    chart_theory_open_below(&below);
    chart.from_zero = true;
    chart.log_x = s->of_x.log;
    chart_add_panel(&chart, "");
    if (!chart.failed)
        fill(&l, rates);
    chart_theory_close_below(&below, &chart);
    for (size_t p = 0; p < chart.panel_count && !chart.failed; p++)
        join_equal(&chart.panel[p]);
    status = chart_finish(&chart, options, err);
    chart_free(&chart);
    return status;
}

enum status plot_table(const char *path, enum plot_table_as as, const struct plot_options *options,
                       struct error *err)
{
    struct swept s;
    enum status status = swept_open(&s, path, options->column, err);
    if (!status)
        status = swept_check_outputs(&s, options, err);
    bool map = as == PLOT_TABLE_MAP || (as == PLOT_TABLE_AUTO && plot_map_suits(&s));
    if (!status)
        status = map ? plot_map(&s, options, err) : draw_lines(&s, options, err);
    swept_close(&s);
    return status;
}
