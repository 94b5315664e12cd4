/* The numbers of a picture as CSV. */
#ifndef MEGALIF_PLOT_CSV_H
#define MEGALIF_PLOT_CSV_H

#include "plot/plot.h"

#include <stdio.h>

/* A text as a field: in quotes where it must be. */
void plot_csv_text(FILE *out, const char *text);

/* Makes options->csv of what `write` writes: output_stream.h's errors. */
enum status plot_csv_write(const struct plot_options *options,
                           void (*write)(FILE *out, const void *context), const void *context,
                           struct error *err);

#endif
