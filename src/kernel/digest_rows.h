/* The kernel `digest_pairs` (kernel.h): a plain loop, which compilers take to the vectors of the
 * instruction set. */
#ifndef MEGALIF_DIGEST_ROWS_H
#define MEGALIF_DIGEST_ROWS_H

#include "base/digest.h"

#include <stddef.h>

static void digest_pairs(struct digest *digest, const uint64_t *restrict one,
                         const uint64_t *restrict other, const uint64_t *restrict id, size_t count)
{
    struct digest sum = {.spikes = 0}; /* in registers */
    for (size_t i = 0; i < count; i++)
        digest_add(&sum, mix64(one[i]) ^ mix64(other[i]), id[i]);
    digest_merge(digest, &sum);
}

#endif
