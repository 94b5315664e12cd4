/* The picture of a raster file: its title and the panel of the rates; plot_raster.c draws the panel
 * of the spikes. */
#include "plot/plot_picture.h"

#include "plot/plot_colours.h"
#include "plot/plot_neurons.h"
#include "plot/plot_raster.h"
#include "plot/plot_words.h"

#include <math.h>
#include <string.h>

enum { RATES_TOGETHER = 5 }; /* at most, in one panel */
static const double RASTER_OF_MANY = 0.5;

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

/* Of populations' names. */
static int longest_name(const struct plot *plot, int least)
{
    char name[PLOT_NAME_BYTES];
    for (size_t i = 0; i < plot->band_count; i++) {
        int length = plot_short_name(plot->band[i].population->name, name);
        least = length > least ? length : least;
    }
    return least;
}

static bool has_density(const struct plot *plot)
{
    bool dense = false;
    for (size_t i = 0; i < plot->band_count; i++)
        dense |= plot->band[i].dense;
    return dense;
}

static bool has_warmup(const struct plot *plot)
{
    return plot->file->warmup > plot->from;
}

/* Many rates over each other cannot be told apart: each has a panel then, if it is high enough. */
static bool are_apart(const struct plot *plot, const struct plot_layout *l)
{
    double share = plot->has_raster ? 1 - RASTER_OF_MANY : 1;
    double height = share * (l->bottom - l->top) / (double)plot->band_count;
    return plot->band_count > RATES_TOGETHER && height > 1.9 * l->font;
}

