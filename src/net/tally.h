/* One weight added to the sums of many targets, as often as they are told. Where many are told in a
 * step they are counted in bytes first: on some processors a sum that lies beyond the first-level
 * cache takes three times as long to add to, and a quarter as many bytes mostly lie within it. */
#ifndef MEGALIF_TALLY_H
#define MEGALIF_TALLY_H

#include "kernel/kernel.h"

#include <stdbool.h>

struct tally {
    const struct kernels *kernels; /* of sums with so many bits */
    void *sum;                     /* [targets] */
    uint8_t *count;                /* [targets], all 0; NULL: there is none */
    size_t targets;
    int64_t weight;
};

/* Bytes of the counts of so many targets; 0 where counting saves no time. */
size_t tally_bytes(size_t targets);

/* Is it worth counting about so many events? */
bool tally_pays(size_t targets, double events);

/* Counts go to the sums. */
void tally_close(const struct tally *tally);

static inline void tally_count(const struct tally *t, const uint16_t *target, size_t n)
{
    uint8_t *count = t->count;
    int32_t *narrow = t->kernels->bits == 32 ? t->sum : NULL;
    int64_t *wide = t->kernels->bits == 32 ? NULL : t->sum;
#pragma GCC unroll 8
    for (size_t i = 0; i < n; i++)
        if (__builtin_expect(++count[target[i]] == 0, 0)) {
            if (narrow)
                narrow[target[i]] += (UINT8_MAX + 1) * (int32_t)t->weight;
            else
                wide[target[i]] += (UINT8_MAX + 1) * t->weight;
        }
}

static inline void tally_add(const struct tally *t, const uint16_t *target, size_t n)
{
    const int32_t weight = (int32_t)t->weight;
    int32_t *narrow = t->sum;
    int64_t *wide = t->sum;
    if (t->count)
        tally_count(t, target, n);
    else if (t->kernels->bits == 32)
#pragma GCC unroll 8
        for (size_t i = 0; i < n; i++)
            narrow[target[i]] += weight;
    else
        for (size_t i = 0; i < n; i++)
            wide[target[i]] += t->weight;
}

#endif
