/* Exact decimals: a mantissa of 64 bits and a power of ten; text, doubles and multiples of them. */
#include "base/decimal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* strtod and printf are used on texts without a decimal point only, where no locale can meddle; the
 * C library's strtod rounds to nearest correctly. */

enum {
    MOST_DECIMAL_DIGITS = 18,
    MOST_DECIMAL_EXPONENT = 400,
    /* A double, or the middle of two, has at most 768 significant digits: beyond them it only
     * matters whether any digit is not zero. */
    MOST_DOUBLE_DIGITS = 800,
    MOST_EXPONENT = 100000000 /* larger ones in a text are cut to this */
};

/* A literal taken apart: 0 or +-d1d2...dn * 10^exponent, neither d1 nor dn zero. */
struct literal {
    bool negative;
    int digit_count; /* 0 for zero */
    int64_t exponent;
    char digits[MOST_DOUBLE_DIGITS + 1]; /* not terminated */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Adds a digit; zeros in front are dropped, and digits beyond the room leave a trace only. */
static void push_digit(struct literal *literal, char digit)
{
    if (literal->digit_count == 0 && digit == '0') {
        return;
    }
    if (literal->digit_count < MOST_DOUBLE_DIGITS) {
        literal->digits[literal->digit_count++] = digit;
        return;
    }
    literal->exponent++;
    if (digit != '0') {
        literal->digits[MOST_DOUBLE_DIGITS - 1] = '1';
    }
}

static void strip_zeros(struct literal *literal)
{
    while (literal->digit_count > 0 && literal->digits[literal->digit_count - 1] == '0') {
        literal->digit_count--;
        literal->exponent++;
    }
    if (literal->digit_count == 0) {
        literal->exponent = 0;
    }
}

/* Reads digits from *at on; false when there is none. */
static bool read_digits(const char **at, const char *end, struct literal *literal)
{
    const char *first = *at;
    for (; *at < end && is_digit(**at); ++*at) {
        push_digit(literal, **at);
    }
    return *at > first;
}

/* Reads [+-]digits to the end of the text. */
static bool read_exponent(const char *at, const char *end, int64_t *exponent)
{
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end) {
        return false;
    }
    int64_t value = 0;
    for (; at < end; at++) {
        if (!is_digit(*at)) {
            return false;
        }
        value = value < MOST_EXPONENT ? 10 * value + (*at - '0') : value;
    }
    *exponent += negative ? -value : value;
    return true;
}

static bool read_literal(const char *text, int length, struct literal *literal)
{
    const char *at = text;
    const char *end = text + (length > 0 ? length : 0);
    literal->negative = at < end && *at == '-';
    literal->digit_count = 0;
    literal->exponent = 0;
    at += at < end && (*at == '-' || *at == '+');
    if (!read_digits(&at, end, literal)) {
        return false;
    }
    if (at < end && *at == '.') {
        const char *point = ++at;
        if (!read_digits(&at, end, literal)) {
            return false;
        }
        literal->exponent -= at - point;
    }
    if (at < end && (*at != 'e' && *at != 'E')) {
        return false;
    }
    if (at < end && !read_exponent(at + 1, end, &literal->exponent)) {
        return false;
    }
    strip_zeros(literal);
    return true;
}

bool decimal_parse(const char *text, int length, struct decimal *out)
{
    struct literal literal;
    if (!read_literal(text, length, &literal) || literal.digit_count > MOST_DECIMAL_DIGITS ||
        literal.exponent < -MOST_DECIMAL_EXPONENT || literal.exponent > MOST_DECIMAL_EXPONENT) {
        return false;
    }
    int64_t mantissa = 0;
    for (int i = 0; i < literal.digit_count; i++) {
        mantissa = 10 * mantissa + (literal.digits[i] - '0');
    }
    *out = (struct decimal){literal.negative ? -mantissa : mantissa, (int)literal.exponent};
    return true;
}

bool double_parse(const char *text, int length, double *out)
{
    struct literal literal;
    if (!read_literal(text, length, &literal)) {
        return false;
    }
    char plain[MOST_DOUBLE_DIGITS + 32];
    snprintf(plain, sizeof plain, "%s%.*se%" PRId64, literal.negative ? "-" : "",
             literal.digit_count > 0 ? literal.digit_count : 1,
             literal.digit_count > 0 ? literal.digits : "0", literal.exponent);
    double value = strtod(plain, NULL);
    if (value - value != 0) { /* infinite */
        return false;
    }
    *out = value;
    return true;
}

struct decimal decimal_scale(struct decimal value, int shift)
{
    if (value.mantissa != 0) {
        value.exponent += shift;
    }
    return value;
}

/* The double nearest to +-magnitude * 10^exponent. */
static double scaled_to_double(bool negative, unsigned __int128 magnitude, int exponent)
{
    /* Clinger's fast way: both numbers are exact doubles, so one operation rounds once. */
    if (magnitude <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
        double power = 1;
        for (int i = abs(exponent); i > 0; i--) {
            power *= 10;
        }
        double whole = (double)(uint64_t)magnitude;
        double value = exponent < 0 ? whole / power : whole * power;
        return negative ? -value : value;
    }
    char text[64];
    char tail[16];
    int at = (int)sizeof text - 1 - snprintf(tail, sizeof tail, "e%d", exponent);
    strcpy(text + at, tail);
    do {
        text[--at] = (char)('0' + (int)(magnitude % 10));
        magnitude /= 10;
    } while (magnitude != 0);
    double value = strtod(text + at, NULL);
    return negative ? -value : value;
}

