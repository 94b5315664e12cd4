#include "base/elementary.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts; the first has 32 trailing zeros, so that its product with an exponent is
 * exact. */
#define LN2_HIGH 0x1.62e42fee00000p-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define LOG2_E 0x1.71547652b82fep0
#define SQRT_2 0x1.6a09e667f3bcdp0
#define TWO_PI 0x1.921fb54442d18p2

/* c[0] + c[1] x + ... + c[n - 1] x^(n - 1) */
static double polynomial(const double *c, int n, double x)
{
    double sum = c[n - 1];
    for (int i = n - 2; i >= 0; i--) {
        sum = __builtin_fma(sum, x, c[i]);
    }
    return sum;
}

/* 2^exponent, exponent in [-1022, 1023] */
static double power_of_two(int exponent)
{
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Nearest integer; |x| < 2^31, halves and what rounds to them go either way. */
static int nearest(double x)
{
    return (int)(x + (x < 0 ? -0.5 : 0.5));
}

/* exp(x) = 2^k (1 + r + t): k whole, |r| <= 0.35, t small beside r. */
struct exp_parts {
    int k;
    double r;
    double t;
};

static struct exp_parts exp_split(double x)
{
    /* Taylor's terms 1/2! .. 1/14!: the next is below 2^-60 of the result. */
    static const double inverse_factorial[] = {
        1.0 / 2,         1.0 / 6,          1.0 / 24,         1.0 / 120,     1.0 / 720,
        1.0 / 5040,      1.0 / 40320,      1.0 / 362880,     1.0 / 3628800, 1.0 / 39916800,
        1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200};
    int k = nearest(x * LOG2_E);
    double high = __builtin_fma(-k, LN2_HIGH, x);
    double low = k * LN2_LOW;
    double r = high - low;
    double rest = (high - r) - low;
    double q = polynomial(inverse_factorial, 13, r);
    return (struct exp_parts){k, r, __builtin_fma(r * r, q, rest)};
}

/* a + b + small, where only the last sum rounds to the full. */
static double sum_of_three(double a, double b, double small)
{
    double sum = a + b;
    double b_seen = sum - a;
    double error = (a - (sum - b_seen)) + (b - b_seen);
    return sum + (error + small);
}

double elementary_exp(double x)
{
    if (x < -708) {
        return 0;
    }
    if (!(x <= 709)) {
        return x > 709 ? HUGE_VAL : x;
    }
    struct exp_parts p = exp_split(x);
    return power_of_two(p.k) * sum_of_three(1, p.r, p.t);
}

double elementary_expm1(double x)
{
    if (x < -40) {
        return -1; /* 1 - exp(-40) rounds to 1 */
    }
    if (!(x <= 40)) {
        return elementary_exp(x) - 1;
    }
    if (x > -0x1p-54 && x < 0x1p-54) {
        return x; /* keeps the sign of zero */
    }
    struct exp_parts p = exp_split(x);
    double scale = power_of_two(p.k);
    return sum_of_three(scale - 1, scale * p.r, scale * p.t);
}

double elementary_log(double x)
{
    /* log(1 + f) = 2 atanh(s), s = f / (2 + f): the series 2 (s + s^3/3 + s^5/5 + ...), |s| <
     * 0.172; the first term left out is below 2^-60 of the result. */
    static const double odd[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                                 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int k = (int)(bits >> 52) - 1023;
    bits = (bits & UINT64_C(0xfffffffffffff)) | UINT64_C(0x3ff0000000000000);
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > SQRT_2) {
        m /= 2;
        k++;
    }
    double f = m - 1;
    double s = f / (2 + f);
    double z = s * s;
    double series = z * polynomial(odd, 11, z);
    /* 2 s = f - f^2/2 + s f^2/2 exactly, so the large f need not pass through a division. */
    double half_square = 0.5 * f * f;
    double small = __builtin_fma(s, half_square + series, k * LN2_LOW);
    return sum_of_three(k * LN2_HIGH, f, small - half_square);
}

/* sin(2 pi (x + quarter / 4)) */
static double sin_quarters(double x, int quarter)
{
    /* The series of sin and cos up to x^17 and x^18; |angle| <= pi/4. */
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
    double part = x - (double)(int64_t)x; /* whole turns and quarters go exactly */
    int near = nearest(4 * part);
    double angle = TWO_PI * (part - 0.25 * near);
    double z = angle * angle;
    unsigned which = (unsigned)(near + quarter) & 3;
    double value = (which & 1) != 0 ? __builtin_fma(z, polynomial(cosine, 9, z), 1)
                                    : __builtin_fma(angle * z, polynomial(sine, 8, z), angle);
    return (which & 2) != 0 ? -value : value;
}

double elementary_sin_turns(double x)
{
    return sin_quarters(x, 0);
}

double elementary_cos_turns(double x)
{
    return sin_quarters(x, 1);
}
