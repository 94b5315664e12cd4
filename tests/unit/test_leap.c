/* Leaps, LEAP_STEPS steps in one pass, against single steps: the kernels bit for bit, and whole
 * runs in blocks too short for a leap. */
#include "helpers/kernel_helpers.h"
#include "helpers/simulate.h"

#include <math.h>

enum { COUNT = 4224, NEVER = LEAP_STEPS };

static void put(int bits, void *array, size_t i, double value)
{
    if (bits == 32)
        ((float *)array)[i] = (float)value;
    else
        ((double *)array)[i] = value;
}

static void *column(size_t count)
{
    void *made = aligned_alloc(64, (count + LEAP_SLACK) * sizeof(double));
    assert_non_null(made);
    return made;
}

/* A tile far and near below threshold, denormals and -0 among it; drifts of both signs; every 17th
 * neuron parked. */
struct tile {
    int bits;
    void *u, *e, *d, *stepped, *leapt;
    void *before[LEAP_STEPS]; /* u before each single step */
    uint8_t first[COUNT];     /* step of the first crossing, or NEVER */
};

static void make_tile(struct tile *t, int bits, uint64_t seed)
{
    uint64_t random = seed;
    double tiny = bits == 32 ? 0x1p-149 : 0x1p-1074;
    *t = (struct tile){.bits = bits,
                       .u = column(COUNT),
                       .e = column(COUNT),
                       .d = column(COUNT),
                       .stepped = column(COUNT),
                       .leapt = column(COUNT)};
    for (int step = 0; step < LEAP_STEPS; step++)
        t->before[step] = column(COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const double u[] = {-tiny, -0.0, random_between(&random, -1e-3, -1e-9),
                            random_between(&random, -20.0, -1e-3)};
        const double d[] = {0.0, tiny, random_between(&random, -1e-6, 1e-6),
                            random_between(&random, -5.0, 5.0)};
        put(bits, t->u, i, u[next_random(&random) >> 3 & 3]);
        put(bits, t->d, i, d[next_random(&random) >> 3 & 3]);
        put(bits, t->e, i, random_between(&random, 1e-5, 0.74));
        if (i % 17 == 0 && bits == 32)
            ((uint32_t *)t->u)[i] = PARKED_BITS_32;
        if (i % 17 == 0 && bits == 64)
            ((uint64_t *)t->u)[i] = PARKED_BITS_64;
    }
}

static void free_tile(struct tile *t)
{
    free(t->u);
    free(t->e);
    free(t->d);
    free(t->stepped);
    free(t->leapt);
    for (int step = 0; step < LEAP_STEPS; step++)
        free(t->before[step]);
}

static struct field field_of(const void *data, bool varies, int bits)
{
    double first = bits == 32 ? (double)*(const float *)data : *(const double *)data;
    return varies ? (struct field){data, 0.0} : (struct field){NULL, first};
}

/* Single steps of the scalar kernel; whoever crosses is noted and parked. */
static void step_singly(struct tile *t, struct field e, struct field d)
{
    uint16_t group[COUNT / 64];
    uint64_t crossed[COUNT / 64];
    size_t bytes = (size_t)t->bits / 8;
    memcpy(t->stepped, t->u, COUNT * bytes);
    memset(t->first, NEVER, sizeof t->first);
    for (uint8_t step = 0; step < LEAP_STEPS; step++) {
        const struct step_arguments a = {t->stepped, e, d, NULL, NULL, COUNT, group, crossed};
        memcpy(t->before[step], t->stepped, COUNT * bytes);
        size_t listed = kernels_for(ISA_SCALAR, t->bits)->step(&a);
        for (size_t g = 0; g < listed; g++)
            for (uint64_t word = crossed[g]; word; word &= word - 1) {
                size_t i = group[g] * 64u + (size_t)__builtin_ctzll(word);
                t->first[i] = step;
                if (t->bits == 32)
                    ((uint32_t *)t->stepped)[i] = PARKED_BITS_32;
                else
                    ((uint64_t *)t->stepped)[i] = PARKED_BITS_64;
            }
    }
}

