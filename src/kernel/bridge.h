/* The kernel `bridge` (kernel.h): crossings between the ends of a step. */
#ifndef MEGALIF_BRIDGE_H
#define MEGALIF_BRIDGE_H

#include "kernel/exp.h"
#include "kernel/groups.h"
#include "kernel/kernel.h"
#include "kernel/philox_lanes.h"
#include "kernel/simd.h"

/* Bit i: neuron i of 64 is at or above threshold. */
static inline uint64_t above(const real *u)
{
    uint64_t below = 0;
    for (size_t j = 0; j < GROUP; j += REAL_LANES)
        below |= (uint64_t)vr_signs(vr_load(u + j)) << j;
    return ~below;
}

/* Exponents -c before u of 128 neurons, within [LEAST, 0]; 0: none of them can have crossed. */
static const float least_exponent = -22.2f; /* exp of it is below 2^-32, the least uniform number */

static inline unsigned bridge_exponents(vf x[8][SETS], const struct bridge_arguments *a,
                                        size_t first)
{
    const real *before = (const real *)a->before + first, *u = (const real *)a->u + first;
    const real *c = a->c.data ? (const real *)a->c.data + first : NULL;
    const vf least = vf_set1(least_exponent), c1 = vf_set1((float)a->c.value);
    unsigned possible = 0;
    for (size_t slot = 0; slot < 8; slot++)
        for (size_t set = 0; set < SETS; set++) {
            size_t i = slot * SLOT + set * WORD_LANES;
            vf product = vf_mul(vr_load_floats(before + i), vr_load_floats(u + i));
            vf wide = vf_mul(product, c ? vr_load_floats(c + i) : c1);
            vf exponent = vf_max(vf_sub(vf_set1(0.0f), wide), least);
            possible |= vf_signs(vf_sub(least, exponent));
            x[slot][set] = vf_min(exponent, vf_set1(0.0f));
        }
    return possible;
}

/* Bits of the 128 neurons whose uniform numbers are below their probabilities: slot s takes word s
 * mod 4 of draw s div 4. */
static inline void bridge_draw(uint64_t bits[2], vf x[8][SETS], const struct philox_common *common,
                               uint64_t group)
{
    for (size_t set = 0; set < SETS; set++)
        for (uint16_t half = 0; half < 2; half++) {
            vu word[4];
            philox_lanes(word, common, group + set * WORD_LANES, half);
            for (size_t j = 0; j < 4; j++) {
                vf u =
                    vf_fma(vf_from_int(vu_shr(word[j], 1)), vf_set1(0x1p-31f), vf_set1(0x1p-32f));
                uint64_t lanes = vf_signs(vf_sub(u, vf_exp(x[4 * half + j][set])));
                bits[half] |= lanes << (j * SLOT + set * WORD_LANES);
            }
        }
}

static size_t bridge(const struct bridge_arguments *a)
{
    const struct philox_common common = philox_common_of(a->key, a->step);
    const real *u = a->u;
    for (size_t first = 0; first < a->count; first += TILE_ALIGN) {
        vf x[8][SETS];
        uint64_t bits[2] = {0, 0}, group = (a->first_id + first) / TILE_ALIGN * SLOT;
        if (bridge_exponents(x, a, first))
            bridge_draw(bits, x, &common, group);
        for (size_t half = 0; half < 2; half++)
            a->crossed[first / GROUP + half] = bits[half] | above(u + first + half * GROUP);
    }
    return list_crossed(a->group, a->crossed, a->count / GROUP);
}

#endif
