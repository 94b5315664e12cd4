#include "plot/plot_connections.h"

#include "base/decimal.h"
#include "plot/plot_csv.h"
#include "plot/plot_gnuplot.h"
#include "plot/plot_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BARS = 60, HEIGHT_MOST = 10000, ROW_LEAST = 62, ROW_MOST = 190, FRAME = 110 };

/* Weights lie on grids of powers of two. */
static const double WEIGHT_UNIT = 0x1p-60;

static const char *const quantities[CONNECTIONS_QUANTITIES] = {"in-degree", "out-degree", "delay",
                                                               "weight"};

enum status connections_row_init(struct connections_row *row, const char *name, const char *source,
                                 const char *target, double delay_unit, struct error *err)
{
    const double unit[] = {1, 1, delay_unit, WEIGHT_UNIT};
    enum status status = STATUS_OK;
    *row = (struct connections_row){.name = strdup(name),
                                    .source = source ? strdup(source) : NULL,
                                    .target = target ? strdup(target) : NULL};
    if (!row->name || (source && !row->source) || (target && !row->target))
        status = error_no_memory(err, "for names");
    for (int q = 0; q < CONNECTIONS_QUANTITIES && !status; q++)
        status = value_counts_open(&row->of[q], unit[q], err);
    return status;
}

void connections_row_free(struct connections_row *row)
{
    for (int q = 0; q < CONNECTIONS_QUANTITIES; q++)
        value_counts_close(&row->of[q]);
    free(row->name);
    free(row->source);
    free(row->target);
}

/* ---- the picture */

/* What is drawn, with the bars of all cells. */
struct drawing {
    const struct connections_picture *picture;
    struct value_bars *bars; /* [rows][quantities] */
};

/* Pixels. */
struct cell {
    double left, right, top, bottom;
};

static double row_height(const struct plot_layout *l, size_t rows)
{
    return (l->bottom - l->top) / (double)rows;
}

static struct cell cell_of(const struct plot_layout *l, size_t rows, size_t row, int quantity)
{
    double height = row_height(l, rows), top = l->top + height * (double)row;
    double width = (l->right - l->left) / CONNECTIONS_QUANTITIES;
    double left = l->left + width * quantity;
    return (struct cell){left, left + width - 1.8 * l->font, top + 1.2 * l->font,
                         top + height - 1.9 * l->font};
}

static int longest_text(const struct connections_picture *picture)
{
    char text[PLOT_NAME_BYTES];
    int longest = 12;
    for (size_t i = 0; i < picture->count; i++) {
        const struct connections_row *row = &picture->row[i];
        int ends = row->source && row->target ? plot_short_name(row->source, text) + 3 : 0;
        ends += ends > 0 ? plot_short_name(row->target, text) : 0;
        double number = (double)(strlen(plot_grouped(row->synapses, text)) + strlen(" synapses"));
        longest = (int)fmax(longest, 0.85 * fmax(ends, number));
        longest = (int)fmax(longest, plot_short_name(row->name, text));
    }
    return longest;
}

static struct plot_layout lay_out(const struct connections_picture *picture,
                                  const struct plot_options *options)
{
    struct plot_layout l = plot_layout_of(options);
    double row = (l.height - FRAME * options->scale) / (double)picture->count;
    double font = options->font > 0 ? options->font : 0.0135 * l.width;
    l.font = fmax(7 * options->scale, fmin(font, row / 4.2));
    l.unit = l.font / 16;
    l.left = (0.62 * longest_text(picture) + 2) * l.font;
    l.right = l.width + 0.6 * l.font;
    l.top = 5.6 * l.font;
    l.bottom = l.height - 1 * l.font;
    return l;
}

/* "1000 ± 31.6", or "1000" where all are equal. */
static void describe(const struct value_counts *counts, char *text, size_t size)
{
    double mean = value_counts_mean(counts);
    if (counts->all == 0)
        snprintf(text, size, "none");
    else if (counts->least == counts->greatest)
        snprintf(text, size, "all %.4g", counts->least * counts->unit);
    else
        snprintf(text, size, "%.4g ± %.3g", mean, value_counts_deviation(counts));
}

