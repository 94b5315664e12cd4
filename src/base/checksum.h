/* A checksum of 64 bits against damage on disk, not against malice. */
#ifndef MEGALIF_BASE_CHECKSUM_H
#define MEGALIF_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Every single changed bit, byte or 8-byte word changes it for certain, all other damage but for
 * one case in 2^64; so does another length. Some 10 GB/s. Numbers of the machine's own byte order
 * go in, so a file that says which it has is needed. Pure. */
uint64_t checksum64(const void *bytes, size_t size);

#endif
