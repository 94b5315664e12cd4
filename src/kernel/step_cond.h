/* The kernel `step_cond` (kernel.h): one step of a tile whose neurons have synaptic conductances,
 * by Runge and Kutta's method with Fehlberg's coefficients. */
#ifndef MEGALIF_STEP_COND_H
#define MEGALIF_STEP_COND_H

#include "kernel/groups.h"
#include "kernel/kernel.h"
#include "kernel/simd.h"

enum { FEHLBERG_STAGES = 6 };

/* Stage i begins at the state plus the sum over j < i of at[i][j] slope j; the last row is the end
 * of the step, of fifth order. */
static const double fehlberg[FEHLBERG_STAGES + 1][FEHLBERG_STAGES] = {
    {0},
    {1.0 / 4},
    {3.0 / 32, 9.0 / 32},
    {1932.0 / 2197, -7200.0 / 2197, 7296.0 / 2197},
    {439.0 / 216, -8.0, 3680.0 / 513, -845.0 / 4104},
    {-8.0 / 27, 2.0, -3544.0 / 2565, 1859.0 / 4104, -11.0 / 40},
    {16.0 / 135, 0, 6656.0 / 12825, 28561.0 / 56430, -9.0 / 50, 2.0 / 55},
};

/* Some neurons: their state, or its slope times dt. */
struct cond {
    vr u, g[KERNEL_RECEPTORS], y[KERNEL_RECEPTORS];
};

/* What does not change in a step. */
struct cond_facts {
    vr drift, leak, per_nS, driving[KERNEL_RECEPTORS], decay[KERNEL_RECEPTORS];
};

static inline __attribute__((always_inline)) struct cond
cond_slope(const struct cond *at, const struct cond_facts *f, int alpha)
{
    const vr one = vr_set1(1), euler = vr_set1((real)2.718281828459045235), none = vr_set1(0);
    const vr v = vr_min(none, at->u); /* keeps a parked u */
    struct cond k = {.u = vr_fnma(f->leak, v, f->drift)};
#pragma GCC unroll 2
    for (int r = 0; r < KERNEL_RECEPTORS; r++) {
        k.u = vr_fnma(vr_mul(f->per_nS, at->g[r]), vr_add(v, f->driving[r]), k.u);
        k.g[r] =
            vr_mul(f->decay[r], vr_fnma(one, at->g[r], alpha ? vr_mul(euler, at->y[r]) : none));
        k.y[r] = alpha ? vr_fnma(f->decay[r], at->y[r], none) : none;
    }
    return k;
}

/* at = fma(b, k, at) */
static inline __attribute__((always_inline)) void cond_add(struct cond *at, double b,
                                                           const struct cond *k, int alpha)
{
    const vr by = vr_set1((real)b);
    at->u = vr_fma(by, k->u, at->u);
#pragma GCC unroll 2
    for (int r = 0; r < KERNEL_RECEPTORS; r++) {
        at->g[r] = vr_fma(by, k->g[r], at->g[r]);
        at->y[r] = alpha ? vr_fma(by, k->y[r], at->y[r]) : at->y[r];
    }
}

static inline __attribute__((always_inline)) struct cond
cond_step(const struct cond *from, const struct cond_facts *f, int alpha)
{
    struct cond k[FEHLBERG_STAGES], at = *from;
#pragma GCC unroll 6
    for (int i = 0; i < FEHLBERG_STAGES; i++) {
        k[i] = cond_slope(&at, f, alpha);
        at = *from;
#pragma GCC unroll 6
        for (int j = 0; j <= i; j++)
            if (fehlberg[i + 1][j] < 0 || fehlberg[i + 1][j] > 0)
                cond_add(&at, fehlberg[i + 1][j], &k[j], alpha);
    }
    return at;
}

/* Fields as rows, as in step_psc.h. */
struct cond_walk {
    struct walk d, rate, leak, per_nS;
    struct walk driving[KERNEL_RECEPTORS], decay[KERNEL_RECEPTORS], jump[KERNEL_RECEPTORS];
};
enum { COND_ROWS = 4 + 3 * KERNEL_RECEPTORS };

