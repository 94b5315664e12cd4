/* The kernels that step neurons with synapses: what kernel.h says, written out in plain C, and the
 * same bits in every instruction set, between guard pages, with parked neurons and quiet synapses.
 */
#include "helpers/guarded.h"
#include "helpers/kernel_helpers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* State, what arrives, coefficients; of two receptors one behind the other. */
enum { U, X, Y = X + 2, STATES = Y + 2, JUMP = STATES, D = JUMP + 2, COEFFICIENT };
/* Coefficients of step_psc, and of step_cond. */
enum { E = COEFFICIENT, BY_X, BY_Y = BY_X + 2, FORGETS = BY_Y + 2, FEEDS = FORGETS + 2 };
enum { RATE = COEFFICIENT, LEAK, PER_NS, DRIVING, DECAY = DRIVING + 2 };
enum { ROWS = FEEDS + 2, MOST = 640 };

/* What a step is made from, in doubles that are floats. */
struct numbers {
    double of[ROWS][MOST];
    size_t count;
    int varies; /* coefficients differ between neurons */
    int arrives, alpha;
};

static struct numbers *draw(int variant, size_t count, const double range[ROWS][2])
{
    static struct numbers n;
    uint64_t random = (uint64_t)variant;
    n.count = count;
    n.varies = variant & 1;
    n.arrives = variant >> 1 & 1;
    n.alpha = variant >> 2 & 1;
    for (size_t k = 0; k < ROWS; k++)
        for (size_t i = 0; i < count; i++) {
            double value = (double)(float)random_between(&random, range[k][0], range[k][1]);
            bool same = k >= D && !n.varies && i > 0;
            n.of[k][i] = same ? n.of[k][0] : value;
            if (k >= X && k < D && i % 5 == 2)
                n.of[k][i] =
                    k < JUMP ? ldexp(value, -107) : 0.0; /* quiet: some of it below 2^-100 */
        }
    return &n;
}

static bool is_parked(size_t i)
{
    return i % 7 == 3;
}

static struct guarded put(const double *value, size_t count, int bits, enum guarded_side side)
{
    struct guarded g = guarded_open(count * (size_t)bits / 8, side);
    for (size_t i = 0; i < count; i++)
        if (bits == 32)
            ((float *)g.data)[i] = (float)value[i];
        else
            ((double *)g.data)[i] = value[i];
    return g;
}

static void park(struct guarded *u, size_t count, int bits)
{
    for (size_t i = 0; i < count; i++)
        if (is_parked(i) && bits == 32)
            memcpy((float *)u->data + i, &(uint32_t){PARKED_BITS_32}, 4);
        else if (is_parked(i))
            memcpy((double *)u->data + i, &(uint64_t){PARKED_BITS_64}, 8);
}

/* What a kernel made of the numbers. */
struct made {
    double of[STATES][MOST];
    size_t listed;
    uint16_t group[MOST / 64];
    uint64_t crossed[MOST / 64];
};

static struct field field_of(const struct numbers *n, const struct guarded *g, size_t k)
{
    return n->varies ? (struct field){g[k].data, 0.0} : (struct field){NULL, n->of[k][0]};
}

static size_t call_psc(const struct kernels *kernels, const struct numbers *n,
                       const struct guarded *g, struct made *made)
{
    struct psc_arguments a = {.u = g[U].data,
                              .e = field_of(n, g, E),
                              .d = field_of(n, g, D),
                              .count = n->count,
                              .group = made->group,
                              .crossed = made->crossed};
    for (size_t r = 0; r < 2; r++)
        a.receptor[r] = (struct psc_receptor){.current = g[X + r].data,
                                              .feed = n->alpha ? g[Y + r].data : NULL,
                                              .jump = n->arrives ? g[JUMP + r].data : NULL,
                                              .by_current = field_of(n, g, BY_X + r),
                                              .by_feed = field_of(n, g, BY_Y + r),
                                              .forgets = field_of(n, g, FORGETS + r),
                                              .feeds = field_of(n, g, FEEDS + r)};
    return kernels->step_psc(&a);
}

static size_t call_cond(const struct kernels *kernels, const struct numbers *n,
                        const struct guarded *g, struct made *made)
{
    struct cond_arguments a = {.u = g[U].data,
                               .d = field_of(n, g, D),
                               .rate = field_of(n, g, RATE),
                               .leak = field_of(n, g, LEAK),
                               .per_nS = field_of(n, g, PER_NS),
                               .count = n->count,
                               .group = made->group,
                               .crossed = made->crossed};
    for (size_t r = 0; r < 2; r++)
        a.receptor[r] = (struct cond_receptor){.conductance = g[X + r].data,
                                               .feed = n->alpha ? g[Y + r].data : NULL,
                                               .jump = n->arrives ? g[JUMP + r].data : NULL,
                                               .driving = field_of(n, g, DRIVING + r),
                                               .decay = field_of(n, g, DECAY + r)};
    return kernels->step_cond(&a);
}

