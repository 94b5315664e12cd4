/* Decimals against Python's fractions (the table) and MPFR (random cases). */
#define _GNU_SOURCE 1 /* nftw, setenv */
#include "base/decimal.h"

#include "helpers/fake_root.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mpfr.h>

/* splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void assert_same(double got, double expected, const char *what)
{
    if (bits_of(got) != bits_of(expected)) {
        fail_msg("%s: got %a, expected %a", what, got, expected);
    }
}

static struct decimal parsed(const char *text)
{
    struct decimal value = {-99, -99};
    if (!decimal_parse(text, (int)strlen(text), &value)) {
        fail_msg("'%s' was refused", text);
    }
    return value;
}

static void literals_are_normalised(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t mantissa;
        int exponent;
    } table[] = {
        {"0", 0, 0},
        {"-0.000e50", 0, 0},
        {"0e999999999999999999999", 0, 0},
        {"0.1", 1, -1},
        {"00100.00", 1, 2},
        {"+12.50", 125, -1},
        {"-7", -7, 0},
        {"8e5", 8, 5},
        {"8E+5", 8, 5},
        {"1.5e-3", 15, -4},
        {"999999999999999999", 999999999999999999, 0},
        {"123456789.123456789", 123456789123456789, -9},
        {"1000000000000000000000000000000", 1, 30},
        {"0.0000000000000000000000000000001", 1, -31},
        {"1e400", 1, 400},
        {"1e-400", 1, -400},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct decimal value = parsed(table[i].text);
        assert_int_equal(value.mantissa, table[i].mantissa);
        assert_int_equal(value.exponent, table[i].exponent);
    }
}

static const char *const no_literals[] = {
    "",      "-",   "+",        ".",     ".5",       "5.",   "e5",  "1e",   "1e+",   "1e-",
    "nan",   "inf", "0x10",     "1,5",   "1 ",       " 1",   "--1", "+-1",  "1.2.3", "1e5.0",
    "1e5e5", "1_0", "\xd9\xa1", "1e++5", "infinity", "-nan", "1d5", "1'000"};

static void what_is_no_literal_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_literals / sizeof *no_literals; i++) {
        struct decimal value = {7, 7};
        double number = 7;
        int length = (int)strlen(no_literals[i]);
        if (decimal_parse(no_literals[i], length, &value) ||
            double_parse(no_literals[i], length, &number)) {
            fail_msg("'%s' was taken", no_literals[i]);
        }
        assert_int_equal(value.mantissa, 7);
        assert_true(number == 7);
    }
    struct decimal value;
    assert_false(decimal_parse("1\0", 2, &value)); /* a NUL is no digit */
    assert_true(decimal_parse("12ms", 2, &value)); /* nothing beyond length is read */
    assert_int_equal(value.mantissa, 12);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const char *const table[] = {
        "1234567890123456789",   "1e401",  "1e-401",
        "0.1234567890123456789", "10e400", "1e99999999999999999999"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct decimal value;
        assert_false(decimal_parse(table[i], (int)strlen(table[i]), &value));
    }
    double number;
    assert_false(double_parse("1e309", 5, &number));
    assert_false(double_parse("-1e309", 6, &number));
    assert_false(double_parse("1e99999999999999999999", 22, &number));
    assert_false(double_parse("1.7976931348623159e308", 22, &number));
}

static void scaling_moves_the_point(void **state)
{
    (void)state;
    struct decimal value = decimal_scale(parsed("12.5"), -3);
    assert_int_equal(value.mantissa, 125);
    assert_int_equal(value.exponent, -4);
    value = decimal_scale(parsed("0"), 9);
    assert_int_equal(value.exponent, 0);
}

