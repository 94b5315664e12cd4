/* Four pairs of standard normals from the four words of one Philox call (Box and Muller 1958).
 *
 * Each pair needs a radius and an angle. 16 bits of each would show in the tails and near zero, so
 * a pair takes 32 bits for both, high bits from its own word and low bits from its neighbours':
 *     radius bits of pair j = word[j] bits 31..12, then word[j + 2] bits 11..0
 *     angle  bits of pair j = word[j] bits 11..0,  then word[j + 1] bits 31..12   (indices mod 4)
 * Within a pair no bit is used twice: each pair is exact to 32 + 32 bits. Between the pairs of a
 * call a bit that is among the 20 lowest of an angle (or 12 of a radius) is a high one elsewhere,
 * which only shows to who conditions on 2^-12 of a turn and 2^-20 of the radius' probability at
 * once. The largest radius is sqrt(64 ln 2) = 6.66. */
#ifndef MEGALIF_KERNEL_NORMAL_H
#define MEGALIF_KERNEL_NORMAL_H

#include "kernel/simd.h"

/* Four numbers are taken through each function side by side: every step of a polynomial waits for
 * the one before it, and a processor does not see far enough ahead to find the next number's. */
enum { PAIRS = 4 };

/* p[j] = polynomial in x[j], highest coefficient first. */
static inline __attribute__((always_inline)) void
polynomials(vf p[PAIRS], const vf x[PAIRS], const float *coefficient, size_t count)
{
    for (int j = 0; j < PAIRS; j++)
        p[j] = vf_set1(coefficient[0]);
#pragma GCC unroll 16
    for (size_t i = 1; i < count; i++)
#pragma GCC unroll 4
        for (int j = 0; j < PAIRS; j++)
            p[j] = vf_fma(p[j], x[j], vf_set1(coefficient[i]));
}

/* r = sqrt(-2 ln u) for u in [2^-32, 1]: u = 2^k m with m in [sqrt(1/2), sqrt(2)), and a minimax
 * polynomial in f = m - 1. Relative error of -2 ln u below 2e-7. */
static inline __attribute__((always_inline)) void radii(vf r[PAIRS], const vf u[PAIRS])
{
    static const float coefficient[] = {-0x1.67ed28p-3f, 0x1.21fd54p-2f,  -0x1.2fd102p-2f,
                                        0x1.53bb74p-2f,  -0x1.990710p-2f, 0x1.000302p-1f,
                                        -0x1.555638p-1f, 0x1.fffffep-1f,  -2.0f};
    vf k[PAIRS], f[PAIRS], p[PAIRS];
    for (int j = 0; j < PAIRS; j++) {
        vu bits = vf_bits(u[j]);
        vu exponent = vu_sar(vu_sub(bits, vu_set1(0x3f3504f3)), 23);
        k[j] = vf_from_int(exponent);
        f[j] = vf_sub(vf_of_bits(vu_sub(bits, vu_shl(exponent, 23))), vf_set1(1.0f));
    }
    polynomials(p, f, coefficient, sizeof coefficient / sizeof *coefficient);
    for (int j = 0; j < PAIRS; j++) /* -2 ln 2 */
        r[j] = vf_sqrt(vf_fma(k[j], vf_set1(-0x1.62e430p+0f), vf_mul(p[j], f[j])));
}

/* cos and sin of a uniform angle given by 32 bits: bit 31 swaps them, bit 30 is the sign of the
 * cosine, the rest an angle in [-pi/4, pi/4). Absolute error below 2e-7. */
static inline __attribute__((always_inline)) void cos_sin(vf cosine[PAIRS], vf sine[PAIRS],
                                                          const vu bits[PAIRS])
{
    static const float sines[] = {-0x1.2d9b40p-15f, 0x1.465ec4p-9f, -0x1.4abbbap-4f,
                                  0x1.921fb6p-1f},
                       cosines[] = {-0x1.4e5e06p-12f, 0x1.03af58p-6f, -0x1.3bd392p-2f, 1.0f};
    vf t[PAIRS], z[PAIRS], s[PAIRS], c[PAIRS];
    for (int j = 0; j < PAIRS; j++) {
        t[j] = vf_mul(vf_from_int(vu_shl(bits[j], 2)), vf_set1(0x1p-31f));
        z[j] = vf_mul(t[j], t[j]);
    }
    polynomials(s, z, sines, sizeof sines / sizeof *sines);
    polynomials(c, z, cosines, sizeof cosines / sizeof *cosines);
    for (int j = 0; j < PAIRS; j++) {
        s[j] = vf_mul(s[j], t[j]);
        c[j] = vf_xor_bits(c[j], vu_and(vu_shl(bits[j], 1), vu_set1(0x80000000)));
        cosine[j] = vf_choose(c[j], s[j], bits[j]);
        sine[j] = vf_choose(s[j], c[j], bits[j]);
    }
}

/* normal[2 j], normal[2 j + 1] = pair j. */
static inline __attribute__((always_inline)) void normals_of_words(vf normal[2 * PAIRS],
                                                                   const vu word[PAIRS])
{
    const vu low12 = vu_set1(0xfff), high20 = vu_set1(0xfffff000);
    vf u[PAIRS], r[PAIRS], cosine[PAIRS], sine[PAIRS];
    vu angle[PAIRS];
    for (int j = 0; j < PAIRS; j++) {
        vu radius = vu_or(vu_and(word[j], high20), vu_and(word[(j + 2) & 3], low12));
        u[j] = vf_fma(vf_from_int(vu_shr(radius, 1)), vf_set1(0x1p-31f), vf_set1(0x1p-32f));
    }
    radii(r, u);
    for (int j = 0; j < PAIRS; j++)
        angle[j] = vu_or(vu_shl(word[j], 20), vu_shr(word[(j + 1) & 3], 12));
    cos_sin(cosine, sine, angle);
    for (int j = 0; j < PAIRS; j++) {
        normal[2 * j] = vf_mul(r[j], cosine[j]);
        normal[2 * j + 1] = vf_mul(r[j], sine[j]);
    }
}

#endif
