/* The files that a plot writes: the picture, and its numbers. */
#ifndef MEGALIF_PLOT_OUTPUTS_H
#define MEGALIF_PLOT_OUTPUTS_H

#include "plot/plot.h"

/* Could both be written (io/output_stream.h), and are they two? STATUS_OUTPUT. Creates nothing. */
enum status plot_outputs_check(const struct plot_options *options, struct error *err);

/* Refuses outputs that would replace the file `read`, which the plot reads: STATUS_OUTPUT. */
enum status plot_outputs_keep(const struct plot_options *options, const char *read,
                              struct error *err);

#endif
