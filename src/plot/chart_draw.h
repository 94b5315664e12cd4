/* A chart in gnuplot's words. */
#ifndef MEGALIF_CHART_DRAW_H
#define MEGALIF_CHART_DRAW_H

#include "plot/chart.h"

#include <stdio.h>

/* A plot_drawing (plot/plot_gnuplot.h); context is a struct chart. */
void chart_draw(FILE *out, const void *context, const struct plot_options *options);

#endif