static void whole_multiples(void **state)
{
    (void)state;
    static const struct {
        const char *time;
        const char *dt;
        uint64_t steps;
    } table[] = {
        {"0", "0.1", 0},
        {"0.3", "0.1", 3},
        {"1000", "0.1", 10000},
        {"1", "0.025", 40},
        {"10", "2.5", 4},
        {"0.7", "0.0875", 8},
        {"1e6", "1e-6", UINT64_C(1000000000000)},
        {"9e18", "1", UINT64_C(9000000000000000000)},
        {"3e200", "1e200", 3},
        {"1e18", "0.5", UINT64_C(2000000000000000000)},
        {"49152e15", "16384e12", 3000},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint64_t steps = 99;
        assert_true(decimal_whole_multiple(parsed(table[i].time), parsed(table[i].dt), &steps));
        assert_int_equal(steps, table[i].steps);
    }
    /* The largest: 2^63 - 1 = 7 * 1317624576693539401; the next is one too many. */
    uint64_t steps = 0;
    struct decimal dt = {1317624576693539401, 0};
    assert_true(decimal_whole_multiple((struct decimal){INT64_MAX, 0}, dt, &steps));
    assert_int_equal(steps, 7);
    dt.mantissa = 1;
    assert_true(decimal_whole_multiple((struct decimal){INT64_MAX, 0}, dt, &steps));
    assert_int_equal(steps, INT64_MAX);
    dt = (struct decimal){5, -1}; /* 2^62 / 0.5 = 2^63 */
    assert_false(decimal_whole_multiple((struct decimal){INT64_C(1) << 62, 0}, dt, &steps));
}

