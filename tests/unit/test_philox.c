/* Philox4x32-10 against published numbers, in plain C and in the lanes of every instruction set. */
#include "helpers/kernel_helpers.h"
#include "kernel/philox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#if __has_include(<Random123/philox.h>)
#include <Random123/philox.h>
#endif

/* The three vectors for philox4x32 10 in Random123's tests/kat_vectors (D. E. Shaw Research). */
static const struct {
    uint32_t counter[4];
    struct philox_key key;
    uint32_t answer[4];
} known[] = {
    {{0, 0, 0, 0}, {{0, 0}}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {{0xffffffff, 0xffffffff}},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {{0xa4093822, 0x299f31d0}},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};
enum { KNOWN = sizeof known / sizeof known[0] };

/* A counter as the parts it is made of. */
struct parts {
    uint64_t group, step;
    uint16_t draw;
};

static struct parts parts_of(const uint32_t counter[4])
{
    return (struct parts){
        .group = (uint64_t)(counter[1] & 0xffff) << 32 | counter[0],
        .step = (uint64_t)counter[3] << 32 | counter[2],
        .draw = (uint16_t)(counter[1] >> 16),
    };
}

static void words_are_random123s(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        uint32_t word[4];
        memcpy(word, known[i].counter, sizeof word);
        philox_words(word, known[i].key);
        assert_memory_equal(word, known[i].answer, sizeof word);
    }
}

static void draws_put_the_counter_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        struct parts p = parts_of(known[i].counter);
        uint32_t word[4];
        philox_draw(word, known[i].key, p.group, p.draw, p.step);
        assert_memory_equal(word, known[i].answer, sizeof word);
    }
}

/* C++26, [rand.predef]: the 10,000th number of a default-constructed std::philox4x32 (key 20111115,
 * counter from 0, words in order) is 1955073260. A second source, independent of Random123's file.
 */
static void ten_thousandth_is_the_cpp_standards(void **state)
{
    (void)state;
    struct philox_key key = {{20111115, 0}};
    uint32_t word[4];
    philox_draw(word, key, 9999 / 4, 0, 0);
    assert_int_equal(word[9999 % 4], 1955073260);
}

/* The first 64 bits of Philox(counter = stream, key = seed), by the vectors above and, for a seed
 * and a stream beyond 32 bits, Python's integers. */
static void stream_keys_are_known(void **state)
{
    (void)state;
    struct philox_key key = philox_stream_key(0, 0);
    assert_int_equal(key.word[0], 0x6627e8d5);
    assert_int_equal(key.word[1], 0xe169c58d);
    key = philox_stream_key(UINT64_C(0x0123456789abcdef), UINT64_C(0xfedcba9876543210));
    assert_int_equal(key.word[0], 0x2c03a599);
    assert_int_equal(key.word[1], 0xd8a290fc);
}

/* Each known counter is reached as the lane (group mod 16) of a call for 16 groups. */
static void lanes_are_random123s(void **state)
{
    (void)state;
    for (int table = 0; table < KERNEL_TABLES; table++) {
        const struct kernels *kernels = kernel_table(table);
        for (size_t i = 0; kernels && i < KNOWN; i++) {
            struct parts p = parts_of(known[i].counter);
            uint32_t words[16][4];
            kernels->philox16(words, known[i].key, p.step, p.group & ~UINT64_C(15), p.draw);
            assert_memory_equal(words[p.group & 15], known[i].answer, sizeof words[0]);
        }
    }
}

/* A random call: small numbers, full words, and the ends of what groups and steps can be. */
static struct parts random_parts(uint64_t *random)
{
    static const uint64_t groups[] = {0, UINT64_C(1) << 32, UINT64_C(1) << 45, UINT64_C(1) << 48};
    static const uint64_t steps[] = {0, UINT64_C(1) << 31, UINT64_C(1) << 32, UINT64_C(1) << 63};
    uint64_t pick = next_random(random), near = next_random(random) % 4096;
    struct parts p = {groups[pick & 3] - near, steps[pick >> 2 & 3] + near, (uint16_t)(pick >> 4)};
    if (pick >> 60 == 0) {
        p.group = next_random(random);
        p.step = next_random(random);
    }
    p.group &= (UINT64_C(1) << 48) - 16; /* a multiple of 16 below 2^48 */
    return p;
}

static void lanes_are_plain_c(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int table = 0; table < KERNEL_TABLES; table++) {
        const struct kernels *kernels = kernel_table(table);
        for (int repeat = 0; kernels && repeat < 20000; repeat++) {
            struct parts p = random_parts(&random);
            uint64_t key_bits = next_random(&random);
            struct philox_key key = {{(uint32_t)key_bits, (uint32_t)(key_bits >> 32)}};
            uint32_t words[16][4], expected[4];
            kernels->philox16(words, key, p.step, p.group, p.draw);
            for (unsigned lane = 0; lane < 16; lane++) {
                philox_draw(expected, key, p.group + lane, p.draw, p.step);
                assert_memory_equal(words[lane], expected, sizeof expected);
            }
        }
    }
}

