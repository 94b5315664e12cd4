/* The histogram of interspike intervals. */
#ifndef MEGALIF_PLOT_INTERVALS_H
#define MEGALIF_PLOT_INTERVALS_H

#include "plot/plot.h"

/* Reads the intervals after warmup, and draws or writes them as the options say. */
enum status plot_intervals(const struct result_file *file, const struct plot_options *options,
                           struct error *err);

#endif
