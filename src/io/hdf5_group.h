/* The index of a group's links in HDF5 files, looked at before HDF5 walks over it. Private to io.
 */
#ifndef MEGALIF_IO_HDF5_GROUP_H
#define MEGALIF_IO_HDF5_GROUP_H

#include "io/hdf5_bytes.h"

/* What is wrong with the tree of links and the heap of their names at two addresses, as a symbol
 * table message has them; NULL: nothing that would lead HDF5 astray. Memory and time are bounded by
 * the file's size. */
const char *hdf5_group_fault(const struct hdf5_bytes *file, uint64_t tree, uint64_t heap);

#endif
