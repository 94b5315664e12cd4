/* The synapses of a whole config as a SONATA edges file, for whom does not ask for less. */
#ifndef MEGALIF_CONNECTIONS_EDGES_H
#define MEGALIF_CONNECTIONS_EDGES_H

#include "setup/setup.h"

/* Draws and writes all projections to `path`. STATUS_CONFIG: they have more than `most` synapses,
 * and nothing is written; STATUS_OUTPUT; STATUS_MEMORY. */
enum status connections_edges_write(const struct setup *setup, const char *path, bool force,
                                    uint64_t most, struct error *err);

#endif
