/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011),
 * one counter at a time; the kernels hold the same function over lanes. Pure and thread-safe. */
#ifndef MEGALIF_KERNEL_PHILOX_H
#define MEGALIF_KERNEL_PHILOX_H

#include "kernel/kernel.h"

#define PHILOX_M0 UINT32_C(0xD2511F53)
#define PHILOX_M1 UINT32_C(0xCD9E8D57)
#define PHILOX_W0 UINT32_C(0x9E3779B9)
#define PHILOX_W1 UINT32_C(0xBB67AE85)
enum { PHILOX_ROUNDS = 10 };

/* word[0..3] = counter in, random bits out. */
static inline void philox_words(uint32_t word[4], struct philox_key key)
{
    uint32_t k0 = key.word[0], k1 = key.word[1];
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t p0 = (uint64_t)PHILOX_M0 * word[0];
        uint64_t p1 = (uint64_t)PHILOX_M1 * word[2];
        word[0] = (uint32_t)(p1 >> 32) ^ word[1] ^ k0;
        word[1] = (uint32_t)p1;
        word[2] = (uint32_t)(p0 >> 32) ^ word[3] ^ k1;
        word[3] = (uint32_t)p0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
}

/* The four words of one (group, draw, step) of a stream; group < 2^48. */
static inline void philox_draw(uint32_t word[4], struct philox_key key, uint64_t group,
                               uint16_t draw, uint64_t step)
{
    word[0] = (uint32_t)group;
    word[1] = (uint32_t)(group >> 32) | (uint32_t)draw << 16;
    word[2] = (uint32_t)step;
    word[3] = (uint32_t)(step >> 32);
    philox_words(word, key);
}

/* The key of a stream: the first 64 bits of Philox(counter = stream, key = seed). */
static inline struct philox_key philox_stream_key(uint64_t seed, uint64_t stream)
{
    struct philox_key key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    uint32_t word[4] = {(uint32_t)stream, (uint32_t)(stream >> 32), 0, 0};
    philox_words(word, key);
    return (struct philox_key){{word[0], word[1]}};
}

#endif
