/* Writes SONATA edges files: populations of edges one after the other, each sorted by target, with
 * both indices. What is in memory does not grow with the edges: they go to disk chunk by chunk, and
 * the index by source is made in as many passes over the file as its memory asks for. Takes the
 * lock of HDF5 itself. One thread at a time. */
#ifndef MEGALIF_SONATA_EDGES_WRITER_H
#define MEGALIF_SONATA_EDGES_WRITER_H

#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct edges_settings {
    const char *path;
    bool force;   /* replaces an existing file */
    bool deflate; /* compressed, else stored */
    int threads;  /* that pack chunks */
};

/* A population of edges; the texts must hold until edges_writer_end. */
struct edges_description {
    const char *name, *source, *target; /* of the group, and of the populations of its ends */
    uint64_t sources, targets;          /* neurons of these */
};

struct edges_writer;

/* Writes under a temporary name (io/output_path.h). STATUS_OUTPUT; STATUS_MEMORY. */
enum status edges_writer_create(struct edges_writer **out, const struct edges_settings *settings,
                                struct error *err);

/* Begins a population. */
enum status edges_writer_begin(struct edges_writer *writer,
                               const struct edges_description *description, struct error *err);

/* Appends edges: targets never go down, ids are below those of the description. Weights in the
 * model's unit, delays in ms. */
enum status edges_writer_put(struct edges_writer *writer, size_t count, const uint64_t *source,
                             const uint64_t *target, const double *weight, const double *delay,
                             struct error *err);

/* Completes the population with its indices. Its memory for the index by source is at most
 * `index_bytes`, but room for one number a source and one source's edges. */
enum status edges_writer_end(struct edges_writer *writer, uint64_t index_bytes, struct error *err);

/* The file, for what is written beside the edges. */
hid_t edges_writer_file(const struct edges_writer *writer);

/* Gives the file its name and frees the writer, also on error. */
enum status edges_writer_finish(struct edges_writer *writer, struct error *err);

/* Removes what was written and frees the writer; NULL is fine. */
void edges_writer_abandon(struct edges_writer *writer);

#endif
