/* Elementary functions in double with the same bits on every machine, compiler and C library: only
 * IEEE + - * / sqrt fma, comparisons and integer operations. Used in set-up, never in a hot loop.
 * Bounds are checked against MPFR in tests/unit/test_elementary.c. All are pure and thread-safe. */
#ifndef MEGALIF_BASE_ELEMENTARY_H
#define MEGALIF_BASE_ELEMENTARY_H

double elementary_exp(double x);   /* error <= 2 ulp for x in [-708, 709]; below: 0, above: inf */
double elementary_expm1(double x); /* error <= 2 ulp for x in [-708, 709] */
double elementary_log(double x);   /* error <= 2 ulp for normal x > 0; x <= 0 is a caller's bug */
double elementary_sin_turns(double x); /* sin(2 pi x), |x| <= 2^52: absolute error <= 2^-51 */
double elementary_cos_turns(double x); /* cos(2 pi x), likewise */

#endif
