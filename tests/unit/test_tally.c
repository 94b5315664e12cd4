/* Additions of one weight are the same sums whether they are counted first or not: in every
 * instruction set and precision; nothing behind sums and counts is written, and counts end at 0. */
#include "helpers/guarded.h"
#include "helpers/kernel_helpers.h"
#include "net/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 3000, TARGETS = 1000 };

static int64_t sum_at(const struct tally *t, size_t i)
{
    return t->kernels->bits == 32 ? ((int32_t *)t->sum)[i] : ((int64_t *)t->sum)[i];
}

static void start(const struct tally *t)
{
    for (size_t i = 0; i < t->targets; i++)
        if (t->kernels->bits == 32)
            ((int32_t *)t->sum)[i] = 7 - (int32_t)i;
        else
            ((int64_t *)t->sum)[i] = 7 - (int64_t)i;
}

/* The numbers come in three parts. */
static void try_tally(const struct kernels *kernels, bool counted, size_t targets, int64_t weight,
                      const uint16_t number[MOST])
{
    struct guarded sum = guarded_open(targets * (size_t)kernels->bits / 8, GUARDED_END);
    struct guarded count = guarded_open(targets, GUARDED_END);
    const struct tally tally = {kernels, sum.data, counted ? count.data : NULL, targets, weight};
    int64_t times[TARGETS] = {0};
    for (size_t i = 0; i < MOST; i++)
        times[number[i]]++;
    for (size_t i = 0; i < targets; i++)
        ((uint8_t *)count.data)[i] = 0;
    start(&tally);
    tally_add(&tally, number, 13);
    tally_add(&tally, number + 13, 0);
    tally_add(&tally, number + 13, MOST - 13);
    tally_close(&tally);
    for (size_t i = 0; i < targets; i++) {
        assert_int_equal(sum_at(&tally, i), 7 - (int64_t)i + weight * times[i]);
        assert_int_equal(((uint8_t *)count.data)[i], 0);
    }
    guarded_close(&sum);
    guarded_close(&count);
}

/* Of few targets each is told more often than a byte counts, of one so often that no byte is left
 * but 256 times some; of many hardly any twice. */
static void counted_or_not_sums_are_the_same(void **state)
{
    (void)state;
    static const size_t targets[] = {1, 2, 9, 64, 333, TARGETS};
    uint64_t random = 12;
    for (int table = 0; table < KERNEL_TABLES; table++) {
        const struct kernels *kernels = kernel_table(table);
        for (size_t t = 0; kernels && t < sizeof targets / sizeof *targets; t++) {
            const int64_t large = kernels->bits == 32 ? INT32_MAX / 2 / MOST : INT64_MAX / 2 / MOST;
            uint16_t number[MOST];
            for (size_t i = 0; i < MOST; i++)
                number[i] = i < 256 ? 0 : (uint16_t)(next_random(&random) % targets[t]);
            for (int counted = 0; counted < 2; counted++) {
                try_tally(kernels, counted, targets[t], -3, number);
                try_tally(kernels, counted, targets[t], large, number);
                try_tally(kernels, counted, targets[t], -large, number);
            }
        }
    }
}

static void counting_pays_from_one_event_for_four_targets_on(void **state)
{
    (void)state;
    assert_false(tally_pays(65536, 16383));
    assert_true(tally_pays(65536, 16384));
    assert_int_equal(tally_bytes(1000), 0);
    assert_int_equal(tally_bytes(65536), cpu_evicts_slowly() ? 65536 : 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counted_or_not_sums_are_the_same),
        cmocka_unit_test(counting_pays_from_one_event_for_four_targets_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