/* Returns the number of crossings, so that the caller sees that there were some. */
static size_t check_leap(struct tile *t, const struct kernels *kernels, struct field e,
                         struct field d)
{
    uint16_t ids[COUNT + LEAP_SLACK] = {0};
    uint8_t below[COUNT + LEAP_SLACK];
    uint64_t working[COUNT / 64];
    size_t bytes = (size_t)t->bits / 8, next = 0;
    void *u = column(COUNT);
    step_singly(t, e, d);
    size_t crossed =
        kernels->leap(&(struct leap_arguments){t->u, t->leapt, e, d, COUNT, working, ids});
    memset(ids + crossed, 0, LEAP_SLACK * sizeof *ids);
    kernels->replay(&(struct replay_arguments){.ids = ids,
                                               .count = crossed,
                                               .start = {t->u, 0.0},
                                               .e = e,
                                               .d = d,
                                               .u = u,
                                               .below = below});
    for (size_t i = 0; i < COUNT; i++) {
        if (t->first[i] == NEVER) {
            assert_memory_equal((char *)t->leapt + i * bytes, (char *)t->stepped + i * bytes,
                                bytes);
            continue;
        }
        assert_true(next < crossed);
        assert_int_equal(ids[next], i);
        assert_int_equal(below[next], t->first[i]);
        next++;
    }
    assert_int_equal(next, crossed);
    free(u);
    return crossed;
}

/* The path of every seventh neuron, until it crosses. */
static void check_path(const struct tile *t, const struct kernels *kernels, struct field e,
                       struct field d)
{
    enum { CHOSEN = COUNT / 7, STRIDE = (CHOSEN / LEAP_SLACK + 1) * LEAP_SLACK };
    uint16_t ids[CHOSEN + LEAP_SLACK] = {0};
    uint8_t below[CHOSEN + LEAP_SLACK];
    size_t bytes = (size_t)t->bits / 8;
    void *u = column(STRIDE);
    char *path = column((size_t)LEAP_STEPS * STRIDE);
    for (uint16_t i = 0; i < CHOSEN; i++)
        ids[i] = (uint16_t)(7 * i);
    kernels->replay(&(struct replay_arguments){.ids = ids,
                                               .count = CHOSEN,
                                               .start = {t->u, 0.0},
                                               .e = e,
                                               .d = d,
                                               .u = u,
                                               .below = below,
                                               .path = path,
                                               .stride = STRIDE});
    for (size_t i = 0; i < CHOSEN; i++) {
        assert_int_equal(below[i], t->first[7 * i]);
        for (size_t step = 0; step < LEAP_STEPS && step <= below[i]; step++)
            assert_memory_equal(path + (step * STRIDE + i) * bytes,
                                (char *)t->before[step] + 7 * i * bytes, bytes);
    }
    free(path);
    free(u);
}

static void a_leap_is_single_steps(void **state)
{
    (void)state;
    for (int isa = 0; isa < ISA_COUNT; isa++)
        for (int bits = 32; bits <= 64; bits += 32)
            for (uint64_t seed = 1; seed <= 12 && kernels_for((enum isa)isa, bits); seed++) {
                struct tile t;
                make_tile(&t, bits, seed);
                size_t crossed = 0;
                for (int varies = 0; varies < 4; varies++) {
                    const struct kernels *kernels = kernels_for((enum isa)isa, bits);
                    struct field e = field_of(t.e, varies & 2, bits);
                    struct field d = field_of(t.d, varies & 1, bits);
                    crossed += check_leap(&t, kernels, e, d);
                    check_path(&t, kernels, e, d);
                }
                assert_true(crossed > COUNT / 4);
                free_tile(&t);
            }
}

/* Neurons that begin at V_reset in different steps: what each does from there on. */
static void a_replay_begins_where_it_is_told(void **state)
{
    (void)state;
    uint16_t ids[LEAP_STEPS + LEAP_SLACK] = {0};
    uint8_t since[LEAP_STEPS + LEAP_SLACK] = {0}, below[LEAP_STEPS + LEAP_SLACK];
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        const struct kernels *kernels = kernels_for((enum isa)isa, 64);
        if (!kernels)
            continue;
        for (uint8_t k = 0; k < LEAP_STEPS; k++)
            since[k] = k;
        double u[LEAP_STEPS + LEAP_SLACK] __attribute__((aligned(64)));
        /* One more a step from -3.5 on: above 0 in the fourth. */
        const struct replay_arguments a = {.ids = ids,
                                           .since = since,
                                           .count = LEAP_STEPS,
                                           .start = {NULL, -3.5},
                                           .d = {NULL, 1.0},
                                           .u = u,
                                           .below = below};
        kernels->replay(&a);
        for (int k = 0; k < LEAP_STEPS; k++) {
            assert_int_equal(below[k], k + 3 < LEAP_STEPS ? k + 3 : LEAP_STEPS);
            assert_true(fabs(u[k] - (-3.5 + LEAP_STEPS - k)) < 1e-15); /* exact: halves */
        }
    }
}