static void nearest_multiples(void **state)
{
    (void)state;
    static const struct {
        const char *time, *dt;
        uint64_t steps;
    } table[] = {
        {"0", "0.1", 0},
        {"-1", "0.1", 0},
        {"0.05", "0.1", 1},
        {"0.0499999999999999999", "0.1", 0},
        {"0.15", "0.1", 2},
        {"0.35", "0.1", 4}, /* 1.5 and 3.5, not the doubles below them */
        {"1.5", "0.1", 15},
        {"1.5", "0.08", 19},
        {"1", "3", 0},
        {"2", "3", 1},
        {"1e30", "1e-30", INT64_MAX},
        {"1e-300", "1e300", 0},
        {"1e300", "1e300", 1},
        {"9e18", "1", UINT64_C(9000000000000000000)},
        {"93e17", "1", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(decimal_nearest_multiple(parsed(table[i].time), parsed(table[i].dt)),
                         table[i].steps);
}

static void what_is_no_multiple_is_refused(void **state)
{
    (void)state;
    static const char *const table[][2] = {{"0.35", "0.1"},
                                           {"1", "0.3"},
                                           {"-1", "0.1"},
                                           {"5", "10"},
                                           {"0.05", "0.1"},
                                           {"1", "3"},
                                           {"1e300", "3"},
                                           {"1e19", "1"},
                                           {"1e-3", "1"},
                                           {"1", "1e-19"},
                                           {"1e400", "1e-400"},
                                           {"1e18", "0.1"},
                                           {"0.1", "0.100000000000000001"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint64_t steps;
        if (decimal_whole_multiple(parsed(table[i][0]), parsed(table[i][1]), &steps)) {
            fail_msg("%s was taken as a multiple of %s", table[i][0], table[i][1]);
        }
    }
}

static void random_multiples_come_back(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 20000; i++) {
        uint64_t steps = next_random(&seed) >> (next_random(&seed) % 40 + 24);
        int64_t mantissa = (int64_t)(next_random(&seed) % 100000) + 1;
        char text[64];
        snprintf(text, sizeof text, "%llde-4", (long long)mantissa);
        struct decimal dt = parsed(text);
        if (steps * (unsigned __int128)mantissa >= 1000000000000000000u) {
            continue;
        }
        snprintf(text, sizeof text, "%llue-4",
                 (unsigned long long)steps * (unsigned long long)mantissa);
        uint64_t back = 0;
        assert_true(decimal_whole_multiple(parsed(text), dt, &back));
        assert_int_equal(back, steps);
    }
}

/* Computed with Python's fractions.Fraction and correctly rounded integer division. The last six
 * are ties, or beside them. */
static const struct {
    const char *dt;
    uint64_t steps;
    double time;
} timestamps[] = {
    {"0.1", UINT64_C(0), 0x0.0p+0},
    {"0.1", UINT64_C(1), 0x1.999999999999ap-4},
    {"0.1", UINT64_C(3), 0x1.3333333333333p-2},
    {"0.1", UINT64_C(7), 0x1.6666666666666p-1},
    {"0.1", UINT64_C(10000000007), 0x1.dcd650059999ap+29},
    {"0.1", UINT64_C(9007199254740993), 0x1.999999999999ap+49},
    {"0.1", UINT64_C(4611686018427400249), 0x1.99999999999adp+58},
    {"0.1", UINT64_C(9223372036854775808), 0x1.999999999999ap+59},
    {"0.025", UINT64_C(0), 0x0.0p+0},
    {"0.025", UINT64_C(1), 0x1.999999999999ap-6},
    {"0.025", UINT64_C(3), 0x1.3333333333333p-4},
    {"0.025", UINT64_C(7), 0x1.6666666666666p-3},
    {"0.025", UINT64_C(10000000007), 0x1.dcd650059999ap+27},
    {"0.025", UINT64_C(9007199254740993), 0x1.999999999999ap+47},
    {"0.025", UINT64_C(4611686018427400249), 0x1.99999999999adp+56},
    {"0.025", UINT64_C(9223372036854775808), 0x1.999999999999ap+57},
    {"0.01", UINT64_C(0), 0x0.0p+0},
    {"0.01", UINT64_C(1), 0x1.47ae147ae147bp-7},
    {"0.01", UINT64_C(3), 0x1.eb851eb851eb8p-6},
    {"0.01", UINT64_C(7), 0x1.1eb851eb851ecp-4},
    {"0.01", UINT64_C(10000000007), 0x1.7d7840047ae14p+26},
    {"0.01", UINT64_C(9007199254740993), 0x1.47ae147ae147cp+46},
    {"0.01", UINT64_C(4611686018427400249), 0x1.47ae147ae148ap+55},
    {"0.01", UINT64_C(9223372036854775808), 0x1.47ae147ae147bp+56},
    {"3e-7", UINT64_C(0), 0x0.0p+0},
    {"3e-7", UINT64_C(1), 0x1.421f5f40d8376p-22},
    {"3e-7", UINT64_C(3), 0x1.e32f0ee144531p-21},
    {"3e-7", UINT64_C(7), 0x1.19db7358bd307p-19},
    {"3e-7", UINT64_C(10000000007), 0x1.77000004676ddp+11},
    {"3e-7", UINT64_C(9007199254740993), 0x1.421f5f40d8377p+31},
    {"3e-7", UINT64_C(4611686018427400249), 0x1.421f5f40d8385p+40},
    {"3e-7", UINT64_C(9223372036854775808), 0x1.421f5f40d8376p+41},
    {"1.23456789012345678", UINT64_C(0), 0x0.0p+0},
    {"1.23456789012345678", UINT64_C(1), 0x1.3c0ca428c59fbp+0},
    {"1.23456789012345678", UINT64_C(3), 0x1.da12f63d286f9p+1},
    {"1.23456789012345678", UINT64_C(7), 0x1.148b0fa3acebcp+3},
    {"1.23456789012345678", UINT64_C(10000000007), 0x1.6fee0e1ef0329p+33},
    {"1.23456789012345678", UINT64_C(9007199254740993), 0x1.3c0ca428c59fcp+53},
    {"1.23456789012345678", UINT64_C(4611686018427400249), 0x1.3c0ca428c5a0ap+62},
    {"1.23456789012345678", UINT64_C(9223372036854775808), 0x1.3c0ca428c59fbp+63},
    {"10", UINT64_C(0), 0x0.0p+0},
    {"10", UINT64_C(1), 0x1.4000000000000p+3},
    {"10", UINT64_C(3), 0x1.e000000000000p+4},
    {"10", UINT64_C(7), 0x1.1800000000000p+6},
    {"10", UINT64_C(10000000007), 0x1.74876e8460000p+36},
    {"10", UINT64_C(9007199254740993), 0x1.4000000000001p+56},
    {"10", UINT64_C(4611686018427400249), 0x1.400000000000fp+65},
    {"10", UINT64_C(9223372036854775808), 0x1.4000000000000p+66},
    {"7e30", UINT64_C(0), 0x0.0p+0},
    {"7e30", UINT64_C(1), 0x1.6168e126c7b4dp+102},
    {"7e30", UINT64_C(3), 0x1.090ea8dd15c79p+104},
    {"7e30", UINT64_C(7), 0x1.353bc501eebe3p+105},
    {"7e30", UINT64_C(10000000007), 0x1.9b6c4b3d84001p+135},
    {"7e30", UINT64_C(9007199254740993), 0x1.6168e126c7b4dp+155},
    {"7e30", UINT64_C(4611686018427400249), 0x1.6168e126c7b5dp+164},
    {"7e30", UINT64_C(9223372036854775808), 0x1.6168e126c7b4dp+165},
    {"1e-30", UINT64_C(0), 0x0.0p+0},
    {"1e-30", UINT64_C(1), 0x1.4484bfeebc2a0p-100},
    {"1e-30", UINT64_C(3), 0x1.e6c71fe61a3efp-99},
    {"1e-30", UINT64_C(7), 0x1.1bf427f0e4a4cp-97},
    {"1e-30", UINT64_C(10000000007), 0x1.79ca10cd93f2dp-67},
    {"1e-30", UINT64_C(9007199254740993), 0x1.4484bfeebc2a0p-47},
    {"1e-30", UINT64_C(4611686018427400249), 0x1.4484bfeebc2afp-38},
    {"1e-30", UINT64_C(9223372036854775808), 0x1.4484bfeebc2a0p-37},
    {"0.5", UINT64_C(18014398509481985), 0x1p+53},
    {"0.5", UINT64_C(18014398509481986), 0x1p+53},
    {"0.5", UINT64_C(18014398509481990), 0x1.0000000000002p+53},
    {"0.5", UINT64_C(18014398509481987), 0x1.0000000000001p+53},
    {"0.5", UINT64_C(36028797018963972), 0x1p+54},
    {"0.5", UINT64_C(36028797018963980), 0x1.0000000000002p+54},
};

static void timestamps_agree_with_fractions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof timestamps / sizeof *timestamps; i++) {
        assert_same(decimal_times_steps(parsed(timestamps[i].dt), timestamps[i].steps),
                    timestamps[i].time, timestamps[i].dt);
    }
}

