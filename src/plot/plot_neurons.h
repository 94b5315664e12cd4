/* Which neurons a raster shows, and in which row. */
#ifndef MEGALIF_PLOT_NEURONS_H
#define MEGALIF_PLOT_NEURONS_H

#include "plot/plot.h"

/* Which neurons a band shows, from the file's rows in view. */
enum status plot_find_neurons(const struct plot *plot, struct plot_band *band, struct error *err);

/* Shows at most so many of them, evenly spread. */
void plot_neurons_take(struct plot_band *band, uint64_t most);

/* The row of a neuron; false when it is not shown. */
bool plot_row_of(const struct plot_band *band, uint64_t id, uint64_t *row);

/* The neuron of a row. */
uint64_t plot_row_id(const struct plot_band *band, uint64_t row);

#endif
