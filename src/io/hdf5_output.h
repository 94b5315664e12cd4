/* A whole HDF5 file at once: under its temporary name, synced, then under its own. */
#ifndef MEGALIF_IO_HDF5_OUTPUT_H
#define MEGALIF_IO_HDF5_OUTPUT_H

#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>

/* Creates `path`, over an existing file only with force, with what `fill` puts there. After an
 * error, STATUS_OUTPUT, STATUS_BUSY, STATUS_MEMORY or what fill returns, nothing of it is left; but
 * a complete file is, where output_path_publish says so. HDF5's lock is held meanwhile. */
enum status hdf5_output_write(const char *path, bool force,
                              enum status (*fill)(hid_t file, const void *context,
                                                  struct error *err),
                              const void *context, struct error *err);

#endif
