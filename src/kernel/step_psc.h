/* The kernel `step_psc` (kernel.h): one step of a tile whose neurons have synaptic currents, in one
 * pass: each array is read and written once. */
#ifndef MEGALIF_STEP_PSC_H
#define MEGALIF_STEP_PSC_H

#include "kernel/groups.h"
#include "kernel/kernel.h"
#include "kernel/simd.h"

/* Where fields are one value, or nothing arrives, 128 neurons walk along the same row again: one
 * loop serves all. */
struct psc_walk {
    real *current, *feed;
    struct walk jump, by_current, by_feed, forgets, feeds;
};

enum { PSC_ROWS = 2 + 5 * KERNEL_RECEPTORS };

static inline void walk_receptor(struct psc_walk *w, const struct psc_receptor *r, int alpha,
                                 real same[5][TILE_ALIGN])
{
    *w = (struct psc_walk){.current = r->current,
                           .feed = r->feed,
                           .jump = walk_of((struct field){r->jump, 0.0}, same[0]),
                           .by_current = walk_of(r->by_current, same[1]),
                           .forgets = walk_of(r->forgets, same[2])};
    if (alpha) {
        w->by_feed = walk_of(r->by_feed, same[3]);
        w->feeds = walk_of(r->feeds, same[4]);
    }
}

/* What a receptor's current adds to c; its synapses go on. */
static inline __attribute__((always_inline)) vr step_receptor(const struct psc_walk *w, vr c,
                                                              size_t first, size_t j, int alpha)
{
    const size_t i = first + j;
    const vr current = vr_keep(vr_load(w->current + i)), forgets = walk_load(&w->forgets, first, j);
    vr jumps_to = vr_fnma(forgets, current, current), feed = current;
    if (alpha) {
        feed = vr_keep(vr_load(w->feed + i));
        c = vr_fma(walk_load(&w->by_feed, first, j), feed, c);
        vr next = vr_fma(walk_load(&w->feeds, first, j), feed, jumps_to);
        vr_store(w->current + i, vr_unless_below(next, (real)SYNAPSE_LEAST));
        jumps_to = vr_fnma(forgets, feed, feed);
    }
    c = vr_fma(walk_load(&w->by_current, first, j), current, c);
    vr_store((alpha ? w->feed : w->current) + i,
             vr_unless_below(vr_add(jumps_to, walk_load(&w->jump, first, j)), (real)SYNAPSE_LEAST));
    return c;
}

static inline __attribute__((always_inline)) size_t step_psc_tile(const struct psc_arguments *a,
                                                                  int alpha)
{
    _Alignas(64) real same[PSC_ROWS][TILE_ALIGN];
    struct psc_walk w[KERNEL_RECEPTORS];
    const struct walk e = walk_of(a->e, same[0]), d = walk_of(a->d, same[1]);
    real *u = a->u;
    const size_t count = a->count; /* locals: the stores below could alias *a */
    uint64_t *crossed = a->crossed;
    for (int r = 0; r < KERNEL_RECEPTORS; r++)
        walk_receptor(&w[r], &a->receptor[r], alpha, same + 2 + 5 * r);
    for (size_t first = 0; first < count; first += TILE_ALIGN) {
        uint64_t below[2] = {0, 0}; /* sign bits */
        for (size_t j = 0; j < TILE_ALIGN; j += REAL_LANES) {
            vr v = vr_keep(vr_load(u + first + j)), c = walk_load(&d, first, j);
            for (int r = 0; r < KERNEL_RECEPTORS; r++)
                c = step_receptor(&w[r], c, first, j, alpha);
            v = vr_add(v, vr_fnma(walk_load(&e, first, j), v, c));
            vr_store(u + first + j, v);
            below[j / GROUP] |= (uint64_t)vr_signs(v) << j % GROUP;
        }
        crossed[first / GROUP] = ~below[0];
        crossed[first / GROUP + 1] = ~below[1];
    }
    return list_crossed(a->group, crossed, count / GROUP);
}

static size_t step_psc(const struct psc_arguments *a)
{
    return a->receptor[0].feed ? step_psc_tile(a, 1) : step_psc_tile(a, 0);
}

#endif
