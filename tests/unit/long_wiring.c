/* Projections against the distributions of their rules, with 1e8 to 1e9 synapses a rule;
 * test_wiring_laws.c does it in seconds. */
#include "helpers/wiring_checks.h"

static void pairs_are_made_as_often_as_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIR_LAWS; i++)
        check_pairs(&pair_laws[i], 300000);
}

static const struct rule_law of_six[] = {
    {"rule = fixed_indegree\nindegree = 3\n", OF_TARGET, 3, true, false},
    {"rule = pairwise_bernoulli\np = 0.4\n", OF_PAIRS, 0.4, true, false},
    {"rule = fixed_outdegree\noutdegree = 2\n", OF_SOURCE, 2, true, false},
    {"rule = fixed_total_number\nN = 4\n", OF_ALL, 4, true, false},
};

static void distinct_pairs_are_any_set(void **state)
{
    (void)state;
    check_sets(&of_six[0], "6", "0:1", 1000000);
    check_sets(&of_six[1], "6", "0:1", 1000000);
    check_sets(&of_six[1], "2", "0:3", 1000000);
    check_sets(&of_six[2], "1", "0:6", 1000000);
    check_sets(&of_six[3], "2", "0:3", 1000000);
}

static const struct rule_law large_laws[] = {
    {"rule = fixed_indegree\nindegree = 5000\n", OF_TARGET, 5000, true, true},
    {"rule = fixed_indegree\nindegree = 5000\n", OF_TARGET, 5000, true, false},
    {"rule = fixed_outdegree\noutdegree = 10000\n", OF_SOURCE, 10000, true, true},
    {"rule = fixed_outdegree\noutdegree = 10000\n", OF_SOURCE, 10000, true, false},
    {"rule = fixed_total_number\nN = 100000000\n", OF_ALL, 100000000, true, true},
    {"rule = fixed_total_number\nN = 100000000\n", OF_ALL, 100000000, true, false},
    {"rule = pairwise_bernoulli\np = 0.5\n", OF_PAIRS, 0.5, true, false},
    {"rule = pairwise_poisson\npairwise_avg_num_conns = 0.5\n", OF_PAIRS, 0.5, true, true},
};

static void degrees_have_their_distributions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof large_laws / sizeof *large_laws; i++)
        for (uint64_t seed = 0; seed < 3; seed++)
            check_large(&large_laws[i], seed);
}

static const struct rule_law tile_laws[] = {
    {"rule = fixed_total_number\nN = 5000\n", OF_ALL, 5000, true, true},
    {"rule = fixed_total_number\nN = 5000\n", OF_ALL, 5000, true, false},
    {"rule = fixed_outdegree\noutdegree = 5000\n", OF_SOURCE, 5000, true, true},
    {"rule = fixed_outdegree\noutdegree = 5000\n", OF_SOURCE, 5000, true, false},
};

static void tiles_share_synapses_as_they_should(void **state)
{
    (void)state;
    check_tiles(&tile_laws[0], 10, 1000000);
    check_tiles(&tile_laws[1], 2, 1000000);
    check_tiles(&tile_laws[2], 3, 1000000);
    check_tiles(&tile_laws[3], 3, 1000000);
}

static void synapses_do_not_know_of_one_another(void **state)
{
    (void)state;
    check_sequences("rule = fixed_indegree\nindegree = 600\n", true, 600, 4800000);
    check_sequences("rule = fixed_outdegree\noutdegree = 5000\n", false, 5000, 4800000);
}

static void weights_and_delays_have_their_distributions(void **state)
{
    (void)state;
    check_weights("normal(1 mV, 0.25 mV)", cdf_normal, 20000000);
    check_weights("uniform(1 mV, 3 mV)", cdf_uniform, 20000000);
    check_weights("lognormal(2 mV, 0.5)", cdf_lognormal, 20000000);
    check_weights("normal_clipped(1 mV, 0.25 mV, 0.75 mV, 1.75 mV)", cdf_clipped, 20000000);
    check_delays(2000000);
    check_choices(2000000);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_made_as_often_as_they_should),
        cmocka_unit_test(distinct_pairs_are_any_set),
        cmocka_unit_test(degrees_have_their_distributions),
        cmocka_unit_test(tiles_share_synapses_as_they_should),
        cmocka_unit_test(synapses_do_not_know_of_one_another),
        cmocka_unit_test(weights_and_delays_have_their_distributions),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
