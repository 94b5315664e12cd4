/* Every kernel of every instruction set, both precisions, bit for bit: against the formula in
 * kernel.h, or the scalar kernel where there is none; on data at the edges, between guard pages. */
#include "helpers/guarded.h"
#include "helpers/kernel_helpers.h"
#include "kernel/philox.h"
#include "neuron/poisson_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const size_t sizes[] = {128, 256, 384, 1024, 4224};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void put(int bits, void *array, size_t i, double value)
{
    if (bits == 32)
        ((float *)array)[i] = (float)value;
    else
        ((double *)array)[i] = value;
}

static double get(int bits, const void *array, size_t i)
{
    return bits == 32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

static double real_of(int bits, double value)
{
    return bits == 32 ? (double)(float)value : value;
}

static double real_fma(int bits, double a, double b, double c)
{
    return bits == 32 ? (double)fmaf((float)a, (float)b, (float)c) : fma(a, b, c);
}

static double real_add(int bits, double a, double b)
{
    return bits == 32 ? (double)((float)a + (float)b) : a + b;
}

/* Of either sign: 0, the smallest numbers, tiny, huge, and what potentials and inputs really are.
 */
static double edge(uint64_t *random, int bits)
{
    uint64_t pick = next_random(random);
    double least = bits == 32 ? 0x1p-149 : 0x1p-1074, normal = bits == 32 ? 0x1p-126 : 0x1p-1022;
    double sign = pick >> 63 ? -1.0 : 1.0, few = (double)(pick >> 8 & 3);
    switch (pick & 15) {
    case 0:
        return sign * 0.0;
    case 1:
        return sign * least * (1.0 + few);
    case 2:
        return sign * (normal - least * few);
    case 3:
        return sign * random_between(random, 0.0, normal); /* denormal */
    case 4:
        return sign * random_between(random, 0.0, 1e-6);
    case 5:
        return sign * random_between(random, 1e20, 1e30);
    case 6:
        return sign * (1.0 + few * (bits == 32 ? 0x1p-23 : 0x1p-52));
    default:
        return random_between(random, -20.0, 5.0);
    }
}

static void fill_edges(uint64_t *random, int bits, void *array, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(bits, array, i, edge(random, bits));
}

static bool is_parked(int bits, const void *u, size_t i)
{
    return bits == 32 ? ((const uint32_t *)u)[i] == PARKED_BITS_32
                      : ((const uint64_t *)u)[i] == PARKED_BITS_64;
}

static void park(int bits, void *u, size_t i)
{
    if (bits == 32)
        ((uint32_t *)u)[i] = PARKED_BITS_32;
    else
        ((uint64_t *)u)[i] = PARKED_BITS_64;
}

/* ---- step ---- */

/* The inputs of one call; a scalar e, d where it is no array. */
struct step_case {
    int bits;
    size_t count, bytes;
    double e1, d1;
    struct guarded u, e, d, jump, group, crossed;
    void *before; /* u as it was */
};

/* What the kernel computes: u + fma(-e, u, d), then + jump; every operation rounded once. */
static double stepped(const struct step_case *c, int variant, size_t i)
{
    double e = variant & 4 ? get(c->bits, c->e.data, i) : c->e1;
    double d = variant & 2 ? get(c->bits, c->d.data, i) : c->d1;
    double u = get(c->bits, c->before, i);
    double v = real_add(c->bits, u, real_fma(c->bits, -e, u, d));
    return variant & 1 ? real_add(c->bits, v, get(c->bits, c->jump.data, i)) : v;
}

static struct step_case open_step(uint64_t *random, int bits, size_t count, enum guarded_side side)
{
    struct step_case c = {.bits = bits, .count = count, .bytes = count * (size_t)bits / 8};
    c.u = guarded_open(c.bytes, side);
    c.e = guarded_open(c.bytes, side);
    c.d = guarded_open(c.bytes, side);
    c.jump = guarded_open(c.bytes, side);
    c.group = guarded_open(count / 64 * sizeof(uint16_t), side);
    c.crossed = guarded_open(count / 64 * sizeof(uint64_t), side);
    c.before = malloc(c.bytes);
    assert_non_null(c.before);
    c.e1 = real_of(bits, random_between(random, 0.001, 0.1));
    c.d1 = real_of(bits, edge(random, bits));
    return c;
}

static void close_step(struct step_case *c)
{
    guarded_close(&c->u);
    guarded_close(&c->e);
    guarded_close(&c->d);
    guarded_close(&c->jump);
    guarded_close(&c->group);
    guarded_close(&c->crossed);
    free(c->before);
}

/* A quarter of the neurons ends at the threshold, one unit in the last place around it, by d or by
 * the jump; an eighth is parked. Every third group of 64 is quiet: all below the threshold. */
static void fill_step(uint64_t *random, struct step_case *c, int variant)
{
    int bits = c->bits;
    fill_edges(random, bits, c->u.data, c->count);
    fill_edges(random, bits, c->d.data, c->count);
    fill_edges(random, bits, c->jump.data, c->count);
    for (size_t i = 0; i < c->count; i++) {
        uint64_t pick = next_random(random);
        bool quiet = i / 64 % 3 == 1;
        double u = get(bits, c->u.data, i);
        put(bits, c->e.data, i, pick >> 60 ? random_between(random, 1e-4, 0.2) : 0x1p-60);
        if (pick % 8 == 0 || (quiet && i % 2))
            park(bits, c->u.data, i);
        else if (quiet)
            put(bits, c->u.data, i, -1e31);
        else if (pick % 4 == 1)
            put(bits, c->d.data, i, (get(bits, c->e.data, i) - 1.0) * u);
    }
    memcpy(c->before, c->u.data, c->bytes);
    for (size_t i = 0; i < c->count; i++)
        if (next_random(random) % 8 == 0 && i / 64 % 3 != 1 && !is_parked(bits, c->before, i))
            put(bits, c->jump.data, i, -stepped(c, variant & 6, i));
    guarded_freeze(&c->e);
    guarded_freeze(&c->d);
    guarded_freeze(&c->jump);
}

/* How often each edge was met, so that the test cannot pass on dull data. */
struct met {
    unsigned crossed, plus_zero, minus, parked, quiet;
};

static void check_step(const struct step_case *c, int variant, size_t listed, struct met *met)
{
    const uint16_t *group = c->group.data;
    const uint64_t *crossed = c->crossed.data;
    size_t next = 0;
    for (size_t g = 0; g < c->count / 64; g++) {
        uint64_t expected = 0;
        for (size_t i = 64 * g; i < 64 * (g + 1); i++) {
            if (is_parked(c->bits, c->before, i)) {
                assert_true(is_parked(c->bits, c->u.data, i));
                met->parked++;
                continue;
            }
            double v = stepped(c, variant, i), found = get(c->bits, c->u.data, i);
            assert_memory_equal(&found, &v, sizeof v);
            expected |= (uint64_t)!signbit(v) << (i % 64);
            met->crossed += !signbit(v);
            met->minus += signbit(v) != 0;
            met->plus_zero += fpclassify(v) == FP_ZERO;
        }
        met->quiet += expected == 0;
        if (expected == 0)
            continue;
        assert_true(next < listed);
        assert_int_equal(group[next], g);
        assert_int_equal(crossed[next], expected);
        next++;
    }
    assert_int_equal(listed, next);
}

static void try_step(const struct kernels *kernels, int variant, size_t count,
                     enum guarded_side side, uint64_t *random, struct met *met)
{
    struct step_case c = open_step(random, kernels->bits, count, side);
    fill_step(random, &c, variant);
    const struct step_arguments arguments = {
        .u = c.u.data,
        .e = {variant & 4 ? c.e.data : NULL, c.e1},
        .d = {variant & 2 ? c.d.data : NULL, c.d1},
        .jump = variant & 1 ? c.jump.data : NULL,
        .count = count,
        .group = c.group.data,
        .crossed = c.crossed.data,
    };
    size_t listed = kernels->step(&arguments);
    check_step(&c, variant, listed, met);
    close_step(&c);
}

/* In all variants: e, d one value or an array, with and without jumps. */
static void step_is_its_formula(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int table = 0; table < KERNEL_TABLES; table++) {
        const struct kernels *kernels = kernel_table(table);
        for (int variant = 0; kernels && variant < 8; variant++) {
            struct met met = {0};
            for (size_t s = 0; s < SIZES; s++)
                for (int repeat = 0; repeat < 16; repeat++)
                    try_step(kernels, variant, sizes[s], (enum guarded_side)(repeat % 2), &random,
                             &met);
            assert_true(met.crossed > 1000 && met.minus > 1000 && met.parked > 1000);
            assert_true(met.quiet > 50);
            assert_true(!(variant & 1) || met.plus_zero > 1000);
        }
    }
}