static void draw_words(FILE *out, const struct plot_layout *l, const struct connections_row *row,
                       const struct cell *cell)
{
    const struct plot_style faint = {"left", 0.85, false, PLOT_FAINT};
    char text[2 * PLOT_NAME_BYTES + 8], source[PLOT_NAME_BYTES], target[PLOT_NAME_BYTES];
    double y = cell->top - 0.2 * l->font, x = 1 * l->font;
    plot_short_name(row->name, text);
    plot_label(out, l, x, y, &(struct plot_style){"left", 1, true, row->colour}, text);
    if (row->source && row->target) {
        plot_short_name(row->source, source);
        plot_short_name(row->target, target);
        snprintf(text, sizeof text, "%s → %s", source, target);
        plot_label(out, l, x, y + 1.25 * l->font, &faint, text);
    }
    snprintf(text, sizeof text, "%s synapses", plot_grouped(row->synapses, source));
    plot_label(out, l, x, y + 2.4 * l->font, &faint, text);
}

/* The axis from the first bar to the last; around a single value, which has a bar of some width. */
static void find_range(const struct value_bars *bars, double *from, double *to, double *width)
{
    bool alone = bars->width == 0;
    double half = bars->from == 0 ? 1 : 0.1 * fabs(bars->from);
    *width = alone ? 0.1 * half : bars->width;
    *from = bars->from - (alone ? half : 0.5 * bars->width);
    *to = bars->from + (alone ? half : ((double)bars->count + 0.5) * bars->width);
}

static void set_axes(FILE *out, const struct plot_layout *l, const struct cell *cell,
                     const struct value_bars *bars)
{
    double from, to, width;
    find_range(bars, &from, &to, &width);
    fprintf(out,
            "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
            "set tmargin at screen %.5f\nset bmargin at screen %.5f\n"
            "set xrange [%.12g:%.12g]\nset yrange [0:1.05]\nunset label\nset format x '%%.6g'\n",
            cell->left / l->width, cell->right / l->width, 1 - cell->top / l->height,
            1 - cell->bottom / l->height, from, to);
    fprintf(out, "set xtics nomirror out scale 0.5 font '%s,%.1f' ", l->typeface, 0.8 * l->font);
    if (bars->width == 0)
        fprintf(out, "('%.4g' %.12g)\n", bars->from, bars->from);
    else
        fprintf(out, "autofreq %.6g\n", plot_mark_step(to - from, 3));
}

/* The outline of the bars, so that no seams are seen between them. */
static void write_bars(FILE *out, const struct value_bars *bars)
{
    double from, to, width;
    uint64_t highest = 1;
    find_range(bars, &from, &to, &width);
    double left = bars->width == 0 ? bars->from - width / 2 : bars->from;
    for (size_t i = 0; i < bars->count; i++)
        highest = bars->height[i] > highest ? bars->height[i] : highest;
    fputs("$bars << EOD\n", out);
    for (size_t i = 0; i < bars->count; i++) {
        double height = (double)bars->height[i] / (double)highest;
        fprintf(out, "%.12g %.6g\n%.12g %.6g\n", left + (double)i * width, height,
                left + (double)(i + 1) * width, height);
    }
    fputs("EOD\n", out);
}

static void draw_cell(FILE *out, const struct plot_layout *l, const struct connections_row *row,
                      const struct value_bars *bars, int quantity, const struct cell *cell)
{
    char text[80];
    set_axes(out, l, cell, bars);
    if (quantity == 0)
        draw_words(out, l, row, cell);
    describe(&row->of[quantity], text, sizeof text);
    plot_label(out, l, cell->right, cell->top - 0.5 * l->font,
               &(struct plot_style){"right", 0.8, false, PLOT_FAINT}, text);
    if (bars->count == 0) {
        fputs("set xtics ()\nplot -1\n", out);
        return;
    }
    write_bars(out, bars);
    fprintf(out, "plot $bars using 1:2 with filledcurves y1=0 fs solid 1 noborder fc rgb '#%06x'\n",
            row->colour);
}

/* The unit of all weights; "" where they differ or are not known. */
static const char *common_unit(const struct connections_picture *picture)
{
    const char *unit = picture->row[0].unit;
    for (size_t i = 1; unit && i < picture->count; i++)
        if (!picture->row[i].unit || strcmp(picture->row[i].unit, unit) != 0)
            unit = NULL;
    return unit;
}

