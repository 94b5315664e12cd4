/* The chunks of a dataset, looked at before HDF5 unpacks them into as much memory as they should
 * need. Private to io. */
#ifndef MEGALIF_IO_HDF5_CHUNKS_H
#define MEGALIF_IO_HDF5_CHUNKS_H

#include "io/hdf5_bytes.h"

/* Are the chunks in the box of `count` values behind `start` of the size that the dataset's layout
 * asks for? One that is packed counts as good when nothing of its packing is left out. True where
 * the dataset has no chunks. */
bool hdf5_chunks_fit(hid_t dataset, const hsize_t *start, const hsize_t *count);

/* Has the first chunk, where deflate packed it, as many bytes as the layout asks for? */
bool hdf5_chunks_unpack(const struct hdf5_bytes *file, hid_t dataset);

#endif
