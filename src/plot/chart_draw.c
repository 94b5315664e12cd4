/* A chart in gnuplot's words. */
#include "plot/chart_draw.h"

#include "plot/plot_colours.h"
#include "plot/plot_words.h"

#include <math.h>
#include <string.h>

static const char *key_of(const struct chart_series *s)
{
    return s->key ? s->key : s->name;
}

static uint32_t key_colour(const struct chart_series *s)
{
    return s->style == CHART_DASHES && s->colour != PLOT_PALE ? PLOT_INK : s->colour;
}

/* Characters of the longest line. */
static size_t note_length(const char *note)
{
    size_t longest = 0;
    for (; *note; note += strspn(note, "\n")) {
        size_t line = strcspn(note, "\n");
        longest = line > longest ? line : longest;
        note += line;
    }
    return longest;
}

/* Characters that names take; `least` where there are none. */
static int longest_name(const struct chart *chart, bool keys, int least)
{
    char name[PLOT_NAME_BYTES];
    int longest = least;
    for (size_t p = 0; p < chart->panel_count; p++) {
        const struct chart_panel *panel = &chart->panel[p];
        int length = keys ? 0 : plot_length(panel->name);
        for (size_t s = 0; keys && s < panel->series_count; s++) {
            int here = plot_short_name(key_of(&panel->series[s]), name) +
                       (panel->series[s].style == CHART_DASHES ? 5 : 0);
            int note = (int)(0.8 * (double)note_length(panel->series[s].note));
            length = panel->series[s].nameless ? length : (int)fmax(length, fmax(here, note));
        }
        longest = length > longest ? length : longest;
    }
    return longest;
}

static bool has_bar(const struct chart *chart)
{
    return chart->bar[0][0] != '\0';
}

/* What stands right of the panels: names, in a narrow picture a bar or a line's name. */
static double right_margin(const struct chart *chart, bool narrow)
{
    double names = 0.68 * longest_name(chart, true, 6) + 1.6, bar = 0, line = 1.2;
    for (int end = 0; end < 2 && has_bar(chart); end++)
        bar = fmax(bar, 0.5 * plot_length(chart->bar[end]) + 2.4);
    for (size_t p = 0; p < chart->panel_count; p++)
        if (isfinite(chart->panel[p].line) && plot_length(chart->panel[p].line_name) <= 4)
            line = 2.8;
    return fmax(narrow ? line : names, bar);
}

/* In a narrow picture names stand above the panels, in lines as long as there is room. Draws them
 * unless out is NULL; returns where they end. */
static double keys_above(FILE *out, const struct chart *chart, const struct plot_layout *l,
                         double top)
{
    double x = 0.6 * l->font, y = top + 0.5 * l->font;
    bool any = false;
    char name[PLOT_NAME_BYTES], text[PLOT_NAME_BYTES + 8];
    for (int theory = 0; theory <= 1; theory++)
        for (size_t i = 0; i < chart->panel[0].series_count; i++) {
            const struct chart_series *s = &chart->panel[0].series[i];
            bool dashes = s->style == CHART_DASHES;
            if (s->nameless || dashes != theory)
                continue;
            plot_short_name(key_of(s), name);
            snprintf(text, sizeof text, "%s%s", dashes ? "- - " : "", name);
            double wide = (0.62 * plot_length(text) + 1.2) * l->font;
            if (any && x + wide > l->width) {
                x = 0.6 * l->font;
                y += 1.3 * l->font;
            }
            if (out)
                plot_label(out, l, x, y, &(struct plot_style){"left", 1, true, key_colour(s)},
                           text);
            x += wide;
            any = true;
        }
    return any ? y + 1.2 * l->font : top;
}

static struct plot_layout lay_out(const struct chart *chart, const struct plot_options *options)
{
    struct plot_layout l = plot_layout_of(options);
    double names = longest_name(chart, false, 0);
    l.left = (l.narrow ? 0.62 * names + 5.8 : 0.68 * names + 7.2) * l.font;
    l.right = l.width - right_margin(chart, l.narrow) * l.font;
    l.top = plot_title_bottom(&l, chart->facts) + (isnan(chart->warm) ? 0 : 0.9 * l.font);
    l.top = l.narrow && chart->panel_count > 0 ? keys_above(NULL, chart, &l, l.top) : l.top;
    l.bottom = l.height - (l.narrow ? 3.6 : 4.2) * l.font;
    l.time_scale = chart->x_scale;
    return l;
}

struct range {
    double low, high;
};

static void widen(struct range *range, double value)
{
    if (isfinite(value)) {
        range->low = fmin(range->low, value);
        range->high = fmax(range->high, value);
    }
}

