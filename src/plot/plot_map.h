/* A map of a sweep of two keys: a colour for each point. */
#ifndef MEGALIF_PLOT_MAP_H
#define MEGALIF_PLOT_MAP_H

#include "plot/plot_swept.h"

/* Whether lines would be more than there are colours, and the points fill most of a grid. */
bool plot_map_suits(const struct swept *swept);

/* Draws one for each column that is shown and each combination of the other keys. */
enum status plot_map(struct swept *swept, const struct plot_options *options, struct error *err);

#endif