/* A neuron parked for 10,000 steps of drift, noise and jumps of any size stays what it is. */
static void parked_stays_parked(void **state)
{
    (void)state;
    enum { COUNT = 128, STEPS = 10000 };
    uint64_t random = 2, crossed[COUNT / 64];
    uint16_t group[COUNT / 64];
    for (int table = 0; table < KERNEL_TABLES; table++) {
        const struct kernels *kernels = kernel_table(table);
        _Alignas(64) double u[COUNT], d[COUNT], jump[COUNT];
        for (size_t i = 0; kernels && i < COUNT; i++)
            park(kernels->bits, u, i);
        for (int step = 0; kernels && step < STEPS; step++) {
            fill_edges(&random, kernels->bits, d, COUNT);
            fill_edges(&random, kernels->bits, jump, COUNT);
            const struct step_arguments a = {u,    {NULL, 0.005}, {d, 0}, jump,
                                             NULL, COUNT,         group,  crossed};
            assert_int_equal(kernels->step(&a), 0);
        }
        for (size_t i = 0; kernels && i < COUNT; i++)
            assert_true(is_parked(kernels->bits, u, i));
    }
}

/* ---- accumulate ---- */

/* out of its own, or in place of `in` or of `row`. */
enum alias { ALIAS_NONE, ALIAS_IN, ALIAS_ROW, ALIASES };