static void widen_by_panel(struct range *r, const struct chart_panel *panel)
{
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t i = 0; i < panel->series[s].count; i++) {
            const struct chart_point *point = &panel->series[s].point[i];
            double error = isfinite(point->error) ? point->error : 0;
            widen(r, point->y - error);
            widen(r, point->y + error);
        }
    widen(r, panel->line);
}

/* To both sides, so that a constant is in the middle. */
static void spread(struct range *r)
{
    double half = r->high != 0 ? 0.1 * fabs(r->high) : 1;
    r->low -= half;
    r->high += half;
}

/* One for all panels that show the chart's quantity. */
static struct range range_of_y(const struct chart *chart, const struct chart_panel *panel)
{
    struct range r = {INFINITY, -INFINITY};
    bool from_zero = chart->from_zero && !panel->y_label;
    if (panel->y_label)
        widen_by_panel(&r, panel);
    for (size_t p = 0; p < chart->panel_count; p++)
        if (!panel->y_label && !chart->panel[p].y_label)
            widen_by_panel(&r, &chart->panel[p]);
    if (from_zero)
        widen(&r, 0);
    if (isfinite(r.low) && r.high - r.low <= 1e-6 * fabs(r.high) && !from_zero)
        spread(&r);        /* one value, as the floats of a file hold it */
    if (!(r.low < r.high)) /* nothing, or silence */
        r = (struct range){0, 1};
    double pad = 0.07 * (r.high - r.low);
    r.high += pad;
    r.low -= from_zero ? 0 : pad;
    return r;
}

static struct range range_of_x(const struct chart *chart)
{
    struct range r = {INFINITY, -INFINITY};
    for (size_t p = 0; p < chart->panel_count; p++)
        for (size_t s = 0; s < chart->panel[p].series_count; s++)
            for (size_t i = 0; i < chart->panel[p].series[s].count; i++)
                widen(&r, chart->panel[p].series[s].point[i].x);
    double pad = r.low < r.high ? 0.015 * (r.high - r.low) : 0.5;
    if (chart->log_x && r.low > 0) {
        if (!isfinite(r.low))
            return (struct range){1, 10};
        double factor = r.low < r.high ? pow(r.high / r.low, 0.015) : 1.5;
        return (struct range){r.low / factor, r.high * factor};
    }
    r = isfinite(r.low) ? (struct range){r.low - pad, r.high + pad} : (struct range){0, 1};
    return (struct range){isnan(chart->from) ? r.low : chart->from,
                          isnan(chart->to) ? r.high : chart->to};
}

/* gnuplot's tics at round numbers, not more than the panel's height has room for. */
static void set_axes(FILE *out, const struct chart *chart, const struct plot_layout *l, double top,
                     double bottom, struct range x, struct range y, bool last)
{
    plot_margins(out, l, top, bottom);
    fprintf(out, "set xrange [%.10g:%.10g]\nset yrange [%.10g:%.10g]\n", x.low * l->time_scale,
            x.high * l->time_scale, y.low, y.high);
    double room = (bottom - top) / l->font;
    plot_marks(out, 'y', y.low, y.high, false, fmin(5, fmax(2, room / 2.6)));
    plot_marks(out, 'x', x.low * l->time_scale, x.high * l->time_scale, chart->log_x,
               fmin(10, (l->right - l->left) / l->font / 4));
    fprintf(out, "set format x '%s'\nset format y '%%g'\n", last ? "%g" : "");
    fputs("set grid ytics lc rgb '#dddddd' lw 0.8 lt 1\nunset object\nunset arrow\nunset label\n",
          out);
    if (chart->warm > x.low)
        plot_warmup(out, fmin(chart->warm, x.high) * l->time_scale);
}

static void write_points(FILE *out, const struct chart *chart, const struct chart_series *s,
                         size_t index)
{
    double x = 0;
    fprintf(out, "$series%zu << EOD\n", index);
    for (size_t i = 0; i < s->count; i++) {
        const struct chart_point *point = &s->point[i];
        x = point->x - s->bin / 2;
        if (isnan(point->y))
            fputc('\n', out); /* breaks the line */
        else
            fprintf(out, "%.10g %.8g %.6g\n", x * chart->x_scale, point->y,
                    isfinite(point->error) ? point->error : 0);
    }
    if (s->count > 0 && s->bin > 0) /* the last step's end */
        fprintf(out, "%.10g %.8g\n", (x + s->bin) * chart->x_scale, s->point[s->count - 1].y);
    fputs("EOD\n", out);
}

static bool has_errors(const struct chart_series *s)
{
    bool any = false;
    for (size_t i = 0; i < s->count; i++)
        any |= isfinite(s->point[i].error);
    return any;
}

