/* The kernel that adds rows of bits: against counting them one by one, in every instruction set and
 * precision; nothing behind the sums is written. */
#include "helpers/guarded.h"
#include "helpers/kernel_helpers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINES = 9, BYTES = 64 * LINES, TARGETS = 8 * BYTES };

/* Rows between others: bits behind `targets` are set, too. */
static _Alignas(64) uint8_t rows[BIT_ROWS_MOST + 1][BYTES];
static const uint8_t *row[BIT_ROWS_MOST];

enum filling { NONE, ALL, ONE_IN_16, HALF };

static void fill(size_t count, enum filling filling, uint64_t *random)
{
    memset(rows, 0, sizeof rows);
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < BYTES; i++) {
            const uint64_t bits = next_random(random);
            const uint64_t few = bits & bits >> 8 & bits >> 16 & bits >> 24;
            rows[r][i] = (uint8_t)(filling == ALL ? 0xff : filling == HALF ? bits : few);
            rows[r][i] = filling == NONE ? 0 : rows[r][i];
        }
    for (size_t r = 0; r < BIT_ROWS_MOST; r++) /* the other way round; then the empty one */
        row[r] = rows[r < count ? count - 1 - r : BIT_ROWS_MOST];
}

static int64_t count_of(size_t count, size_t target)
{
    int64_t set = 0;
    for (size_t r = 0; r < count; r++)
        set += rows[r][target / 8] >> target % 8 & 1;
    return set;
}

static void try_rows(const struct kernels *kernels, size_t count, size_t targets, int64_t weight)
{
    const size_t sum_bytes = (size_t)kernels->bits / 8;
    struct guarded sum = guarded_open(targets * sum_bytes, GUARDED_END);
    int32_t *narrow = (int32_t *)sum.data;
    int64_t *wide = (int64_t *)sum.data;
    for (size_t i = 0; i < targets; i++)
        if (kernels->bits == 32)
            narrow[i] = 7 - (int32_t)i;
        else
            wide[i] = 7 - (int64_t)i;
    kernels->add_bits(&(struct bits_arguments){.row = row,
                                               .count = (count + BIT_ROWS_ABREAST - 1) /
                                                        BIT_ROWS_ABREAST * BIT_ROWS_ABREAST,
                                               .most = count,
                                               .targets = targets,
                                               .weight = weight,
                                               .sum = sum.data});
    for (size_t i = 0; i < targets; i++)
        assert_int_equal(kernels->bits == 32 ? narrow[i] : wide[i],
                         7 - (int64_t)i + weight * count_of(count, i));
    guarded_close(&sum);
}

static void try_counts(const struct kernels *kernels, uint64_t *random)
{
    static const size_t counts[] = {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 31, 32, 55, BIT_ROWS_MOST};
    static const size_t targets[] = {64, 448, 512, 576, TARGETS};
    const int64_t largest = kernels->bits == 32 ? INT32_MAX : INT64_MAX;
    const int64_t weights[] = {1, -5, 0, (largest - TARGETS) / BIT_ROWS_MOST,
                               -(largest - TARGETS) / BIT_ROWS_MOST};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (enum filling filling = NONE; filling <= HALF; filling++) {
            fill(counts[c], filling, random);
            for (size_t t = 0; t < sizeof targets / sizeof *targets; t++)
                try_rows(kernels, counts[c], targets[t], weights[(c + t + filling) % 5]);
        }
}

static void bits_are_counted(void **state)
{
    (void)state;
    uint64_t random = 11;
    for (int i = 0; i < KERNEL_TABLES; i++)
        if (kernel_table(i))
            try_counts(kernel_table(i), &random);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(bits_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
