/* What `megalif plot --what connections` shows of a config: a row of histograms for each
 * projection, from its synapses as a run draws them, none of which is kept. */
#ifndef MEGALIF_NETWORK_ROWS_H
#define MEGALIF_NETWORK_ROWS_H

#include "plot/plot_connections.h"
#include "setup/setup.h"

/* Rows that have been filled. */
struct network_rows {
    struct connections_row *row;
    size_t count;
};

/* only: one projection's name; NULL: all. Shows progress on standard error. STATUS_CONFIG where
 * there is none; STATUS_MEMORY. network_rows_free in any case. */
enum status network_rows_read(struct network_rows *rows, const struct setup *setup,
                              const char *only, struct error *err);
void network_rows_free(struct network_rows *rows);

/* STATUS_MEMORY, saying how much, where degrees of so many neurons do not fit into memory. */
enum status network_rows_fit(uint64_t neurons, struct error *err);

/* "FILE has no projection NAME; it has A, B", for `only`: names[] of those that there are. */
enum status network_rows_none(const char *path, const char *kind, const char *only,
                              const char *const *names, size_t count, struct error *err);

#endif