static void try_accumulate(const struct kernels *kernels, int variant, enum alias alias,
                           size_t count, enum guarded_side side, uint64_t *random)
{
    int bits = kernels->bits;
    size_t bytes = count * (size_t)bits / 8;
    struct guarded in = guarded_open(bytes, side), c = guarded_open(bytes, side),
                   row = guarded_open(bytes, side), own = guarded_open(bytes, side);
    struct field f[3] = {{variant & 1 ? in.data : NULL, real_of(bits, edge(random, bits))},
                         {variant & 2 ? c.data : NULL, real_of(bits, edge(random, bits))},
                         {variant & 4 ? row.data : NULL, real_of(bits, edge(random, bits))}};
    void *expected = malloc(bytes);
    void *out = alias == ALIAS_NONE ? own.data : alias == ALIAS_IN ? in.data : row.data;
    assert_non_null(expected);
    fill_edges(random, bits, in.data, count);
    fill_edges(random, bits, c.data, count);
    fill_edges(random, bits, row.data, count);
    for (size_t i = 0; i < count; i++) {
        double x[3];
        for (int k = 0; k < 3; k++)
            x[k] = f[k].data ? get(bits, f[k].data, i) : f[k].value;
        put(bits, expected, i, real_fma(bits, x[1], x[2], x[0]));
    }
    guarded_freeze(&c);
    if (alias != ALIAS_IN)
        guarded_freeze(&in);
    if (alias != ALIAS_ROW)
        guarded_freeze(&row);
    kernels->accumulate(out, f[0], f[1], f[2], count);
    assert_memory_equal(out, expected, bytes);
    free(expected);
    guarded_close(&in);
    guarded_close(&c);
    guarded_close(&row);
    guarded_close(&own);
}

