/* Four lanes of 8-byte words, each step a bijection of the lane and of the word: what differs in
 * one word differs for ever after. */
#include "base/checksum.h"

#include "base/digest.h"

#include <string.h>

enum { LANES = 4, BLOCK = LANES * sizeof(uint64_t) };

static inline uint64_t step(uint64_t lane, uint64_t word)
{
    lane = (lane ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return lane << 29 | lane >> 35;
}

static inline void take_block(uint64_t lane[LANES], const unsigned char *block)
{
    uint64_t word[LANES];
    memcpy(word, block, BLOCK);
    for (int i = 0; i < LANES; i++)
        lane[i] = step(lane[i], word[i]);
}

uint64_t checksum64(const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    uint64_t lane[LANES] = {1, 2, 3, 4}, sum = mix64(size + 1);
    size_t left = size;
    for (; left >= BLOCK; left -= BLOCK, next += BLOCK)
        take_block(lane, next);
    if (left > 0) {
        unsigned char last[BLOCK] = {0};
        memcpy(last, next, left);
        take_block(lane, last);
    }
    for (int i = 0; i < LANES; i++)
        sum = mix64(sum ^ lane[i]);
    return sum;
}
