/* Theory in charts of rates: its lines, and the panel below of what is left without it. */
#ifndef MEGALIF_CHART_THEORY_H
#define MEGALIF_CHART_THEORY_H

#include "plot/chart.h"

/* Names in the key. */
extern const char chart_theory[], chart_theory_grid[];

/* Adds an empty line; only the first of its key has a place there. NULL when out of memory. */
struct chart_series *chart_theory_add(struct chart *chart, const char *name, const char *key,
                                      const char *note, uint32_t colour);

/* A chart of one panel for rates less theory, which chart_theory_close_below puts below others. */
void chart_theory_open_below(struct chart *below);

/* Adds an empty series of what is left: "NAME, less theory" or "... at dt". */
struct chart_series *chart_theory_add_below(struct chart *below, const char *name, bool grid,
                                            uint32_t colour);

/* Moves it below the chart's panels if it has any series, and frees it. */
void chart_theory_close_below(struct chart *below, struct chart *chart);

#endif
