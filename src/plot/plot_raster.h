/* The panel of a raster. */
#ifndef MEGALIF_PLOT_RASTER_H
#define MEGALIF_PLOT_RASTER_H

#include "plot/plot_words.h"

/* The spikes as strokes, or where there are too many as a density, with names and numbers of the
 * bands. */
void plot_raster(FILE *out, const struct plot *plot, const struct plot_layout *layout);

/* Margins, time axis and warmup of a panel from pixel top to bottom. */
void plot_raster_panel(FILE *out, const struct plot *plot, const struct plot_layout *layout,
                       double top, double bottom);

#endif