static void draw_heads(FILE *out, const struct plot_layout *l,
                       const struct connections_picture *picture)
{
    char text[64], number[32];
    uint64_t all = 0;
    for (size_t i = 0; i < picture->count; i++)
        all += picture->row[i].synapses;
    for (int q = 0; q < CONNECTIONS_QUANTITIES; q++) {
        struct cell cell = cell_of(l, picture->count, 0, q);
        const char *unit = q == CONNECTIONS_WEIGHT  ? common_unit(picture)
                           : q == CONNECTIONS_DELAY ? "ms"
                                                    : NULL;
        snprintf(text, sizeof text, unit ? "%s (%s)" : "%s", quantities[q], unit);
        plot_label(out, l, cell.left, l->top - 0.7 * l->font,
                   &(struct plot_style){"left", 1, true, PLOT_INK}, text);
    }
    snprintf(text, sizeof text, "%s synapses", plot_grouped(all, number));
    plot_title(out, l, picture->title, text);
}

static void draw(FILE *out, const void *context, const struct plot_options *options)
{
    const struct drawing *drawing = context;
    const struct connections_picture *picture = drawing->picture;
    struct plot_layout l = lay_out(picture, options);
    plot_begin(out, &l, options->terminal);
    fputs("set border 1\nunset ytics\n", out);
    for (size_t i = 0; i < picture->count; i++)
        for (int q = 0; q < CONNECTIONS_QUANTITIES; q++) {
            struct cell cell = cell_of(&l, picture->count, i, q);
            draw_cell(out, &l, &picture->row[i],
                      &drawing->bars[i * CONNECTIONS_QUANTITIES + (size_t)q], q, &cell);
        }
    fputs("unset label\nunset border\nunset tics\n", out);
    draw_heads(out, &l, picture);
    fputs("plot -1e300\nunset multiplot\n", out);
}

/* ---- the numbers */

static void write_csv(FILE *out, const void *context)
{
    const struct drawing *drawing = context;
    fputs("projection,quantity,from,to,number\n", out);
    for (size_t i = 0; i < drawing->picture->count * CONNECTIONS_QUANTITIES; i++) {
        const struct value_bars *bars = &drawing->bars[i];
        for (size_t b = 0; b < bars->count; b++) {
            char from[32], to[32];
            plot_csv_text(out, drawing->picture->row[i / CONNECTIONS_QUANTITIES].name);
            fprintf(out, ",%s,%s,%s,%llu\n", quantities[i % CONNECTIONS_QUANTITIES],
                    double_format(bars->from + (double)b * bars->width, from),
                    double_format(bars->from + (double)(b + 1) * bars->width, to),
                    (unsigned long long)bars->height[b]);
        }
    }
}

static enum status settle_height(const struct connections_picture *picture,
                                 struct plot_options *options, struct error *err)
{
    uint64_t least = FRAME + ROW_LEAST * picture->count, most = FRAME + ROW_MOST * picture->count;
    if (options->height == 0)
        options->height = options->scale * (double)(most < 800 ? most : least > 800 ? least : 800);
    if (!options->output || options->height <= HEIGHT_MOST)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "%s has %zu projections, more than a picture holds; choose one by "
                     "--projection, or write the numbers by --csv without -o",
                     picture->title, picture->count);
}

static enum status make_bars(struct drawing *drawing, struct error *err)
{
    enum status status = drawing->bars ? STATUS_OK : error_no_memory(err, "for histograms");
    for (size_t i = 0; i < drawing->picture->count * CONNECTIONS_QUANTITIES && !status; i++)
        status = value_bars_make(
            &drawing->bars[i],
            &drawing->picture->row[i / CONNECTIONS_QUANTITIES].of[i % CONNECTIONS_QUANTITIES], BARS,
            err);
    return status;
}

enum status plot_connections(const struct connections_picture *picture,
                             const struct plot_options *options, struct error *err)
{
    struct plot_options settled = *options;
    size_t cells = picture->count * CONNECTIONS_QUANTITIES;
    struct drawing drawing = {picture, calloc(cells + 1, sizeof *drawing.bars)};
    enum status status = settle_height(picture, &settled, err);
    if (!status)
        status = make_bars(&drawing, err);
    if (!status && options->output)
        status = plot_gnuplot(draw, &drawing, &settled, err);
    if (!status && options->csv)
        status = plot_csv_write(options, write_csv, &drawing, err);
    for (size_t i = 0; drawing.bars && i < cells; i++)
        value_bars_free(&drawing.bars[i]);
    free(drawing.bars);
    return status;
}