static struct plot_layout lay_out(const struct plot *plot, const char *facts,
                                  const struct plot_options *options)
{
    struct plot_layout l = plot_layout_of(options);
    int name = longest_name(plot, l.narrow ? 5 : 8);
    size_t id = l.narrow ? 0 : longest_id(plot);
    l.ids = id > 0 ? (0.45 * (double)id + 0.6) * l.font : 0;
    l.left = (l.narrow ? fmax(5.4, 0.66 * name + 1.4) : 0.68 * name + 3.6) * l.font + l.ids;
    l.right = l.width - (!l.narrow           ? 0.68 * name + 3.2
                         : has_density(plot) ? 5.6
                         : plot->has_raster  ? 1.4
                                             : 0.66 * name + 1) *
                            l.font;
    l.top = plot_title_bottom(&l, facts);
    l.bottom = l.height - (l.narrow ? 3.6 : 4.2) * l.font;
    double raster = are_apart(plot, &l) ? RASTER_OF_MANY : 0.66; /* of the height */
    l.top += plot->has_raster || !has_warmup(plot) ? 0 : 0.9 * l.font;
    l.rates_top = plot->has_raster ? l.top + raster * (l.bottom - l.top) : l.top;
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

/* Rates that share a panel: bands [first, end). */
struct rates {
    size_t first, end;
    double top, bottom;
};

static double highest_rate(const struct plot *plot, const struct rates *r)
{
    double highest = 0;
    for (size_t i = r->first; i < r->end; i++) {
        for (size_t b = 0; plot->band[i].rate && b < plot->bins; b++)
            highest = fmax(highest, plot->band[i].rate[b]);
    }
    return highest > 0 ? highest : 1;
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
static void key_rates(FILE *out, const struct plot *plot, const struct plot_layout *l,
                      const struct rates *r)
{
    double room = (r->bottom - r->top) / l->font / fmax(1, (double)(r->end - r->first));
    bool two = room >= 2.3;
    const char *what = plot->is_part ? "in view " : "mean ";
    double line = fmin(room, two ? 2.7 : 1.4), size = two ? 1 : fmin(0.8, 0.75 * line);
    double x = l->right + 0.8 * l->font, y = r->top + 0.5 * l->font;
    char name[PLOT_NAME_BYTES], number[28], rate[48] = "", both[PLOT_NAME_BYTES + 64];
    for (size_t i = r->first; i < r->end; i++, y += line * l->font) {
        const struct plot_band *band = &plot->band[i];
        plot_short_name(band->population->name, name);
        if (band->rate)
            snprintf(rate, sizeof rate, "%s%s Hz", two ? what : "",
                     plot_rounded(band->mean_rate, number));
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
    double middle = (l->rates_top + l->bottom) / 2, below = l->narrow ? 2.7 : 3.3;
    char text[64];
    plot_label(out, l, (l->left + l->right) / 2, l->bottom + below * l->font,
               &(struct plot_style){"center", 1, false, PLOT_INK},
               l->time_scale < 1 ? "time (s)" : "time (ms)");
    plot_label(out, l, l->left - 4.4 * l->font, middle,
               &(struct plot_style){"rotate center", 1, false, PLOT_INK}, "rate (Hz)");
    snprintf(text, sizeof text, "bins of %.4g ms", plot->bin_ms);
    if (!l->narrow)
        plot_label(out, l, l->right, l->bottom + below * l->font,
                   &(struct plot_style){"right", 0.75, false, PLOT_FAINT}, text);
    if (has_warmup(plot))
        plot_label(out, l, l->left, l->rates_top - 0.6 * l->font, &faint, "warmup");
}

/* A round number below the highest, where there is no room for more. */
static double one_mark(double highest)
{
    double mark = plot_mark_step(highest, 1);
    return mark > highest ? plot_mark_step(highest, 2) : mark;
}

static void draw_panel(FILE *out, const struct plot *plot, const struct plot_layout *l,
                       const struct rates *r)
{
    double highest = highest_rate(plot, r), room = (r->bottom - r->top) / l->font;
    plot_raster_panel(out, plot, l, r->top, r->bottom);
    fprintf(out, "set yrange [0:%.6g]\n", 1.08 * highest);
    if (room < 4)
        fprintf(out, "set ytics nomirror out (%.6g)\n", one_mark(highest));
    else
        plot_marks(out, 'y', 0, highest, false, fmin(5, room / 1.8));
    fprintf(out, "set format x '%s'\nset format y '%%g'\n", r->bottom < l->bottom ? "" : "%g");
    fputs("set grid ytics lc rgb '#dddddd' lw 0.8 lt 1\n", out);
    if (!l->narrow || !plot->has_raster) /* names left of the raster will do */
        key_rates(out, plot, l, r);
    for (size_t i = r->first; i < r->end; i++) {
        if (plot->band[i].rate)
            write_rate(out, plot, l, i);
    }
    fputs("plot -1", out);
    for (size_t i = r->first; i < r->end; i++) {
        if (plot->band[i].rate)
            fprintf(out, ", $rate%zu with steps lw 1.5 lc rgb '#%06x'", i, plot_colour(i));
    }
    fputs("\nunset object\nunset label\n", out);
}

static void draw_rates(FILE *out, const struct plot *plot, const struct plot_layout *l)
{
    size_t panels = are_apart(plot, l) ? plot->band_count : 1;
    double gap = panels > 1 ? 0.4 * l->font : 0;
    double high = (l->bottom - l->rates_top + gap) / (double)panels;
    name_axes(out, plot, l);
    for (size_t i = 0; i < panels; i++) {
        double top = l->rates_top + high * (double)i;
        draw_panel(out, plot, l,
                   &(struct rates){i, panels > 1 ? i + 1 : plot->band_count, top,
                                   i + 1 < panels ? top + high - gap : l->bottom});
    }
    fputs("unset multiplot\n", out);
}

void plot_picture(FILE *out, const void *context, const struct plot_options *options)
{
    const struct plot *plot = context;
    char facts[256];
    write_facts(plot, facts, sizeof facts);
    struct plot_layout l = lay_out(plot, facts, options);
    plot_begin(out, &l, options->terminal);
    plot_title(out, &l, plot_base_name(plot->file->path), facts);
    if (plot->has_raster)
        plot_raster(out, plot, &l);
    draw_rates(out, plot, &l);
}
