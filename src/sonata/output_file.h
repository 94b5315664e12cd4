/* A SONATA file on its way: an HDF5 file of ours under a temporary name, closed and on disk when it
 * is complete, removed when anything failed. Private to sonata; calls are bracketed by hdf5_quiet.
 */
#ifndef MEGALIF_OUTPUT_FILE_H
#define MEGALIF_OUTPUT_FILE_H

#include "base/error.h"

#include <hdf5.h>

struct output_file {
    char *path;
    hid_t id;
    int descriptor; /* our own, to sync the file after H5Fclose */
    int unfinished; /* its place in unfinished.h */
};

/* Creates `path` with SONATA's attributes; the temporary file of a killed run is replaced. */
enum status output_file_create(struct output_file **out, const char *path, struct error *err);

/* STATUS_OUTPUT, "cannot write PATH (PROGRESS): REASON"; call it right after the failed call. */
enum status output_file_failed(const struct output_file *file, const char *progress,
                               struct error *err);

/* Closes and syncs to disk; every error on the way counts. All objects in it are closed before. The
 * file is freed, and removed on error. */
enum status output_file_close(struct output_file *file, const char *progress, struct error *err);

/* Removes the file, releases its space on disk and frees what belongs to us; NULL is fine. The HDF5
 * handles are abandoned: after an error, closing them may crash. */
void output_file_discard(struct output_file *file);

#endif
