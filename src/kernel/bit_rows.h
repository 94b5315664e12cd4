/* The kernel `add_bits` (kernel.h): rows are added bit by bit, all columns of a register at once.
 * Carry-save adders leave of 8 rows the ones, twos, fours and eights of each column's count, and
 * what they carry ripples into the planes behind these (Harley and Seal's population count). */
#ifndef MEGALIF_BIT_ROWS_H
#define MEGALIF_BIT_ROWS_H

#include "kernel/kernel.h"
#include "kernel/simd.h"

enum {
    BITS_PLANES = 6,              /* a count of BIT_ROWS_MOST */
    BITS_COLUMN = 4 * WORD_LANES, /* bytes of a register */
    BITS_AHEAD = 256              /* bytes that are asked for ahead */
};

/* *low + a + b = 2 high + low */
static inline vu bits_add(vu *low, vu a, vu b)
{
    const vu high = vu_majority(*low, a, b);
    *low = vu_xor3(*low, a, b);
    return high;
}

/* Adds the bytes at `at` of 8 rows to the planes. */
static inline __attribute__((always_inline)) void bits_add_8(vu plane[BITS_PLANES],
                                                             const uint8_t *const *row, size_t at)
{
    vu two[2], four[2];
    for (int half = 0; half < 2; half++) {
        const uint8_t *const *four_rows = row + 4 * half;
        for (int k = 0; k < 2; k++)
            two[k] = bits_add(&plane[0], vu_load(four_rows[2 * k] + at),
                              vu_load(four_rows[2 * k + 1] + at));
        four[half] = bits_add(&plane[1], two[0], two[1]);
    }
    vu carry = bits_add(&plane[2], four[0], four[1]);
    for (int p = 3; p < BITS_PLANES; p++) {
        const vu next = vu_and(plane[p], carry);
        plane[p] = vu_xor(plane[p], carry);
        carry = next;
    }
}

/* sum[i] += weight times the number that bit i of the planes says, i < 8 BITS_COLUMN. */
static inline __attribute__((always_inline)) void
bits_expand(const uint8_t plane[BITS_PLANES][BITS_COLUMN], int planes, size_t targets,
            sum_of_weights weight, sum_of_weights *sum)
{
    for (size_t i = 0; i < targets; i += BYTE_LANES) {
        uint8_t count[BYTE_LANES];
        vb n = vb_none();
        for (int p = 0; p < planes; p++)
            n = vb_add_where(n, plane[p] + i / 8, (uint8_t)(1 << p));
        vb_store(count, n);
        for (size_t k = 0; k < BYTE_LANES; k++)
            sum[i + k] += (sum_of_weights)count[k] * weight;
    }
}

/* A loop of its own for each number of planes that a count takes. */
static inline __attribute__((always_inline)) void bits_add_planes(const struct bits_arguments *a,
                                                                  int planes)
{
    const sum_of_weights weight = (sum_of_weights)a->weight;
    sum_of_weights *sum = a->sum;
    for (size_t at = 0; 8 * at < a->targets; at += BITS_COLUMN) {
        _Alignas(64) uint8_t stored[BITS_PLANES][BITS_COLUMN];
        vu plane[BITS_PLANES];
        for (int p = 0; p < BITS_PLANES; p++)
            plane[p] = vu_set1(0);
        for (size_t k = 0; k < a->count; k += BIT_ROWS_ABREAST) {
            for (size_t r = k; r < k + BIT_ROWS_ABREAST && at % 64 == 0; r++)
                __builtin_prefetch(a->row[r] + at + BITS_AHEAD);
            bits_add_8(plane, a->row + k, at);
        }
        for (int p = 0; p < planes; p++)
            vu_store(stored[p], plane[p]);
        const size_t left = a->targets - 8 * at;
        bits_expand(stored, planes, left < 8 * BITS_COLUMN ? left : 8 * BITS_COLUMN, weight,
                    sum + 8 * at);
    }
}

static void add_bits(const struct bits_arguments *a)
{
    if (a->most < 2)
        bits_add_planes(a, 1);
    else if (a->most < 4)
        bits_add_planes(a, 2);
    else if (a->most < 8)
        bits_add_planes(a, 3);
    else if (a->most < 16)
        bits_add_planes(a, 4);
    else if (a->most < 32)
        bits_add_planes(a, 5);
    else
        bits_add_planes(a, BITS_PLANES);
}

#endif
