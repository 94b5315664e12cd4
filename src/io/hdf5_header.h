/* The headers of objects in HDF5 files, looked at before HDF5 decodes them. Private to io. */
#ifndef MEGALIF_IO_HDF5_HEADER_H
#define MEGALIF_IO_HDF5_HEADER_H

#include "io/hdf5_bytes.h"

/* What is wrong with the header at an address, its attributes and a group's index of
 * links included; NULL: nothing that would lead HDF5 astray. Memory and time are bounded by the
 * file's size. Headers of the second version carry a checksum, which HDF5 compares itself: they are
 * left to it. */
const char *hdf5_header_fault(const struct hdf5_bytes *file, uint64_t address);

#endif
