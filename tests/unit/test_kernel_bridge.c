/* The kernel behind crossing = bridge: its exponential, its probabilities, the same bits in every
 * instruction set. */
#include "helpers/guarded.h"
#include "helpers/kernel_helpers.h"

#define KERNEL_SCALAR
#define KERNEL_BITS 32
#include "kernel/exp.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_exponential_is_right_to_2e_7(void **state)
{
    (void)state;
    long double most = 0;
    for (int i = 0; i <= 8700000; i++) {
        float x = (float)i * -1e-5f;
        long double exact = expl((long double)x);
        most = fmaxl(most, fabsl((long double)vf_exp(x) / exact - 1));
    }
    print_message("largest relative error %.3Lg\n", most);
    assert_true(most < 2e-7L);
    assert_true(vf_exp(0) == 1);
    assert_true(vf_exp(-22.2f) < 0x1p-32f); /* what never happens has no number below it */
}

enum { COUNT = 128 * 40 };

struct data {
    struct guarded before, u, c;
};

static void put(const struct kernels *kernels, void *array, size_t i, float value)
{
    if (kernels->bits == 32)
        ((float *)array)[i] = value;
    else
        ((double *)array)[i] = (double)value;
}

static void park(const struct kernels *kernels, void *array, size_t i)
{
    const uint32_t single = PARKED_BITS_32;
    const uint64_t full = PARKED_BITS_64;
    if (kernels->bits == 32)
        memcpy((float *)array + i, &single, sizeof single);
    else
        memcpy((double *)array + i, &full, sizeof full);
}

/* Some far away, some near, some parked, some above. */
static struct data make(const struct kernels *kernels)
{
    size_t bytes = COUNT * (size_t)kernels->bits / 8;
    struct data d = {guarded_open(bytes, GUARDED_END), guarded_open(bytes, GUARDED_END),
                     guarded_open(bytes, GUARDED_START)};
    uint64_t random = 17;
    for (size_t i = 0; i < COUNT; i++) {
        double far = i / 128 % 3 == 0 ? 30 : 3;
        put(kernels, d.before.data, i, (float)random_between(&random, -far, 0));
        put(kernels, d.u.data, i, (float)random_between(&random, -far, i % 9 == 0 ? 1 : -0.01));
        put(kernels, d.c.data, i, i % 31 == 0 ? 1e30f : (float)random_between(&random, 0.1, 5));
        if (i % 7 == 3) {
            park(kernels, d.before.data, i);
            park(kernels, d.u.data, i);
        }
    }
    guarded_freeze(&d.before);
    guarded_freeze(&d.u);
    guarded_freeze(&d.c);
    return d;
}

static uint64_t hash_crossings(const struct kernels *kernels, int varies)
{
    struct data d = make(kernels);
    uint64_t crossed[COUNT / 64], hash = 0, listed = 0;
    uint16_t group[COUNT / 64];
    for (uint64_t step = 0; step < 50; step++) {
        const struct bridge_arguments a = {d.before.data, d.u.data, {varies ? d.c.data : NULL, 1.5},
                                           COUNT,         {{3, 4}}, step,
                                           1280,          group,    crossed};
        size_t groups = kernels->bridge(&a);
        listed += groups;
        for (size_t g = 0; g < groups; g++)
            hash = (hash ^ crossed[g] ^ group[g]) * UINT64_C(0x9e3779b97f4a7c15) + step;
    }
    assert_in_range(listed, 1000, 50 * COUNT / 64 - 1);
    guarded_close(&d.before);
    guarded_close(&d.u);
    guarded_close(&d.c);
    return hash;
}

static void all_instruction_sets_agree(void **state)
{
    (void)state;
    for (int varies = 0; varies < 2; varies++) {
        uint64_t reference = hash_crossings(kernels_for(ISA_SCALAR, 32), varies);
        for (int table = 0; table < KERNEL_TABLES; table++)
            if (kernel_table(table))
                assert_int_equal(hash_crossings(kernel_table(table), varies), reference);
    }
}

/* How often each neuron crosses in many steps, against exp(-c before u): 5 standard errors, of 128
 * neurons with probabilities from 2e-10 to 1. */
static void crossings_have_their_probability(void **state)
{
    (void)state;
    enum { N = 128, STEPS = 40000 };
    const struct kernels *kernels = kernels_for(kernels_best_isa(), 32);
    static float before[N] __attribute__((aligned(64))), u[N] __attribute__((aligned(64)));
    static unsigned times[N];
    double sum = 0, expected = 0;
    for (size_t i = 0; i < N; i++) {
        before[i] = -0.05f - 0.03f * (float)(i % 16);
        u[i] = -0.02f * (float)(1 + i / 16 * 6);
        times[i] = 0;
    }
    memcpy(&u[77], &(uint32_t){PARKED_BITS_32}, sizeof u[77]);
    for (uint64_t step = 0; step < STEPS; step++) {
        uint64_t crossed[N / 64];
        uint16_t group[N / 64];
        const struct bridge_arguments a = {before, u,   {NULL, 8}, N,      {{9, 9}},
                                           step,   256, group,     crossed};
        size_t groups = kernels->bridge(&a);
        for (size_t g = 0; g < groups; g++)
            for (size_t i = 0; i < 64; i++)
                times[64 * group[g] + i] += (unsigned)(crossed[g] >> i & 1);
    }
    for (size_t i = 0; i < N; i++) {
        double p = i == 77 ? 0 : exp(-8.0 * (double)before[i] * (double)u[i]);
        double deviation = (double)times[i] - STEPS * p, width = sqrt(STEPS * p * (1 - p));
        assert_true(fabs(deviation) <= 5 * width);
        sum += deviation;
        expected += width * width;
    }
    print_message("all together %+.2f standard errors\n", sum / sqrt(expected));
    assert_true(fabs(sum) < 5 * sqrt(expected));
    assert_int_equal(times[77], 0);
}

/* Who is above threshold has crossed, whatever was before; who cannot have, has not. */
static void certain_crossings_are_certain(void **state)
{
    (void)state;
    enum { N = 128 };
    for (int table = 0; table < KERNEL_TABLES; table++) {
        const struct kernels *kernels = kernel_table(table);
        static double before[N] __attribute__((aligned(64))), u[N] __attribute__((aligned(64)));
        if (!kernels)
            continue;
        for (size_t i = 0; i < N; i++) {
            put(kernels, before, i, i % 2 ? -40 : 0.5f);
            put(kernels, u, i, i % 4 < 2 ? 0.25f : -40);
        }
        for (uint64_t step = 0; step < 1000; step++) {
            uint64_t crossed[2];
            uint16_t group[2];
            const struct bridge_arguments a = {before, u, {NULL, 4}, N,      {{9, 9}},
                                               step,   0, group,     crossed};
            assert_int_equal(kernels->bridge(&a), 2);
            for (size_t i = 0; i < N; i++) /* above now, or above before and below now */
                assert_int_equal(crossed[i / 64] >> (i % 64) & 1, i % 4 != 3);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exponential_is_right_to_2e_7),
        cmocka_unit_test(all_instruction_sets_agree),
        cmocka_unit_test(crossings_have_their_probability),
        cmocka_unit_test(certain_crossings_are_certain),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
