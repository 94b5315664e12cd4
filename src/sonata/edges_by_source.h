/* The index of edges by their source, where these stand sorted by target: a transposition that is
 * made from the file, for it would not fit into memory. Private to sonata; calls are bracketed by
 * hdf5_quiet. */
#ifndef MEGALIF_SONATA_EDGES_BY_SOURCE_H
#define MEGALIF_SONATA_EDGES_BY_SOURCE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

struct edges_by_source {
    hid_t source;  /* the written column of sources */
    hid_t indices; /* the group to write to */
    uint64_t sources;
    const uint64_t *degree; /* [sources]: edges of each */
    uint64_t edges;
    uint64_t bytes; /* for the numbers of edges, or as many as one source needs */
    bool deflate;
    bool memory; /* false afterwards: there was not enough */
};

/* Writes the group source_to_target. Each pass over the column takes as many sources as have room.
 */
herr_t edges_by_source_write(struct edges_by_source *by);

#endif
