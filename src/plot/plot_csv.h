/* The numbers of a picture as CSV. */
#ifndef MEGALIF_PLOT_CSV_H
#define MEGALIF_PLOT_CSV_H

#include "base/error.h"

#include <stdio.h>

/* A text as a field: in quotes where it must be. */
void plot_csv_text(FILE *out, const char *text);

/* Creates or replaces a file ("-": standard output) with what `write` writes. */
enum status plot_csv_write(const char *path, void (*write)(FILE *out, const void *context),
                           const void *context, struct error *err);

#endif
