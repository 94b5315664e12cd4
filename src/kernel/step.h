/* The kernel `step` (kernel.h): one step of a tile, with or without its noise made on the way. */
#ifndef MEGALIF_STEP_H
#define MEGALIF_STEP_H

#include "kernel/groups.h"
#include "kernel/kernel.h"
#include "kernel/normal.h"
#include "kernel/philox_lanes.h"
#include "kernel/simd.h"

/* The three flags are constants at every call, so that each combination is a loop of its own. */
static inline __attribute__((always_inline)) size_t step_tile(const struct step_arguments *a,
                                                              int e_varies, int d_varies, int jumps)
{
    real *u = a->u;
    const real *e = a->e.data, *d = a->d.data, *jump = a->jump;
    const vr e1 = vr_set1((real)a->e.value), d1 = vr_set1((real)a->d.value);
    const size_t count = a->count; /* locals: the stores below could alias *a */
    uint64_t *crossed = a->crossed;
    for (size_t first = 0; first < count; first += GROUP) {
        uint64_t below = 0; /* sign bits */
        for (size_t j = 0; j < GROUP; j += REAL_LANES) {
            size_t i = first + j;
            vr v = vr_keep(vr_load(u + i));
            vr change = vr_fnma(e_varies ? vr_load(e + i) : e1, v, d_varies ? vr_load(d + i) : d1);
            v = vr_add(v, change);
            if (jumps)
                v = vr_add(v, vr_load(jump + i));
            vr_store(u + i, v);
            below |= (uint64_t)vr_signs(v) << j;
        }
        crossed[first / GROUP] = ~below;
    }
    return list_crossed(a->group, crossed, count / GROUP);
}

/* What step_noisy_tile has at hand for some neurons. */
struct noisy_rows {
    real *u, *z;
    const real *e, *d, *c, *jump;
    real forgets;
};

/* Takes the neurons of 8 slots through memory, noise and step; of each 64 of them the sign bits. */
static inline __attribute__((always_inline)) void step_normals(const struct noisy_rows row,
                                                               const vf normal[8], int remembers,
                                                               int jumps, uint64_t below[2])
{
    const vr forgets = vr_set1(row.forgets);
#pragma GCC unroll 8
    for (size_t slot = 0; slot < 8; slot++)
#pragma GCC unroll 2
        for (int half = 0; half < HALVES; half++) {
            size_t i = slot * SLOT + (size_t)half * REAL_LANES;
            vr xi = vr_of_floats(normal[slot], half), v = vr_keep(vr_load(row.u + i));
            if (remembers) {
                vr state = vr_keep(vr_load(row.z + i));
                xi = vr_keep(vr_add(state, vr_fnma(forgets, state, xi)));
                vr_store(row.z + i, xi);
            }
            vr drift = vr_fma(vr_load(row.c + i), xi, vr_load(row.d + i));
            v = vr_add(v, vr_fnma(vr_load(row.e + i), v, drift));
            if (jumps)
                v = vr_add(v, vr_load(row.jump + i));
            vr_store(row.u + i, v);
            below[i / GROUP] |= (uint64_t)vr_signs(v) << i % GROUP;
        }
}

/* As step_tile, and makes the noise on the way, which saves writing and reading it. */
static inline __attribute__((always_inline)) size_t step_noisy_tile(const struct step_arguments *a,
                                                                    int remembers, int jumps)
{
    _Alignas(64) real same[3][TILE_ALIGN];
    const struct noise noise = *a->noise;
    const struct walk e = walk_of(a->e, same[0]), d = walk_of(a->d, same[1]),
                      c = walk_of(noise.c, same[2]);
    const struct philox_common common = philox_common_of(noise.key, noise.step);
    const size_t count = a->count; /* locals: the stores below could alias *a */
    real *u = a->u, *z = noise.z;
    const real *jump = a->jump;
    uint64_t *crossed = a->crossed;
    for (size_t first = 0; first < count; first += TILE_ALIGN) {
        uint64_t group = (noise.first_id + first) / TILE_ALIGN * SLOT, below[2] = {0, 0};
        for (size_t set = 0; set < SETS; set++) {
            const size_t lane = set * WORD_LANES, at = first + lane;
            const struct noisy_rows row = {.u = u + at,
                                           .z = remembers ? z + at : NULL,
                                           .e = e.from + first * e.stride + lane,
                                           .d = d.from + first * d.stride + lane,
                                           .c = c.from + first * c.stride + lane,
                                           .jump = jumps ? jump + at : NULL,
                                           .forgets = (real)noise.forgets};
            uint64_t part[2] = {0, 0};
            vu word[4];
            vf normal[8];
            philox_lanes(word, &common, group + lane, 0);
            normals_of_words(normal, word);
            step_normals(row, normal, remembers, jumps, part);
            below[0] |= part[0] << lane;
            below[1] |= part[1] << lane;
        }
        crossed[first / GROUP] = ~below[0];
        crossed[first / GROUP + 1] = ~below[1];
    }
    return list_crossed(a->group, crossed, count / GROUP);
}

static size_t step_noisy(const struct step_arguments *a)
{
    switch ((a->noise->z ? 2 : 0) | (a->jump ? 1 : 0)) {
    case 0:
        return step_noisy_tile(a, 0, 0);
    case 1:
        return step_noisy_tile(a, 0, 1);
    case 2:
        return step_noisy_tile(a, 1, 0);
    default:
        return step_noisy_tile(a, 1, 1);
    }
}

static size_t step(const struct step_arguments *a)
{
    if (a->noise)
        return step_noisy(a);
    switch ((a->e.data ? 4 : 0) | (a->d.data ? 2 : 0) | (a->jump ? 1 : 0)) {
    case 0:
        return step_tile(a, 0, 0, 0);
    case 1:
        return step_tile(a, 0, 0, 1);
    case 2:
        return step_tile(a, 0, 1, 0);
    case 3:
        return step_tile(a, 0, 1, 1);
    case 4:
        return step_tile(a, 1, 0, 0);
    case 5:
        return step_tile(a, 1, 0, 1);
    case 6:
        return step_tile(a, 1, 1, 0);
    default:
        return step_tile(a, 1, 1, 1);
    }
}

#endif
