/* The digest of a network's synapses: a sum of keyed mixes of (populations, ids, delay, weight) of
 * each, so that neither their order nor which projection or file they come from matters. Pure. */
#ifndef MEGALIF_NET_CONNECTIVITY_H
#define MEGALIF_NET_CONNECTIVITY_H

#include "base/digest.h"

#include <string.h>

/* Key of all synapses between two populations, by their names. */
static inline uint64_t connectivity_key(const char *source, const char *target)
{
    return digest_key(fnv1a64(source), fnv1a64(target));
}

static inline uint64_t connectivity_bits(double number)
{
    uint64_t bits;
    number += 0.0; /* one zero */
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* Adds one synapse: ids within the populations, the delay in ms as the double nearest to a whole
 * number of steps, the weight in the model's unit as a run uses it. */
static inline void connectivity_add(struct digest *digest, uint64_t key, uint64_t source,
                                    uint64_t target, double delay, double weight)
{
    uint64_t pair = mix64(key ^ mix64(target)) ^ mix64(connectivity_bits(delay));
    digest_add(digest, mix64(pair) ^ mix64(connectivity_bits(weight)), source);
}

#endif
