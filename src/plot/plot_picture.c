/* The picture of a raster file: its title and the panel of the rates; plot_raster.c draws the panel
 * of the spikes. */
#include "plot/plot_picture.h"

#include "plot/plot_neurons.h"
#include "plot/plot_raster.h"
#include "plot/plot_words.h"

#include <math.h>
#include <string.h>

/* Characters of the longest id beside the raster; 0 without one. */
static size_t longest_id(const struct plot *plot)
{
    size_t longest = 0;
    char number[32];
    for (size_t i = 0; i < plot->band_count; i++) {
        const struct plot_band *band = &plot->band[i];
        size_t length =
            band->rows > 0 ? strlen(plot_grouped(plot_row_id(band, band->rows - 1), number)) : 0;
        longest = length > longest ? length : longest;
    }
    return longest;
}

static struct plot_layout lay_out(const struct plot *plot, const struct plot_options *options)
{
    struct plot_layout l = {.width = (double)options->width, .height = (double)options->height};
    char name[PLOT_NAME_BYTES];
    int longest = 8;
    l.font = fmax(7, 0.0165 * sqrt(l.width * l.height));
    for (size_t i = 0; i < plot->band_count; i++) {
        int length = plot_short_name(plot->band[i].population->name, name);
        longest = length > longest ? length : longest;
    }
    size_t id = longest_id(plot);
    l.ids = id > 0 ? (0.45 * (double)id + 0.6) * l.font : 0;
    l.left = (0.68 * longest + 3.6) * l.font + l.ids;
    l.right = l.width - (0.68 * longest + 3.2) * l.font;
    l.top = 4.6 * l.font;
    l.bottom = l.height - 4.2 * l.font;
    l.rates_top = plot->has_raster ? l.top + 0.66 * (l.bottom - l.top) : l.top;
    l.raster_bottom = l.rates_top - 1.4 * l.font;
    l.time_scale = plot->to - plot->from > 5000 ? 1e-3 : 1;
    return l;
}

/* "1,000,000 neurons, 26,155,746 spikes (2,030 recorded) in 1000 ms, dt 0.1 ms; digest 4e6daf8a" */
static void write_facts(const struct plot *plot, char *text, size_t size)
{
    const struct result_file *file = plot->file;
    uint64_t neurons = 0, rows = result_file_rows(file), spikes = file->ours ? file->spikes : rows;
    size_t used = 0;
    char number[32];
    for (size_t i = 0; i < plot->band_count; i++)
        neurons += plot->band[i].population->size;
    if (neurons > 0)
        used += (size_t)snprintf(text, size, "%s neuron%s, ", plot_grouped(neurons, number),
                                 neurons == 1 ? "" : "s");
    used += (size_t)snprintf(text + used, size - used, "%s spikes", plot_grouped(spikes, number));
    if (rows < spikes)
        used += (size_t)snprintf(text + used, size - used, " (%s recorded)",
                                 rows == 0 ? "none" : plot_grouped(rows, number));
    if (file->ours)
        snprintf(text + used, size - used, " in %s%.6g ms, dt %.6g ms; digest %.8s",
                 plot->is_part ? "all " : "", file->duration, file->dt,
                 file->digest ? file->digest : "unknown");
    else if (plot->is_part)
        snprintf(text + used, size - used, " in all");
}

static double highest_rate(const struct plot *plot)
{
    double highest = 0;
    for (size_t i = 0; i < plot->band_count; i++) {
        for (size_t b = 0; plot->band[i].rate && b < plot->bins; b++)
            highest = fmax(highest, plot->band[i].rate[b]);
    }
    return highest;
}

/* A step from each bin's beginning; the last is held to the end. */
static void write_rate(FILE *out, const struct plot *plot, const struct plot_layout *l, size_t i)
{
    const double *rate = plot->band[i].rate;
    fprintf(out, "$rate%zu << EOD\n", i);
    for (size_t b = 0; b <= plot->bins; b++) {
        double time = plot->bin_from + (double)b * plot->bin_ms;
        fprintf(out, "%.10g %.6g\n", fmin(time, plot->to) * l->time_scale,
                rate[b < plot->bins ? b : plot->bins - 1]);
    }
    fputs("EOD\n", out);
}