/* Rates up to a spike in every second step after the refractory period; steps and pulses that end
 * leaps; neurons that begin above threshold; refractory periods of 0, 6, 7, 8 and 20 steps and
 * drawn ones. */
static const char *const populations[] = {
    "t_ref = 2 ms\nI_e = uniform(300, 3000)\n",
    "t_ref = 0.7 ms\nI_e = uniform(300, 9000)\n",
    "t_ref = 0.8 ms\nI_e = 20000\n",
    "t_ref = 0.6 ms\nI_e = 9000\n",
    "t_ref = 0 ms\nI_e = 9000\n",
    "t_ref = uniform(0.7 ms, 3 ms)\nI_e = uniform(300, 9000)\ntau_m = uniform(5, 20)\n",
    "t_ref = 1 ms\nI_e = 0\nV_m = uniform(-56 mV, -46 mV)\n",
    "t_ref = 2 ms\nI_e = 600\n[input.s]\ntarget = p[100:900]\ntype = step\ntimes = 0, 1.3, 5\n"
    "amplitudes = 0, 900, -100\n[input.n]\ntarget = p\ntype = white_noise\nstd = 800\n"
    "start = 10.5\nstop = 12.1\n",
};

/* The digest does not see the order of a block's rows. */
static void check_order(const struct engine *engine)
{
    size_t rows = (size_t)engine_block_rows(engine, 0);
    uint64_t *ids = malloc((rows + 1) * sizeof *ids);
    double *times = malloc((rows + 1) * sizeof *times);
    assert_true(ids && times);
    engine_read_rows(engine, 0, 0, rows, ids, times);
    for (size_t i = 1; i < rows; i++)
        assert_true(times[i - 1] < times[i] || (ids[i - 1] < ids[i] && !(times[i - 1] > times[i])));
    free(ids);
    free(times);
}

static struct digest run(const char *population, const char *precision, size_t block, size_t tile)
{
    char config[1024];
    snprintf(config, sizeof config,
             "[simulation]\ndt = 0.1 ms\nduration = 30 ms\nprecision = %s\n"
             "[population.p]\nsize = 1500\n%s",
             precision, population);
    const struct engine_settings settings = {
        .isa = kernels_best_isa(), .threads = 1, .tile = tile, .block = block, .record = true};
    struct simulation s;
    simulation_open_with(&s, config, &settings);
    while (engine_steps_done(s.engine) < s.config->steps) {
        engine_advance(s.engine, s.config->steps - engine_steps_done(s.engine));
        check_order(s.engine);
    }
    struct digest digest = engine_digest(s.engine);
    simulation_close(&s);
    return digest;
}

static void runs_are_the_same_with_and_without_leaps(void **state)
{
    (void)state;
    const char *const precisions[] = {"single", "double"};
    for (size_t i = 0; i < sizeof populations / sizeof populations[0]; i++)
        for (int precision = 0; precision < 2; precision++) {
            struct digest singly = run(populations[i], precisions[precision], LEAP_STEPS - 1, 1024);
            if (singly.spikes < 500)
                fail_msg("only %llu spikes of %s", (unsigned long long)singly.spikes,
                         populations[i]);
            const size_t blocks[] = {8, 13, 64, 300};
            for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
                struct digest leaping =
                    run(populations[i], precisions[precision], blocks[b], b % 2 ? 128 : 1024);
                assert_memory_equal(&leaping, &singly, sizeof singly);
            }
        }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leap_is_single_steps),
        cmocka_unit_test(a_replay_begins_where_it_is_told),
        cmocka_unit_test(runs_are_the_same_with_and_without_leaps),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
