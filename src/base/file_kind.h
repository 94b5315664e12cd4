/* What a file is that was given in place of another. Thread-safe. */
#ifndef MEGALIF_BASE_FILE_KIND_H
#define MEGALIF_BASE_FILE_KIND_H

#include <stddef.h>

enum { FILE_KIND_BYTES = 512 }; /* from the beginning of a file, or all it has, are enough */

/* What a file is that begins with these bytes, and what would help, to follow "it is ": "a gzip
 * file; unpack it first (gunzip)". NULL where no kind is recognised, as of text and HDF5. */
const char *file_kind(const void *bytes, size_t count);

#endif
