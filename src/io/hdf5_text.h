/* Single texts of HDF5 files, attributes and datasets, of fixed or variable length.
 *
 * A text of variable length lies in a global heap, of which the attribute has only address, number
 * and length. HDF5 1.10 believes all of these: one damaged byte makes it read for ever, or past its
 * memory. So the heap is read here, from the file itself, and every size is checked: a damaged file
 * gives an error after at most 65,536 reads. What HDF5 has written but not flushed is not seen.
 *
 * One thread at a time for one file. */
#ifndef MEGALIF_IO_HDF5_TEXT_H
#define MEGALIF_IO_HDF5_TEXT_H

#include "base/error.h"

#include <hdf5.h>

/* The text of an attribute of the object at `path`, seen from `place` ("." is place itself). *text
 * is the caller's to free; NULL when there is no such attribute, or it is no single text.
 * STATUS_OUTPUT, naming the file, when it is there but cannot be read; STATUS_MEMORY. */
enum status hdf5_text_of_attribute(hid_t place, const char *path, const char *name, char **text,
                                   struct error *err);

/* The same of a dataset. */
enum status hdf5_text_of_dataset(hid_t place, const char *path, char **text, struct error *err);

#endif
