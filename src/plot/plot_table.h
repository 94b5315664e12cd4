/* Rates over what a sweep varied. */
#ifndef MEGALIF_PLOT_TABLE_H
#define MEGALIF_PLOT_TABLE_H

#include "plot/plot.h"

/* Draws or writes the rates of the table.csv at a path as the options say. */
enum status plot_table(const char *path, const struct plot_options *options, struct error *err);

#endif
