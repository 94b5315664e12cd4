/* Colours: of populations, of densities, of maps; and the strip that says what they mean. */
#ifndef MEGALIF_PLOT_COLOURS_H
#define MEGALIF_PLOT_COLOURS_H

#include "plot/plot_words.h"

enum { PLOT_COLOURS = 8 };

/* 0xrrggbb of a population, by its place in the config, else in the file: the same in all pictures
 * of a run. They repeat after PLOT_COLOURS. */
uint32_t plot_colour(size_t band);

/* From white (0) over the colour to a dark one (1). */
uint32_t plot_shade(double value, uint32_t colour);

/* From dark blue (0) over green to yellow (1), evenly to the eye; `ignored` may be anything. */
uint32_t plot_sequential(double value, uint32_t ignored);

/* Up to where plot_sequential is dark enough for lines on white. */
#define PLOT_LINES_MOST 0.88

/* A strip of all colours up to `most`, right of a panel from pixel top to bottom, with the words
 * for its ends; the lower one where there is room. */
struct plot_bar {
    double x, top, bottom;
    const char *low, *high;
    uint32_t (*colour_of)(double value, uint32_t colour);
    uint32_t colour;
    double most;
};
void plot_draw_bar(FILE *out, const struct plot_layout *layout, const struct plot_bar *bar);

#endif
