/* Streams spike rasters of several populations into one SONATA file (docs/format.md).
 *
 * Each population fills chunks of a fixed row count, on as many threads as the settings say,
 * which also pack full chunks; these go through a bounded queue to one writer thread, the only
 * caller of HDF5 until raster_finish. Memory is bounded by the number of chunk buffers, whatever
 * the rate: while all are in use, raster_append waits.
 *
 * One thread owns a writer and calls it. */
#ifndef MEGALIF_RASTER_WRITER_H
#define MEGALIF_RASTER_WRITER_H

#include "base/error.h"
#include "sonata/raster_segment.h"
#include "sonata/raster_settings.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the writer did, for the report. Seconds of wall time. */
struct raster_statistics {
    uint64_t rows;         /* spikes written */
    uint64_t raw_bytes;    /* 16 a row */
    uint64_t stored_bytes; /* as they lie in the file */
    double write_seconds;  /* the writer thread's time in HDF5 */
    uint64_t stalls;       /* times raster_append had to wait for a chunk */
    double stall_seconds;
    uint64_t checksum; /* of the whole chunks (raster_checksum.h); 0 unless checked */
};

/* Gives rows [first, first + rows) of those being appended; times in ms. Several threads call it at
 * once, for different rows. */
typedef void raster_fill(const void *context, uint64_t first, size_t rows, uint64_t *node_ids,
                         double *timestamps);

struct raster_writer;

/* Refuses an existing path without force (STATUS_OUTPUT, before anything is created), a directory
 * that is missing or not writable; creates PATH.part and starts the writer thread.
 * queue_chunks: how many chunk buffers there may be beyond one per population and two per thread.
 */
enum status raster_create(struct raster_writer **out, const struct raster_settings *settings,
                          size_t queue_chunks, struct error *err);

/* The open file, for the caller's thread to add to /megalif before its first raster_append. */
hid_t raster_begin(struct raster_writer *writer);

/* Checks only: would raster_create be refused? Creates nothing. */
enum status raster_check_path(const char *path, bool force, struct error *err);

/* Bytes raster_create allocates: chunk buffers of 1 MiB, used as they are needed, and scratch. */
uint64_t raster_memory(const struct raster_settings *settings, size_t queue_chunks);

/* Appends `rows` rows to a population, in order; returns when `fill` has given them all. Waits
 * while all chunk buffers are in use. STATUS_OUTPUT once the writer has failed (disk full ...):
 * nothing more can be written, call raster_abandon. */
enum status raster_append(struct raster_writer *writer, size_t population, uint64_t rows,
                          raster_fill *fill, const void *context, struct error *err);

/* Writes what is left over, joins the writer thread; from here the caller's thread may use the file
 * id (to add /megalif). The file still has its temporary name. */
enum status raster_drain(struct raster_writer *writer, hid_t *file, struct error *err);

/* After raster_drain: closes and fsyncs. The file is whole on disk, under its temporary name, so
 * that other outputs of a run can be given theirs before. On error call raster_abandon. */
enum status raster_complete(struct raster_writer *writer, struct error *err);

/* After raster_drain or raster_complete: closes, fsyncs, renames to the final name, fsyncs the
 * directory, frees the writer. statistics may be NULL. On error the temporary file is removed and
 * the writer freed; only when another file has taken the name meanwhile (and force is false) the
 * complete temporary file stays, and the message says so. */
enum status raster_finish(struct raster_writer *writer, struct raster_statistics *statistics,
                          struct error *err);

/* ---- Runs with checkpoints ----
 *
 * With settings.segments a writer makes one file after the other, each of whole chunks only:
 * settings.path is the first one's name. A file is created when its first chunk is full. raster_cut
 * closes it; the rows that no whole chunk has stay in the writer and open the next file. Such a
 * writer ends with raster_abandon, which removes only the file that was not closed. Its population
 * names must outlive it. raster_begin, raster_drain and raster_finish are not for it. */

/* Waits until all whole chunks are written. If there are any since the last cut, the file is
 * closed, synced and published under its name, *out (but for out->chunks, which must be there)
 * filled and *cut true; next_path is the name of the next file. Else nothing changes. */
enum status raster_cut(struct raster_writer *writer, const char *next_path, bool *cut,
                       struct raster_segment *out, struct error *err);

/* What the writer did so far; of its rows and bytes, those in closed files. */
void raster_read_statistics(const struct raster_writer *writer,
                            struct raster_statistics *statistics);

/* The rows of a population that are in no whole chunk: fewer than RASTER_CHUNK_ROWS. The arrays are
 * the writer's, until the next raster_append. */
size_t raster_rest(const struct raster_writer *writer, size_t population, const uint64_t **node_ids,
                   const double **timestamps);

/* raster_copy_segment to the file of a plain writer, before its first raster_append. */
enum status raster_append_segment(struct raster_writer *writer, const char *path,
                                  const struct raster_segment *segment, struct error *err);

/* Stops, removes the temporary file, gives its disk space back, frees the writer. The HDF5 handles
 * are abandoned, never closed: closing after a failed write can crash, also at the end of the
 * process. So the first call of io switches off HDF5's clean-up at exit (H5dont_atexit); a program
 * that uses HDF5 before calls H5dont_atexit itself, first of all. */
void raster_abandon(struct raster_writer *writer);

#endif