/* Rows whose counters have nothing in common but two words, each against plain C. */
static void rows_are_plain_c(void **state)
{
    (void)state;
    uint64_t random = 2;
    for (int table = 0; table < KERNEL_TABLES; table++) {
        const struct kernels *kernels = kernel_table(table);
        for (int repeat = 0; kernels && repeat < 5000; repeat++) {
            enum { ROWS = 48 };
            uint32_t index[ROWS], step[ROWS], words[ROWS][4];
            const uint64_t key_bits = next_random(&random), common = next_random(&random);
            const struct philox_key key = {{(uint32_t)key_bits, (uint32_t)(key_bits >> 32)}};
            for (int i = 0; i < ROWS; i++) {
                const uint64_t own = next_random(&random);
                index[i] = (uint32_t)own;
                step[i] = (uint32_t)(own >> 32);
            }
            kernels->philox_rows(words, key, index, (uint32_t)common, step,
                                 (uint32_t)(common >> 32), ROWS);
            for (int i = 0; i < ROWS; i++) {
                uint32_t expected[4] = {index[i], (uint32_t)common, step[i],
                                        (uint32_t)(common >> 32)};
                philox_words(expected, key);
                assert_memory_equal(words[i], expected, sizeof expected);
            }
        }
    }
}

static int compare_halves(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* The first halves of each row's words, low before high, whatever their order; not more is written
 * behind them than there is said to be. */
static void halves_are_the_first_ones_of_each_row(void **state)
{
    (void)state;
    enum { ROWS = 48, MOST = ROWS * HALVES_MOST };
    uint64_t random = 3;
    for (int table = 0; table < KERNEL_TABLES; table++) {
        const struct kernels *kernels = kernel_table(table);
        for (int repeat = 0; kernels && repeat < 2000; repeat++) {
            uint32_t index[ROWS], step[ROWS], words[ROWS][4];
            uint8_t keep[ROWS];
            uint16_t halves[MOST + HALVES_SLACK + 1], expected[MOST];
            size_t count = 0;
            const uint64_t key_bits = next_random(&random);
            const struct philox_key key = {{(uint32_t)key_bits, (uint32_t)(key_bits >> 32)}};
            for (int i = 0; i < ROWS; i++) {
                const uint64_t own = next_random(&random);
                index[i] = (uint32_t)own;
                step[i] = (uint32_t)(own >> 32);
                keep[i] = repeat < 2 ? (uint8_t)(repeat * HALVES_MOST)
                                     : (uint8_t)(next_random(&random) % (HALVES_MOST + 1));
            }
            kernels->philox_rows(words, key, index, 5, step, 6, ROWS);
            for (int i = 0; i < ROWS; i++)
                for (unsigned k = 0; k < keep[i]; k++)
                    expected[count++] = (uint16_t)(words[i][k / 2] >> (16 * (k % 2)));
            halves[count + HALVES_SLACK] = 0xabcd;
            assert_int_equal(kernels->draw_halves(halves, key, index, 5, step, 6, keep, ROWS),
                             count);
            assert_int_equal(halves[count + HALVES_SLACK], 0xabcd);
            qsort(expected, count, sizeof *expected, compare_halves);
            qsort(halves, count, sizeof *halves, compare_halves);
            assert_memory_equal(halves, expected, count * sizeof *expected);
        }
    }
}

/* The functions as their inventors wrote them, on as many counters and keys as one likes. */
static void words_are_those_of_the_library_random123(void **state)
{
    (void)state;
#ifdef PHILOX4x32_DEFAULT_ROUNDS
    uint64_t random = 2;
    for (int repeat = 0; repeat < 100000; repeat++) {
        struct parts p = random_parts(&random);
        uint64_t bits = next_random(&random);
        struct philox_key key = {{(uint32_t)bits, (uint32_t)(bits >> 32)}};
        uint32_t word[4];
        philox_draw(word, key, p.group, p.draw, p.step);
        const philox4x32_ctr_t counter = {{(uint32_t)p.group,
                                           (uint32_t)(p.group >> 32) | (uint32_t)p.draw << 16,
                                           (uint32_t)p.step, (uint32_t)(p.step >> 32)}};
        const philox4x32_key_t its_key = {{key.word[0], key.word[1]}};
        const philox4x32_ctr_t its = philox4x32_R(PHILOX_ROUNDS, counter, its_key);
        assert_memory_equal(word, its.v, sizeof word);
    }
#else
    print_message("no Random123/philox.h here (Debian: librandom123-dev): skipped\n");
    skip();
#endif
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_random123s),
        cmocka_unit_test(draws_put_the_counter_together),
        cmocka_unit_test(ten_thousandth_is_the_cpp_standards),
        cmocka_unit_test(stream_keys_are_known),
        cmocka_unit_test(lanes_are_random123s),
        cmocka_unit_test(lanes_are_plain_c),
        cmocka_unit_test(rows_are_plain_c),
        cmocka_unit_test(halves_are_the_first_ones_of_each_row),
        cmocka_unit_test(words_are_those_of_the_library_random123),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
