/* Reads what stands under /megalif (provenance.h says what), and attributes and lists anywhere
 * else; of texts see hdf5_text.h. Any thread may call. */
#ifndef MEGALIF_IO_PROVENANCE_READ_H
#define MEGALIF_IO_PROVENANCE_READ_H

#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

/* False (and the output untouched) when the attribute or dataset is not there or of
 * another type. */
bool provenance_get_u64(hid_t file, const char *group, const char *name, uint64_t *value);
bool provenance_get_f64(hid_t file, const char *group, const char *name, double *value);

/* hdf5_text_of_attribute of a file that is not open; *text is NULL, too, when it is no HDF5 file.
 */
enum status provenance_get_file_string(const char *path, const char *group, const char *name,
                                       char **text, struct error *err);

/* Calls visit for the name of each child of a group, in the order of names; no group: none. */
void provenance_visit(hid_t file, const char *group, void (*visit)(const char *name, void *context),
                      void *context);
bool provenance_get_length(hid_t file, const char *path, uint64_t *length);
bool provenance_read_u64(hid_t file, const char *path, uint64_t offset, uint64_t count,
                         uint64_t *values);
bool provenance_read_f64(hid_t file, const char *path, uint64_t offset, uint64_t count,
                         double *values);

#endif
