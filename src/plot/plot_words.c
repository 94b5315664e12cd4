/* Words in gnuplot's form: texts, the terminal, and what all panels have in common. */
#include "plot/plot_words.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

const char *plot_rounded(double number, char *text)
{
    char digits[28];
    snprintf(digits, sizeof digits, "%.3g", number);
    double rounded = strtod(digits, NULL);
    snprintf(text, sizeof digits, fabs(rounded) < 1e6 ? "%.15g" : "%g", rounded);
    return text;
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
    fprintf(out, " at screen %.5f, screen %.5f %s %s front font '%s,%.1f' tc rgb '#%06x'\n",
            x / l->width, 1 - y / l->height, s->align, s->bold ? "enhanced" : "noenhanced",
            l->typeface, l->font * s->size, s->colour);
}

/* Text grows with a picture, and shrinks less than it: it must be read. */
static double font_for(double width, double height)
{
    const double usual = 979.8; /* of 1200 x 800 */
    double share = sqrt(width * height) / usual;
    return fmax(8, 0.0165 * usual * (share < 1 ? sqrt(share) : share));
}

struct plot_layout plot_layout_of(const struct plot_options *o)
{
    struct plot_layout l = {.width = o->width, .height = o->height, .time_scale = 1};
    l.font = o->font > 0 ? o->font : font_for(l.width, l.height);
    l.unit = l.font / 16;
    l.narrow = l.width < 45 * l.font;
    l.typeface = o->typeface;
    l.title = o->title;
    return l;
}

void plot_begin(FILE *out, const struct plot_layout *l, const char *terminal)
{
    fputs("set encoding utf8\n", out);
    if (strcmp(terminal, "svg") == 0)
        fprintf(out,
                "set terminal svg size %.0f,%.0f font '%s,%.1f' linewidth %.3f background rgb "
                "'white'\n",
                l->width, l->height, l->typeface, l->font, l->unit);
    else if (strcmp(terminal, "pdf") == 0)
        fprintf(out,
                "set terminal pdfcairo size %.4f,%.4f font '%s,%.1f' fontscale 0.56 linewidth "
                "%.3f\n",
                l->width / 96, l->height / 96, l->typeface, l->font, 1.4 * l->unit);
    else
        fprintf(out,
                "if (strstrt(GPVAL_TERMINALS, ' pngcairo ')) {\n"
                "set terminal pngcairo size %.0f,%.0f font '%s,%.1f' fontscale 0.75 linewidth "
                "%.3f\n"
                "} else {\nset terminal png truecolor fontscale 0.75 size %.0f,%.0f\n}\n",
                l->width, l->height, l->typeface, l->font, l->unit, l->width, l->height);
    fprintf(out, "set multiplot\nunset key\nset border 3 lc rgb '#%06x' lw 1\n", PLOT_FAINT);
    fprintf(out, "set tics nomirror out scale 0.6 tc rgb '#%06x'\n", PLOT_INK);
}

void plot_margins(FILE *out, const struct plot_layout *l, double top, double bottom)
{
    fprintf(out,
            "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
            "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
            l->left / l->width, l->right / l->width, 1 - top / l->height, 1 - bottom / l->height);
}

void plot_warmup(FILE *out, double x)
{
    fprintf(out,
            "set object rectangle from graph 0, graph 0 to %.10g, graph 1 front fc rgb 'black' fs "
            "transparent solid 0.13 noborder\n",
            x);
}

static bool is_untitled(const struct plot_layout *l)
{
    return l->title && !l->title[0];
}

static double title_left(const struct plot_layout *l)
{
    return l->narrow ? 0.6 * l->font : l->left;
}

enum { FACTS_LINES_MOST = 4 };

/* Bytes of the first line, which ends at a blank where there is one. */
static int first_line(const struct plot_layout *l, const char *text)
{
    int characters, most = (int)((l->width - title_left(l)) / (0.46 * l->font));
    int bytes = cut(text, most, &characters), blank = bytes;
    while (text[bytes] && blank > 0 && text[blank] != ' ')
        blank--;
    return text[bytes] && blank > 0 ? blank : bytes;
}

double plot_title_bottom(const struct plot_layout *l, const char *facts)
{
    double y = 3.4 * l->font;
    if (is_untitled(l))
        return 1.2 * l->font;
    for (int line = 0; line < FACTS_LINES_MOST && *facts; line++, y += 1.2 * l->font)
        facts += first_line(l, facts + strspn(facts, " ")) + (int)strspn(facts, " ");
    return y;
}

void plot_title(FILE *out, const struct plot_layout *l, const char *name, const char *facts)
{
    const struct plot_style bold = {"left", 1.15, true, PLOT_INK};
    const struct plot_style faint = {"left", 0.85, false, PLOT_FAINT};
    double x = title_left(l), y = 3.1 * l->font;
    char text[300];
    if (is_untitled(l))
        return;
    plot_label(out, l, x, 1.6 * l->font, &bold, l->title ? l->title : name);
    for (int line = 0; line < FACTS_LINES_MOST && *facts; line++, y += 1.2 * l->font) {
        facts += strspn(facts, " ");
        int length = first_line(l, facts);
        snprintf(text, sizeof text, "%.*s", length, facts);
        plot_label(out, l, x, y, &faint, text);
        facts += length;
    }
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

/* 1, 2 and 5 of each decade; only 1 where they are many. */
static void log_marks(FILE *out, char axis, double low, double high)
{
    static const int digits[] = {1, 2, 5};
    bool first = true, few = log10(high / low) < 3;
    fprintf(out, "set logscale %c\nset %ctics nomirror out (", axis, axis);
    for (int decade = (int)floor(log10(low)); decade <= ceil(log10(high)); decade++)
        for (size_t i = 0; i < (few ? sizeof digits / sizeof *digits : 1); i++) {
            double mark = digits[i] * pow(10, decade);
            if (mark >= low * (1 - 1e-9) && mark <= high * (1 + 1e-9)) {
                fprintf(out, "%s%.6g", first ? "" : ", ", mark);
                first = false;
            }
        }
    fputs(")\n", out);
}

void plot_marks(FILE *out, char axis, double low, double high, bool log_scale, double marks)
{
    if (log_scale)
        log_marks(out, axis, low, high);
    else
        fprintf(out, "unset logscale %c\nset %ctics nomirror out %.6g\n", axis, axis,
                plot_mark_step(high - low, marks));
}
