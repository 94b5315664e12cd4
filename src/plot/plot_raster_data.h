/* Reads what a raster's picture shows. */
#ifndef MEGALIF_PLOT_RASTER_DATA_H
#define MEGALIF_PLOT_RASTER_DATA_H

#include "plot/plot.h"

/* Settles from, to and slack from the options and the file's end. */
enum status plot_choose_view(struct plot *plot, const struct plot_options *options,
                             struct error *err);

/* Reads all that is drawn. plot_free also after an error. */
enum status plot_read(struct plot *plot, const struct result_file *file,
                      const struct plot_options *options, struct error *err);
void plot_free(struct plot *plot);

/* Spikes per second and neuron in a cell of a density. */
double plot_cell_rate(const struct plot *plot, const struct plot_band *band, size_t y, size_t x);

#endif
