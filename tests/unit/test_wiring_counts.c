/* Numbers of synapses at random against their laws, computed with MPFR. */
#include "net/wiring_counts.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { PRECISION = 256 };

/* sum += sign ln n! */
static void add_factorial(mpfr_t sum, uint64_t n, int sign)
{
    mpfr_t x;
    mpfr_init2(x, PRECISION);
    mpfr_set_ui(x, n, MPFR_RNDN);
    mpfr_add_ui(x, x, 1, MPFR_RNDN);
    mpfr_lngamma(x, x, MPFR_RNDN);
    (sign > 0 ? mpfr_add : mpfr_sub)(sum, sum, x, MPFR_RNDN);
    mpfr_clear(x);
}

/* sum += ln (n over k) */
static void add_choices(mpfr_t sum, uint64_t n, uint64_t k, int sign)
{
    add_factorial(sum, n, sign);
    add_factorial(sum, k, -sign);
    add_factorial(sum, n - k, -sign);
}

/* sum += times ln(part / (part + rest)) */
static void add_power(mpfr_t sum, double part, double rest, uint64_t times)
{
    mpfr_t x, whole;
    mpfr_inits2(PRECISION, x, whole, (mpfr_ptr)NULL);
    mpfr_set_d(x, part, MPFR_RNDN);
    mpfr_add_d(whole, x, rest, MPFR_RNDN);
    mpfr_div(x, x, whole, MPFR_RNDN);
    mpfr_log(x, x, MPFR_RNDN);
    mpfr_mul_ui(x, x, times, MPFR_RNDN);
    mpfr_add(sum, sum, x, MPFR_RNDN);
    mpfr_clears(x, whole, (mpfr_ptr)NULL);
}

/* sum += times ln x */
static void add_log(mpfr_t sum, double of, uint64_t times)
{
    mpfr_t x;
    mpfr_init2(x, PRECISION);
    mpfr_set_d(x, of, MPFR_RNDN);
    mpfr_log(x, x, MPFR_RNDN);
    mpfr_mul_ui(x, x, times, MPFR_RNDN);
    mpfr_add(sum, sum, x, MPFR_RNDN);
    mpfr_clear(x);
}

/* A law and its parameters: a, b are part and rest, the mean, or the good ones and all. */
struct law {
    enum wiring_law law;
    uint64_t n;
    double a, b;
};

static struct wiring_count open_law(const struct law *law)
{
    switch (law->law) {
    case LAW_BINOMIAL:
        return wiring_count_binomial(law->n, law->a, law->b);
    case LAW_POISSON:
        return wiring_count_poisson(law->a);
    default:
        return wiring_count_hypergeometric(law->n, (uint64_t)law->a, (uint64_t)law->b);
    }
}

static double exact(const struct law *law, uint64_t k)
{
    mpfr_t sum;
    mpfr_init2(sum, PRECISION);
    mpfr_set_zero(sum, 1);
    if (law->law == LAW_BINOMIAL) {
        add_choices(sum, law->n, k, 1);
        add_power(sum, law->a, law->b, k);
        add_power(sum, law->b, law->a, law->n - k);
    } else if (law->law == LAW_POISSON) {
        add_log(sum, law->a, k);
        mpfr_sub_d(sum, sum, law->a, MPFR_RNDN);
        add_factorial(sum, k, -1);
    } else {
        add_choices(sum, (uint64_t)law->a, k, 1);
        add_choices(sum, (uint64_t)(law->b - law->a), law->n - k, 1);
        add_choices(sum, (uint64_t)law->b, law->n, -1);
    }
    mpfr_exp(sum, sum, MPFR_RNDN);
    double probability = mpfr_get_d(sum, MPFR_RNDN);
    mpfr_clear(sum);
    return probability;
}

/* Place in the order mode, mode + 1, mode - 1, ...; what is left behind all comes last. */
static uint64_t rank_at(const struct wiring_count *count, uint64_t bits)
{
    uint64_t k = wiring_count_draw(count, bits);
    if (k == count->mode)
        return count->at_mode < 0x1p64 && bits >= (uint64_t)count->at_mode ? UINT64_MAX : 0;
    return k > count->mode ? 2 * (k - count->mode) - 1 : 2 * (count->mode - k);
}

/* The share of the 2^64 draws that have a rank of at most this. */
static long double draws_up_to(const struct wiring_count *count, uint64_t rank)
{
    uint64_t low = 0, high = UINT64_MAX;
    if (rank_at(count, high) <= rank)
        return 1;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (rank_at(count, middle) <= rank)
            low = middle + 1;
        else
            high = middle;
    }
    return (long double)low * 0x1p-64L;
}

/* Half the sum of |what all 2^64 draws give - what is exact|. */
static double total_variation(const struct law *law)
{
    const struct wiring_count count = open_law(law);
    double sum = 0, rest = 1;
    long double before = 0;
    for (uint64_t rank = 0; rank < 100000; rank++) {
        uint64_t far = (rank + 1) / 2;
        bool up = rank % 2 == 1;
        if (up ? far > count.most - count.mode : far > count.mode - count.least)
            continue;
        double p = exact(law, up ? count.mode + far : count.mode - far);
        long double end = draws_up_to(&count, rank);
        sum += fabs((double)(end - before) - p);
        rest -= p;
        before = end;
        if (p < 0x1p-75 && far > 3)
            break;
    }
    return (sum + fabs(rest)) / 2;
}

static void check_laws(const struct law *laws, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double variation = total_variation(&laws[i]);
        if (!(variation < 0x1p-40))
            print_error("n %g a %g b %g: %g\n", (double)laws[i].n, laws[i].a, laws[i].b, variation);
        assert_true(variation < 0x1p-40);
    }
}

