/* What the kernels are measured against: the cheapest loops that any implementation of the same
 * work would need, written apart from the kernels in plain intrinsics. They cannot simulate
 * anything: no neuron ever spikes, random bits are not turned into numbers. limits.cc is compiled
 * once per instruction set and precision, as src/kernel/kernels.c is. */
#ifndef MEGALIF_BENCH_LIMITS_H
#define MEGALIF_BENCH_LIMITS_H

#include <cstddef>
#include <cstdint>

extern "C" {
#include "base/cpu.h"
}

/* Arrays of float or double by precision, aligned to 64 bytes; counts are multiples of 128. */
struct limit_loops {
    /* u += fma(-e, u, d), u += jump. Arrays that are NULL: e1 and d1 for all, no jumps; e and jump
     * only with d, one of them. Returns nonzero when any sign bit was clear, out of masks of 64. */
    std::uint64_t (*step)(void *u, const void *e, const void *d, const void *jump, double e1,
                          double d1, std::size_t count);
    /* out = fma(c, row, in) */
    void (*accumulate)(void *out, const void *in, const void *row, double c, std::size_t count);
    /* 16 bits of Philox4x32-10 per neuron, stored as they come. */
    void (*random)(void *row, std::size_t count, const std::uint32_t key[2], std::uint64_t step);
};

/* The loops for an instruction set that kernels_for has. */
const limit_loops &limits_for(enum isa isa, int bits);

#endif
