/* SHA-256 (FIPS 180-4), for telling whether a file is still the same: as sha256sum prints it. */
#ifndef MEGALIF_BASE_SHA256_H
#define MEGALIF_BASE_SHA256_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SHA256_TEXT = 65 }; /* 64 hexadecimal digits and a NUL */

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    unsigned char rest[64];
};

void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *data, size_t bytes);
void sha256_end(struct sha256 *sha, char text[SHA256_TEXT]);

/* Of all bytes of a file, with their number. STATUS_OUTPUT with a message that names the file,
 * or STATUS_MEMORY. */
enum status sha256_file(const char *path, char text[SHA256_TEXT], uint64_t *bytes,
                        struct error *err);

#endif
