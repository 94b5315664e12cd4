/* What `megalif plot --what connections` shows of SONATA edges: a row of histograms for each
 * population of edges. */
#ifndef MEGALIF_EDGES_ROWS_H
#define MEGALIF_EDGES_ROWS_H

#include "commands/network_rows.h"

/* only: one population's name; NULL: all. Degrees are of all neurons that the config of a file of
 * ours connects, else of ids up to the largest. Shows progress on standard error. STATUS_OUTPUT,
 * STATUS_CONFIG, STATUS_MEMORY. network_rows_free in any case. */
enum status edges_rows_read(struct network_rows *rows, const char *path, const char *only,
                            struct error *err);

#endif
