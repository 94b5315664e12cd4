/* Population rates for a plot. */
#ifndef MEGALIF_PLOT_RATES_H
#define MEGALIF_PLOT_RATES_H

#include "plot/plot.h"

/* Fills rate and mean_rate of all bands: from /megalif/rates, else from the raster. */
enum status plot_read_rates(struct plot *plot, struct error *err);

#endif
