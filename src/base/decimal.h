/* Exact decimal numbers, for times: 0.1 ms is a tenth, not the double next to it. */
#ifndef MEGALIF_BASE_DECIMAL_H
#define MEGALIF_BASE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* mantissa * 10^exponent; normalised: the mantissa has no trailing zero, zero is {0, 0}. */
struct decimal {
    int64_t mantissa;
    int exponent;
};

/* Reads a decimal literal ([+-]digits[.digits][e[+-]digits], or E) from [text, text + length), all
 * of it. No locale, no hex, no nan or inf. False when it is none or does not fit (18 digits,
 * exponent within +-400). */
bool decimal_parse(const char *text, int length, struct decimal *out);

/* value * 10^shift, for unit prefixes. */
struct decimal decimal_scale(struct decimal value, int shift);

/* The double nearest to the exact value (ties to even), whatever the locale. */
double decimal_to_double(struct decimal value);

/* time / dt as a whole number. False when it is none (or negative, or beyond 2^63 - 1). dt > 0. */
bool decimal_whole_multiple(struct decimal time, struct decimal dt, uint64_t *steps);

/* time / dt to the nearest whole number, halves up: floor(time / dt + 1/2) exactly; 0 for negative
 * times, at most 2^63 - 1. dt > 0. */
uint64_t decimal_nearest_multiple(struct decimal time, struct decimal dt);

/* The double nearest to the exact value of steps * dt, ties to even: the timestamp of a step. */
double decimal_times_steps(struct decimal dt, uint64_t steps);

/* Text that decimal_parse reads back: plain from 1e-4 to below 1e16 ("0.1", "2000"), else with an
 * exponent ("1e-7"). buffer: >= 48 bytes. */
const char *decimal_format(struct decimal value, char *buffer);

/* A finite double with the fewest digits (%.1g .. %.17g) that read back to the same bits, whatever
 * the locale; written like decimal_format ("20", not "2e+01"). Others are "nan", "inf" and "-inf".
 * buffer: >= 32 bytes. */
const char *double_format(double value, char *buffer);

/* A finite double rounded to so many significant digits, 1 to 17. */
struct decimal decimal_round(double value, int digits);

/* The double nearest to the literal in [text, text + length), same grammar as decimal_parse but any
 * number of digits. False when it is no literal, or overflows. Independent of the locale. */
bool double_parse(const char *text, int length, double *out);

#endif
