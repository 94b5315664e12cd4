/* The bytes of an open HDF5 file, as they lie on disk: for what has to be looked at before HDF5
 * believes it. What HDF5 has written but not flushed is not seen. */
#ifndef MEGALIF_IO_HDF5_BYTES_H
#define MEGALIF_IO_HDF5_BYTES_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hdf5_bytes {
    int descriptor; /* HDF5's own, so that both read the same file */
    uint64_t base;  /* where addresses count from */
    size_t address_bytes, size_bytes;
    uint64_t bytes;                    /* of the file, from `base` on */
    size_t tree_entries, leaf_entries; /* of a node in the index of a group */
};

/* False where the file is no plain one, or not open. Valid as long as the file is open. */
bool hdf5_bytes_of(hid_t file, struct hdf5_bytes *bytes);

/* Reads what lies at an address; false where the file ends before. Thread-safe. */
bool hdf5_bytes_read(const struct hdf5_bytes *file, uint64_t address, void *to, size_t size);

/* A little-endian number of 1 to 8 bytes. */
uint64_t hdf5_bytes_number(const uint8_t *bytes, size_t count);

#endif
