/* Words in gnuplot's form: texts, the terminal, and what all panels have in common. */
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

double plot_mark_step(double width, double marks)
{
    double power = pow(10, floor(log10(width / marks))), share = width / marks / power;
    return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}
