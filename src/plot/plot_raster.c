/* The raster's panel: dots, or a density when there are too many. */
#include "plot/plot_raster.h"

#include "plot/plot_colours.h"
#include "plot/plot_neurons.h"
#include "plot/plot_raster_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double panel_y(const struct plot_layout *l, double y)
{
    return l->raster_bottom - y * (l->raster_bottom - l->top);
}

/* "50 neurons", "100 of 800,000", "60 active" (where nobody says how many there are). */
static void count_neurons(const struct plot_band *band, char *text, size_t size)
{
    uint64_t all = band->population->size > 0 ? band->population->size : band->neurons;
    char shown[32], of[32];
    plot_grouped(band->rows, shown);
    if (band->rows < all)
        snprintf(text, size, "%s of %s", shown, plot_grouped(all, of));
    else
        snprintf(text, size, "%s %s%s", shown, band->population->size > 0 ? "neuron" : "active",
                 band->population->size > 1 ? "s" : "");
}

/* Name and number of neurons, left of a band, as far as there is room. */
static void name_band(FILE *out, const struct plot_layout *l, const struct plot_band *band,
                      uint32_t colour)
{
    double y = panel_y(l, (band->low + band->high) / 2), x = l->left - 0.8 * l->font - l->ids;
    double room = (band->high - band->low) * (l->raster_bottom - l->top) / l->font;
    bool counted = room > 2.4 && !l->narrow;
    char name[PLOT_NAME_BYTES], text[80];
    plot_short_name(band->population->name, name);
    plot_label(out, l, x, counted ? y - 0.6 * l->font : y,
               &(struct plot_style){"right", fmin(1, room), true, colour}, name);
    if (!counted)
        return;
    count_neurons(band, text, sizeof text);
    plot_label(out, l, x, y + 0.7 * l->font, &(struct plot_style){"right", 0.8, false, PLOT_FAINT},
               text);
}

/* The ids of the lowest and of the highest row, at their heights as far as there is room. */
static void name_rows(FILE *out, const struct plot_layout *l, const struct plot_band *band)
{
    const struct plot_style style = {"right", 0.75, false, PLOT_FAINT};
    double bottom = panel_y(l, band->low), top = panel_y(l, band->high), half = 0.4 * l->font;
    double row = (bottom - top) / fmax(1, (double)band->rows), x = l->left - 0.6 * l->font;
    char number[32];
    if (l->ids == 0 || band->rows == 0 || bottom - top < 2 * half)
        return;
    plot_label(out, l, x, bottom - fmax(row / 2, half), &style,
               plot_grouped(plot_row_id(band, 0), number));
    if (band->rows > 1 && bottom - top >= 4 * half)
        plot_label(out, l, x, top + fmax(row / 2, half), &style,
                   plot_grouped(plot_row_id(band, band->rows - 1), number));
}

/* Bands are told apart by a line between them. */
static void separate_bands(FILE *out, const struct plot *plot)
{
    for (size_t i = 0; i < plot->band_count; i++) {
        if (plot->band[i].in_raster && plot->band[i].low > 0.01)
            fprintf(out,
                    "set arrow from graph 0, first %.5f to graph 1, first %.5f nohead lc rgb "
                    "'#c8c8c8' lw 0.8\n",
                    plot->band[i].low - 0.006, plot->band[i].low - 0.006);
    }
}