static void accumulate_is_one_fma(void **state)
{
    (void)state;
    uint64_t random = 3;
    for (int table = 0; table < KERNEL_TABLES; table++) {
        const struct kernels *kernels = kernel_table(table);
        for (int variant = 0; kernels && variant < 8; variant++)
            for (size_t s = 0; s < SIZES; s++)
                for (int alias = 0; alias < ALIASES; alias++)
                    for (int side = 0; side < GUARDED_SIDES; side++)
                        try_accumulate(kernels, variant, (enum alias)alias, sizes[s],
                                       (enum guarded_side)side, &random);
    }
}

/* ---- normals ---- */

static const struct place {
    uint64_t step, first_id;
} places[] = {
    {0, 0},
    {1, 128},
    {UINT32_MAX, (UINT64_C(1) << 35) - 256}, /* the group's low word overflows on the way */
    {UINT64_C(1) << 32, (UINT64_C(1) << 32) - 128},
    {(UINT64_C(1) << 40) + 12345, (UINT64_C(1) << 48) - 8192},
};
enum { PLACES = sizeof places / sizeof places[0] };

static const struct philox_key key = {{0x2c03a599, 0xd8a290fc}};

/* The four words that serve a neuron, and its slot among the eight numbers made of them. */
static unsigned words_of(uint32_t word[4], uint64_t step, uint64_t id)
{
    philox_draw(word, key, id / 128 * 16 + id % 16, 0, step);
    return (unsigned)(id / 16 % 8);
}

/* Box and Muller as normal.h describes it, in double with the C library's functions. */
static double plain_normal(uint64_t step, uint64_t id, double *radius)
{
    uint32_t word[4];
    unsigned slot = words_of(word, step, id), j = slot / 2;
    uint32_t r = (word[j] & 0xfffff000) | (word[(j + 2) & 3] & 0xfff);
    uint32_t a = word[j] << 20 | word[(j + 1) & 3] >> 12;
    double u = (double)(r >> 1) * 0x1p-31 + 0x1p-32;
    double angle = (double)(int32_t)(a << 2) * 0x1p-31 * atan(1.0);
    double cosine = a & 0x40000000 ? -cos(angle) : cos(angle), sine = sin(angle);
    *radius = sqrt(-2.0 * log(u));
    return *radius * ((slot % 2 == 0) == (a >> 31 == 0) ? cosine : sine);
}

/* Within float32's rounding: of u (2^-24, so 2^-23 of the squared radius) and of the polynomials.
 */
static void normals_are_box_and_mullers(void **state)
{
    (void)state;
    enum { COUNT = 4096, STEPS = 64 };
    static _Alignas(64) float row[COUNT];
    const struct kernels *kernels = kernels_for(ISA_SCALAR, 32);
    for (size_t p = 0; p < PLACES; p++) {
        for (uint64_t k = 0; k < STEPS; k++) {
            kernels->normals(row, COUNT, key, places[p].step + k, places[p].first_id);
            for (size_t i = 0; i < COUNT; i++) {
                double radius,
                    exact = plain_normal(places[p].step + k, places[p].first_id + i, &radius);
                double allowed = 0x1p-24 / fmax(radius, 0x1p-12) + 1.2e-6 * fmax(radius, 0x1p-12);
                assert_true(fabs((double)row[i] - exact) < allowed);
            }
        }
    }
}

typedef void fill_row(const struct kernels *kernels, void *row, size_t count, struct place place,
                      const void *table);

/* A table's row equals scalar's float32 row, converted; guard pages around it. */
static void try_row(const struct kernels *kernels, fill_row *fill, const void *table)
{
    const struct kernels *scalar = kernels_for(ISA_SCALAR, 32);
    static _Alignas(64) float plain[4224];
    for (size_t p = 0; p < PLACES; p++) {
        for (size_t s = 0; s < SIZES; s++) {
            size_t count = sizes[s];
            fill(scalar, plain, count, places[p], table);
            for (int side = 0; side < GUARDED_SIDES; side++) {
                struct guarded row =
                    guarded_open(count * (size_t)kernels->bits / 8, (enum guarded_side)side);
                fill(kernels, row.data, count, places[p], table);
                for (size_t i = 0; i < count; i++) {
                    double expected = (double)plain[i], found = get(kernels->bits, row.data, i);
                    assert_memory_equal(&found, &expected, sizeof found);
                }
                guarded_close(&row);
            }
        }
    }
}

