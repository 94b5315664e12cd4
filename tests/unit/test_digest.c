/* Digests against the published vectors of FNV-1a and fmix64, and written-out values; what must and
 * must not alter them. */
#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The published test vectors of FNV-1a. */
static void names_hash_by_fnv1a(void **state)
{
    (void)state;
    assert_int_equal(fnv1a64(""), UINT64_C(0xcbf29ce484222325));
    assert_int_equal(fnv1a64("a"), UINT64_C(0xaf63dc4c8601ec8c));
    assert_int_equal(fnv1a64("foobar"), UINT64_C(0x85944171f73967e8));
    assert_int_equal(fnv1a64("\xff"), UINT64_C(0xaf64724c8602eb6e)); /* bytes are unsigned */
}

/* Computed with Python's integers from the definition of MurmurHash3's fmix64. */
static void mix_is_fmix64(void **state)
{
    (void)state;
    assert_int_equal(mix64(0), 0);
    assert_int_equal(mix64(1), UINT64_C(0xb456bcfc34c2cb2c));
    assert_int_equal(mix64(UINT64_C(0x123456789abcdef)), UINT64_C(0x87cbfbfe89022cea));
    assert_int_equal(mix64(UINT64_MAX), UINT64_C(0x64b5720b4b825f21));
}

static struct digest one(uint64_t stream, uint64_t step, uint64_t id)
{
    struct digest digest = {{0, 0}, 0};
    digest_add(&digest, digest_key(stream, step), id);
    return digest;
}

static void assert_digest(const struct digest *digest, const char *expected)
{
    char text[33];
    digest_format(digest, text);
    assert_string_equal(text, expected);
}

/* Computed with Python's integers from the definition in the header. */
static void spikes_give_known_digests(void **state)
{
    (void)state;
    uint64_t stream = fnv1a64("population.exc");
    struct digest digest = one(stream, 3, 0);
    assert_digest(&digest, "79dc8ee358cca201f99a1c30eabdb93e");
    digest = one(stream, UINT64_C(1) << 40, (UINT64_C(1) << 32) + 5);
    assert_digest(&digest, "187abb82b863ddabccfd12a089c0a80f");
    assert_int_equal(digest.spikes, 1);
}

static void empty_digest_is_zero(void **state)
{
    (void)state;
    struct digest digest = {{0, 0}, 0};
    assert_digest(&digest, "00000000000000000000000000000000");
}

/* The spikes of the Python computation, in one of two orders, in `parts` partial digests. */
static struct digest raster(int parts, int backwards)
{
    struct digest part[8] = {{{0, 0}, 0}};
    uint64_t stream = fnv1a64("population.exc");
    for (int n = 0; n < 1000; n++) {
        int spike = backwards ? 999 - n : n;
        uint64_t step = (uint64_t)(spike / 10 + 1);
        uint64_t id = (step * 7919 + (uint64_t)(spike % 10) * 104729) % 1000003;
        digest_add(&part[n * 7 % parts], digest_key(stream, step), id);
    }
    for (int i = 1; i < parts; i++) {
        digest_merge(&part[0], &part[i]);
    }
    return part[0];
}

static void order_and_parts_do_not_matter(void **state)
{
    (void)state;
    for (int parts = 1; parts <= 8; parts++) {
        for (int backwards = 0; backwards < 2; backwards++) {
            struct digest digest = raster(parts, backwards);
            assert_digest(&digest, "229420066bed0e377027fcb3f7ed8306");
            assert_int_equal(digest.spikes, 1000);
        }
    }
}

static void assert_differ(struct digest a, struct digest b)
{
    assert_int_not_equal(a.sum[0], b.sum[0]);
    assert_int_not_equal(a.sum[1], b.sum[1]);
}

static void every_part_of_a_spike_matters(void **state)
{
    (void)state;
    uint64_t exc = fnv1a64("population.exc");
    struct digest base = one(exc, 100, 7);
    assert_differ(base, one(fnv1a64("population.inh"), 100, 7));
    assert_differ(base, one(exc, 101, 7));
    assert_differ(base, one(exc, 100, 8));
    /* Two spikes that swap their steps are another raster. */
    struct digest straight = base;
    struct digest other = one(exc, 101, 8);
    digest_merge(&straight, &other);
    struct digest crossed = one(exc, 100, 8);
    other = one(exc, 101, 7);
    digest_merge(&crossed, &other);
    assert_differ(straight, crossed);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_hash_by_fnv1a),
        cmocka_unit_test(mix_is_fmix64),
        cmocka_unit_test(spikes_give_known_digests),
        cmocka_unit_test(empty_digest_is_zero),
        cmocka_unit_test(order_and_parts_do_not_matter),
        cmocka_unit_test(every_part_of_a_spike_matters),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
