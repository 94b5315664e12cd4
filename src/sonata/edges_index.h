/* The indices of a population of edges: of each neuron the ranges of edges that it is an end of. A
 * range is [begin, end) of edge numbers; a neuron has rows [begin, end) of the ranges. Private to
 * sonata; calls are bracketed by hdf5_quiet. */
#ifndef MEGALIF_SONATA_EDGES_INDEX_H
#define MEGALIF_SONATA_EDGES_INDEX_H

#include "base/error.h"
#include "sonata/grown_column.h"

struct edges_index {
    struct grown_column nodes;  /* node_id_to_ranges: first and last + 1 of its ranges */
    struct grown_column ranges; /* range_to_edge_id */
    uint64_t next_node;         /* the first without its row */
    uint64_t begin, end;        /* the range that grows; begin == end: none */
    uint64_t first_range;       /* of the neuron at work */
    uint64_t range_count;
};

/* Creates the group `name` below `indices`. *memory as in grown_column_create. */
herr_t edges_index_create(struct edges_index *index, hid_t indices, const char *name, bool deflate,
                          bool *memory);

/* Edge number `edge` belongs to a neuron: neurons in ascending order, edges of each, too. */
herr_t edges_index_add(struct edges_index *index, uint64_t node, uint64_t edge);

/* Neurons up to `nodes` have rows, also those without edges. */
herr_t edges_index_close(struct edges_index *index, uint64_t nodes);
void edges_index_free(struct edges_index *index); /* of zeros is fine */

#endif
