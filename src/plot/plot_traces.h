/* Traces of a SONATA report. */
#ifndef MEGALIF_PLOT_TRACES_H
#define MEGALIF_PLOT_TRACES_H

#include "plot/plot.h"

/* Draws or writes traces of the report at a path as the options say. */
enum status plot_traces(const char *path, const struct plot_options *options, struct error *err);

#endif
