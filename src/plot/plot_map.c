/* A map of a sweep of two keys: a colour for each point, and a bar that says what they mean. */
#include "plot/plot_map.h"

#include "plot/plot_colours.h"
#include "plot/plot_csv.h"
#include "plot/plot_gnuplot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAPS_MOST = 12 };

/* What one map shows. */
struct map {
    size_t column, first; /* first: row whose label it has */
    double low, high;     /* of its numbers */
};

struct maps {
    const struct swept *swept;
    struct map map[MAPS_MOST];
    size_t count, across;
    char facts[160], quantity[64];
};

bool plot_map_suits(const struct swept *s)
{
    size_t cells = s->of_x.count * s->of_y.count;
    return s->y && s->of_y.count > PLOT_COLOURS && 2 * s->table.row_count > cells;
}

/* Does a row belong to the map, with numbers for both keys? */
static bool is_in(const struct swept *s, const struct map *m, size_t row)
{
    return strcmp(s->label[row], s->label[m->first]) == 0 && isfinite(swept_number(s, row, s->x)) &&
           isfinite(swept_number(s, row, s->y));
}

static void find_range(const struct swept *s, struct map *m)
{
    m->low = INFINITY;
    m->high = -INFINITY;
    for (size_t row = 0; row < s->table.row_count; row++) {
        double value = swept_number(s, row, m->column);
        if (is_in(s, m, row) && isfinite(value)) {
            m->low = fmin(m->low, value);
            m->high = fmax(m->high, value);
        }
    }
}

/* Where a value's cell begins or ends: half way to its neighbour. */
static double edge(const struct swept_values *v, double value, int side)
{
    size_t i = 0;
    while (i + 1 < v->count && value - v->value[i] > 1e-12 * fabs(value))
        i++;
    bool inner = side > 0 ? i + 1 < v->count : i > 0;
    size_t next = inner == (side > 0) ? i + 1 : i - 1; /* at an end the other one's, mirrored */
    double there = v->value[next];
    if (v->log)
        return inner ? sqrt(value * there) : value * sqrt(value / there);
    return inner ? (value + there) / 2 : value + (value - there) / 2;
}

static uint32_t colour_of(const struct map *m, double value)
{
    if (!isfinite(value))
        return 0xdddddd;
    return plot_sequential(m->high > m->low ? (value - m->low) / (m->high - m->low) : 0.5, 0);
}

/* Where a map lies, in the layout's left, right, top and bottom. */
static struct plot_layout place_of(const struct maps *maps, const struct plot_layout *l, size_t i)
{
    struct plot_layout cell = *l;
    size_t down = (maps->count + maps->across - 1) / maps->across;
    double wide = l->width / (double)maps->across, high = (l->height - l->top) / (double)down;
    bool named = maps->count > 1;
    cell.left = wide * (double)(i % maps->across) + (l->narrow ? 5.8 : 7.2) * l->font;
    cell.right = wide * (double)(i % maps->across + 1) - 6.6 * l->font;
    cell.top = l->top + high * (double)(i / maps->across) + (named ? 1.5 : 0) * l->font;
    cell.bottom = l->top + high * (double)(i / maps->across + 1) - 3.8 * l->font;
    return cell;
}

static void draw_words(FILE *out, const struct maps *maps, const struct plot_layout *c,
                       const struct map *m)
{
    const struct swept *s = maps->swept;
    const struct plot_style ink = {"center", 1, false, PLOT_INK};
    const struct plot_style faint = {"left", 0.8, false, PLOT_FAINT};
    const struct plot_style up = {"rotate center", 1, false, PLOT_INK};
    double middle = (c->top + c->bottom) / 2;
    char name[300], low[32], high[32];
    plot_label(out, c, (c->left + c->right) / 2, c->bottom + 2.9 * c->font, &ink,
               s->table.column[s->x].name);
    plot_label(out, c, c->left - 5 * c->font, middle, &up, s->table.column[s->y].name);
    plot_label(out, c, c->right + 5 * c->font, middle, &up, maps->quantity);
    swept_name(s, m->column, m->first, name, sizeof name);
    if (maps->count > 1)
        plot_label(out, c, c->left, c->top - 0.8 * c->font,
                   &(struct plot_style){"left", 1, true, PLOT_INK}, name);
    if (!(m->high >= m->low))
        return;
    plot_rounded(m->low, low);
    plot_rounded(m->high, high);
    if (m->high == m->low) { /* no colours to tell apart */
        plot_label(out, c, c->right + 0.8 * c->font, c->top + 0.5 * c->font, &faint, low);
        return;
    }
    plot_draw_bar(out, c,
                  &(struct plot_bar){.x = c->right + 0.8 * c->font,
                                     .top = c->top,
                                     .bottom = c->bottom,
                                     .low = low,
                                     .high = high,
                                     .colour_of = plot_sequential,
                                     .most = 1});
}

static void set_axis(FILE *out, char axis, const struct swept_values *v, double room)
{
    double low = edge(v, v->value[0], -1), high = edge(v, v->value[v->count - 1], 1);
    fprintf(out, "set %crange [%.10g:%.10g]\nset format %c '%%g'\n", axis, low, high, axis);
    plot_marks(out, axis, low, high, v->log, fmax(2, room));
}

