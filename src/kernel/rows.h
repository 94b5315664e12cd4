/* The kernels on rows (kernel.h): `accumulate`, `clamp`, `normals` and the words behind them. */
#ifndef MEGALIF_ROWS_H
#define MEGALIF_ROWS_H

#include "kernel/groups.h"
#include "kernel/kernel.h"
#include "kernel/normal.h"
#include "kernel/philox_lanes.h"
#include "kernel/simd.h"

/* Of fields that vary or not each combination is a loop of its own. */
static inline __attribute__((always_inline)) void
accumulate_rows(real *out, const struct field *in, const struct field *c, const struct field *row,
                size_t count, int in_varies, int c_varies, int row_varies)
{
    const real *pi = in->data, *pc = c->data, *pr = row->data;
    const vr i1 = vr_set1((real)in->value), c1 = vr_set1((real)c->value),
             r1 = vr_set1((real)row->value);
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i += REAL_LANES) {
        vr vc = c_varies ? vr_load(pc + i) : c1;
        vr v = row_varies ? vr_load(pr + i) : r1;
        vr_store(out + i, vr_fma(vc, v, in_varies ? vr_load(pi + i) : i1));
    }
}

static void accumulate(void *out, struct field in, struct field c, struct field row, size_t count)
{
    switch ((in.data ? 4 : 0) | (c.data ? 2 : 0) | (row.data ? 1 : 0)) {
    case 1:
        accumulate_rows(out, &in, &c, &row, count, 0, 0, 1);
        return;
    case 2:
        accumulate_rows(out, &in, &c, &row, count, 0, 1, 0);
        return;
    case 3:
        accumulate_rows(out, &in, &c, &row, count, 0, 1, 1);
        return;
    case 4:
        accumulate_rows(out, &in, &c, &row, count, 1, 0, 0);
        return;
    case 5:
        accumulate_rows(out, &in, &c, &row, count, 1, 0, 1);
        return;
    case 6:
        accumulate_rows(out, &in, &c, &row, count, 1, 1, 0);
        return;
    case 7:
        accumulate_rows(out, &in, &c, &row, count, 1, 1, 1);
        return;
    default:
        accumulate_rows(out, &in, &c, &row, count, 0, 0, 0);
    }
}

/* A sum has few bits more than a real: it is rounded once, and times the unit is exact. */
static void add_sums(void *out, struct field in, const void *sum, double unit, size_t count)
{
    const sum_of_weights *s = sum;
    const real *from = in.data, value = (real)in.value, one = (real)unit;
    real *to = out;
    for (size_t i = 0; i < count; i++)
        to[i] = (from ? from[i] : value) + (real)s[i] * one;
}

/* Counts are cleared for the next ones. */
static void add_counts(void *sum, uint8_t *count, int64_t weight, size_t targets)
{
    const sum_of_weights each = (sum_of_weights)weight;
    sum_of_weights *s = sum;
    for (size_t i = 0; i < targets; i++) {
        s[i] += count[i] * each;
        count[i] = 0;
    }
}

static void clamp(void *u, struct field floor, size_t count)
{
    real *v = u;
    const real *f = floor.data;
    const vr f1 = vr_set1((real)floor.value);
    for (size_t i = 0; i < count; i += REAL_LANES)
        vr_store(v + i, vr_max(f ? vr_load(f + i) : f1, vr_load(v + i)));
}

static void normals(void *row, size_t count, struct philox_key key, uint64_t step,
                    uint64_t first_id)
{
    const struct philox_common common = philox_common_of(key, step);
    real *out = row;
    for (size_t i = 0; i < count; i += TILE_ALIGN) {
        uint64_t group = (first_id + i) / TILE_ALIGN * SLOT;
        for (unsigned set = 0; set < SETS; set++) {
            vu word[4];
            vf normal[8];
            philox_lanes(word, &common, group + set * WORD_LANES, 0);
            normals_of_words(normal, word);
            for (int slot = 0; slot < 8; slot++)
                vr_store_floats(out + i + (size_t)slot * SLOT + set * WORD_LANES, normal[slot]);
        }
    }
}

static void philox16(uint32_t words[16][4], struct philox_key key, uint64_t step,
                     uint64_t first_group, uint16_t draw)
{
    const struct philox_common common = philox_common_of(key, step);
    for (unsigned set = 0; set < SETS; set++) {
        vu word[4];
        philox_lanes(word, &common, first_group + set * WORD_LANES, draw);
        vu_store_rows(words + (size_t)set * WORD_LANES, word);
    }
}

static void philox_rows(uint32_t (*words)[4], struct philox_key key, const uint32_t *index,
                        uint32_t second, const uint32_t *step, uint32_t step_high, size_t count)
{
    for (size_t i = 0; i < count; i += WORD_LANES) {
        vu word[4];
        philox_any(word, key, vw_loadu(index + i), second, vw_loadu(step + i), step_high);
        vu_store_rows(words + i, word);
    }
}

static size_t draw_halves(uint16_t *to, struct philox_key key, const uint32_t *index,
                          uint32_t second, const uint32_t *step, uint32_t step_high,
                          const uint8_t *keep, size_t count)
{
    const uint16_t *begin = to;
    for (size_t i = 0; i < count; i += WORD_LANES) {
        vu word[4];
        philox_any(word, key, vw_loadu(index + i), second, vw_loadu(step + i), step_high);
        to += vh_keep(to, word, keep + i);
    }
    return (size_t)(to - begin);
}

#endif
