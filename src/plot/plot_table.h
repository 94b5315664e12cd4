/* megalif plot of a sweep's table.csv. */
#ifndef MEGALIF_PLOT_TABLE_H
#define MEGALIF_PLOT_TABLE_H

#include "plot/plot.h"

/* AUTO: lines, or a map where there would be more of them than colours. */
enum plot_table_as { PLOT_TABLE_AUTO, PLOT_TABLE_LINES, PLOT_TABLE_MAP };

/* Makes options->output and options->csv; none may be the table or a point's file. */
enum status plot_table(const char *path, enum plot_table_as as, const struct plot_options *options,
                       struct error *err);

#endif
