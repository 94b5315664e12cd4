/* The digest of a raster: two 64-bit sums modulo 2^64 of keyed mixes of (population, step, id) over
 * all spikes, with their count. Sums commute: any order of spikes, threads or ranks gives the same.
 */
#ifndef MEGALIF_BASE_DIGEST_H
#define MEGALIF_BASE_DIGEST_H

#include <stdint.h>

struct digest {
    uint64_t sum[2];
    uint64_t spikes;
};

/* FNV-1a, 64 bits, of a name: the stream number of random numbers and digests. */
uint64_t fnv1a64(const char *name);

/* Goes on with the hash of a name's beginning: the hash of both together. */
uint64_t fnv1a64_continue(uint64_t hash, const char *rest);

/* The finaliser of MurmurHash3 (fmix64), a bijection of 64 bits with full avalanche. */
static inline uint64_t mix64(uint64_t x)
{
    x = (x ^ (x >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ (x >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ (x >> 33);
}

/* Key of all spikes of one population in one step; stream = fnv1a64("population.NAME");
 * step is the spike's step number (time / dt). */
static inline uint64_t digest_key(uint64_t stream, uint64_t step)
{
    return mix64(stream ^ mix64(step));
}

#define DIGEST_FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* Adds one spike; product = (key + id) DIGEST_FACTOR modulo 2^64. */
static inline void digest_add_product(struct digest *digest, uint64_t product)
{
    uint64_t a = (product ^ (product >> 32)) * UINT64_C(0xff51afd7ed558ccd);
    uint64_t b = (product ^ (product >> 29)) * UINT64_C(0xc4ceb9fe1a85ec53);
    digest->sum[0] += a ^ (a >> 32);
    digest->sum[1] += b ^ (b >> 31);
    digest->spikes++;
}

/* Adds one spike of neuron id under its key. */
static inline void digest_add(struct digest *digest, uint64_t key, uint64_t id)
{
    digest_add_product(digest, (key + id) * DIGEST_FACTOR);
}

/* into += part. */
static inline void digest_merge(struct digest *into, const struct digest *part)
{
    into->sum[0] += part->sum[0];
    into->sum[1] += part->sum[1];
    into->spikes += part->spikes;
}

/* "0123456789abcdef0123456789abcdef" (sum[0] then sum[1]); text: >= 33 bytes. */
void digest_format(const struct digest *digest, char *text);

#endif
