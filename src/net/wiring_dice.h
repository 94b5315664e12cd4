/* Random numbers of a canonical tile's synapses, by their number in the tile: whole numbers without
 * bias, from words of 32 bits below 2^24 and of 64 bits above. docs/numerics.md says which word
 * serves which synapse. */
#ifndef MEGALIF_NET_WIRING_DICE_H
#define MEGALIF_NET_WIRING_DICE_H

#include "kernel/philox.h"

#include <stdbool.h>

enum { WIRING_BATCH = 1024 }; /* synapses that are drawn at once */

/* Up to 2^24 at most one word in 256 is drawn again. */
#define WIRING_NARROW (UINT64_C(1) << 24)

/* The words of synapses first ... first + WIRING_BATCH - 1. */
struct wiring_dice {
    const struct kernels *kernels;
    struct philox_key key;
    uint64_t tile;
    bool wide;      /* words of 64 bits */
    uint64_t first; /* a multiple of WIRING_BATCH */
    uint32_t word[2 * WIRING_BATCH];
};

/* For numbers below `most` or less. The words are there after wiring_dice_fill. */
void wiring_dice_open(struct wiring_dice *dice, const struct kernels *kernels,
                      struct philox_key key, uint64_t tile, uint64_t most);

/* The words of `count` synapses from number `first` on, a multiple of WIRING_BATCH. */
void wiring_dice_fill(struct wiring_dice *dice, uint64_t first, size_t count);

/* Draws 1, 2, ... until one is without bias. */
uint64_t wiring_dice_again(const struct wiring_dice *dice, size_t i, uint64_t n);

static inline uint64_t wiring_dice_word(const struct wiring_dice *dice, size_t i)
{
    return (uint64_t)dice->word[2 * i] << 32 | dice->word[2 * i + 1];
}

/* Uniform in 0 ... n - 1 for synapse first + i (Lemire 2019): the high half of word times n, drawn
 * again where the low half is below 2^bits mod n. 0 < n <= `most` of wiring_dice_open. */
static inline uint64_t wiring_dice_below(const struct wiring_dice *dice, size_t i, uint64_t n)
{
    if (dice->wide) {
        unsigned __int128 product = (unsigned __int128)wiring_dice_word(dice, i) * n;
        bool sure = (uint64_t)product >= n;
        return sure ? (uint64_t)(product >> 64) : wiring_dice_again(dice, i, n);
    }
    uint64_t product = dice->word[i] * n;
    bool sure = (uint32_t)product >= n;
    return sure ? product >> 32 : wiring_dice_again(dice, i, n);
}

/* 64 random bits of group `index`: words 0 and 1 of draw 0. */
static inline uint64_t wiring_bits(struct philox_key key, uint64_t index, uint64_t step)
{
    uint32_t word[4];
    philox_draw(word, key, index, 0, step);
    return (uint64_t)word[0] << 32 | word[1];
}

#endif
