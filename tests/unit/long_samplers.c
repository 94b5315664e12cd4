/* The random numbers against their distributions, with 1e8 samples and more. */
#include "helpers/normal_checks.h"
#include "helpers/poisson_checks.h"
#include "helpers/sequence_checks.h"

static const uint64_t many = 100000000;

static void normals_are_normal(void **state)
{
    (void)state;
    check_normals(10 * many);
}

static void radius_and_angle_are_independent(void **state)
{
    (void)state;
    check_polar(2 * many);
}

static void normals_of_a_call_are_independent(void **state)
{
    (void)state;
    const struct sampler s = normal_sampler();
    check_call(&s, 2 * many);
}

static void normals_are_independent_in_order_and_transposed(void **state)
{
    (void)state;
    const struct sampler s = normal_sampler();
    check_lags(&s, many);
}

static void neighbours_are_independent(void **state)
{
    (void)state;
    const struct sampler s = normal_sampler();
    check_neighbours(&s, many);
}

static void counts_are_poisson(void **state)
{
    (void)state;
    check_poisson(2 * many);
}

static void counts_of_a_call_are_independent(void **state)
{
    (void)state;
    static const double means[] = {0.5, 3};
    for (int i = 0; i < 2; i++) {
        struct sampler s = poisson_sampler(means[i]);
        check_call(&s, many);
        check_lags(&s, many);
        poisson_table_close(s.table);
    }
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
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
