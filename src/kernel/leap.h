/* The kernels `leap` and `replay` (kernel.h): several steps at once, and the few neurons that
 * crossed in them again, step by step. */
#ifndef MEGALIF_LEAP_H
#define MEGALIF_LEAP_H

#include "kernel/groups.h"
#include "kernel/kernel.h"
#include "kernel/simd.h"

#include <math.h>

/* `abreast` vectors from neuron `first` on, side by side, because the steps of each wait for one
 * another. */
static inline __attribute__((always_inline)) void leap_vectors(const struct leap_arguments *a,
                                                               size_t first, size_t abreast,
                                                               int e_varies, int d_varies)
{
    const real *from = (const real *)a->from + first, *e = a->e.data, *d = a->d.data;
    const vr e1 = vr_set1((real)a->e.value), d1 = vr_set1((real)a->d.value);
    real *to = (real *)a->to + first;
    uint64_t *crossed = a->crossed + first / GROUP;
    vr v[LEAP_ABREAST];
    uint64_t below[LEAP_ABREAST] = {0};
#pragma GCC unroll 16
    for (size_t j = 0; j < abreast; j++)
        v[j] = vr_load(from + j * REAL_LANES);
#pragma GCC unroll 8
    for (int step = 0; step < LEAP_STEPS; step++)
#pragma GCC unroll 16
        for (size_t j = 0; j < abreast; j++) {
            size_t i = first + j * REAL_LANES;
            vr ve = e_varies ? vr_load(e + i) : e1, vd = d_varies ? vr_load(d + i) : d1;
            v[j] = vr_keep(vr_add(v[j], vr_fnma(ve, v[j], vd)));
        }
#pragma GCC unroll 16
    for (size_t j = 0; j < abreast; j++) {
        vr_store(to + j * REAL_LANES, v[j]);
        below[j * REAL_LANES / GROUP] |= (uint64_t)vr_signs(v[j]) << j * REAL_LANES % GROUP;
    }
    if (abreast * REAL_LANES < GROUP)
        *crossed = (first % GROUP ? *crossed : ~UINT64_C(0)) ^ below[0] << first % GROUP;
    for (size_t j = 0; j < abreast * REAL_LANES / GROUP; j++)
        crossed[j] = ~below[j];
}

static inline __attribute__((always_inline)) void leap_tile(const struct leap_arguments *a,
                                                            int e_varies, int d_varies)
{
    enum { ALL = LEAP_ABREAST, HALF = LEAP_ABREAST / 2 };
    size_t first = 0;
    for (; first + ALL * (size_t)REAL_LANES <= a->count; first += ALL * REAL_LANES)
        leap_vectors(a, first, ALL, e_varies, d_varies);
    for (; first < a->count; first += HALF * REAL_LANES)
        leap_vectors(a, first, HALF, e_varies, d_varies);
}

/* The neurons whose bits are set. Most words have up to four: these are written without a branch
 * that depends on how many there are. */
static inline size_t list_bits(const uint64_t *words, size_t count, uint16_t *ids)
{
    enum { MOSTLY = 4 };
    size_t listed = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t word = words[i];
        uint16_t *to = ids + listed, first = (uint16_t)(i * GROUP);
        size_t bits = (size_t)__builtin_popcountll(word);
        for (size_t n = 0; n < MOSTLY; n++, word &= word - 1)
            to[n] = (uint16_t)(first + (word ? __builtin_ctzll(word) : 0));
        for (size_t n = MOSTLY; n < bits; n++, word &= word - 1)
            to[n] = (uint16_t)(first + __builtin_ctzll(word));
        listed += bits;
    }
    return listed;
}

static size_t leap(const struct leap_arguments *a)
{
    if (a->e.data && a->d.data)
        leap_tile(a, 1, 1);
    else if (a->e.data)
        leap_tile(a, 1, 0);
    else if (a->d.data)
        leap_tile(a, 0, 1);
    else
        leap_tile(a, 0, 0);
    return list_bits(a->crossed, a->count / GROUP, a->ids);
}

static inline vr gather(struct field field, const uint16_t *ids)
{
    return field.data ? vr_gather(field.data, ids) : vr_set1((real)field.value);
}

static inline __attribute__((always_inline)) void replay_neurons(const struct replay_arguments *a,
                                                                 int delayed, int path)
{
    for (size_t i = 0; i < a->count; i += REAL_LANES) {
        const vr e = gather(a->e, a->ids + i), d = gather(a->d, a->ids + i);
        const vr start = gather(a->start, a->ids + i);
        const vr since = delayed ? vr_load_bytes(a->since + i) : start;
        vr v = delayed ? vr_set1(-(real)NAN) : start, below = vr_set1(0);
#pragma GCC unroll 8
        for (int step = 0; step < LEAP_STEPS; step++) {
            if (delayed) /* until then it is parked */
                v = vr_where_equal(since, vr_set1((real)step), start, v);
            if (path)
                vr_store((real *)a->path + (size_t)step * a->stride + i, v);
            v = vr_add(v, vr_fnma(e, v, d));
            below = vr_count(below, v);
        }
        vr_store((real *)a->u + i, v);
        vr_store_bytes(a->below + i, below);
    }
}

static void replay(const struct replay_arguments *a)
{
    if (a->since)
        replay_neurons(a, 1, 0);
    else if (a->path)
        replay_neurons(a, 0, 1);
    else
        replay_neurons(a, 0, 0);
}

#endif
