/* Ranks have all neurons of every population between them, each once, in ascending ranges. */
#include "population/part.h"

#include "kernel/kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { POPULATIONS = 3 };

static void check(const struct config *config, int ranks)
{
    uint64_t next[POPULATIONS] = {0}, sum = 0;
    for (int rank = 0; rank < ranks; rank++) {
        const struct part part = {rank, ranks};
        for (size_t i = 0; i < POPULATIONS; i++) {
            const struct part_range range = part_range(config, i, part);
            assert_int_equal(range.first, next[i]);
            assert_true(range.first % TILE_ALIGN == 0 || range.first == config->population[i].size);
            next[i] += range.neurons;
        }
        sum += part_neurons(config, part);
    }
    for (size_t i = 0; i < POPULATIONS; i++)
        assert_int_equal(next[i], config->population[i].size);
    assert_int_equal(sum, next[0] + next[1] + next[2]);
}

static void each_neuron_is_in_one_rank(void **state)
{
    struct population_config population[POPULATIONS] = {0};
    const struct config config = {.population = population, .population_count = POPULATIONS};
    const uint64_t sizes[] = {1, 5, 127, 128, 129, 1000, 4097, UINT64_C(1) << 48};
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (size_t i = 0; i < POPULATIONS; i++)
            population[i].size = sizes[s];
        for (int ranks = 1; ranks < 40; ranks++)
            check(&config, ranks);
        check(&config, 100000);
    }
}

static void parts_are_even(void **state)
{
    struct population_config population = {.size = 1000000};
    const struct config config = {.population = &population, .population_count = 1};
    (void)state;
    for (int rank = 0; rank < 7; rank++) {
        const uint64_t neurons = part_neurons(&config, (struct part){rank, 7});
        assert_in_range(neurons, 1000000 / 7 - TILE_ALIGN, 1000000 / 7 + TILE_ALIGN);
    }
    assert_int_equal(part_neurons(&config, (struct part){0, 0}), 1000000);
}

static void small_populations_are_in_different_ranks(void **state)
{
    struct population_config population[POPULATIONS] = {{.size = 9}, {.size = 9}, {.size = 9}};
    const struct config config = {.population = population, .population_count = POPULATIONS};
    (void)state;
    for (int rank = 0; rank < POPULATIONS; rank++)
        assert_int_equal(part_neurons(&config, (struct part){rank, POPULATIONS}), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_neuron_is_in_one_rank),
        cmocka_unit_test(parts_are_even),
        cmocka_unit_test(small_populations_are_in_different_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