typedef size_t call_kernel(const struct kernels *, const struct numbers *, const struct guarded *,
                           struct made *);

static void make(struct made *made, const struct kernels *kernels, const struct numbers *n,
                 call_kernel *call)
{
    struct guarded g[ROWS];
    memset(made, 0, sizeof *made);
    for (size_t k = 0; k < ROWS; k++) {
        g[k] = put(n->of[k], n->count, kernels->bits, (enum guarded_side)(k % 2));
        if (k >= STATES)
            guarded_freeze(&g[k]);
    }
    park(&g[U], n->count, kernels->bits);
    made->listed = call(kernels, n, g, made);
    for (size_t k = 0; k < STATES; k++)
        for (size_t i = 0; i < n->count; i++)
            made->of[k][i] =
                kernels->bits == 32 ? (double)((float *)g[k].data)[i] : ((double *)g[k].data)[i];
    for (size_t k = 0; k < ROWS; k++)
        guarded_close(&g[k]);
}

/* The crossings are the signs of u; parked neurons are parked still. */
static void check_crossings(const struct made *made, const struct numbers *n)
{
    size_t crossed = 0, found = 0;
    for (size_t i = 0; i < n->count; i++) {
        assert_true(isnan(made->of[U][i]) == is_parked(i));
        crossed += !is_parked(i) && !signbit(made->of[U][i]);
    }
    for (size_t l = 0; l < made->listed; l++)
        for (size_t bit = 0; bit < 64; bit++)
            if (made->crossed[l] >> bit & 1) {
                size_t i = made->group[l] * (size_t)64 + bit;
                assert_true(!is_parked(i) && !signbit(made->of[U][i]));
                found++;
            }
    assert_true(found == crossed && crossed > 0);
}

static double unless_quiet(double x)
{
    return fabs(x) < 0x1p-100 ? 0.0 : x;
}

/* kernel.h on step_psc, in double. */
static void expect_psc(double out[STATES], const struct numbers *n, size_t i)
{
    double c = n->of[D][i];
    for (size_t r = 0; r < 2; r++) {
        const double x = n->of[X + r][i], y = n->of[Y + r][i], q = n->of[FORGETS + r][i];
        const double jump = n->arrives ? n->of[JUMP + r][i] : 0.0;
        if (n->alpha)
            c = fma(n->of[BY_Y + r][i], y, c);
        c = fma(n->of[BY_X + r][i], x, c);
        out[X + r] = unless_quiet(n->alpha ? fma(n->of[FEEDS + r][i], y, fma(-q, x, x))
                                           : fma(-q, x, x) + jump);
        out[Y + r] = n->alpha ? unless_quiet(fma(-q, y, y) + jump) : y;
    }
    out[U] = n->of[U][i] + fma(-n->of[E][i], n->of[U][i], c);
}

/* The slopes times dt of (u, g, y). */
static void slopes(double k[STATES], const double at[STATES], const struct numbers *n, size_t i)
{
    double v = fmin(at[U], 0.0);
    k[U] = n->of[RATE][i] * n->of[D][i] - n->of[LEAK][i] * v;
    for (size_t r = 0; r < 2; r++) {
        k[U] -= n->of[PER_NS][i] * at[X + r] * (v + n->of[DRIVING + r][i]);
        k[X + r] = n->of[DECAY + r][i] * ((n->alpha ? exp(1) * at[Y + r] : 0) - at[X + r]);
        k[Y + r] = n->alpha ? -n->of[DECAY + r][i] * at[Y + r] : 0;
    }
}

