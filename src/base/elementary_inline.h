/* The elementary functions that many numbers go through in a row (kernel/draw_rows.h), for loops
 * that a compiler takes to vectors: no branches, and no integers wider than vectors convert. The
 * same bits as elementary.h's, which are these. Pure and thread-safe. */
#ifndef MEGALIF_BASE_ELEMENTARY_INLINE_H
#define MEGALIF_BASE_ELEMENTARY_INLINE_H

#include <stdint.h>
#include <string.h>

/* ln 2 in two parts; the first has 32 trailing zeros, so that its product with an exponent is
 * exact. */
#define LN2_HIGH 0x1.62e42fee00000p-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define TWO_PI 0x1.921fb54442d18p2

/* c[0] + c[1] x + ... + c[n - 1] x^(n - 1) */
static inline __attribute__((always_inline)) double polynomial(const double *c, int n, double x)
{
    double sum = c[n - 1];
#pragma GCC unroll 16
    for (int i = n - 2; i >= 0; i--)
        sum = __builtin_fma(sum, x, c[i]);
    return sum;
}

static inline double double_of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t bits_of_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Nearest integer; |x| < 2^31, halves and what rounds to them go either way. */
static inline int nearest(double x)
{
    return (int)(x + (x < 0 ? -0.5 : 0.5));
}

/* a + b + small, where only the last sum rounds to the full. */
static inline double sum_of_three(double a, double b, double small)
{
    double sum = a + b;
    double b_seen = sum - a;
    double error = (a - (sum - b_seen)) + (b - b_seen);
    return sum + (error + small);
}

/* log x for normal x > 0: x = 2^k m, m in [sqrt(1/2), sqrt(2)]; log(1 + f) = 2 atanh(s),
 * s = f / (2 + f): the series 2 (s + s^3/3 + s^5/5 + ...), |s| < 0.172; the first term left out is
 * below 2^-60 of the result. */
static inline __attribute__((always_inline)) double inline_log(double x)
{
    static const double odd[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                                 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
    const uint64_t of_sqrt_2 = UINT64_C(0x6a09e667f3bcd), one = UINT64_C(1) << 52;
    uint64_t bits = bits_of_double(x), fraction = bits & (one - 1);
    uint64_t above = (fraction + (one - 1 - of_sqrt_2)) >> 52; /* 1: halve it */
    /* An integer as the low bits of 2^52 + it: AVX2 does not convert those of 64 bits. */
    double k =
        double_of_bits(((bits >> 52) + above) | UINT64_C(0x4330000000000000)) - 0x1p52 - 1023;
    double m = double_of_bits(fraction | (1023 - above) << 52);
    double f = m - 1;
    double s = f / (2 + f);
    double z = s * s;
    double series = z * polynomial(odd, 11, z);
    /* 2 s = f - f^2/2 + s f^2/2 exactly, so the large f need not pass through a division. */
    double half_square = 0.5 * f * f;
    double small = __builtin_fma(s, half_square + series, k * LN2_LOW);
    return sum_of_three(k * LN2_HIGH, f, small - half_square);
}

/* sin(2 pi (part + quarter / 4)), |part| <= 1. The series of sin and cos up to x^17 and x^18;
 * |angle| <= pi/4. */
static inline __attribute__((always_inline)) double inline_sin_quarters(double part, int quarter)
{
    static const double sine[] = {
        -1.0 / 6,        1.0 / 120,        -1.0 / 5040,          1.0 / 362880,
        -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000};
    static const double cosine[] = {-1.0 / 2,
                                    1.0 / 24,
                                    -1.0 / 720,
                                    1.0 / 40320,
                                    -1.0 / 3628800,
                                    1.0 / 479001600,
                                    -1.0 / 87178291200,
                                    1.0 / 20922789888000,
                                    -1.0 / 6402373705728000};
    int near = nearest(4 * part);
    double angle = TWO_PI * (part - 0.25 * near);
    double z = angle * angle;
    uint64_t which = (uint64_t)(near + quarter), swapped = -(which & 1);
    uint64_t of_cosine = bits_of_double(__builtin_fma(z, polynomial(cosine, 9, z), 1));
    uint64_t of_sine = bits_of_double(__builtin_fma(angle * z, polynomial(sine, 8, z), angle));
    return double_of_bits(((of_cosine & swapped) | (of_sine & ~swapped)) ^ (which & 2) << 62);
}

#endif
