/* The parts of the digest that no inner loop calls: names as streams, and the digest as text. */
#include "base/digest.h"

#include <inttypes.h>
#include <stdio.h>

uint64_t fnv1a64(const char *name)
{
    return fnv1a64_continue(UINT64_C(0xcbf29ce484222325), name);
}

uint64_t fnv1a64_continue(uint64_t hash, const char *rest)
{
    for (const char *c = rest; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    return hash;
}

void digest_format(const struct digest *digest, char *text)
{
    snprintf(text, 33, "%016" PRIx64 "%016" PRIx64, digest->sum[0], digest->sum[1]);
}
