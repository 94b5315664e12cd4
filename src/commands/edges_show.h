/* SONATA edges files in megalif info and digest. */
#ifndef MEGALIF_EDGES_SHOW_H
#define MEGALIF_EDGES_SHOW_H

#include <stdbool.h>

/* megalif info: populations, ends, degrees, weights and delays. Returns the exit code. */
int edges_show_info(const char *path, bool json);

/* megalif digest: that of all synapses, compared with the stored one. Returns the exit code. */
int edges_show_digest(const char *path, bool json);

#endif
