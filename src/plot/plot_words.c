/* The picture in gnuplot's words: title, rates, and what both panels have in common. */
#include "plot/plot_words.h"

#include <limits.h>
#include <math.h>
#include <string.h>

uint32_t plot_colour(size_t band)
{
    /* Okabe and Ito's colours, told apart by all eyes; their yellow darker, to be seen on white. */
    static const uint32_t colours[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
                                       0xe69f00, 0x56b4e9, 0x000000, 0x8a7f00};
    return colours[band % (sizeof colours / sizeof *colours)];
}

/* Bytes of the first `most` characters of UTF-8 text. */
static int cut(const char *text, int most, int *characters)
{
    int bytes = 0;
    *characters = 0;
    while (text[bytes] && *characters < most) {
        bytes++;
        while (((unsigned char)text[bytes] & 0xc0) == 0x80)
            bytes++;
        ++*characters;
    }
    return bytes;
}

int plot_length(const char *text)
{
    int characters;
    cut(text, INT_MAX, &characters);
    return characters;
}

int plot_shorten(const char *name, int most, char *text)
{
    int characters = plot_length(name), tail = (most - 1) / 2, head;
    if (characters <= most) {
        snprintf(text, PLOT_NAME_BYTES, "%s", name);
        return characters;
    }
    int last = cut(name, characters - tail, &head);
    snprintf(text, PLOT_NAME_BYTES, "%.*s…%s", cut(name, most - 1 - tail, &head), name,
             name + last);
    return most;
}

int plot_short_name(const char *name, char *text)
{
    return plot_shorten(name, PLOT_NAME_MOST, text);
}

const char *plot_grouped(uint64_t number, char *text)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number), used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

/* In single quotes, where gnuplot expands nothing; what means something in its enhanced text (bold
 * needs that) gets a backslash. */
static void quote(FILE *out, const char *text, bool bold)
{
    int characters, bytes = cut(text, 150, &characters);
    fputs(bold ? "'{/:Bold " : "'", out);
    for (int i = 0; i < bytes; i++) {
        if (bold && strchr("{}^_@&~\\", text[i]))
            fputc('\\', out);
        if (text[i] == '\'')
            fputc('\'', out);
        fputc((unsigned char)text[i] < 0x20 ? ' ' : text[i], out);
    }
    fputs(bold ? "}'" : "'", out);
}

void plot_label(FILE *out, const struct plot_layout *l, double x, double y,
                const struct plot_style *s, const char *text)
{
    fputs("set label ", out);
    quote(out, text, s->bold);
    fprintf(out,
            " at screen %.5f, screen %.5f %s %s front font '" PLOT_FONT ",%.1f' tc rgb '#%06x'\n",
            x / l->width, 1 - y / l->height, s->align, s->bold ? "enhanced" : "noenhanced",
            l->font * s->size, s->colour);
}

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

void plot_begin(FILE *out, const struct plot_layout *l, const char *terminal)
{
    fputs("set encoding utf8\n", out);
    if (strcmp(terminal, "svg") == 0)
        fprintf(out,
                "set terminal svg size %.0f,%.0f font '" PLOT_FONT
                ",%.1f' background rgb 'white'\n",
                l->width, l->height, l->font);
    else if (strcmp(terminal, "pdf") == 0)
        fprintf(out,
                "set terminal pdfcairo size %.4f,%.4f font '" PLOT_FONT
                ",%.1f' fontscale 0.56 linewidth 1.4\n",
                l->width / 96, l->height / 96, l->font);
    else
        fprintf(out,
                "if (strstrt(GPVAL_TERMINALS, ' pngcairo ')) {\n"
                "set terminal pngcairo size %.0f,%.0f font '" PLOT_FONT ",%.1f' fontscale 0.75\n"
                "} else {\nset terminal png truecolor fontscale 0.75 size %.0f,%.0f\n}\n",
                l->width, l->height, l->font, l->width, l->height);
    fprintf(out, "set multiplot\nunset key\nset border 3 lc rgb '#%06x' lw 1\n", PLOT_FAINT);
    fprintf(out, "set tics nomirror out scale 0.6 tc rgb '#%06x'\n", PLOT_INK);
}

void plot_panel(FILE *out, const struct plot *plot, const struct plot_layout *l, double top,
                double bottom, bool shades)
{
    double warm = fmin(plot->file->warmup, plot->to) * l->time_scale;
    fprintf(out,
            "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
            "set tmargin at screen %.5f\nset bmargin at screen %.5f\n"
            "set xrange [%.10g:%.10g]\n",
            l->left / l->width, l->right / l->width, 1 - top / l->height, 1 - bottom / l->height,
            plot->from * l->time_scale, plot->to * l->time_scale);
    if (!(plot->file->warmup > plot->from))
        return;
    if (shades)
        fprintf(out,
                "set object rectangle from graph 0, graph 0 to %.10g, graph 1 front fc rgb 'black' "
                "fs transparent solid 0.13 noborder\n",
                warm);
    else
        fprintf(out,
                "set arrow from %.10g, graph 0 to %.10g, graph 1 nohead front dt (4,4) lc rgb "
                "'#%06x' lw 1\n",
                warm, warm, PLOT_INK);
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

void plot_title(FILE *out, const struct plot_layout *l, const char *name, const char *facts)
{
    plot_label(out, l, l->left, 1.6 * l->font, &(struct plot_style){"left", 1.15, true, PLOT_INK},
               name);
    plot_label(out, l, l->left, 3.1 * l->font,
               &(struct plot_style){"left", 0.85, false, PLOT_FAINT}, facts);
}

const char *plot_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
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

double plot_mark_step(double width, double marks)
{
    double power = pow(10, floor(log10(width / marks))), share = width / marks / power;
    return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
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

void plot_draw(FILE *out, const void *context, const struct plot_options *options)
{
    const struct plot *plot = context;
    struct plot_layout l = lay_out(plot, options);
    char facts[256];
    write_facts(plot, facts, sizeof facts);
    plot_begin(out, &l, options->terminal);
    plot_title(out, &l, plot_base_name(plot->file->path), facts);
    if (plot->has_raster)
        plot_draw_raster(out, plot, &l);
    draw_rates(out, plot, &l);
}