/* In lines' widths: such that many points leave room between two. */
static double size_of_points(const struct chart_panel *panel, const struct plot_layout *l)
{
    size_t most = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        if (panel->series[s].style == CHART_POINTS || panel->series[s].style == CHART_LINKED)
            most = panel->series[s].count > most ? panel->series[s].count : most;
    double room = (l->right - l->left) / l->unit / (double)(most + 1);
    return fmax(0.4, fmin(1.1, 0.085 * room));
}

static void plot_points(FILE *out, const struct chart_series *s, size_t index, double size)
{
    const char *with[] = {[CHART_LINE] = "lines",
                          [CHART_STEPS] = s->bin > 0 ? "steps" : "histeps",
                          [CHART_POINTS] = "points",
                          [CHART_LINKED] = "linespoints",
                          [CHART_DASHES] = "lines dt (14,8)"};
    const char *with_errors[] = {[CHART_POINTS] = "yerrorbars", [CHART_LINKED] = "yerrorlines"};
    bool points = s->style == CHART_POINTS || s->style == CHART_LINKED;
    bool errors = points && has_errors(s);
    if (s->count == 0 || s->hidden)
        return;
    fprintf(out, ", $series%zu using 1:2%s with %s lw %.2f lc rgb '#%06x'", index,
            errors ? ":3" : "", errors ? with_errors[s->style] : with[s->style],
            s->style == CHART_DASHES ? 1.3 : 1.6, s->colour);
    if (points)
        fprintf(out, " pt 7 ps %.2f", size);
}

/* One name and its notes; returns how far down they reach. */
static double draw_key_of(FILE *out, const struct plot_layout *l, const struct chart_series *s,
                          double y)
{
    double x = l->right + 0.8 * l->font;
    char name[PLOT_NAME_BYTES], text[PLOT_NAME_BYTES + 8], line[sizeof s->note];
    plot_short_name(key_of(s), name);
    snprintf(text, sizeof text, "%s%s", s->style == CHART_DASHES ? "- - " : "", name);
    plot_label(out, l, x, y, &(struct plot_style){"left", 1, true, key_colour(s)}, text);
    y += 1.2 * l->font;
    if (!s->note[0])
        return y;
    for (const char *note = s->note; *note; note += strspn(note, "\n"), y += 1.1 * l->font) {
        int length = (int)strcspn(note, "\n");
        snprintf(line, sizeof line, "%.*s", length, note);
        plot_label(out, l, x, y, &(struct plot_style){"left", 0.8, false, PLOT_FAINT}, line);
        note += length;
    }
    return y + 0.3 * l->font;
}

/* What the series' colours mean, below y. */
static void draw_bar(FILE *out, const struct chart *chart, const struct plot_layout *l, double y,
                     double bottom)
{
    if (has_bar(chart) && bottom - y > 2 * l->font)
        plot_draw_bar(out, l,
                      &(struct plot_bar){.x = l->right + 0.8 * l->font,
                                         .top = y,
                                         .bottom = bottom,
                                         .low = chart->bar[0],
                                         .high = chart->bar[1],
                                         .colour_of = plot_sequential,
                                         .most = PLOT_LINES_MOST});
}

/* Names right of a panel, from its top: what was seen, then theory. Returns where they end. */
static double draw_key(FILE *out, const struct plot_layout *l, const struct chart_panel *panel,
                       double top, double bottom)
{
    double y = top + 0.5 * l->font;
    for (int theory = 0; theory <= 1; theory++)
        for (size_t i = 0; i < panel->series_count && y < bottom; i++) {
            const struct chart_series *s = &panel->series[i];
            if (!s->nameless && (s->style == CHART_DASHES) == theory)
                y = draw_key_of(out, l, s, y);
        }
    return y;
}

static void draw_line(FILE *out, const struct plot_layout *l, const struct chart_panel *panel,
                      double top, double bottom, struct range y)
{
    if (isnan(panel->line))
        return;
    fprintf(out,
            "set arrow from graph 0, first %.10g to graph 1, first %.10g nohead dt (4,4) lc rgb "
            "'#%06x' lw 1\n",
            panel->line, panel->line, PLOT_FAINT);
    double at = bottom - (panel->line - y.low) / (y.high - y.low) * (bottom - top);
    if (!l->narrow || plot_length(panel->line_name) <= 4)
        plot_label(out, l, l->right + 0.4 * l->font, at,
                   &(struct plot_style){"left", 0.8, false, PLOT_FAINT}, panel->line_name);
}

static void write_shade(FILE *out, const struct chart *chart, const struct chart_panel *panel)
{
    fputs("$shade << EOD\n", out);
    for (size_t i = 0; i < panel->shade_count; i++)
        fprintf(out, "%.10g %.10g\n", panel->shade[i].from * chart->x_scale,
                panel->shade[i].to * chart->x_scale);
    fputs("EOD\n", out);
}

