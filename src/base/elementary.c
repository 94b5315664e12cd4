/* exp, expm1, log, sin and cos; elementary_inline.h has what loops inline. */
#include "base/elementary.h"

#include "base/elementary_inline.h"

#include <math.h>

#define LOG2_E 0x1.71547652b82fep0

/* 2^exponent, exponent in [-1022, 1023] */
static double power_of_two(int exponent)
{
    return double_of_bits((uint64_t)(exponent + 1023) << 52);
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
    return inline_log(x);
}

/* Whole turns go exactly. */
static double sin_quarters(double x, int quarter)
{
    return inline_sin_quarters(x - (double)(int64_t)x, quarter);
}

double elementary_sin_turns(double x)
{
    return sin_quarters(x, 0);
}

double elementary_cos_turns(double x)
{
    return sin_quarters(x, 1);
}
