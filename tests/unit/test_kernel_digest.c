/* The kernel that adds to a digest: in every instruction set what digest_add gives one by one,
 * which test_digest holds against numbers of others. */
#include "helpers/guarded.h"
#include "helpers/kernel_helpers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void fill(struct guarded *row, size_t count, uint64_t *random)
{
    uint64_t *word = row->data;
    for (size_t i = 0; i < count; i++)
        word[i] = next_random(random);
    guarded_freeze(row);
}

static void try_pairs(const struct kernels *kernels, size_t count, enum guarded_side side,
                      uint64_t *random)
{
    struct guarded row[3];
    for (int k = 0; k < 3; k++) {
        row[k] = guarded_open(count * sizeof(uint64_t), side);
        fill(&row[k], count, random);
    }
    const uint64_t *one = row[0].data, *other = row[1].data, *id = row[2].data;
    struct digest expected = {{1, UINT64_MAX}, 7}, found = expected;
    for (size_t i = 0; i < count; i++)
        digest_add(&expected, mix64(one[i]) ^ mix64(other[i]), id[i]);
    kernels->digest_pairs(&found, one, other, id, count);
    assert_int_equal(found.sum[0], expected.sum[0]);
    assert_int_equal(found.sum[1], expected.sum[1]);
    assert_int_equal(found.spikes, expected.spikes);
    for (int k = 0; k < 3; k++)
        guarded_close(&row[k]);
}

static void pairs_are_added_one_by_one(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 2, 7, 8, 9, 31, 1000, 1024};
    uint64_t random = 13;
    for (int i = 0; i < KERNEL_TABLES; i++)
        for (size_t c = 0; kernel_table(i) && c < sizeof counts / sizeof *counts; c++)
            for (int side = 0; side < 2; side++)
                try_pairs(kernel_table(i), counts[c], (enum guarded_side)side, &random);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(pairs_are_added_one_by_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
