/* Numbers that must not know of one another: of one call, along neurons, along steps, of
 * neighbouring streams and seeds. For normals and counts alike. */
#ifndef MEGALIF_TESTS_SEQUENCE_CHECKS_H
#define MEGALIF_TESTS_SEQUENCE_CHECKS_H

#include "sampler_checks.h"

#include <stdio.h>

enum { SLOTS = 8, BLOCK = 128, STEPS = 256, NEURONS = 4096 };

/* The 28 pairs among the eight numbers of one Philox call (neurons i, i + 16, ... of 128). */
static inline void check_call(const struct sampler *s, uint64_t samples)
{
    static struct pairs pairs[SLOTS][SLOTS];
    struct classed c = classed_open(NEURONS);
    const struct philox_key key = philox_stream_key(7, fnv1a64("input.a/exc"));
    memset(pairs, 0, sizeof pairs);
    for (uint64_t step = 0; step * NEURONS < samples; step++) {
        classed_draw(&c, 0, NEURONS, s, key, step, 0);
        for (size_t i = 0; i < NEURONS; i += i % BLOCK == 15 ? BLOCK - 15 : 1)
            for (size_t a = 0; a < SLOTS; a++)
                for (size_t b = a + 1; b < SLOTS; b++)
                    pairs_add(&pairs[a][b], &c, i + 16 * a, &c, i + 16 * b);
    }
    for (size_t a = 0; a < SLOTS; a++)
        for (size_t b = a + 1; b < SLOTS; b++) {
            char what[64];
            snprintf(what, sizeof what, "slots %zu and %zu of a call", a, b);
            expect_independent(&pairs[a][b], s, what);
        }
    classed_close(&c);
    expect_end();
}

/* How far apart in steps and neurons. */
static const struct lag {
    size_t steps, neurons;
} lags[] = {{0, 1},  {0, 2},   {0, 3},   {0, 8},   {0, 15},  {0, 16},   {0, 17}, {0, 32},
            {0, 64}, {0, 127}, {0, 128}, {0, 129}, {0, 256}, {0, 2048}, {1, 0},  {2, 0},
            {3, 0},  {4, 0},   {7, 0},   {64, 0},  {1, 1},   {1, 16},   {1, 128}};
enum { LAGS = sizeof lags / sizeof lags[0] };

/* Disjoint pairs: every other stretch of the lag's length begins them. */
static inline void add_lag(struct pairs *pairs, const struct classed *c, struct lag lag)
{
    for (size_t step = 0; step + lag.steps < STEPS; step++) {
        if (lag.steps > 0 && step / lag.steps % 2)
            continue;
        for (size_t i = 0; i + lag.neurons < NEURONS; i++)
            if (lag.steps > 0 || i / lag.neurons % 2 == 0)
                pairs_add(pairs, c, step * NEURONS + i, c,
                          (step + lag.steps) * NEURONS + i + lag.neurons);
    }
}

/* Within a step along the neurons, transposed along the steps, and across. */
static inline void check_lags(const struct sampler *s, uint64_t samples)
{
    static struct pairs pairs[LAGS];
    struct classed c = classed_open((size_t)STEPS * NEURONS);
    const struct philox_key key = philox_stream_key(8, fnv1a64("input.b/exc"));
    memset(pairs, 0, sizeof pairs);
    for (uint64_t done = 0; done < samples; done += c.count) {
        for (size_t step = 0; step < STEPS; step++)
            classed_draw(&c, step * NEURONS, NEURONS, s, key, done / NEURONS + step, 1 << 20);
        for (size_t lag = 0; lag < LAGS; lag++)
            add_lag(&pairs[lag], &c, lags[lag]);
    }
    for (size_t lag = 0; lag < LAGS; lag++) {
        char what[64];
        snprintf(what, sizeof what, "lag of %zu steps, %zu neurons", lags[lag].steps,
                 lags[lag].neurons);
        expect_independent(&pairs[lag], s, what);
    }
    classed_close(&c);
    expect_end();
}

/* Where a number comes from. */
struct origin {
    struct philox_key key;
    uint64_t step, first_id;
};

static inline void check_two(const struct sampler *s, struct origin a, struct origin b,
                             uint64_t samples, const char *what)
{
    static struct pairs pairs;
    struct classed one = classed_open(NEURONS), two = classed_open(NEURONS);
    memset(&pairs, 0, sizeof pairs);
    for (uint64_t step = 0; step * NEURONS < samples; step++) {
        classed_draw(&one, 0, NEURONS, s, a.key, a.step + step, a.first_id);
        classed_draw(&two, 0, NEURONS, s, b.key, b.step + step, b.first_id);
        for (size_t i = 0; i < NEURONS; i++)
            pairs_add(&pairs, &one, i, &two, i);
    }
    expect_independent(&pairs, s, what);
    classed_close(&one);
    classed_close(&two);
}

static inline struct origin origin_of(uint64_t seed, uint64_t stream)
{
    return (struct origin){philox_stream_key(seed, stream), 0, 0};
}

/* Neighbouring seeds, streams and keys; ids and steps whose counters differ in one high bit. */
static inline void check_neighbours(const struct sampler *s, uint64_t samples)
{
    const uint64_t stream = fnv1a64("input.a/exc");
    const struct origin here = origin_of(42, stream);
    struct origin there = here;
    check_two(s, here, origin_of(43, stream), samples, "seeds 42 and 43");
    check_two(s, here, origin_of(42 + (UINT64_C(1) << 32), stream), samples, "seeds 2^32 apart");
    check_two(s, here, origin_of(42, stream + 1), samples, "neighbouring streams");
    check_two(s, here, origin_of(42, fnv1a64("input.b/exc")), samples, "inputs a and b");
    check_two(s, here, origin_of(42, fnv1a64("input.a/inh")), samples, "populations exc and inh");
    there.key.word[0] ^= 1;
    check_two(s, here, there, samples, "keys that differ in the lowest bit");
    there.key.word[1] ^= UINT32_C(1) << 31;
    check_two(s, here, there, samples, "keys that differ in two bits");
    there = here;
    there.first_id = UINT64_C(1) << 35; /* bit 32 of the group */
    check_two(s, here, there, samples, "groups 2^32 apart");
    there.first_id = NEURONS;
    check_two(s, here, there, samples, "neighbouring tiles");
    there = here;
    there.step = UINT64_C(1) << 32;
    check_two(s, here, there, samples, "steps 2^32 apart");
    expect_end();
}

#endif
