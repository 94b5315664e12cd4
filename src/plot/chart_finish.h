/* The end of a chart that is filled. */
#ifndef MEGALIF_CHART_FINISH_H
#define MEGALIF_CHART_FINISH_H

#include "plot/chart.h"

/* Draws to options->output, writes options->csv: what is asked for. STATUS_MEMORY when something
 * could not be added to the chart. */
enum status chart_finish(const struct chart *chart, const struct plot_options *options,
                         struct error *err);

#endif