static void fill_normals(const struct kernels *kernels, void *row, size_t count, struct place place,
                         const void *table)
{
    (void)table;
    kernels->normals(row, count, key, place.step, place.first_id);
}

static void normals_are_the_scalar_ones(void **state)
{
    (void)state;
    for (int table = 0; table < KERNEL_TABLES; table++)
        if (kernel_table(table))
            try_row(kernel_table(table), fill_normals, NULL);
}

/* ---- counts ---- */

static void fill_counts(const struct kernels *kernels, void *row, size_t count, struct place place,
                        const void *table)
{
    kernels->counts(row, count, table, key, place.step, place.first_id);
}

/* n = #{j : cdf[j] <= U} from its definition; tells whether U's high bits tie with a threshold. */
static uint32_t plain_count(const struct counts_table *table, uint64_t step, uint64_t id, bool *tie)
{
    uint32_t word[4];
    unsigned slot = words_of(word, step, id);
    uint64_t high = word[slot / 2] >> (slot % 2 * 16) & 0xffff;
    philox_draw(word, key, id / 128 * 16 + id % 16, (uint16_t)(1 + slot), step);
    uint64_t u = high << 48 | (uint64_t)word[0] << 16 | word[1] >> 16;
    uint32_t n = 0;
    *tie = false;
    for (uint32_t j = 0; j < table->length; j++) {
        n += table->cdf[j] <= u;
        *tie = *tie || table->cdf[j] >> 48 == high;
    }
    return n;
}

/* Returns how many draws were ties. */
static unsigned check_counts(const struct counts_table *table, uint64_t steps)
{
    enum { COUNT = 4224 };
    static _Alignas(64) float row[COUNT];
    const struct kernels *scalar = kernels_for(ISA_SCALAR, 32);
    unsigned ties = 0;
    for (size_t p = 0; p < PLACES; p++) {
        for (uint64_t k = 0; k < steps; k++) {
            scalar->counts(row, COUNT, table, key, places[p].step + k, places[p].first_id);
            for (size_t i = 0; i < COUNT; i++) {
                bool tie;
                uint32_t n = plain_count(table, places[p].step + k, places[p].first_id + i, &tie);
                assert_int_equal((uint32_t)row[i], n);
                ties += tie;
            }
        }
    }
    for (int i = 0; i < KERNEL_TABLES; i++)
        if (kernel_table(i))
            try_row(kernel_table(i), fill_counts, table);
    return ties;
}

/* Up to 24 thresholds are compared with, of up to 8 the one that may tie is looked up; more are
 * searched. */
static void counts_are_their_definition(void **state)
{
    (void)state;
    static const double means[] = {1e-6, 1e-3, 0.2, 0.5, 3, 20, 500, 1000};
    for (size_t m = 0; m < sizeof means / sizeof means[0]; m++) {
        struct poisson_table *table;
        assert_int_equal(poisson_table_open(&table, means[m], NULL), STATUS_OK);
        assert_true(check_counts(&table->counts, means[m] > 100 ? 1 : 8) > 0);
        poisson_table_close(table);
    }
}

/* Jumps in one go, from edges, in place or not, as counts and one fma give them. */
static void try_jumps(const struct kernels *kernels, const struct counts_table *table, int variant,
                      struct place place, size_t count, enum guarded_side side, uint64_t *random)
{
    const int bits = kernels->bits;
    const size_t bytes = count * (size_t)bits / 8;
    struct guarded in = guarded_open(bytes, side), c = guarded_open(bytes, side),
                   own = guarded_open(bytes, side), expected = guarded_open(bytes, side);
    const struct field onto = {variant & 1 ? in.data : NULL, real_of(bits, edge(random, bits))};
    const struct events events = {
        table, key, place.step, place.first_id, {variant & 2 ? c.data : NULL, -1.375}};
    void *out = variant & 4 ? in.data : own.data;
    fill_edges(random, bits, in.data, count);
    fill_edges(random, bits, c.data, count);
    kernels->counts(expected.data, count, table, key, place.step, place.first_id);
    kernels->accumulate(expected.data, onto, events.c, (struct field){expected.data, 0.0}, count);
    guarded_freeze(&c);
    if (out != in.data)
        guarded_freeze(&in);
    kernels->jumps(out, onto, &events, count);
    assert_memory_equal(out, expected.data, bytes);
    guarded_close(&in);
    guarded_close(&c);
    guarded_close(&own);
    guarded_close(&expected);
}

