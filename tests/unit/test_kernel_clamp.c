/* The kernel behind V_min: a maximum that keeps parked neurons, in every instruction set and
 * precision, between guard pages. */
#include "helpers/guarded.h"
#include "helpers/kernel_helpers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* u, floor: reals as doubles; every 7th neuron is parked. */
static void try_clamp(const struct kernels *kernels, size_t count, int varies, int side)
{
    size_t real = (size_t)kernels->bits / 8;
    struct guarded u = guarded_open(count * real, (enum guarded_side)side),
                   floor = guarded_open(count * real, (enum guarded_side)side);
    double *expected = malloc(count * sizeof *expected);
    uint64_t random = count;
    assert_non_null(expected);
    for (size_t i = 0; i < count; i++) {
        float v = (float)random_between(&random, -30, 1),
              f = (float)random_between(&random, -30, -5);
        float parked;
        memcpy(&parked, &(uint32_t){PARKED_BITS_32}, sizeof parked);
        v = i % 7 == 3 ? parked : i % 11 == 5 ? -0.0f : v;
        expected[i] = fmax(varies ? (double)f : -12.5, (double)v);
        if (real == 4) {
            ((float *)u.data)[i] = v;
            ((float *)floor.data)[i] = f;
        } else {
            ((double *)u.data)[i] = (double)v;
            ((double *)floor.data)[i] = (double)f;
            if (i % 7 == 3)
                memcpy((double *)u.data + i, &(uint64_t){PARKED_BITS_64}, real);
        }
    }
    guarded_freeze(&floor);
    kernels->clamp(u.data, (struct field){varies ? floor.data : NULL, -12.5}, count);
    for (size_t i = 0; i < count; i++) {
        double v = real == 4 ? (double)((float *)u.data)[i] : ((double *)u.data)[i];
        if (i % 7 == 3)
            assert_memory_equal((char *)u.data + i * real,
                                real == 4 ? (const void *)&(uint32_t){PARKED_BITS_32}
                                          : (const void *)&(uint64_t){PARKED_BITS_64},
                                real);
        else
            assert_memory_equal(&v, &expected[i], sizeof v);
    }
    free(expected);
    guarded_close(&u);
    guarded_close(&floor);
}

static void clamp_is_a_maximum_that_keeps_parked_neurons(void **state)
{
    (void)state;
    for (int table = 0; table < KERNEL_TABLES; table++)
        for (int variant = 0; kernel_table(table) && variant < 4; variant++) {
            try_clamp(kernel_table(table), 128, variant & 1, variant >> 1);
            try_clamp(kernel_table(table), 4224, variant & 1, variant >> 1);
        }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(clamp_is_a_maximum_that_keeps_parked_neurons),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
