/* The edges of a file, whatever it is: SONATA edges with the table of their types, or CSV. Read
 * forwards, piece by piece. One thread at a time uses a source. */
#ifndef MEGALIF_SONATA_EDGE_SOURCE_H
#define MEGALIF_SONATA_EDGE_SOURCE_H

#include "base/decimal.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* What is to be read; texts are copied. */
struct edge_reading {
    const char *path;
    const char *population; /* of a SONATA file: NAME, or all of NAME.SOURCE.TARGET, as they are
                               written where a projection has several populations; NULL: the file
                               has one */
    const char *types;      /* path of the table of edge types; NULL: none */
    struct decimal dt;      /* ms, for delays that a CSV file counts in steps; {0}: unknown */
};

/* Edges that follow each other in a population of the file. */
struct edge_batch {
    const char *source_population, *target_population; /* NULL: the file does not say */
    size_t count;                                      /* 0: no more */
    const uint64_t *source, *target;
    const double *weight;   /* of one synapse, in the model's unit; NaN: neither the file nor its
                               types say */
    const double *synapses; /* nsyns, by which BMTK multiplies the weight; 1 where none is said */
    const double *delay;    /* ms; NaN as above */
};

struct edge_source;

/* STATUS_OUTPUT where a file cannot be read, STATUS_CONFIG where it has not what is asked for;
 * STATUS_MEMORY. */
enum status edge_source_open(struct edge_source **out, const struct edge_reading *reading,
                             struct error *err);
void edge_source_close(struct edge_source *source); /* NULL is fine */

/* How many edges there are; UINT64_MAX: only reading them tells (CSV). */
uint64_t edge_source_count(const struct edge_source *source);

/* The next edges; valid until the next call. */
enum status edge_source_next(struct edge_source *source, struct edge_batch *batch,
                             struct error *err);

/* "FILE: edge N of /edges/NAME: WHAT" or "FILE:LINE: WHAT" of the i-th edge of the batch. */
enum status edge_source_refuse(const struct edge_source *source, size_t i, struct error *err,
                               const char *what);

enum status edge_source_rewind(struct edge_source *source, struct error *err);

#endif
