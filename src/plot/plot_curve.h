/* The f-I curve of a file. */
#ifndef MEGALIF_PLOT_CURVE_H
#define MEGALIF_PLOT_CURVE_H

#include "plot/plot.h"

/* Draws or writes rates over mean currents, with theory where it is known, as the options say. */
enum status plot_curve(const struct result_file *file, const struct plot_options *options,
                       struct error *err);

#endif
