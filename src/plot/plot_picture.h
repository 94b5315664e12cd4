/* The picture of a raster file. */
#ifndef MEGALIF_PLOT_PICTURE_H
#define MEGALIF_PLOT_PICTURE_H

#include "plot/plot.h"

#include <stdio.h>

/* A raster and rates: a plot_drawing (plot/plot_gnuplot.h); context is a struct plot. */
void plot_picture(FILE *out, const void *context, const struct plot_options *options);

#endif
