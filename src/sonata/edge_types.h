/* The table of edge types beside a SONATA edges file: what all edges of a type have in common. Of
 * its columns those are read that say something of a synapse: edge_type_id, syn_weight, delay (ms)
 * and nsyns, all but the first optional. Immutable; may be read by many threads. */
#ifndef MEGALIF_SONATA_EDGE_TYPES_H
#define MEGALIF_SONATA_EDGE_TYPES_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct edge_type {
    uint64_t id;
    double weight, delay, synapses; /* NaN: not said */
};

struct edge_types {
    struct edge_type *type; /* sorted by id */
    size_t count;
};

/* STATUS_OUTPUT with FILE:LINE where the table is wrong (io/csv.h). Freed by edge_types_free, also
 * on error. */
enum status edge_types_read(struct edge_types *types, const char *path, struct error *err);
void edge_types_free(struct edge_types *types);

/* The type of an id; NULL: there is none. */
const struct edge_type *edge_types_find(const struct edge_types *types, uint64_t id);

#endif
