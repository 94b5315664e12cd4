/* Whether the description of a datatype in a file is one that HDF5 can decode. Private to io. */
#ifndef MEGALIF_IO_HDF5_TYPE_H
#define MEGALIF_IO_HDF5_TYPE_H

#include "io/hdf5_cursor.h"

/* Steps over a datatype message and sets c->failed unless all its parts lie within it and fit each
 * other, in a file with addresses of so many bytes. Returns the size of an element in bytes. */
uint64_t hdf5_type_walk(struct hdf5_cursor *c, size_t address_bytes);

#endif
