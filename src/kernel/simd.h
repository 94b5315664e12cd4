/* Picks the vocabulary this file is compiled for: -DKERNEL_SCALAR | _AVX2 | _AVX512 and
 * -DKERNEL_BITS=32 | 64 (the precision of `real`). KERNEL_TABLE is the one name it exports. */
#ifndef MEGALIF_KERNEL_SIMD_H
#define MEGALIF_KERNEL_SIMD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __FAST_MATH__
#error "-ffast-math changes the bits of every raster; build without it"
#endif

#define KERNEL_JOIN_(a, b) kernels_##a##_##b
#define KERNEL_JOIN(a, b) KERNEL_JOIN_(a, b)

#if defined KERNEL_AVX512
#include "kernel/simd_avx512.h"
#define KERNEL_ISA ISA_AVX512
#define KERNEL_TABLE KERNEL_JOIN(avx512, KERNEL_BITS)
#elif defined KERNEL_AVX2
#include "kernel/simd_avx2.h"
#define KERNEL_ISA ISA_AVX2
#define KERNEL_TABLE KERNEL_JOIN(avx2, KERNEL_BITS)
#else
#include "kernel/simd_scalar.h"
#define KERNEL_ISA ISA_SCALAR
#define KERNEL_TABLE KERNEL_JOIN(scalar, KERNEL_BITS)
#endif

#if KERNEL_BITS == 32
typedef int32_t sum_of_weights;
#else
typedef int64_t sum_of_weights;
#endif

enum { HALVES = WORD_LANES / REAL_LANES }; /* 2 where reals are twice as wide as words */

static inline void vr_store_floats(real *p, vf a)
{
    for (int half = 0; half < HALVES; half++)
        vr_store(p + (size_t)half * REAL_LANES, vr_of_floats(a, half));
}

#endif