static bool is_image(const struct plot_band *band)
{
    return band->dense && band->cell_rows > 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The rate that gets the darkest shade: all but the highest 1 of 500 cells with spikes are below
 * it. 0 without spikes or memory. */
static double darkest_rate(const struct plot *plot, const struct plot_band *band)
{
    size_t count = 0;
    double *values = malloc((band->cell_rows * plot->columns + 1) * sizeof *values);
    for (size_t y = 0; values && y < band->cell_rows; y++) {
        for (size_t x = 0; x < plot->columns; x++) {
            values[count] = plot_cell_rate(plot, band, y, x);
            count += values[count] > 0;
        }
    }
    if (count > 0)
        qsort(values, count, sizeof *values, by_value);
    double result = count > 0 ? values[(size_t)(0.998 * (double)(count - 1))] : 0;
    free(values);
    return result;
}

/* gnuplot's images have at least two rows and columns. */
static size_t repeat(size_t cells)
{
    return cells < 2 ? 2 : 1;
}

static void write_image(FILE *out, const struct plot *plot, size_t i, double darkest)
{
    const struct plot_band *band = &plot->band[i];
    size_t times_x = repeat(plot->columns), times_y = repeat(band->cell_rows);
    for (size_t y = 0; y < band->cell_rows * times_y; y++) {
        for (size_t x = 0; x < plot->columns * times_x; x++) {
            double rate = plot_cell_rate(plot, band, y / times_y, x / times_x);
            uint32_t colour = plot_shade(darkest > 0 ? fmin(1, rate / darkest) : 0, plot_colour(i));
            fwrite((unsigned char[]){(unsigned char)(colour >> 16), (unsigned char)(colour >> 8),
                                     (unsigned char)colour},
                   1, 3, out);
        }
    }
}

/* All shades right of the band, with the rates of their ends. */
static void draw_scale(FILE *out, const struct plot *plot, const struct plot_layout *l, size_t i,
                       double darkest)
{
    char high[32], number[28];
    snprintf(high, sizeof high, "%s Hz", plot_rounded(darkest, number));
    plot_draw_bar(out, l,
                  &(struct plot_bar){.x = l->right + 0.6 * l->font,
                                     .top = panel_y(l, plot->band[i].high),
                                     .bottom = panel_y(l, plot->band[i].low),
                                     .low = "0 Hz",
                                     .high = high,
                                     .colour_of = plot_shade,
                                     .colour = plot_colour(i),
                                     .most = 1});
}

/* What a cell of the density is, below the panel. */
static void explain_cells(FILE *out, const struct plot *plot, const struct plot_layout *l)
{
    double least = INFINITY, most = 0;
    char low[32], high[32], range[80], text[160];
    for (size_t i = 0; i < plot->band_count; i++) {
        const struct plot_band *band = &plot->band[i];
        double neurons = is_image(band) ? (double)band->rows / (double)band->cell_rows : 0;
        least = neurons > 0 ? fmin(least, neurons) : least;
        most = fmax(most, neurons);
    }
    if (!(most > 0) || l->narrow)
        return;
    plot_grouped((uint64_t)(least + 0.5), low);
    plot_grouped((uint64_t)(most + 0.5), high);
    snprintf(range, sizeof range, "%s%s%s", low, strcmp(low, high) ? " to " : "",
             strcmp(low, high) ? high : "");
    snprintf(text, sizeof text, "colour: rate of a neuron (Hz) in cells of %s neuron%s × %.4g ms",
             range, most < 1.5 ? "" : "s", plot->column_ms);
    plot_label(out, l, l->right, l->raster_bottom + 0.75 * l->font,
               &(struct plot_style){"right", 0.75, false, PLOT_FAINT}, text);
}

/* Where a band's shades lie, for gnuplot's plot command. */
static void name_image(FILE *out, const struct plot *plot, const struct plot_layout *l,
                       const struct plot_band *band)
{
    size_t columns = plot->columns * repeat(plot->columns);
    size_t rows = band->cell_rows * repeat(band->cell_rows);
    double dx = plot->column_ms * l->time_scale / (double)repeat(plot->columns);
    double dy = (band->high - band->low) / (double)rows;
    fprintf(out,
            ", '-' binary array=(%zu,%zu) format='%%uchar%%uchar%%uchar' origin=(%.10g,%.10g) "
            "dx=%.10g dy=%.10g with rgbimage",
            columns, rows, plot->from * l->time_scale + dx / 2, band->low + dy / 2, dx, dy);
}

static void write_dots(FILE *out, const struct plot *plot, const struct plot_layout *l, size_t band)
{
    fprintf(out, "$dots%zu << EOD\n", band);
    for (size_t i = 0; i < plot->dot_count; i++) {
        if (plot->dot[i].band == band)
            fprintf(out, "%.10g %.6f\n", plot->dot[i].time * l->time_scale, plot->dot[i].y);
    }
    fputs("EOD\n", out);
}

static bool has_dots(const struct plot *plot, size_t band)
{
    return plot->band[band].dots > 0 && !plot->band[band].dense;
}

static double dots_drawn(const struct plot *plot)
{
    double dots = 0;
    for (size_t i = 0; i < plot->band_count; i++)
        dots += has_dots(plot, i) ? (double)plot->band[i].dots : 0;
    return dots;
}

/* A stroke for each spike, as high as its row; a mere dot where rows are thin. */
static void name_dots(FILE *out, const struct plot *plot, const struct plot_layout *l, size_t i)
{
    const struct plot_band *band = &plot->band[i];
    double panel = l->raster_bottom - l->top, many = sqrt(dots_drawn(plot));
    double least = l->unit * fmin(3, fmax(1.2, 250 / (many + 1)));
    double wide = fmin(2, fmax(1, 150 / (many + 1)));
    double row = (band->high - band->low) / fmax(1, (double)band->rows);
    double height = fmin(40 * l->unit / panel, fmax(least / panel, 0.76 * row));
    fprintf(out,
            ", $dots%zu using 1:($2-%.6f):(0):(%.6f) with vectors nohead lw %.2f lc rgb '#%06x'", i,
            height / 2, height, wide, plot_colour(i));
}

/* Shades and dots, each band's as it has them. */
static void draw_bands(FILE *out, const struct plot *plot, const struct plot_layout *l)
{
    double *darkest = calloc(plot->band_count + 1, sizeof *darkest);
    for (size_t i = 0; i < plot->band_count; i++) {
        if (has_dots(plot, i))
            write_dots(out, plot, l, i);
        if (!darkest || !is_image(&plot->band[i]))
            continue;
        darkest[i] = darkest_rate(plot, &plot->band[i]);
        draw_scale(out, plot, l, i, darkest[i]);
    }
    explain_cells(out, plot, l);
    fputs("plot -1", out);
    for (size_t i = 0; i < plot->band_count; i++) {
        if (has_dots(plot, i))
            name_dots(out, plot, l, i);
        else if (darkest && is_image(&plot->band[i]))
            name_image(out, plot, l, &plot->band[i]);
    }
    fputc('\n', out);
    for (size_t i = 0; darkest && i < plot->band_count; i++)
        if (is_image(&plot->band[i]))
            write_image(out, plot, i, darkest[i]);
    free(darkest);
}

void plot_raster_panel(FILE *out, const struct plot *plot, const struct plot_layout *l, double top,
                       double bottom)
{
    double warmup = plot->file->warmup;
    plot_margins(out, l, top, bottom);
    fprintf(out, "set xrange [%.10g:%.10g]\n", plot->from * l->time_scale,
            plot->to * l->time_scale);
    if (warmup > plot->from)
        plot_warmup(out, fmin(warmup, plot->to) * l->time_scale);
}

void plot_raster(FILE *out, const struct plot *plot, const struct plot_layout *l)
{
    plot_raster_panel(out, plot, l, l->top, l->raster_bottom);
    fputs("set yrange [0:1]\nunset ytics\nset format x ''\n", out);
    separate_bands(out, plot);
    for (size_t i = 0; i < plot->band_count; i++) {
        if (!plot->band[i].in_raster)
            continue;
        name_band(out, l, &plot->band[i], plot_colour(i));
        name_rows(out, l, &plot->band[i]);
    }
    if (plot->dot_count == 0)
        plot_label(out, l, (l->left + l->right) / 2, (l->top + l->raster_bottom) / 2,
                   &(struct plot_style){"center", 1, false, PLOT_FAINT}, "no spikes");
    draw_bands(out, plot, l);
    fputs("unset label\nunset object\nunset arrow\n", out);
}