/* GSL's rkf45, as it writes it. */
static void expect_cond(double out[STATES], const struct numbers *n, size_t i)
{
    static const double b[5][5] = {
        {1.0 / 4},
        {3.0 / 32, 9.0 / 32},
        {1932.0 / 2197, -7200.0 / 2197, 7296.0 / 2197},
        {8341.0 / 4104, -32832.0 / 4104, 29440.0 / 4104, -845.0 / 4104},
        {-6080.0 / 20520, 41040.0 / 20520, -28352.0 / 20520, 9295.0 / 20520, -5643.0 / 20520}};
    static const double c[6] = {902880.0 / 7618050,   0,
                                3953664.0 / 7618050,  3855735.0 / 7618050,
                                -1371249.0 / 7618050, 277020.0 / 7618050};
    double k[6][STATES], at[STATES];
    for (size_t stage = 0; stage < 6; stage++) {
        for (size_t s = 0; s < STATES; s++) {
            at[s] = n->of[s][i];
            for (size_t j = 0; j < stage; j++)
                at[s] += b[stage - 1][j] * k[j][s];
        }
        slopes(k[stage], at, n, i);
    }
    for (size_t s = 0; s < STATES; s++) {
        out[s] = n->of[s][i];
        for (size_t j = 0; j < 6; j++)
            out[s] += c[j] * k[j][s];
    }
    for (size_t r = 0; r < 2; r++)
        out[(n->alpha ? Y : X) + r] += n->arrives ? fabs(n->of[JUMP + r][i]) : 0.0;
    for (size_t s = X; s < STATES; s++)
        out[s] = unless_quiet(out[s]);
}

typedef void expect_kernel(double out[STATES], const struct numbers *n, size_t i);

static void check_numbers(const struct made *made, const struct numbers *n, expect_kernel *expect,
                          double error)
{
    for (size_t i = 0; i < n->count; i++) {
        double out[STATES] = {0};
        expect(out, n, i);
        for (size_t k = is_parked(i) ? X : U; k < (n->alpha ? STATES : Y); k++)
            assert_true(fabs(made->of[k][i] - out[k]) <=
                        error * ((k == U ? 1.0 : 1e-30) + fabs(out[k])));
    }
}

/* Every table, all variants. error: of double and of single precision. */
static void check_kernel(call_kernel *call, expect_kernel *expect, const double range[ROWS][2],
                         const double error[2])
{
    static struct made reference, made;
    for (int bits = 32; bits <= 64; bits += 32)
        for (int variant = 0; variant < 8; variant++)
            for (size_t count = 128; count <= MOST; count += 512) {
                const struct numbers *n = draw(variant, count, range);
                make(&reference, kernels_for(ISA_SCALAR, bits), n, call);
                check_crossings(&reference, n);
                check_numbers(&reference, n, expect, error[bits == 32]);
                for (int isa = 0; isa < ISA_COUNT; isa++) {
                    const struct kernels *kernels = kernels_for((enum isa)isa, bits);
                    if (!kernels)
                        continue;
                    make(&made, kernels, n, call);
                    for (size_t k = 0; k < STATES; k++)
                        for (size_t i = 0; i < count; i++)
                            if (k > 0 || !is_parked(i))
                                assert_memory_equal(&made.of[k][i], &reference.of[k][i], 8);
                    assert_int_equal(made.listed, reference.listed);
                    assert_memory_equal(made.crossed, reference.crossed,
                                        made.listed * sizeof *made.crossed);
                }
            }
}

static void currents_go_on_as_written(void **state)
{
    (void)state;
    static const double range[ROWS][2] = {[U] = {-1, -0.01},           [X] = {0, 900},
                                          [X + 1] = {-900, 0},         [Y] = {0, 300},
                                          [Y + 1] = {-300, 0},         [JUMP] = {0, 200},
                                          [JUMP + 1] = {-200, 0},      [D] = {-0.1, 0.5},
                                          [E] = {0.001, 0.1},          [BY_X] = {1e-4, 5e-4},
                                          [BY_X + 1] = {1e-4, 5e-4},   [BY_Y] = {1e-5, 1e-4},
                                          [BY_Y + 1] = {1e-5, 1e-4},   [FORGETS] = {0.01, 0.2},
                                          [FORGETS + 1] = {0.01, 0.2}, [FEEDS] = {0.02, 0.4},
                                          [FEEDS + 1] = {0.02, 0.4}};
    check_kernel(call_psc, expect_psc, range, (const double[]){0.0, 4e-6});
}

static void conductances_go_on_as_written(void **state)
{
    (void)state;
    static const double range[ROWS][2] = {[U] = {-15, -0.1},        [X] = {0, 90},
                                          [X + 1] = {0, 90},        [Y] = {0, 30},
                                          [Y + 1] = {0, 30},        [JUMP] = {0, 20},
                                          [JUMP + 1] = {-20, 0},    [D] = {-0.1, 0.5},
                                          [RATE] = {0.9, 1},        [LEAK] = {0.001, 0.1},
                                          [PER_NS] = {1e-4, 1e-3},  [DRIVING] = {-60, -50},
                                          [DRIVING + 1] = {25, 35}, [DECAY] = {0.02, 0.5},
                                          [DECAY + 1] = {0.01, 0.2}};
    check_kernel(call_cond, expect_cond, range, (const double[]){1e-12, 1e-4});
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(currents_go_on_as_written),
        cmocka_unit_test(conductances_go_on_as_written),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