static inline void walk_cond(struct cond_walk *w, const struct cond_arguments *a,
                             real same[COND_ROWS][TILE_ALIGN])
{
    w->d = walk_of(a->d, same[0]);
    w->rate = walk_of(a->rate, same[1]);
    w->leak = walk_of(a->leak, same[2]);
    w->per_nS = walk_of(a->per_nS, same[3]);
    for (int r = 0; r < KERNEL_RECEPTORS; r++) {
        const struct cond_receptor *receptor = &a->receptor[r];
        w->driving[r] = walk_of(receptor->driving, same[4 + 3 * r]);
        w->decay[r] = walk_of(receptor->decay, same[5 + 3 * r]);
        w->jump[r] = walk_of((struct field){receptor->jump, 0.0}, same[6 + 3 * r]);
    }
}

static inline __attribute__((always_inline)) struct cond_facts load_facts(const struct cond_walk *w,
                                                                          size_t first, size_t j)
{
    struct cond_facts f = {.drift =
                               vr_mul(walk_load(&w->rate, first, j), walk_load(&w->d, first, j)),
                           .leak = walk_load(&w->leak, first, j),
                           .per_nS = walk_load(&w->per_nS, first, j)};
    for (int r = 0; r < KERNEL_RECEPTORS; r++) {
        f.driving[r] = walk_load(&w->driving[r], first, j);
        f.decay[r] = walk_load(&w->decay[r], first, j);
    }
    return f;
}

/* Takes neurons first + j ... through the step; returns their u. */
static inline __attribute__((always_inline)) vr step_cond_lanes(const struct cond_arguments *a,
                                                                const struct cond_walk *w,
                                                                size_t first, size_t j, int alpha)
{
    const size_t i = first + j;
    const struct cond_facts facts = load_facts(w, first, j);
    struct cond at = {.u = vr_load((real *)a->u + i)};
    for (int r = 0; r < KERNEL_RECEPTORS; r++) {
        at.g[r] = vr_load((real *)a->receptor[r].conductance + i);
        at.y[r] = alpha ? vr_load((real *)a->receptor[r].feed + i) : at.g[r];
    }
    at = cond_step(&at, &facts, alpha);
    for (int r = 0; r < KERNEL_RECEPTORS; r++) {
        vr jump = walk_load(&w->jump[r], first, j), *to = alpha ? &at.y[r] : &at.g[r];
        *to = vr_fma(vr_set1(r == 0 ? 1 : -1), jump, *to);
        vr_store((real *)a->receptor[r].conductance + i,
                 vr_unless_below(at.g[r], (real)SYNAPSE_LEAST));
        if (alpha)
            vr_store((real *)a->receptor[r].feed + i,
                     vr_unless_below(at.y[r], (real)SYNAPSE_LEAST));
    }
    vr_store((real *)a->u + i, at.u);
    return at.u;
}

static inline __attribute__((always_inline)) size_t step_cond_tile(const struct cond_arguments *a,
                                                                   int alpha)
{
    _Alignas(64) real same[COND_ROWS][TILE_ALIGN];
    struct cond_walk w;
    walk_cond(&w, a, same);
    for (size_t first = 0; first < a->count; first += TILE_ALIGN) {
        uint64_t below[2] = {0, 0}; /* sign bits */
        for (size_t j = 0; j < TILE_ALIGN; j += REAL_LANES)
            below[j / GROUP] |= (uint64_t)vr_signs(step_cond_lanes(a, &w, first, j, alpha))
                                << j % GROUP;
        a->crossed[first / GROUP] = ~below[0];
        a->crossed[first / GROUP + 1] = ~below[1];
    }
    return list_crossed(a->group, a->crossed, a->count / GROUP);
}

static size_t step_cond(const struct cond_arguments *a)
{
    return a->receptor[0].feed ? step_cond_tile(a, 1) : step_cond_tile(a, 0);
}

#endif
