/* The numbers of a raster's picture as CSV. */
#ifndef MEGALIF_PLOT_RASTER_CSV_H
#define MEGALIF_PLOT_RASTER_CSV_H

#include "plot/plot.h"

#include <stdio.h>

/* panel,population,time (ms),neuron,rate (Hz): every spike of a raster drawn as strokes, every cell
 * with spikes of a density, every bin of the rates. context is a struct plot. */
void plot_raster_csv(FILE *out, const void *context);

#endif