static uint64_t magnitude_of(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

double decimal_to_double(struct decimal value)
{
    return scaled_to_double(value.mantissa < 0, magnitude_of(value.mantissa), value.exponent);
}

double decimal_times_steps(struct decimal dt, uint64_t steps)
{
    unsigned __int128 product = (unsigned __int128)magnitude_of(dt.mantissa) * steps;
    return scaled_to_double(dt.mantissa < 0, product, dt.exponent);
}

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

bool decimal_whole_multiple(struct decimal time, struct decimal dt, uint64_t *steps)
{
    if (time.mantissa == 0) {
        *steps = 0;
        return true;
    }
    /* A normalised time with decimals that dt does not have is no multiple. */
    if (time.mantissa < 0 || time.exponent < dt.exponent) {
        return false;
    }
    uint64_t whole = (uint64_t)time.mantissa;
    uint64_t part = (uint64_t)dt.mantissa;
    uint64_t common = greatest_common_divisor(whole, part);
    whole /= common;
    part /= common;
    /* whole / part stays in lowest terms and whole only grows: it ends by overflow soon enough. */
    for (int shift = time.exponent - dt.exponent; shift > 0; shift--) {
        common = greatest_common_divisor(10, part);
        part /= common;
        if (__builtin_mul_overflow(whole, 10 / common, &whole)) {
            return false;
        }
    }
    if (part != 1 || whole > INT64_MAX) {
        return false;
    }
    *steps = whole;
    return true;
}

/* value * 10^shift; false: 2^128 or more. */
static bool scale_up(unsigned __int128 *value, int shift)
{
    for (; shift > 0 && *value != 0; shift--)
        if (__builtin_mul_overflow(*value, (unsigned __int128)10, value))
            return false;
    return true;
}

uint64_t decimal_nearest_multiple(struct decimal time, struct decimal dt)
{
    unsigned __int128 twice_time = 2 * (unsigned __int128)magnitude_of(time.mantissa);
    unsigned __int128 twice_dt = 2 * (unsigned __int128)magnitude_of(dt.mantissa);
    int shift = time.exponent - dt.exponent;
    if (time.mantissa <= 0 || !scale_up(&twice_dt, -shift))
        return 0;
    if (!scale_up(&twice_time, shift) || twice_time > ~(unsigned __int128)0 - twice_dt / 2)
        return INT64_MAX;
    unsigned __int128 steps = (twice_time + twice_dt / 2) / twice_dt;
    return steps < INT64_MAX ? (uint64_t)steps : INT64_MAX;
}

/* Lays out +-d1d2...dn * 10^exponent: plain from 1e-4 to below 1e16, else with an exponent. */
static void lay_out(bool negative, const char *digits, int exponent, char *buffer)
{
    int count = (int)strlen(digits);
    int before = count + exponent; /* digits before the point */
    if (negative) {
        *buffer++ = '-';
    }
    if (before < -3 || before > 16) {
        sprintf(buffer, "%c%s%se%d", digits[0], count > 1 ? "." : "", digits + 1, before - 1);
    } else if (before <= 0) {
        sprintf(buffer, "0.%.*s%s", -before, "000", digits);
    } else if (before < count) {
        sprintf(buffer, "%.*s.%s", before, digits, digits + before);
    } else {
        sprintf(buffer, "%s%.*s", digits, before - count, "0000000000000000");
    }
}

const char *decimal_format(struct decimal value, char *buffer)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, magnitude_of(value.mantissa));
    lay_out(value.mantissa < 0, digits, value.exponent, buffer);
    return buffer;
}

/* Takes the digits and the exponent out of "-d.ddde+xx", whatever the locale's point is. */
static void take_apart(const char *text, struct literal *literal)
{
    literal->negative = *text == '-';
    literal->digit_count = 0;
    for (; *text != 'e'; text++) {
        if (is_digit(*text)) {
            literal->digits[literal->digit_count++] = *text;
        }
    }
    literal->exponent = strtol(text + 1, NULL, 10) - literal->digit_count + 1;
    literal->digits[literal->digit_count] = '\0';
}

const char *double_format(double value, char *buffer)
{
    struct literal literal;
    double back = 0;
    if (!isfinite(value)) {
        strcpy(buffer, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return buffer;
    }
    for (int digits = 1; digits <= 17; digits++) {
        char text[64];
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        take_apart(text, &literal);
        lay_out(literal.negative, literal.digits, (int)literal.exponent, buffer);
        if (double_parse(buffer, (int)strlen(buffer), &back) && back == value) {
            break;
        }
    }
    return buffer;
}

struct decimal decimal_round(double value, int digits)
{
    char text[64];
    struct literal literal;
    int64_t mantissa = 0;
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    take_apart(text, &literal);
    strip_zeros(&literal);
    for (int i = 0; i < literal.digit_count; i++) {
        mantissa = 10 * mantissa + (literal.digits[i] - '0');
    }
    return (struct decimal){literal.negative ? -mantissa : mantissa,
                            mantissa ? (int)literal.exponent : 0};
}
