/* Two outputs over each other. */
#ifndef MEGALIF_PLOT_OVER_H
#define MEGALIF_PLOT_OVER_H

#include "plot/plot.h"

/* Draws or writes the rates of both files, a panel for each population of either. STATUS_CONFIG
 * when there are none. */
enum status plot_over(const char *const path[2], const struct plot_options *options,
                      struct error *err);

#endif
