#include "net/wiring_tree.h"

#include "net/wiring_lists.h"

enum { BITS_MOST = 2048 };

/* Pairs that may connect, of one source or all, in tiles begin ... end - 1. */
static uint64_t pairs_in(const struct wiring *wiring, uint64_t begin, uint64_t end, uint64_t source)
{
    uint64_t first = wiring_first_target(begin), last = wiring_end_target(wiring, end - 1);
    if (source == WIRING_NONE)
        return wiring_pairs(wiring, first, last);
    uint64_t self = wiring_target_of(wiring, source);
    return last - first - (self >= first && self < last);
}

/* Ones among the first `count` bits of draws 0, 1, ... */
static uint64_t ones(struct philox_key key, uint64_t index, uint64_t split, uint64_t count)
{
    uint64_t sum = 0;
    for (uint16_t draw = 0; count > 0; draw++) {
        uint32_t word[4];
        philox_draw(word, key, index, draw, split);
        for (int i = 0; i < 4 && count > 0; i++) {
            uint64_t n = count < 32 ? count : 32;
            sum += (uint64_t)__builtin_popcount(word[i] >> (32 - n));
            count -= n;
        }
    }
    return sum;
}

/* Of n synapses those that go left: `left` and `right` are pairs. Where both are the same, each
 * synapse takes a bit. */
static uint64_t go_left(const struct wiring *wiring, uint64_t n, uint64_t left, uint64_t right,
                        uint64_t split, uint64_t source)
{
    const bool multapses = wiring->projection->multapses;
    const uint64_t index = source == WIRING_NONE ? 0 : source;
    if (multapses && left == right && n <= BITS_MOST)
        return ones(wiring->count_key, index, split, n);
    struct wiring_count count = multapses ? wiring_count_binomial(n, (double)left, (double)right)
                                          : wiring_count_hypergeometric(n, left, left + right);
    return wiring_count_draw(&count, wiring_bits(wiring->count_key, index, split));
}

/* The largest power of two below n > 1. */
static uint64_t half(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

uint64_t wiring_tree_count(const struct wiring *wiring, uint64_t tile, uint64_t synapses,
                           uint64_t source)
{
    uint64_t begin = 0, end = (wiring->targets + WIRING_TILE - 1) / WIRING_TILE;
    while (end - begin > 1 && synapses > 0) {
        uint64_t split = begin + half(end - begin);
        uint64_t left = pairs_in(wiring, begin, split, source);
        uint64_t right = pairs_in(wiring, split, end, source);
        uint64_t n = go_left(wiring, synapses, left, right, split, source);
        synapses = tile < split ? n : synapses - n;
        *(tile < split ? &end : &begin) = split;
    }
    return synapses;
}