/* (a * b) * 10^exponent, rounded once to a double by MPFR (a 53-bit quotient or product of exact
 * ones). */
static double by_mpfr(int64_t a, uint64_t b, int exponent)
{
    mpfr_t exact, factor, power, rounded;
    mpfr_inits2(2000, exact, factor, power, (mpfr_ptr)0);
    mpfr_init2(rounded, 53);
    mpfr_set_sj(exact, a, MPFR_RNDN);
    mpfr_set_uj(factor, b, MPFR_RNDN);
    mpfr_mul(exact, exact, factor, MPFR_RNDN);
    mpfr_ui_pow_ui(power, 10, (unsigned long)abs(exponent), MPFR_RNDN);
    if (exponent < 0) {
        mpfr_div(rounded, exact, power, MPFR_RNDN);
    } else {
        mpfr_mul(rounded, exact, power, MPFR_RNDN);
    }
    double value = mpfr_get_d(rounded, MPFR_RNDN);
    mpfr_clears(exact, factor, power, rounded, (mpfr_ptr)0);
    return value;
}

static void random_timestamps_agree_with_mpfr(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int i = 0; i < 50000; i++) {
        struct decimal dt = {(int64_t)(next_random(&seed) >> (next_random(&seed) % 56 + 5)) * 10 +
                                 1,
                             (int)(next_random(&seed) % 60) - 30};
        uint64_t steps = next_random(&seed) >> (next_random(&seed) % 62 + 1);
        assert_same(decimal_times_steps(dt, steps), by_mpfr(dt.mantissa, steps, dt.exponent),
                    "time");
        dt.mantissa = -dt.mantissa;
        dt.exponent *= 8;
        assert_same(decimal_to_double(dt), by_mpfr(dt.mantissa, 1, dt.exponent), "value");
    }
}

