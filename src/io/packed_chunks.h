/* Long 1-d datasets of 8-byte numbers, filled and packed by several threads: HDF5's own filters
 * run on one, an order of magnitude slower. Private to io; provenance.h is the way in. */
#ifndef MEGALIF_IO_PACKED_CHUNKS_H
#define MEGALIF_IO_PACKED_CHUNKS_H

#include "base/error.h"

#include <hdf5.h>
#include <stdint.h>

enum { PACKED_CHUNK_ROWS = 65536 };

/* Fills in the numbers [begin, end) of a dataset, the first to values[0]. Called by several threads
 * at once. */
typedef void number_fill(const void *context, uint64_t begin, uint64_t end, void *values);

/* Writes all `length` >= 1 numbers of a dataset of 8-byte values in chunks of PACKED_CHUNK_ROWS,
 * deflated after a shuffle; in the last chunk zeros stand behind them. The file is the same for any
 * number of threads. Errors: STATUS_MEMORY; STATUS_OUTPUT, which names the file and `name`. One
 * call at a time. */
enum status packed_chunks_write(hid_t dataset, const char *name, uint64_t length, int threads,
                                number_fill *fill, const void *context, struct error *err);

/* Bytes that packed_chunks_write allocates for so many numbers. */
uint64_t packed_chunks_memory(uint64_t length, int threads);

#endif