/* Names and mean rates, right of the rates: on two lines each, or on one where there are many. */
static void key_rates(FILE *out, const struct plot *plot, const struct plot_layout *l)
{
    double room = (l->bottom - l->rates_top) / l->font / fmax(1, (double)plot->band_count);
    bool two = room >= 2.3;
    const char *what = plot->is_part ? "in view " : "mean ";
    double line = fmin(room, two ? 2.7 : 1.4), size = two ? 1 : fmin(0.8, 0.75 * line);
    double x = l->right + 0.8 * l->font, y = l->rates_top + 0.5 * l->font;
    char name[PLOT_NAME_BYTES], rate[48] = "", both[PLOT_NAME_BYTES + 64];
    for (size_t i = 0; i < plot->band_count; i++, y += line * l->font) {
        const struct plot_band *band = &plot->band[i];
        plot_short_name(band->population->name, name);
        if (band->rate)
            snprintf(rate, sizeof rate, "%s%.3g Hz", two ? what : "", band->mean_rate);
        snprintf(both, sizeof both, "%s %s", name, rate);
        plot_label(out, l, x, y, &(struct plot_style){"left", size, true, plot_colour(i)},
                   two ? name : both);
        if (two)
            plot_label(out, l, x, y + 1.15 * l->font,
                       &(struct plot_style){"left", 0.8, false, PLOT_FAINT},
                       band->rate ? rate : "rate unknown");
    }
}

/* gnuplot's own axis labels stand where its fonts put them, or nowhere when margins are given. */
static void name_axes(FILE *out, const struct plot *plot, const struct plot_layout *l)
{
    const struct plot_style faint = {"left", 0.75, false, PLOT_FAINT};
    double middle = (l->rates_top + l->bottom) / 2;
    char text[64];
    plot_label(out, l, (l->left + l->right) / 2, l->bottom + 3.3 * l->font,
               &(struct plot_style){"center", 1, false, PLOT_INK},
               l->time_scale < 1 ? "time (s)" : "time (ms)");
    plot_label(out, l, l->left - 4.4 * l->font, middle,
               &(struct plot_style){"rotate center", 1, false, PLOT_INK}, "rate (Hz)");
    snprintf(text, sizeof text, "bins of %.4g ms", plot->bin_ms);
    plot_label(out, l, l->right, l->bottom + 3.3 * l->font,
               &(struct plot_style){"right", 0.75, false, PLOT_FAINT}, text);
    if (plot->file->warmup > plot->from)
        plot_label(out, l, l->left + 0.4 * l->font, l->rates_top + 0.5 * l->font, &faint, "warmup");
}

static void draw_rates(FILE *out, const struct plot *plot, const struct plot_layout *l)
{
    double highest = highest_rate(plot);
    plot_panel(out, plot, l, l->rates_top, l->bottom, true);
    fprintf(out, "set yrange [0:%.6g]\nset ytics nomirror out %.6g\n",
            highest > 0 ? 1.08 * highest : 1.0, plot_mark_step(highest > 0 ? highest : 1.0, 5));
    fputs("set format x '%g'\nset format y '%g'\n"
          "set grid ytics lc rgb '#dddddd' lw 0.8 lt 1\n",
          out);
    name_axes(out, plot, l);
    key_rates(out, plot, l);
    for (size_t i = 0; i < plot->band_count; i++) {
        if (plot->band[i].rate)
            write_rate(out, plot, l, i);
    }
    fputs("plot -1", out);
    for (size_t i = 0; i < plot->band_count; i++) {
        if (plot->band[i].rate)
            fprintf(out, ", $rate%zu with steps lw 1.5 lc rgb '#%06x'", i, plot_colour(i));
    }
    fputs("\nunset multiplot\n", out);
}

void plot_picture(FILE *out, const void *context, const struct plot_options *options)
{
    const struct plot *plot = context;
    struct plot_layout l = lay_out(plot, options);
    char facts[256];
    write_facts(plot, facts, sizeof facts);
    plot_begin(out, &l, options->terminal);
    plot_title(out, &l, plot_base_name(plot->file->path), facts);
    if (plot->has_raster)
        plot_raster(out, plot, &l);
    draw_rates(out, plot, &l);
}