static void doubles_round_correctly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } table[] = {
        {"0", 0.0},
        {"-0", -0.0},
        {"0e99999999999", 0.0},
        {"1e-99999999999", 0.0},
        {"4.9406564584124654e-324", 0x1p-1074},
        {"2.4703282292062327e-324", 0.0},       /* just below half the smallest */
        {"2.4703282292062328e-324", 0x1p-1074}, /* just above */
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
        {"1.7976931348623158e+308", 0x1.fffffffffffffp1023},
        {"9007199254740993", 0x1p53}, /* a tie, to even */
        {"9007199254740993.0000000000000000000000000000000000001", 0x1.0000000000001p53},
        {"9007199254740992.9999999999999999999999999999999999999", 0x1p53},
        {"-0.1", -0x1.999999999999ap-4},
        {"8e5", 800000},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double value = 99;
        assert_true(double_parse(table[i].text, (int)strlen(table[i].text), &value));
        assert_same(value, table[i].value, table[i].text);
    }
}

/* A tie, then 2000 zeros, then a digit that settles it. */
static void any_number_of_digits(void **state)
{
    (void)state;
    char text[3000] = "9007199254740993.";
    size_t start = strlen(text);
    memset(text + start, '0', 2000);
    double value;
    assert_true(double_parse(text, (int)start + 2000, &value));
    assert_same(value, 0x1p53, "2000 zeros");
    text[start + 1999] = '1';
    assert_true(double_parse(text, (int)start + 2000, &value));
    assert_same(value, 0x1.0000000000001p53, "1999 zeros and a one");
    memset(text, '0', 2900);
    text[1] = '.';
    text[2899] = '3';
    assert_true(double_parse(text, 2900, &value));
    assert_same(value, 0, "3e-2898");
    memset(text, '9', 2900);
    memcpy(text + 2900, "e-2900", 6);
    assert_true(double_parse(text, 2906, &value));
    assert_same(value, 1, "0.999...");
}