static void binomials_are_exact(void **state)
{
    (void)state;
    static const struct law laws[] = {
        {LAW_BINOMIAL, 1, 1, 1},
        {LAW_BINOMIAL, 1, 1e-9, 1 - 1e-9},
        {LAW_BINOMIAL, 7, 0.3, 0.7},
        {LAW_BINOMIAL, 20, 0.999, 0.001},
        {LAW_BINOMIAL, 100, 4096, 8192},
        {LAW_BINOMIAL, 1000, 0.1, 0.9},
        {LAW_BINOMIAL, 10000, 0.1, 0.9},
        {LAW_BINOMIAL, 5000, 1, 1},
        {LAW_BINOMIAL, 300, 1e-30, 1},
        {LAW_BINOMIAL, 1000000, 1e-5, 1 - 1e-5},
        {LAW_BINOMIAL, 30000, 0.9, 0.1},
        {LAW_BINOMIAL, 1000000000000, 1e-9, 1 - 1e-9},
        {LAW_BINOMIAL, 40, 0.4, 0.6},
        {LAW_BINOMIAL, UINT64_C(1) << 48, 0x1p-44, 1},
        {LAW_BINOMIAL, 3000, 0.005, 0.995},
    };
    check_laws(laws, sizeof laws / sizeof *laws);
}

static void poissons_are_exact(void **state)
{
    (void)state;
    static const struct law laws[] = {
        {LAW_POISSON, 0, 1e-12, 0}, {LAW_POISSON, 0, 0.3, 0}, {LAW_POISSON, 0, 1, 0},
        {LAW_POISSON, 0, 7.5, 0},   {LAW_POISSON, 0, 16, 0},  {LAW_POISSON, 0, 123.456, 0},
        {LAW_POISSON, 0, 1000, 0},  {LAW_POISSON, 0, 1e4, 0},
    };
    check_laws(laws, sizeof laws / sizeof *laws);
}

static void hypergeometrics_are_exact(void **state)
{
    (void)state;
    static const struct law laws[] = {
        {LAW_HYPERGEOMETRIC, 1, 1, 2},
        {LAW_HYPERGEOMETRIC, 3, 2, 5},
        {LAW_HYPERGEOMETRIC, 5, 9, 10},
        {LAW_HYPERGEOMETRIC, 50, 50, 100},
        {LAW_HYPERGEOMETRIC, 99, 20, 100},
        {LAW_HYPERGEOMETRIC, 1000, 4096, 10000},
        {LAW_HYPERGEOMETRIC, 9000, 4096, 10000},
        {LAW_HYPERGEOMETRIC, 100, 1e6, 1e12},
        {LAW_HYPERGEOMETRIC, 1000000, 1e6, 1e12},
        {LAW_HYPERGEOMETRIC, 20000, 1e8, 2e8},
        {LAW_HYPERGEOMETRIC, 1000000000, 2e10, 4e18},
    };
    check_laws(laws, sizeof laws / sizeof *laws);
}

static void what_is_sure_is_not_drawn(void **state)
{
    (void)state;
    struct wiring_count counts[] = {
        wiring_count_constant(5),
        wiring_count_binomial(5, 1, 0),
        wiring_count_hypergeometric(5, 9, 9),
        wiring_count_hypergeometric(9, 5, 9),
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        assert_int_equal(wiring_count_draw(&counts[i], 0), 5);
        assert_int_equal(wiring_count_draw(&counts[i], UINT64_MAX), 5);
    }
    struct wiring_count none[] = {wiring_count_binomial(5, 0, 1), wiring_count_binomial(0, 1, 1),
                                  wiring_count_poisson(0), wiring_count_hypergeometric(5, 0, 9)};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(wiring_count_draw(&none[i], UINT64_MAX), 0);
}

/* Johnson, Kemp & Kotz, Univariate Discrete Distributions; of the hypergeometric without the factor
 * of a finite population, which is 1 for those below. */
static double variance_of(const struct law *law)
{
    if (law->law == LAW_POISSON)
        return law->a;
    const double p = law->law == LAW_BINOMIAL ? law->a / (law->a + law->b) : law->a / law->b;
    return (double)law->n * p * (1 - p);
}

/* Too wide to be gone through: the mode's probability, and numbers a few deviations away, from
 * draws that are as likely as those. */
static void wide_laws_are_right_where_they_are_looked_at(void **state)
{
    (void)state;
    static const struct law laws[] = {
        {LAW_BINOMIAL, 300000000, 40960000, 36209000},
        {LAW_BINOMIAL, 1000000000000, 0.5, 0.5},
        {LAW_HYPERGEOMETRIC, 100000000, 4e14, 1e15},
        {LAW_POISSON, 0, 1e10, 0},
    };
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        const struct wiring_count count = open_law(&laws[i]);
        double ratio = count.at_mode * 0x1p-64 / exact(&laws[i], count.mode);
        assert_true(fabs(ratio - 1) < 0x1p-44);
        /* Behind rank r are the draws from the sum of all before: their share is the tail's. */
        double sd = sqrt(variance_of(&laws[i]));
        uint64_t far = (uint64_t)(1.5 * sd);
        double within = (double)draws_up_to(&count, 2 * far);
        double correction = ((double)far + 0.5) / sd;
        assert_true(fabs(within - erf(correction * sqrt(0.5))) < 3 / sd);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(binomials_are_exact),
        cmocka_unit_test(poissons_are_exact),
        cmocka_unit_test(hypergeometrics_are_exact),
        cmocka_unit_test(what_is_sure_is_not_drawn),
        cmocka_unit_test(wide_laws_are_right_where_they_are_looked_at),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
