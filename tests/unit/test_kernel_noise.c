/* A step that makes its noise itself: the same bits as the normals, the noise's memory and the step
 * one after the other, in every instruction set and precision, between guard pages. */
#include "helpers/guarded.h"
#include "helpers/kernel_helpers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { U, E, D, C, Z, JUMP, ROWS };

/* What varies between neurons, or is there at all: bit 1 << row. */
enum { VARIANTS = 1 << ROWS };

struct noise_case {
    const struct kernels *kernels;
    unsigned variant;
    size_t count;
    struct guarded row[ROWS], group, crossed;
    void *copy[ROWS];
};

static const double
    least[ROWS] = {[U] = -1.0, [E] = 0.001, [D] = -0.1, [C] = 0.0, [Z] = -3.0, [JUMP] = -0.5},
    most[ROWS] = {[U] = 0.0, [E] = 0.1, [D] = 0.1, [C] = 0.3, [Z] = 3.0, [JUMP] = 0.5};

static void fill(const struct noise_case *c, int r, uint64_t *random)
{
    for (size_t i = 0; i < c->count; i++) {
        double value = random_between(random, least[r], most[r]);
        bool parked = r == U && next_random(random) % 8 == 0;
        if (c->kernels->bits == 32)
            ((float *)c->row[r].data)[i] = (float)value;
        else
            ((double *)c->row[r].data)[i] = value;
        if (parked && c->kernels->bits == 32)
            memcpy((float *)c->row[r].data + i, &(uint32_t){PARKED_BITS_32}, sizeof(float));
        if (parked && c->kernels->bits == 64)
            memcpy((double *)c->row[r].data + i, &(uint64_t){PARKED_BITS_64}, sizeof(double));
    }
}

static void open_case(struct noise_case *c, int side, uint64_t *random)
{
    size_t bytes = c->count * (size_t)c->kernels->bits / 8;
    for (int r = 0; r < ROWS; r++) {
        c->row[r] = guarded_open(bytes, (enum guarded_side)side);
        fill(c, r, random);
        c->copy[r] = aligned_alloc(64, bytes);
        assert_non_null(c->copy[r]);
        memcpy(c->copy[r], c->row[r].data, bytes);
        if (r != U && r != Z)
            guarded_freeze(&c->row[r]);
    }
    c->group = guarded_open(c->count / 64 * sizeof(uint16_t), (enum guarded_side)side);
    c->crossed = guarded_open(c->count / 64 * sizeof(uint64_t), (enum guarded_side)side);
}

static void close_case(struct noise_case *c)
{
    for (int r = 0; r < ROWS; r++) {
        guarded_close(&c->row[r]);
        free(c->copy[r]);
    }
    guarded_close(&c->group);
    guarded_close(&c->crossed);
}

/* The row, or one value of the run's precision. */
static struct field field_of(const struct noise_case *c, int r)
{
    return (struct field){c->variant >> r & 1 ? c->row[r].data : NULL, 0.0625};
}

/* Takes c->copy through the same step by the kernels that do one thing each. */
static size_t expect(const struct noise_case *c, const struct noise *noise, double forgets,
                     uint16_t *group, uint64_t *crossed)
{
    static _Alignas(64) double xi[4224], noisy[4224];
    const struct kernels *k = c->kernels;
    const struct field row = {xi, 0.0}, z = {c->copy[Z], 0.0}, one = {NULL, 1.0};
    struct field state = row;
    k->normals(xi, c->count, noise->key, noise->step, noise->first_id);
    if (noise->z) {
        k->accumulate(xi, row, (struct field){NULL, -forgets}, z, c->count);
        k->accumulate(c->copy[Z], z, one, row, c->count);
        state = z;
    }
    k->accumulate(noisy, field_of(c, D), field_of(c, C), state, c->count);
    return k->step(&(struct step_arguments){.u = c->copy[U],
                                            .e = field_of(c, E),
                                            .d = {noisy, 0.0},
                                            .jump = field_of(c, JUMP).data,
                                            .count = c->count,
                                            .group = group,
                                            .crossed = crossed});
}

static size_t try_noise(const struct kernels *kernels, unsigned variant, size_t count, int side,
                        uint64_t *random)
{
    static uint64_t crossed[4224 / 64];
    static uint16_t group[4224 / 64];
    struct noise_case c = {.kernels = kernels, .variant = variant, .count = count};
    const double forgets = 0.03125;
    size_t bytes = count * (size_t)kernels->bits / 8;
    open_case(&c, side, random);
    const struct noise noise = {.key = {{(uint32_t)next_random(random), 7}},
                                .step = next_random(random),
                                .first_id = (next_random(random) >> 20) / 128 * 128,
                                .c = field_of(&c, C),
                                .z = variant >> Z & 1 ? c.row[Z].data : NULL,
                                .forgets = forgets};
    const struct step_arguments arguments = {.u = c.row[U].data,
                                             .e = field_of(&c, E),
                                             .d = field_of(&c, D),
                                             .jump = field_of(&c, JUMP).data,
                                             .noise = &noise,
                                             .count = count,
                                             .group = c.group.data,
                                             .crossed = c.crossed.data};
    size_t listed = kernels->step(&arguments);
    size_t expected = expect(&c, &noise, forgets, group, crossed);
    assert_int_equal(listed, expected);
    assert_memory_equal(c.group.data, group, listed * sizeof *group);
    assert_memory_equal(c.crossed.data, crossed, listed * sizeof *crossed);
    assert_memory_equal(c.row[U].data, c.copy[U], bytes);
    assert_memory_equal(c.row[Z].data, c.copy[Z], bytes);
    close_case(&c);
    return listed;
}

static void noise_made_in_a_step_is_that_made_before_it(void **state)
{
    (void)state;
    static const size_t sizes[] = {128, 384, 4224};
    uint64_t random = 1;
    for (int table = 0; table < KERNEL_TABLES; table++) {
        size_t listed = 0;
        for (unsigned variant = 0; kernel_table(table) && variant < VARIANTS; variant++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
                for (int side = 0; side < GUARDED_SIDES; side++)
                    listed += try_noise(kernel_table(table), variant, sizes[s], side, &random);
        assert_true(!kernel_table(table) || listed > 1000);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_made_in_a_step_is_that_made_before_it),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
