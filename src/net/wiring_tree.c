#include "net/wiring_tree.h"

#include "net/wiring_lists.h"
#include "net/wiring_tiles.h"

#include <stdlib.h>

enum { BITS_MOST = 2048, BITS_OF_DRAW = 128, BLOCKS_MOST = 16, SYNAPSES_LEAST = 64 };

/* Tiles begin ... end - 1, of which those before `split` are the left half. */
struct node {
    uint64_t begin, split, end;
};

/* The largest power of two below n > 1. */
static uint64_t half(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* The nodes on the way to a tile, from the root on; false: there is but the tile. */
static bool next_node(struct node *node, uint64_t tile)
{
    *(tile < node->split ? &node->end : &node->begin) = node->split;
    if (node->end - node->begin < 2)
        return false;
    node->split = node->begin + half(node->end - node->begin);
    return true;
}

/* What stands before the node of these tiles: next_node makes it that. */
static struct node above(uint64_t begin, uint64_t end)
{
    return (struct node){begin, end, end};
}

/* Of n synapses those that go left, by the law; `left` and `right` are pairs. */
static uint64_t by_law(const struct wiring *wiring, uint64_t n, uint64_t left, uint64_t right,
                       uint64_t bits)
{
    struct wiring_count count = wiring->projection->multapses
                                    ? wiring_count_binomial(n, (double)left, (double)right)
                                    : wiring_count_hypergeometric(n, left, left + right);
    return wiring_count_draw(&count, bits);
}

/* Where both halves are alike each synapse takes a bit. */
static bool takes_bits(const struct wiring *wiring, uint64_t n, uint64_t left, uint64_t right)
{
    return wiring->projection->multapses && left == right && n <= BITS_MOST;
}

static unsigned ones_of(uint64_t bits)
{
    const uint64_t twos = UINT64_C(0x5555555555555555), fours = UINT64_C(0x3333333333333333),
                   bytes = UINT64_C(0x0f0f0f0f0f0f0f0f);
    bits -= bits >> 1 & twos;
    bits = (bits & fours) + (bits >> 2 & fours);
    return (unsigned)(((bits + (bits >> 4)) & bytes) * UINT64_C(0x0101010101010101) >> 56);
}

/* Ones among the first n >= 1 bits of a draw, at most all. */
static unsigned ones_in_draw(const uint32_t word[4], uint64_t n)
{
    uint64_t high = (uint64_t)word[0] << 32 | word[1], low = (uint64_t)word[2] << 32 | word[3];
    if (n <= 64)
        return ones_of(high >> (64 - n));
    return ones_of(high) + ones_of(n < BITS_OF_DRAW ? low >> (BITS_OF_DRAW - n) : low);
}

/* left[i] = ones among the first n[i] bits of source first + i; those with n[i] = 0 are left as
 * they are. */
static void by_bits(const struct wiring *wiring, uint64_t split, uint64_t first,
                    const uint64_t n[TREE_SOURCES], uint64_t left[TREE_SOURCES])
{
    uint64_t most = 0;
    for (int i = 0; i < TREE_SOURCES; i++) {
        left[i] = n[i] > 0 ? 0 : left[i];
        most = n[i] > most ? n[i] : most;
    }
    for (uint64_t from = 0; from < most; from += BITS_OF_DRAW) {
        uint32_t word[TREE_SOURCES][4];
        wiring->kernels->philox16(word, wiring->count_key, split, first,
                                  (uint16_t)(from / BITS_OF_DRAW));
        for (int i = 0; i < TREE_SOURCES; i++)
            if (n[i] > from)
                left[i] += ones_in_draw(word[i], n[i] - from);
    }
}

/* Splits the synapses of 16 sources; self[i]: the target that is not one, or WIRING_NONE. */
static void split_sources(const struct wiring *wiring, const struct node *node, uint64_t first,
                          const uint64_t self[TREE_SOURCES], const uint64_t n[TREE_SOURCES],
                          uint64_t left[TREE_SOURCES])
{
    const uint64_t begin = wiring_first_target(wiring, node->begin);
    const uint64_t split = wiring_first_target(wiring, node->split);
    const uint64_t end = wiring_end_target(wiring, node->end - 1);
    uint64_t with_bits[TREE_SOURCES];
    for (int i = 0; i < TREE_SOURCES; i++) {
        uint64_t to_left = split - begin - (self[i] >= begin && self[i] < split);
        uint64_t to_right = end - split - (self[i] >= split && self[i] < end);
        bool bits = takes_bits(wiring, n[i], to_left, to_right);
        with_bits[i] = bits ? n[i] : 0;
        if (!bits || n[i] == 0)
            left[i] = by_law(wiring, n[i], to_left, to_right,
                             wiring_bits(wiring->count_key, first + (uint64_t)i, node->split));
    }
    by_bits(wiring, node->split, first, with_bits, left);
}

static void find_selves(const struct wiring *wiring, uint64_t first, uint64_t self[TREE_SOURCES])
{
    for (int i = 0; i < TREE_SOURCES; i++)
        self[i] = wiring_target_of(wiring, first + (uint64_t)i);
}

/* ---- many nodes at once, down to blocks of tiles that are a node each */

struct sharing {
    const struct wiring *wiring;
    uint64_t first; /* source */
    uint64_t self[TREE_SOURCES];
    uint64_t block;         /* tiles */
    const uint32_t *before; /* [tiles + 1]: tiles before each that are wanted; NULL: all are */
    uint32_t *to;           /* [blocks][stride] */
    uint64_t stride;
};

/* Splits the numbers of 16 sources among the blocks in tiles begin ... end - 1. */
static void share_out(const struct sharing *s, uint64_t begin, uint64_t end,
                      const uint64_t n[TREE_SOURCES])
{
    struct node node = {begin, begin, end};
    uint64_t left[TREE_SOURCES], right[TREE_SOURCES];
    uint32_t *to = s->to + begin / s->block * s->stride;
    if (s->before && s->before[begin] == s->before[end])
        return;
    if (end - begin <= s->block) {
        for (int i = 0; i < TREE_SOURCES; i++)
            to[i] = n[i] < UINT32_MAX ? (uint32_t)n[i] : UINT32_MAX;
        return;
    }
    node.split = begin + half(end - begin);
    split_sources(s->wiring, &node, s->first, s->self, n, left);
    for (int i = 0; i < TREE_SOURCES; i++)
        right[i] = n[i] - left[i];
    share_out(s, begin, node.split, left);
    share_out(s, node.split, end, right);
}

static void share_out_all(struct sharing *s, uint64_t synapses)
{
    uint64_t n[TREE_SOURCES];
    for (int i = 0; i < TREE_SOURCES; i++)
        n[i] = synapses;
    find_selves(s->wiring, s->first, s->self);
    share_out(s, 0, wiring_tiles(s->wiring), n);
}

void wiring_tree_tiles(const struct wiring *wiring, const uint32_t *before, uint64_t synapses,
                       uint64_t first, uint32_t *count, uint64_t stride)
{
    struct sharing s = {.wiring = wiring,
                        .first = first,
                        .block = 1,
                        .before = before,
                        .to = count,
                        .stride = stride};
    share_out_all(&s, synapses);
}

/* ---- the tree's upper nodes, kept, with a number for each source */

/* The least power of two of which BLOCKS_MOST are enough. */
static uint64_t block_of(uint64_t tiles)
{
    uint64_t block = 1;
    while (block * BLOCKS_MOST < tiles)
        block *= 2;
    return block;
}

static uint64_t stride_of(const struct wiring *wiring)
{
    return (wiring->sources + TREE_SOURCES - 1) / TREE_SOURCES * TREE_SOURCES;
}

uint64_t wiring_tree_bytes(const struct wiring *wiring, uint64_t synapses)
{
    const uint64_t tiles = wiring_tiles(wiring), block = block_of(tiles);
    if (tiles < 2 || synapses < SYNAPSES_LEAST || synapses > UINT32_MAX)
        return 0;
    return (tiles + block - 1) / block * stride_of(wiring) * sizeof *wiring->shares;
}

void wiring_tree_open(struct wiring *wiring, uint64_t synapses)
{
    const uint64_t bytes = wiring_tree_bytes(wiring, synapses);
    wiring->block = block_of(wiring_tiles(wiring));
    wiring->share_stride = stride_of(wiring);
    wiring->shares = bytes > 0 ? malloc(bytes) : NULL;
    for (uint64_t first = 0; wiring->shares && first < wiring->sources; first += TREE_SOURCES) {
        struct sharing s = {.wiring = wiring,
                            .first = first,
                            .block = wiring->block,
                            .to = wiring->shares + first,
                            .stride = wiring->share_stride};
        share_out_all(&s, synapses);
    }
}

/* ---- one tile */

/* The numbers of 16 sources in the smallest node above a tile that is known. */
static struct node start(const struct wiring *wiring, uint64_t tile, uint64_t synapses,
                         uint64_t first, uint64_t count[TREE_SOURCES])
{
    const uint64_t tiles = wiring_tiles(wiring);
    if (!wiring->shares) {
        for (int i = 0; i < TREE_SOURCES; i++)
            count[i] = synapses;
        return above(0, tiles);
    }
    const uint64_t block = tile / wiring->block, begin = block * wiring->block;
    const uint64_t end = begin + wiring->block;
    for (int i = 0; i < TREE_SOURCES; i++)
        count[i] = wiring->shares[block * wiring->share_stride + first + (uint64_t)i];
    return above(begin, end < tiles ? end : tiles);
}

void wiring_tree_counts(const struct wiring *wiring, uint64_t tile, uint64_t synapses,
                        uint64_t first, uint64_t count[TREE_SOURCES])
{
    uint64_t self[TREE_SOURCES], left[TREE_SOURCES];
    struct node node = start(wiring, tile, synapses, first, count);
    find_selves(wiring, first, self);
    while (next_node(&node, tile)) {
        split_sources(wiring, &node, first, self, count, left);
        for (int i = 0; i < TREE_SOURCES; i++)
            count[i] = tile < node.split ? left[i] : count[i] - left[i];
    }
}

static uint64_t pairs_in(const struct wiring *wiring, uint64_t begin, uint64_t end)
{
    return wiring_pairs(wiring, wiring_first_target(wiring, begin),
                        wiring_end_target(wiring, end - 1));
}

/* All synapses take the bits of source 0. */
uint64_t wiring_tree_count(const struct wiring *wiring, uint64_t tile, uint64_t synapses)
{
    struct node node = above(0, wiring_tiles(wiring));
    while (next_node(&node, tile)) {
        uint64_t left = pairs_in(wiring, node.begin, node.split);
        uint64_t right = pairs_in(wiring, node.split, node.end);
        uint64_t n[TREE_SOURCES] = {synapses}, to_left[TREE_SOURCES] = {0};
        if (takes_bits(wiring, synapses, left, right))
            by_bits(wiring, node.split, 0, n, to_left);
        else
            to_left[0] = by_law(wiring, synapses, left, right,
                                wiring_bits(wiring->count_key, 0, node.split));
        synapses = tile < node.split ? to_left[0] : synapses - to_left[0];
    }
    return synapses;
}