static void decimals_are_written(void **state)
{
    (void)state;
    static const char *const table[][2] = {{"0", "0"},
                                           {"0.1", "0.1"},
                                           {"2e3", "2000"},
                                           {"-12.50", "-12.5"},
                                           {"1e-7", "1e-7"},
                                           {"1e-4", "0.0001"},
                                           {"1e-5", "1e-5"},
                                           {"1.25e-9", "1.25e-9"},
                                           {"1e15", "1000000000000000"},
                                           {"1e16", "1e16"},
                                           {"-123456789012345678", "-1.23456789012345678e17"},
                                           {"0.000123456789012345678", "0.000123456789012345678"},
                                           {"99.5e100", "9.95e101"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char buffer[48];
        assert_string_equal(decimal_format(parsed(table[i][0]), buffer), table[i][1]);
    }
    uint64_t seed = 13;
    for (int i = 0; i < 20000; i++) {
        char buffer[48];
        struct decimal value = {
            (int64_t)(next_random(&seed) >> (next_random(&seed) % 50 + 9)) * 10 + 3,
            (int)(next_random(&seed) % 40) - 30};
        struct decimal back = parsed(decimal_format(value, buffer));
        assert_int_equal(back.mantissa, value.mantissa);
        assert_int_equal(back.exponent, value.exponent);
    }
}

static void doubles_are_written(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } table[] = {{0, "0"},
                 {-0.0, "-0"},
                 {20, "20"},
                 {-65, "-65"},
                 {250, "250"},
                 {0.1, "0.1"},
                 {800000, "800000"},
                 {1e-7, "1e-7"},
                 {1.0 / 3, "0.3333333333333333"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {1e22, "1e22"},
                 {0x1p-1074, "5e-324"},
                 {-0x1.fffffffffffffp1023, "-1.7976931348623157e308"},
                 {123456.75, "123456.75"},
                 {INFINITY, "inf"},
                 {-INFINITY, "-inf"},
                 {NAN, "nan"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char buffer[32];
        assert_string_equal(double_format(table[i].value, buffer), table[i].text);
    }
}

/* Any bits come back, read by MPFR too. */
static void written_doubles_read_back(void **state)
{
    (void)state;
    uint64_t seed = 14;
    mpfr_t wide;
    mpfr_init2(wide, 400);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) {
            continue;
        }
        if (i % 4 == 0) {
            value = (double)(int32_t)(bits >> 40) / 8; /* short ones */
        }
        char buffer[32];
        double back;
        double_format(value, buffer);
        assert_true(strlen(buffer) < sizeof buffer);
        assert_true(double_parse(buffer, (int)strlen(buffer), &back));
        assert_same(back, value, buffer);
        mpfr_set_str(wide, buffer, 10, MPFR_RNDN);
        assert_same(mpfr_get_d(wide, MPFR_RNDN), value, buffer);
    }
    mpfr_clear(wide);
}

/* Sets a locale whose decimal point is a comma, made on the spot where none is installed. */
static int use_german(const struct fake_root *root)
{
    char command[256];
    if (setlocale(LC_ALL, "de_DE.UTF-8") != NULL) {
        return 1;
    }
    snprintf(command, sizeof command, "localedef -f UTF-8 -i de_DE %s/de_DE.UTF-8 >/dev/null 2>&1",
             root->path);
    if (system(command) != 0) {
        return 0;
    }
    setenv("LOCPATH", root->path, 1);
    return setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void locale_changes_nothing(void **state)
{
    struct fake_root root;
    fake_root_make(&root);
    int german = use_german(&root);
    fake_root_remove(&root);
    if (!german) {
        print_message("no German locale here, nor localedef to make one: skipped\n");
        skip();
    }
    char point[8];
    snprintf(point, sizeof point, "%.1f", 0.5);
    assert_string_equal(point, "0,5");
    literals_are_normalised(state);
    what_is_no_literal_is_refused(state);
    timestamps_agree_with_fractions(state);
    doubles_round_correctly(state);
    decimals_are_written(state);
    doubles_are_written(state);
    written_doubles_read_back(state);
    setlocale(LC_ALL, "C");
    unsetenv("LOCPATH");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_normalised),
        cmocka_unit_test(what_is_no_literal_is_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(scaling_moves_the_point),
        cmocka_unit_test(whole_multiples),
        cmocka_unit_test(nearest_multiples),
        cmocka_unit_test(what_is_no_multiple_is_refused),
        cmocka_unit_test(random_multiples_come_back),
        cmocka_unit_test(timestamps_agree_with_fractions),
        cmocka_unit_test(random_timestamps_agree_with_mpfr),
        cmocka_unit_test(doubles_round_correctly),
        cmocka_unit_test(any_number_of_digits),
        cmocka_unit_test(decimals_are_written),
        cmocka_unit_test(doubles_are_written),
        cmocka_unit_test(written_doubles_read_back),
        cmocka_unit_test(locale_changes_nothing),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
