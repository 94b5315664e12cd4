/* HDF5 with errors as values, one thread at a time: reasons instead of printing, a lock, attributes
 * in one call. For io and sonata.
 *
 * After an HDF5 error in a file being written nothing is closed any more: closing flushes, which
 * fails again or crashes. The handles are abandoned with the file (raster_abandon). */
#ifndef MEGALIF_IO_HDF5_HELP_H
#define MEGALIF_IO_HDF5_HELP_H

#include "base/error.h"

#include <hdf5.h>

/* HDF5's automatic printing, as it was set for this thread. */
struct hdf5_quiet {
    H5E_auto2_t function;
    void *data;
};

/* Takes the lock of HDF5 and switches this thread's printing off; hdf5_quiet_end puts back what was
 * set before, and gives the lock back. Every public function of io and sonata that calls HDF5
 * brackets its calls so. Pairs may nest.
 *
 * The lock is there because not every build of HDF5 is thread-safe, and one thread writes the
 * raster while another reads an input ahead. So keep the calls between the two short (a chunk, a
 * MiB), and wait for nothing there.
 *
 * hdf5_quiet_begin also keeps HDF5 from closing what is open when the process ends, which crashes
 * where a file was abandoned; that works only while HDF5 has not been used before. */
struct hdf5_quiet hdf5_quiet_begin(void);
void hdf5_quiet_end(struct hdf5_quiet before);

/* Sets err (may be NULL) to STATUS_OUTPUT and "WHAT: REASON"; the reason is the system's own where
 * there is one ("No space left on device"), else HDF5's most specific. Call it right after the
 * failed call: the next HDF5 call of this thread forgets the reason. */
enum status hdf5_failed(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same with "cannot write to FILE: NAME: REASON"; the file is that of the object. */
enum status hdf5_put_failed(hid_t object, const char *name, struct error *err);

/* The type of UTF-8 texts of so many bytes, zeros behind shorter ones; at least 1. The caller
 * closes it. */
hid_t hdf5_text_type(size_t bytes);

/* Creates attribute `name` of an object and writes values; type is both that of the file and of the
 * values. Negative on failure, as HDF5's own calls. */
herr_t hdf5_put_attribute(hid_t object, const char *name, hid_t type, hid_t space,
                          const void *values);

/* A scalar attribute. */
herr_t hdf5_put_scalar(hid_t object, const char *name, hid_t type, const void *value);

/* A text as attribute, of fixed length; one longer than an attribute may be is of variable length
 * (hdf5_text.h says why not all are). */
herr_t hdf5_put_text(hid_t object, const char *name, const char *text);

/* A text of variable length, as SONATA's readers want `units`. */
herr_t hdf5_put_variable_text(hid_t object, const char *name, const char *text);

#endif