static void jumps_are_counts_and_one_fma(void **state)
{
    (void)state;
    uint64_t random = 6;
    static const double means[] = {1e-3, 0.5, 3, 20, 500};
    for (size_t m = 0; m < sizeof means / sizeof means[0]; m++) {
        struct poisson_table *table;
        assert_int_equal(poisson_table_open(&table, means[m], NULL), STATUS_OK);
        for (int i = 0; i < KERNEL_TABLES; i++)
            for (int variant = 0; kernel_table(i) && variant < 8; variant++)
                for (size_t s = 0; s < SIZES; s++)
                    try_jumps(kernel_table(i), &table->counts, variant,
                              places[(size_t)variant % PLACES], sizes[s],
                              (enum guarded_side)(variant % 2), &random);
        poisson_table_close(table);
    }
}

/* Thresholds made of the very numbers that will be drawn, so that every threshold ties; and some
 * equal U, one below, one above it. */
enum { MANY = 200 };

static int ascending(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void make_ties(struct poisson_table *t, uint32_t length, uint64_t *random)
{
    for (uint32_t j = 0; j < length; j++) {
        struct place p = places[j % PLACES];
        uint64_t id = p.first_id + next_random(random) % 128;
        uint32_t word[4];
        unsigned slot = words_of(word, p.step, id);
        t->cdf[j] = (uint64_t)(word[slot / 2] >> (slot % 2 * 16) & 0xffff) << 48;
        philox_draw(word, key, id / 128 * 16 + id % 16, (uint16_t)(1 + slot), p.step);
        t->cdf[j] += ((uint64_t)word[0] << 16 | word[1] >> 16) + (j % 4 < 3 ? j % 3 : 0) - 1;
    }
    t->cdf[0] = UINT64_MAX; /* the last threshold, after sorting */
    t->cdf[1] = t->cdf[2];
    qsort(t->cdf, length, sizeof *t->cdf, ascending);
    for (uint32_t j = 0; j < length; j++)
        t->high[j] = (uint16_t)(t->cdf[j] >> 48);
    memset(t->high + length, UINT8_MAX, COUNTS_SLACK * sizeof *t->high);
    for (uint32_t i = 0, j = 0; i < 4096; i++) {
        while (j < length && t->high[j] < 16 * i)
            j++;
        t->guide[i] = (uint16_t)j;
    }
    t->counts = (struct counts_table){t->cdf, t->high, t->guide, length, length};
}

static void ties_are_settled(void **state)
{
    (void)state;
    uint64_t random = 5, cdf[MANY];
    uint16_t high[MANY + COUNTS_SLACK];
    static struct poisson_table table;
    table.cdf = cdf;
    table.high = high;
    static const uint32_t lengths[] = {4, 7, 8, 9, 20, 24, 25, MANY};
    for (int repeat = 0; repeat < 20; repeat++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            make_ties(&table, lengths[i], &random);
            assert_true(check_counts(&table.counts, 1) >= lengths[i] / 2);
        }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_is_its_formula),
        cmocka_unit_test(parked_stays_parked),
        cmocka_unit_test(accumulate_is_one_fma),
        cmocka_unit_test(normals_are_box_and_mullers),
        cmocka_unit_test(normals_are_the_scalar_ones),
        cmocka_unit_test(counts_are_their_definition),
        cmocka_unit_test(jumps_are_counts_and_one_fma),
        cmocka_unit_test(ties_are_settled),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
