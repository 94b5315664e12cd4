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

/* -2 ln u for u in [2^-32, 1]: u = 2^k m with m in [sqrt(1/2), sqrt(2)), and a minimax polynomial
 * in f = m - 1. Relative error below 2e-7. */
static inline vf minus_two_log(vf u)
{
    vu bits = vf_bits(u);
    vu exponent = vu_sar(vu_sub(bits, vu_set1(0x3f3504f3)), 23);
    vf k = vf_from_int(exponent);
    vf f = vf_sub(vf_of_bits(vu_sub(bits, vu_shl(exponent, 23))), vf_set1(1.0f));
    vf p = vf_set1(-0x1.67ed28p-3f);
    p = vf_fma(p, f, vf_set1(0x1.21fd54p-2f));
    p = vf_fma(p, f, vf_set1(-0x1.2fd102p-2f));
    p = vf_fma(p, f, vf_set1(0x1.53bb74p-2f));
    p = vf_fma(p, f, vf_set1(-0x1.990710p-2f));
    p = vf_fma(p, f, vf_set1(0x1.000302p-1f));
    p = vf_fma(p, f, vf_set1(-0x1.555638p-1f));
    p = vf_fma(p, f, vf_set1(0x1.fffffep-1f));
    p = vf_fma(p, f, vf_set1(-2.0f));
    return vf_fma(k, vf_set1(-0x1.62e430p+0f), vf_mul(p, f)); /* -2 ln 2 */
}

/* cos and sin of a uniform angle given by 32 bits: bit 31 swaps them, bit 30 is the sign of the
 * cosine, the rest an angle in [-pi/4, pi/4). Absolute error below 2e-7. */
static inline void cos_sin(vu bits, vf *cosine, vf *sine)
{
    vf t = vf_mul(vf_from_int(vu_shl(bits, 2)), vf_set1(0x1p-31f));
    vf z = vf_mul(t, t);
    vf s = vf_set1(-0x1.2d9b40p-15f);
    s = vf_fma(s, z, vf_set1(0x1.465ec4p-9f));
    s = vf_fma(s, z, vf_set1(-0x1.4abbbap-4f));
    s = vf_fma(s, z, vf_set1(0x1.921fb6p-1f));
    s = vf_mul(s, t);
    vf c = vf_set1(-0x1.4e5e06p-12f);
    c = vf_fma(c, z, vf_set1(0x1.03af58p-6f));
    c = vf_fma(c, z, vf_set1(-0x1.3bd392p-2f));
    c = vf_fma(c, z, vf_set1(1.0f));
    c = vf_xor_bits(c, vu_and(vu_shl(bits, 1), vu_set1(0x80000000)));
    *cosine = vf_choose(c, s, bits);
    *sine = vf_choose(s, c, bits);
}

/* normal[2 j], normal[2 j + 1] = pair j. */
static inline void normals_of_words(vf normal[8], const vu word[4])
{
    const vu low12 = vu_set1(0xfff), high20 = vu_set1(0xfffff000);
    for (int j = 0; j < 4; j++) {
        vu radius = vu_or(vu_and(word[j], high20), vu_and(word[(j + 2) & 3], low12));
        vu angle = vu_or(vu_shl(word[j], 20), vu_shr(word[(j + 1) & 3], 12));
        vf u = vf_fma(vf_from_int(vu_shr(radius, 1)), vf_set1(0x1p-31f), vf_set1(0x1p-32f));
        vf r = vf_sqrt(minus_two_log(u));
        vf cosine, sine;
        cos_sin(angle, &cosine, &sine);
        normal[2 * j] = vf_mul(r, cosine);
        normal[2 * j + 1] = vf_mul(r, sine);
    }
}

#endif
