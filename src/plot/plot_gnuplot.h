/* Runs gnuplot. */
#ifndef MEGALIF_PLOT_GNUPLOT_H
#define MEGALIF_PLOT_GNUPLOT_H

#include "plot/plot.h"

#include <stdio.h>

/* Writes gnuplot commands with the data in them. */
typedef void plot_drawing(FILE *out, const void *context, const struct plot_options *options);

/* Lets gnuplot draw, and puts the picture in place of options->output. STATUS_OUTPUT when gnuplot
 * is not there or fails, or the picture cannot be written. */
enum status plot_gnuplot(plot_drawing *drawing, const void *context,
                         const struct plot_options *options, struct error *err);

#endif
