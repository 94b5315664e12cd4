/* `megalif plot --what connections`. */
#ifndef MEGALIF_PLOT_NETWORK_H
#define MEGALIF_PLOT_NETWORK_H

#include "plot/plot.h"

#include <megalif/megalif.h>
#include <stdbool.h>

/* Is the file one that shows connections when nothing is asked for: SONATA edges, or by its name
 * (.ini, or - for standard input) a config? */
bool plot_network_is(const char *path);

/* Draws or writes the histograms of options->config, a config or edges, as the plot's options say;
 * only: of one projection; NULL: of all. Prints what is wrong. Returns the exit code. */
int plot_network(const struct mlif_options *options, const char *only,
                 const struct plot_options *plot);

#endif
