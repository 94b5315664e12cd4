/* Philox4x32-10 over lanes: lane l has the counter of group first + l, all else is common. The same
 * function as philox.h, whose names it uses. */
#ifndef MEGALIF_KERNEL_PHILOX_LANES_H
#define MEGALIF_KERNEL_PHILOX_LANES_H

#include "kernel/philox.h"
#include "kernel/simd.h"

enum { PHILOX_ABREAST = 2 }; /* registers of counters: a second one fills what the first waits */

/* What all counters of one row share: the first two rounds as far as they do not depend on the
 * group (its low word apart), and the round keys. */
struct philox_common {
    uint32_t key0[PHILOX_ROUNDS], key1[PHILOX_ROUNDS];
    uint32_t step_high;
    uint64_t product1; /* round 1: M1 * low word of the step */
};

static inline struct philox_common philox_common_of(struct philox_key key, uint64_t step)
{
    struct philox_common common;
    for (uint32_t round = 0; round < PHILOX_ROUNDS; round++) {
        common.key0[round] = key.word[0] + round * PHILOX_W0;
        common.key1[round] = key.word[1] + round * PHILOX_W1;
    }
    common.step_high = (uint32_t)(step >> 32);
    common.product1 = (uint64_t)PHILOX_M1 * (uint32_t)step;
    return common;
}

/* word[k][i] lane l = word i of group first[k] + l; the low words of first[k] + l must not carry.
 * abreast <= PHILOX_ABREAST registers of counters, round by round. */
static inline __attribute__((always_inline)) void
philox_lanes_abreast(vu (*word)[4], const struct philox_common *common, const uint64_t *first,
                     uint16_t draw, int abreast)
{
    vw c0[PHILOX_ABREAST], c1[PHILOX_ABREAST], c2[PHILOX_ABREAST], c3[PHILOX_ABREAST];
    for (int k = 0; k < abreast; k++) {
        uint32_t second = (uint32_t)(first[k] >> 32) | (uint32_t)draw << 16;

        /* Round 1: counter words 1, 2 and 3 are the same in all lanes. */
        vw product = vw_mul(vw_iota((uint32_t)first[k]), PHILOX_M0);
        uint32_t s0 = (uint32_t)(common->product1 >> 32) ^ second ^ common->key0[0];
        uint32_t s1 = (uint32_t)common->product1;
        c2[k] = vw_xor(vw_high(product), vw_set1(common->step_high ^ common->key1[0]));
        c3[k] = product;

        /* Round 2: words 0 and 1 still are. */
        uint64_t s = (uint64_t)PHILOX_M0 * s0;
        product = vw_mul(c2[k], PHILOX_M1);
        c0[k] = vw_xor(vw_high(product), vw_set1(s1 ^ common->key0[1]));
        c1[k] = product;
        c2[k] = vw_xor(c3[k], vw_set1((uint32_t)(s >> 32) ^ common->key1[1]));
        c3[k] = vw_set1((uint32_t)s);
    }
    for (int round = 2; round < PHILOX_ROUNDS; round++)
        for (int k = 0; k < abreast; k++) {
            vw p0 = vw_mul(c0[k], PHILOX_M0);
            vw p1 = vw_mul(c2[k], PHILOX_M1);
            c0[k] = vw_xor3(vw_high(p1), c1[k], vw_set1(common->key0[round]));
            c1[k] = p1;
            c2[k] = vw_xor3(vw_high(p0), c3[k], vw_set1(common->key1[round]));
            c3[k] = p0;
        }
    for (int k = 0; k < abreast; k++) {
        word[k][0] = vw_pack(c0[k]);
        word[k][1] = vw_pack(c1[k]);
        word[k][2] = vw_pack(c2[k]);
        word[k][3] = vw_pack(c3[k]);
    }
}

/* Of one register. */
static inline void philox_lanes(vu word[4], const struct philox_common *common, uint64_t first,
                                uint16_t draw)
{
    philox_lanes_abreast((vu(*)[4])word, common, &first, draw, 1);
}

/* The same of counters of which two words are each lane's own. */
static inline void philox_any(vu word[4], struct philox_key key, vw index, uint32_t second, vw step,
                              uint32_t step_high)
{
    vw c0 = index, c1 = vw_set1(second), c2 = step, c3 = vw_set1(step_high);
    for (uint32_t round = 0; round < PHILOX_ROUNDS; round++) {
        vw p0 = vw_mul(c0, PHILOX_M0);
        vw p1 = vw_mul(c2, PHILOX_M1);
        c0 = vw_xor3(vw_high(p1), c1, vw_set1(key.word[0] + round * PHILOX_W0));
        c1 = p1;
        c2 = vw_xor3(vw_high(p0), c3, vw_set1(key.word[1] + round * PHILOX_W1));
        c3 = p0;
    }
    word[0] = vw_pack(c0);
    word[1] = vw_pack(c1);
    word[2] = vw_pack(c2);
    word[3] = vw_pack(c3);
}

#endif
