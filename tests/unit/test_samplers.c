/* The random numbers against their distributions, in seconds; long_samplers.c does it with more. */
#include "helpers/normal_checks.h"
#include "helpers/poisson_checks.h"
#include "helpers/sequence_checks.h"

static const uint64_t few = 2000000;

static void normals_are_normal(void **state)
{
    (void)state;
    check_normals(4 * few);
}

static void radius_and_angle_are_independent(void **state)
{
    (void)state;
    check_polar(few);
}

static void normals_of_a_call_are_independent(void **state)
{
    (void)state;
    const struct sampler s = normal_sampler();
    check_call(&s, 2 * few);
}

static void normals_are_independent_in_order_and_transposed(void **state)
{
    (void)state;
    const struct sampler s = normal_sampler();
    check_lags(&s, few);
}

static void neighbours_are_independent(void **state)
{
    (void)state;
    const struct sampler s = normal_sampler();
    check_neighbours(&s, few / 4);
}

static void counts_are_poisson(void **state)
{
    (void)state;
    check_poisson(few);
}

static void counts_of_a_call_are_independent(void **state)
{
    (void)state;
    struct sampler s = poisson_sampler(3);
    check_call(&s, few);
    check_lags(&s, few);
    poisson_table_close(s.table);
}

/* Half the sum of |what the thresholds give - what Poisson gives|; nothing is drawn. */
static long double total_variation(double mean)
{
    struct poisson_table *table;
    assert_int_equal(poisson_table_open(&table, mean, NULL), STATUS_OK);
    const struct counts_table *c = &table->counts;
    long double sum = 0, tail = 1;
    for (uint32_t n = 0; n <= c->length; n++) {
        uint64_t above = n < c->length ? c->cdf[n] : 0; /* 2^64 */
        uint64_t width = above - (n > 0 ? c->cdf[n - 1] : 0);
        long double exact = poisson_probability(mean, n);
        assert_true(n == 0 || n == c->length || c->cdf[n] >= c->cdf[n - 1]);
        sum += fabsl((long double)width * 0x1p-64L - exact);
        tail -= exact;
    }
    poisson_table_close(table);
    return (sum + fabsl(tail)) / 2;
}

/* 2^-32 a draw is promised; 2^-40 is what the table's header says. */
static void poisson_thresholds_are_exact(void **state)
{
    (void)state;
    long double limit = LDBL_MANT_DIG >= 64 ? 0x1p-40L : 0x1p-32L;
    for (size_t i = 0; i < POISSON_MEANS; i++)
        assert_true(total_variation(poisson_means[i]) < limit);
    for (int i = -60; i <= 30; i++)
        assert_true(total_variation(pow(10, i / 10.0)) < limit);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(normals_are_normal),
        cmocka_unit_test(radius_and_angle_are_independent),
        cmocka_unit_test(normals_of_a_call_are_independent),
        cmocka_unit_test(normals_are_independent_in_order_and_transposed),
        cmocka_unit_test(neighbours_are_independent),
        cmocka_unit_test(counts_are_poisson),
        cmocka_unit_test(counts_of_a_call_are_independent),
        cmocka_unit_test(poisson_thresholds_are_exact),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
