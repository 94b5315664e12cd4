/* From the words of one Philox call to a number of a law; for one number (neuron/draw.c) and for
 * loops over many (draw.h). Pure and thread-safe. */
#ifndef MEGALIF_KERNEL_DRAW_LAWS_H
#define MEGALIF_KERNEL_DRAW_LAWS_H

#include "base/elementary_inline.h"

#include <math.h>
#include <stdint.h>

/* 32-bit words are converted as signed ones, which all vectors can. */
static inline double law_double(uint32_t word)
{
    return (double)(int32_t)(word ^ 0x80000000) + 0x1p31;
}

/* [0, 1) with 53 bits: each sum is exact. */
static inline double law_unit(uint32_t high, uint32_t low)
{
    return law_double(high) * 0x1p-32 + (double)(int32_t)(low >> 11) * 0x1p-53;
}

/* [lo, hi); rounding may reach hi: then the number before it. */
static inline double law_uniform(uint32_t high, uint32_t low, double lo, double hi, double before)
{
    double value = __builtin_fma(law_unit(high, low), hi - lo, lo);
    return value < hi ? value : before;
}

/* A standard normal by Box and Muller (1958); the half keeps the logarithm away from 0. */
static inline __attribute__((always_inline)) double law_normal(uint32_t w0, uint32_t w1,
                                                               uint32_t w2, uint32_t w3)
{
    double radius = law_unit(w0, w1) + 0x1p-54;
    return sqrt(-2.0 * inline_log(radius)) * inline_sin_quarters(law_unit(w2, w3), 1);
}

#endif
