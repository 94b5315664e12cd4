/* What the tests of kernels and random numbers share: all tables of kernels that this CPU runs, and
 * numbers to test with, from a generator that is not the one under test. */
#ifndef MEGALIF_TESTS_KERNEL_HELPERS_H
#define MEGALIF_TESTS_KERNEL_HELPERS_H

#include "kernel/kernel.h"

enum { KERNEL_TABLES = 2 * ISA_COUNT };

/* Table i, or NULL: scalar 32, scalar 64, avx2 32 ... */
static inline const struct kernels *kernel_table(int i)
{
    return kernels_for((enum isa)(i / 2), i % 2 ? 64 : 32);
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Uniform in [lo, hi). */
static inline double random_between(uint64_t *state, double lo, double hi)
{
    return lo + (hi - lo) * (double)(next_random(state) >> 11) * 0x1p-53;
}

#endif