/* Each point's box; neighbours overlap a little, as gaps of a fraction of a pixel would be seen. */
static void draw_map(FILE *out, const struct maps *maps, const struct plot_layout *l, size_t i)
{
    const struct swept *s = maps->swept;
    const struct map *m = &maps->map[i];
    struct plot_layout cell = place_of(maps, l, i);
    plot_margins(out, &cell, cell.top, cell.bottom);
    set_axis(out, 'x', &s->of_x, (cell.right - cell.left) / l->font / 4);
    set_axis(out, 'y', &s->of_y, (cell.bottom - cell.top) / l->font / 2.6);
    fputs("unset object\nunset label\n", out);
    draw_words(out, maps, &cell, m);
    fputs("$map << EOD\n", out);
    for (size_t row = 0; row < s->table.row_count; row++) {
        double x = swept_number(s, row, s->x), y = swept_number(s, row, s->y);
        if (is_in(s, m, row))
            fprintf(out, "%.10g %.10g %.10g %.10g %.10g %.10g %u\n", x, y, edge(&s->of_x, x, -1),
                    edge(&s->of_x, x, 1), edge(&s->of_y, y, -1), edge(&s->of_y, y, 1),
                    colour_of(m, swept_number(s, row, m->column)));
    }
    fputs("EOD\nplot $map using 1:2:3:4:5:6:7 with boxxyerror lw 0.8 lc rgb variable fs solid "
          "border\n",
          out);
}

static void draw(FILE *out, const void *context, const struct plot_options *options)
{
    const struct maps *maps = context;
    struct plot_layout l = plot_layout_of(options);
    l.left = (l.narrow ? 0.6 : 7.2) * l.font;
    l.top = plot_title_bottom(&l, maps->facts);
    plot_begin(out, &l, options->terminal);
    for (size_t i = 0; i < maps->count; i++)
        draw_map(out, maps, &l, i);
    fputs("unset object\nunset label\nunset border\nunset tics\n", out);
    plot_title(out, &l, swept_title(maps->swept), maps->facts);
    fputs("plot -1e300\nunset multiplot\n", out);
}

/* series,X KEY,Y KEY,QUANTITY */
static void write_csv(FILE *out, const void *context)
{
    const struct maps *maps = context;
    const struct swept *s = maps->swept;
    char name[300];
    fprintf(out, "series,%s,%s,%s\n", s->table.column[s->x].name, s->table.column[s->y].name,
            maps->quantity);
    for (size_t i = 0; i < maps->count; i++) {
        const struct map *m = &maps->map[i];
        swept_name(s, m->column, m->first, name, sizeof name);
        for (size_t row = 0; row < s->table.row_count; row++)
            if (is_in(s, m, row) && isfinite(swept_number(s, row, m->column))) {
                plot_csv_text(out, name);
                fprintf(out, ",%.12g,%.12g,%.12g\n", swept_number(s, row, s->x),
                        swept_number(s, row, s->y), swept_number(s, row, m->column));
            }
    }
}

static enum status choose_maps(struct maps *maps, struct error *err)
{
    const struct swept *s = maps->swept;
    size_t count = 0;
    for (size_t c = 0; c < s->shown_count; c++)
        for (size_t row = 0; row < s->table.row_count; row++) {
            if (!swept_first(s, row))
                continue;
            if (count < MAPS_MOST)
                maps->map[count] = (struct map){.column = s->shown[c], .first = row};
            count++;
        }
    if (count > MAPS_MOST)
        return error_set(err, STATUS_CONFIG,
                         "%s: %zu maps, of %zu columns and all combinations of the keys beside "
                         "these two; a picture has at most %d: choose a column by --column, or "
                         "sweep fewer keys",
                         s->path, count, s->shown_count, MAPS_MOST);
    for (size_t i = 0; i < count; i++)
        find_range(s, &maps->map[i]);
    maps->count = count;
    maps->across = (size_t)ceil(sqrt((double)count));
    return STATUS_OK;
}

static void describe(struct maps *maps)
{
    const struct swept *s = maps->swept;
    size_t missing = 0;
    for (size_t i = 0; i < maps->count; i++)
        for (size_t row = 0; row < s->table.row_count; row++)
            missing += is_in(s, &maps->map[i], row) &&
                       !isfinite(swept_number(s, row, maps->map[i].column));
    snprintf(maps->facts, sizeof maps->facts, "a sweep of %zu points%s", s->table.row_count,
             missing ? "; grey: no number" : "");
}

enum status plot_map(struct swept *s, const struct plot_options *options, struct error *err)
{
    struct maps maps = {.swept = s};
    if (!s->y)
        return error_set(err, STATUS_CONFIG,
                         "%s: a map takes two swept keys with different numbers, and only %s has "
                         "any; --what f-I draws lines over it",
                         s->path, s->table.column[s->x].name);
    enum status status = swept_label(s, true, err);
    if (!status)
        status = choose_maps(&maps, err);
    if (status)
        return status;
    swept_quantity(s, maps.quantity);
    describe(&maps);
    if (options->output)
        status = plot_gnuplot(draw, &maps, options, err);
    if (!status && options->csv)
        status = plot_csv_write(options, write_csv, &maps, err);
    return status;
}
