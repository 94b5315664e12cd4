/* exp(x) in float32 for x in [-87, 0]: 2^k e^r with |r| <= ln(2) / 2, and Taylor's polynomial of
 * degree 7. Relative error below 2e-7. */
#ifndef MEGALIF_KERNEL_EXP_H
#define MEGALIF_KERNEL_EXP_H

#include "kernel/simd.h"

static inline vf vf_exp(vf x)
{
    const vf round = vf_set1(0x1.8p23f); /* a sum with it has no fraction: k is in its low bits */
    vf t = vf_fma(x, vf_set1(0x1.715476p+0f), round); /* 1 / ln 2 */
    vf k = vf_sub(t, round);
    vf r = vf_fma(k, vf_set1(-0x1.62e400p-1f), x);
    r = vf_fma(k, vf_set1(-0x1.7f7d1cp-20f), r);
    vf p = vf_set1(1.0f / 5040);
    p = vf_fma(p, r, vf_set1(1.0f / 720));
    p = vf_fma(p, r, vf_set1(1.0f / 120));
    p = vf_fma(p, r, vf_set1(1.0f / 24));
    p = vf_fma(p, r, vf_set1(1.0f / 6));
    p = vf_fma(p, r, vf_set1(0.5f));
    p = vf_fma(p, r, vf_set1(1.0f));
    p = vf_fma(p, r, vf_set1(1.0f));
    return vf_of_bits(vu_add(vf_bits(p), vu_shl(vf_bits(t), 23)));
}

#endif
