/* What files from others must be before HDF5 reads them: links that lead out of a file, external
 * storage and virtual datasets are refused, for they would read any file of the user's. Private to
 * io; all but the first two called between hdf5_quiet_begin and hdf5_quiet_end. */
#ifndef MEGALIF_IO_HDF5_INPUT_H
#define MEGALIF_IO_HDF5_INPUT_H

#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>

/* Is there an HDF5 file of this name? */
bool hdf5_input_is_hdf5(const char *path);

/* Is it a regular file, of whatever content, that may be read? STATUS_OUTPUT names it and says why
 * not: HDF5 itself tells a directory or missing rights as another format. */
enum status hdf5_input_readable(const char *path, struct error *err);

/* Opens a file for reading. STATUS_OUTPUT with a message that names it: as above, or
 * no HDF5 ("it is no HDF5 file; WANTED is needed"). */
enum status hdf5_input_file(const char *path, const char *wanted, hid_t *file, struct error *err);

/* Is `name` an object of this file itself? No link that leads elsewhere is followed. */
bool hdf5_input_is_own(hid_t parent, const char *name);

/* The same of a path such as "a/b/c", for each of its parts. */
bool hdf5_input_is_own_path(hid_t file, const char *path);

/* Are the values of a dataset in this file? */
bool hdf5_input_has_data(hid_t dataset);

/* As hdf5_failed, of a dataset that could not be read: names a compression that is not there. */
enum status hdf5_input_failed(struct error *err, hid_t dataset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
