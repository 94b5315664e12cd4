/* Reads SONATA edges files by anybody: populations of edges with their ends, types, and what their
 * groups say of weights and delays. Files that are damaged or lead elsewhere are refused. Takes the
 * lock of HDF5 itself. One thread at a time uses a reader. */
#ifndef MEGALIF_SONATA_EDGES_READER_H
#define MEGALIF_SONATA_EDGES_READER_H

#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct edges_population {
    char *name;            /* of the group below /edges */
    char *source, *target; /* the populations of its ends (node_population); NULL: not said */
    uint64_t edges;
    bool typed; /* edges have types */
};

struct edges_reader;

/* Is it a file with a group /edges? No error where it cannot be read. */
bool edges_reader_is(const char *path);

/* STATUS_OUTPUT, naming the file, when it is no SONATA edges file or damaged; STATUS_MEMORY. */
enum status edges_reader_open(struct edges_reader **out, const char *path, struct error *err);
void edges_reader_close(struct edges_reader *reader); /* NULL is fine */

/* All of them, in the order of their names. */
const struct edges_population *edges_reader_populations(const struct edges_reader *reader,
                                                        size_t *count);

/* The open file, for what stands in it beside the edges. */
hid_t edges_reader_file(const struct edges_reader *reader);

/* Columns of so many edges; the caller's. Where the file says nothing of an edge there is a NaN in
 * weight (syn_weight), delay (ms) and synapses (nsyns), and 0 in type. */
struct edges_columns {
    uint64_t *source, *target, *type;
    double *weight, *delay, *synapses;
};

/* Edges [first, first + count) of a population, in the order of the file. Ids are below 2^63;
 * numbers are finite. STATUS_OUTPUT names the file, the population and the edge. */
enum status edges_reader_read(struct edges_reader *reader, size_t population, uint64_t first,
                              size_t count, const struct edges_columns *columns, struct error *err);

#endif
