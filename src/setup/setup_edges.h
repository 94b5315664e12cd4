/* Projections whose synapses stand in a file: `rule = file`. */
#ifndef MEGALIF_SETUP_EDGES_H
#define MEGALIF_SETUP_EDGES_H

#include "setup/setup_files.h"

/* Edges read from files, one for each projection with rule = file. */
struct setup_edges {
    struct wiring_file **file;
    size_t count;
    uint64_t bytes;
};

/* Reads the files that the projections of a config name, adds them to files, and lets the config's
 * projections point to what was read: setup_edges_free comes after the last use of the config. What
 * is wrong goes to `errors`, a line each, with STATUS_CONFIG, STATUS_OUTPUT or STATUS_MEMORY. */
enum status setup_edges_read(struct setup_edges *edges, struct config *config,
                             struct setup_files *files, struct messages *errors,
                             struct messages *warnings);
void setup_edges_free(struct setup_edges *edges);

#endif
