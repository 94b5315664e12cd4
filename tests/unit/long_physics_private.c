/* Private noise is private, for 1e6 neurons: see private_noise.h. */
#include "helpers/private_noise.h"

static void variance_of_the_mean_of_1e6(void **state)
{
    (void)state;
    check_variance_of_mean(1000000, 400);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(variance_of_the_mean_of_1e6),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
