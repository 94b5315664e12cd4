/* The size of a picture, from the options of `megalif plot`. */
#ifndef MEGALIF_PLOT_SIZE_H
#define MEGALIF_PLOT_SIZE_H

#include "plot/plot.h"

/* As typed; NULL: not given. */
struct plot_size_words {
    const char *width, *height, *dpi, *font;
};

/* Sets width, height (0 where the picture is to choose), paper, scale, font and typeface; output
 * and terminal are known. False, with a sentence of what is wrong, for what cannot be. */
bool plot_size_read(struct plot_options *options, const struct plot_size_words *words, char *wrong,
                    size_t size);

#endif
