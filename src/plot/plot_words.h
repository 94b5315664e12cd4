/* What the drawing parts of `megalif plot` share: the layout in pixels, and words in gnuplot's
 * form. */
#ifndef MEGALIF_PLOT_WORDS_H
#define MEGALIF_PLOT_WORDS_H

#include "plot/plot.h"

#include <stdio.h>

#define PLOT_INK 0x222222u
#define PLOT_FAINT 0x666666u
#define PLOT_PALE 0x999999u

/* Places in pixels, y downwards. */
struct plot_layout {
    double width, height, font;
    double unit;                  /* of lines' widths and points */
    bool narrow;                  /* a column of a paper: little room beside what is drawn */
    const char *typeface, *title; /* as in the options */
    double left, right, top, raster_bottom, rates_top, bottom;
    double ids;        /* width of the neurons' ids left of a raster */
    double time_scale; /* from ms to what is shown */
};

struct plot_style {
    const char *align; /* left, center, right */
    double size;       /* of the layout's font */
    bool bold;
    uint32_t colour;
};

/* A text, cut to 150 characters, at pixel (x, y): any bytes, gnuplot takes none for a command. */
void plot_label(FILE *out, const struct plot_layout *layout, double x, double y,
                const struct plot_style *style, const char *text);

/* A name whose middle is left out when it has more than `most` characters: "excit…ry_L5". text: >=
 * PLOT_NAME_BYTES, most <= PLOT_NAME_MOST. Returns how many characters. */
enum { PLOT_NAME_MOST = 18, PLOT_NAME_BYTES = 4 * PLOT_NAME_MOST + 4 };
int plot_shorten(const char *name, int most, char *text);

/* plot_shorten to PLOT_NAME_MOST, as in all pictures. */
int plot_short_name(const char *name, char *text);

/* Characters of a text in UTF-8. */
int plot_length(const char *text);

/* A layout with its size, font and title; the panels' places are left to whoever draws. */
struct plot_layout plot_layout_of(const struct plot_options *options);

/* The terminal, and what all panels have in common. */
void plot_begin(FILE *out, const struct plot_layout *layout, const char *terminal);

/* The title, or in its place a name, and facts below it, in lines as long as there is room. */
void plot_title(FILE *out, const struct plot_layout *layout, const char *name, const char *facts);

/* Where what is below them begins. */
double plot_title_bottom(const struct plot_layout *layout, const char *facts);

/* 1, 2, 5, 10, ...: the distance between marks on an axis that should have about so many. */
double plot_mark_step(double width, double marks);

/* gnuplot's marks on axis 'x' or 'y', about so many, with a logarithmic scale or without. */
void plot_marks(FILE *out, char axis, double low, double high, bool log_scale, double marks);

/* A path without its folders. */
const char *plot_base_name(const char *path);

/* Margins of a panel from pixel top to bottom. */
void plot_margins(FILE *out, const struct plot_layout *layout, double top, double bottom);

/* Shades the panel up to x, which is warmup. */
void plot_warmup(FILE *out, double x);

/* Three digits, without an exponent below a million: "0.123", "3330"; text: >= 28 bytes. */
const char *plot_rounded(double number, char *text);

/* 1234567 -> "1,234,567"; text: >= 28 bytes. */
const char *plot_grouped(uint64_t number, char *text);

#endif
