/* Reads chunks of 8-byte numbers that HDF5's filters shuffle and deflate have packed, as this
 * library's own are: several times as fast as those filters unpack them. Called between
 * hdf5_quiet_begin and hdf5_quiet_end. */
#ifndef MEGALIF_IO_HDF5_UNPACK_H
#define MEGALIF_IO_HDF5_UNPACK_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory to unpack in, for one thread at a time. It grows to a chunk of the datasets read, unpacked
 * and as stored. */
struct hdf5_unpacker;

struct hdf5_unpacker *hdf5_unpacker_create(void);           /* NULL without memory */
void hdf5_unpacker_destroy(struct hdf5_unpacker *unpacker); /* NULL is fine */

/* Rows [first, first + rows) of a list into `values`, of the native type `type`. False where they
 * are not to be had this way, whatever the reason: they are no whole chunks, packed in another way
 * or of another type, there is no memory, or a chunk is damaged. Then `values` holds anything, and
 * HDF5 can be asked, which knows what is wrong. */
bool hdf5_unpack(struct hdf5_unpacker *unpacker, hid_t dataset, hid_t type, uint64_t first,
                 size_t rows, void *values);

#endif
