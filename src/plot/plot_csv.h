/* The numbers of a picture as CSV. */
#ifndef MEGALIF_PLOT_CSV_H
#define MEGALIF_PLOT_CSV_H

#include "plot/plot.h"

/* A text as a field: in quotes where it must be. */
void plot_csv_text(FILE *out, const char *text);

/* Creates or replaces a file ("-": standard output) with what `write` writes. */
enum status plot_csv_write(const char *path, void (*write)(FILE *out, const void *context),
                           const void *context, struct error *err);

/* panel,population,time (ms),neuron,rate (Hz): every spike of a raster drawn as strokes, every cell
 * with spikes of a density, every bin of the rates. context is a struct plot. */
void plot_csv(FILE *out, const void *context);

#endif