static void place_panel(const struct chart *chart, const struct plot_layout *l, size_t index,
                        double *top, double *bottom)
{
    double gap = 0.9 * l->font, shares = 0;
    for (size_t p = 0; p < chart->panel_count; p++)
        shares += chart->panel[p].share;
    double height = (l->bottom - l->top + gap) / shares;
    *top = l->top;
    for (size_t p = 0; p < index; p++)
        *top += height * chart->panel[p].share;
    *bottom = *top + height * chart->panel[index].share - gap;
}

static void draw_panel(FILE *out, const struct chart *chart, const struct plot_layout *l,
                       size_t index, struct range x)
{
    const struct chart_panel *panel = &chart->panel[index];
    struct range y = range_of_y(chart, panel);
    double top, bottom;
    place_panel(chart, l, index, &top, &bottom);
    set_axes(out, chart, l, top, bottom, x, y, index + 1 == chart->panel_count);
    draw_line(out, l, panel, top, bottom, y);
    double below = l->narrow ? top : draw_key(out, l, panel, top, bottom);
    if (index == 0)
        draw_bar(out, chart, l, below + 0.3 * l->font, bottom);
    plot_label(out, l, l->left - (l->narrow ? 3.4 : 4.4) * l->font, (top + bottom) / 2,
               &(struct plot_style){"right", 1, true,
                                    panel->series_count > 0 && !chart->plain_names
                                        ? panel->series[0].colour
                                        : PLOT_INK},
               panel->name);
    for (size_t s = 0; s < panel->series_count; s++)
        write_points(out, chart, &panel->series[s], s);
    write_shade(out, chart, panel);
    double size = size_of_points(panel, l);
    fprintf(out, "set bars %.2f\nplot -1e300", fmin(1, size / 0.8));
    if (panel->shade_count > 0)
        fprintf(out,
                ", $shade using (0.5*($1+$2)):(%.10g):1:2:(%.10g):(%.10g) with boxxyerror fc rgb "
                "'#d9d9d9' fs solid noborder",
                y.low, y.low, y.high);
    for (size_t s = 0; s < panel->series_count; s++)
        plot_points(out, &panel->series[s], s, size * l->unit);
    fputc('\n', out);
}

/* Up along an axis, smaller where there is little room, and in brief where that is too long. */
static void name_y(FILE *out, const struct plot_layout *l, double top, double bottom,
                   const char *label, const char *brief)
{
    double room = (bottom - top) / l->font, size = fmin(1, room / (0.55 * plot_length(label) + 1));
    if (brief && size < 0.5)
        label = brief;
    plot_label(out, l, (l->narrow ? 0.9 : 1.5) * l->font, (top + bottom) / 2,
               &(struct plot_style){"rotate center", fmax(0.7, size), false, PLOT_INK}, label);
}

static void name_axes(FILE *out, const struct chart *chart, const struct plot_layout *l)
{
    double top, bottom, common = l->bottom, y = l->bottom + (l->narrow ? 2.7 : 3.3) * l->font;
    plot_label(out, l, (l->left + l->right) / 2, y,
               &(struct plot_style){"center", 1, false, PLOT_INK}, chart->x_scaled_label);
    for (size_t p = 0; p < chart->panel_count; p++) {
        if (!chart->panel[p].y_label)
            continue;
        place_panel(chart, l, p, &top, &bottom);
        common = fmin(common, top);
        name_y(out, l, top, bottom, chart->panel[p].y_label, chart->panel[p].y_brief);
    }
    name_y(out, l, l->top, common, chart->y_label, NULL);
    if (chart->corner)
        plot_label(out, l, l->right, y, &(struct plot_style){"right", 0.75, false, PLOT_FAINT},
                   chart->corner);
}

void chart_draw(FILE *out, const void *context, const struct plot_options *options)
{
    const struct chart *chart = context;
    struct plot_layout l = lay_out(chart, options);
    struct range x = range_of_x(chart);
    plot_begin(out, &l, options->terminal);
    for (size_t i = 0; i < chart->panel_count; i++) {
        draw_panel(out, chart, &l, i, x);
    }
    fputs("unset object\nunset arrow\nunset label\nunset border\nunset tics\nunset grid\n", out);
    plot_title(out, &l, chart->title, chart->facts);
    if (l.narrow && chart->panel_count > 0)
        keys_above(out, chart, &l,
                   plot_title_bottom(&l, chart->facts) + (isnan(chart->warm) ? 0 : 0.9 * l.font));
    name_axes(out, chart, &l);
    if (chart->warm > x.low)
        plot_label(out, &l, l.left, l.top - 0.6 * l.font,
                   &(struct plot_style){"left", 0.75, false, PLOT_FAINT}, "warmup");
    fputs("plot -1e300\nunset multiplot\n", out);
}
