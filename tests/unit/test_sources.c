/* Populations that are only sources, model = poisson: how many spikes each neuron has in each step,
 * against the laws of Poisson processes; the same for any instruction set, threads, tiles, blocks
 * and parts. */
#include "helpers/sampler_checks.h"
#include "helpers/simulate.h"
#include "population/population_open.h"
#include "population/population_plan.h"
#include "population/tile.h"

/* The spikes of population 0: number[step * size + id]. */
struct numbers {
    size_t size, steps;
    uint32_t *number;
    uint64_t spikes;
    struct digest digest;
};

/* Within a step and a tile ids ascend; equal ones stand together. */
static void take_block(struct numbers *n, const struct block *block)
{
    for (uint64_t t = 0; t < block->tiles; t++)
        for (size_t k = 0; k < block->steps; k++) {
            size_t cell = (size_t)(t * block->room + k);
            const uint16_t *ids = block->ids[t] + block->position[cell];
            for (uint32_t i = 0; i < block->count[cell]; i++) {
                size_t id = (size_t)block_tile_id(block, t) + ids[i];
                assert_true(id < n->size && (i == 0 || ids[i] >= ids[i - 1]));
                n->number[(block->first_step + k) * n->size + id]++;
                n->spikes++;
            }
        }
}

static struct numbers run_with(const char *text, const struct engine_settings *settings)
{
    struct simulation s;
    simulation_open_with(&s, text, settings);
    struct numbers n = {.size = s.config->population[0].size, .steps = s.config->steps};
    n.number = calloc(n.size * n.steps, sizeof *n.number);
    assert_non_null(n.number);
    while (engine_steps_done(s.engine) < n.steps) {
        engine_advance(s.engine, n.steps - engine_steps_done(s.engine));
        take_block(&n, engine_spikes(s.engine, 0));
    }
    n.digest = engine_totals(s.engine, 0)->digest;
    assert_int_equal(n.digest.spikes, n.spikes);
    simulation_close(&s);
    return n;
}

static struct numbers run(const char *text)
{
    const struct engine_settings settings = {
        .isa = kernels_best_isa(), .threads = 2, .record = true};
    return run_with(text, &settings);
}

/* ---- laws */

enum { MOST = 2048 };

/* Numbers of all neurons and steps [from, to): the sum is Poisson, and chi-squared over the rest.
 */
static void check_law(const struct numbers *n, double mean, size_t from, size_t to,
                      const char *what)
{
    static uint64_t count[MOST];
    static double expected[MOST];
    uint64_t found[MOST] = {0}, sum = 0, all = (to - from) * n->size;
    size_t bins = 0;
    double left = (double)all;
    for (size_t i = from * n->size; i < to * n->size; i++) {
        assert_true(n->number[i] < MOST);
        found[n->number[i]]++;
        sum += n->number[i];
    }
    expect_poisson(sum, mean * (double)all, what);
    count[0] = 0;
    expected[0] = 0;
    for (size_t i = 0; i < MOST; i++) {
        double here = (double)all * (double)poisson_probability(mean, i);
        count[bins] += found[i];
        expected[bins] += here;
        left -= here;
        if (expected[bins] >= 20 && left >= 20 && i + 1 < MOST) {
            count[++bins] = 0;
            expected[bins] = 0;
        }
    }
    if (bins >= 4)
        expect_counts(count, expected, bins + 1, (double)bins, what);
}

static void numbers_in_a_step_are_poissons(void **state)
{
    (void)state;
    static const double rates[] = {15, 2e3, 8e3, 3e5, 1e7};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        char text[300];
        snprintf(text, sizeof text,
                 "[simulation]\nduration = 100 ms\nprecision = %s\n"
                 "[population.p]\nsize = 777\nmodel = poisson\nrate = %g Hz\n",
                 r % 2 ? "double" : "single", rates[r]);
        struct numbers n = run(text);
        check_law(&n, rates[r] * 1e-4, 0, n.steps, text);
        free(n.number);
    }
    expect_end();
}

/* Times of the spikes of a step: anywhere in it, independent of each other, in order. */
static void place_spikes(double *time, uint32_t number, size_t step, uint64_t *random)
{
    for (uint32_t i = 0; i < number; i++) {
        uint32_t at = i;
        *random = mix64(*random);
        double here = (double)step + (double)(*random >> 11) * 0x1p-53;
        for (; at > 0 && time[at - 1] > here; at--)
            time[at] = time[at - 1];
        time[at] = here;
    }
}

enum { BINS = 20, GAPS = 60 };

/* What stands between the spikes of neurons: of bins that are equally probable if intervals are
 * exponential, and silent steps. Intervals that the end could cut are left out. */
struct intervals {
    uint64_t bin[BINS], count, gap[GAPS + 1], gaps;
};

static void take_intervals(struct intervals *all, const struct numbers *n, size_t id, double mean,
                           uint64_t *random)
{
    size_t last = SIZE_MAX, behind = n->steps - 1000;
    double last_time = -1.0, time[32];
    for (size_t k = 0; k < n->steps; k++) {
        uint32_t number = n->number[k * n->size + id];
        assert_true(number < 32);
        place_spikes(time, number, k, random);
        for (uint32_t i = 0; i < number; last_time = time[i++])
            if (last_time >= 0.0 && last_time < (double)behind) {
                all->bin[(size_t)((1.0 - exp(-(time[i] - last_time) * mean)) * BINS)]++;
                all->count++;
            }
        if (number > 0 && last < behind) {
            all->gap[k - last - 1 < GAPS ? k - last - 1 : GAPS]++;
            all->gaps++;
        }
        last = number > 0 ? k : last;
    }
}

/* Steps between two steps with spikes are geometric; intervals exponential (KS). */
static void intervals_are_exponential(void **state)
{
    (void)state;
    const double mean = 0.05, none = exp(-mean);
    double expected[GAPS + 1];
    uint64_t random = 1;
    struct intervals all;
    struct numbers n = run("[simulation]\nduration = 400 ms\n[population.p]\nsize = 500\n"
                           "model = poisson\nrate = 500 Hz\n");
    memset(&all, 0, sizeof all);
    for (size_t id = 0; id < n.size; id++)
        take_intervals(&all, &n, id, mean, &random);
    assert_true(all.gaps > 20000 && all.count > 20000);
    for (size_t i = 0; i <= GAPS; i++)
        expected[i] = (double)all.gaps * pow(none, (double)i) * (i < GAPS ? 1.0 - none : 1.0);
    expect_counts(all.gap, expected, GAPS + 1, GAPS, "silent steps between spikes");
    expect_ks(all.bin, BINS, all.count, "intervals");
    free(n.number);
    expect_end();
}

/* Independent in ids and in time: the population's numbers in steps are Poisson, too (variance by
 * mean is 1), and those of two steps, or of two halves, are not correlated. */
static void neurons_and_steps_are_independent(void **state)
{
    (void)state;
    struct numbers n = run("[simulation]\nduration = 1 s\n[population.p]\nsize = 1000\n"
                           "model = poisson\nrate = 3 kHz\n");
    const double mean = 0.3 * 1000, half = mean / 2, steps = (double)n.steps;
    double squares = 0, lagged = 0, between = 0, last = 0;
    for (size_t k = 0; k < n.steps; k++) {
        double sum[2] = {0, 0};
        for (size_t id = 0; id < n.size; id++)
            sum[id % 2] += n.number[k * n.size + id];
        double now = sum[0] + sum[1] - mean;
        squares += now * now;
        lagged += now * last;
        between += (sum[0] - half) * (sum[1] - half);
        last = now;
    }
    expect_z((squares / steps - mean) / sqrt((mean + 2 * mean * mean) / steps), "variance");
    expect_z(lagged / (mean * sqrt(steps)), "from step to step");
    expect_z(between / (half * sqrt(steps)), "between neurons");
    free(n.number);
    expect_end();
}

static double sum_of_products(const struct numbers *a, const struct numbers *b, double mean)
{
    double sum = 0;
    for (size_t i = 0; i < a->size * a->steps; i++)
        sum += (a->number[i] - mean) * (b->number[i] - mean);
    return sum;
}

/* By their names, and by seeds, those of neighbours included. */
static void populations_and_seeds_are_unrelated(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int seed;
    } other[] = {{"q", 5}, {"p", 6}, {"p", 4}};
    static const char text[] =
        "[simulation]\nduration = 100 ms\n[population.%s]\nsize = 500\nseed = %d\n"
        "model = poisson\nrate = 3 kHz\n";
    const double mean = 0.3;
    char own[200], others[200];
    snprintf(own, sizeof own, text, "p", 5);
    struct numbers n = run(own);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        snprintf(others, sizeof others, text, other[i].name, other[i].seed);
        struct numbers m = run(others);
        double cells = (double)(n.size * n.steps);
        expect_z(sum_of_products(&n, &m, mean) / (mean * sqrt(cells)), others);
        free(m.number);
    }
    free(n.number);
    expect_end();
}

static void rates_hold_from_their_times_on(void **state)
{
    (void)state;
    struct numbers n = run("[simulation]\nduration = 100 ms\n[population.p]\nsize = 300\n"
                           "model = poisson\ntimes = 10, 40, 60\nrates = 500, 0, 20000\n"
                           "start = 20\nstop = 90\n");
    for (size_t i = 0; i < n.size * n.steps; i++) {
        size_t step = i / n.size;
        bool silent = step < 200 || (step >= 400 && step < 600) || step >= 900;
        assert_true(!silent || n.number[i] == 0);
    }
    check_law(&n, 0.05, 200, 400, "first rate");
    check_law(&n, 2.0, 600, 900, "last rate");
    free(n.number);
    expect_end();
}

/* Each neuron's sum is Poisson with its own mean, over all levels of the tables. */
static void drawn_rates_are_each_neurons(void **state)
{
    (void)state;
    struct numbers n = run("[simulation]\nduration = 100 ms\n[population.p]\nsize = 1001\n"
                           "model = poisson\nrate = linspace(0 Hz, 50 kHz)\n");
    double chi2 = 0;
    for (size_t id = 0; id < n.size; id++) {
        uint64_t sum = 0;
        double mean = (double)id * 50.0 * 0.1; /* id * 50 Hz over 100 ms */
        for (size_t k = 0; k < n.steps; k++)
            sum += n.number[k * n.size + id];
        if (id == 0) {
            assert_int_equal(sum, 0);
            continue;
        }
        expect_poisson(sum, mean, "a neuron's spikes");
        chi2 += ((double)sum - mean) * ((double)sum - mean) / mean;
    }
    expect_chi2(chi2, (double)n.size - 1, "all neurons' spikes");
    free(n.number);
    expect_end();
}

/* ---- bounds */

static void no_table_is_longer_than_foretold(void **state)
{
    (void)state;
    uint32_t before = 0;
    for (double mean = 1e-9; mean <= 1000.0; mean *= 1.003) {
        struct poisson_table *table;
        struct error err;
        uint32_t most = poisson_table_most(mean);
        assert_int_equal(poisson_table_open(&table, mean, &err), STATUS_OK);
        assert_true(table->counts.length <= most && most <= table->counts.length + 1);
        assert_true(most >= before);
        poisson_table_close(table);
        before = most;
    }
    assert_in_range(poisson_table_most(1000.0), 1250, 1400);
}

static void the_most_spikes_in_a_step(void **state)
{
    (void)state;
    struct simulation s;
    simulation_open(&s,
                    "[simulation]\nduration = 1 ms\n[population.n]\nsize = 2\n"
                    "[population.p]\nsize = 2\nmodel = poisson\nrate = 15 Hz\n"
                    "[population.r]\nsize = 2\nmodel = poisson\ntimes = 0, 1\nrates = 20, 8000\n"
                    "[population.s]\nsize = 2\nmodel = poisson\nrate = 8 kHz\n"
                    "[population.z]\nsize = 2\nmodel = poisson\nrate = 0\n",
                    0);
    uint32_t most[5];
    for (size_t i = 0; i < 5; i++)
        most[i] = population_spikes_most(s.config, i);
    assert_int_equal(most[0], 1);
    assert_in_range(most[1], 4, 8); /* P(N > 4) = 6e-17, P(N > 8) = 1e-31 */
    assert_in_range(most[2], 12, 24);
    assert_int_equal(most[2], most[3]);
    assert_int_equal(most[4], 0);
    simulation_close(&s);
}

/* ---- sameness */

static const char mixed[] =
    "[simulation]\nduration = 20 ms\nseed = 3\nprecision = %s\n"
    "[population.p]\nsize = 3001\nmodel = poisson\nrate = lognormal(2 kHz, 2)\nstart = 0.3\n"
    "stop = 19.5\n"
    "[population.q]\nsize = 2000\nmodel = poisson\ntimes = 1, 5\nrates = 40 kHz, 100 Hz\n"
    "[population.n]\nsize = 700\nI_e = 500\n";

static void the_same_for_any_setting(void **state)
{
    (void)state;
    char text[600];
    struct digest first = {{0, 0}, 0};
    for (int precision = 0; precision < 2; precision++) {
        snprintf(text, sizeof text, mixed, precision ? "double" : "single");
        struct engine_settings settings = {.isa = ISA_SCALAR, .threads = 1, .record = true};
        struct numbers reference = run_with(text, &settings);
        assert_true(reference.spikes > 10000);
        assert_true(precision == 0 || memcmp(&first, &reference.digest, sizeof first) == 0);
        first = reference.digest;
        for (int isa = 0; isa < ISA_COUNT; isa++) {
            static const size_t tiles[] = {128, 1024, 4096}, blocks[] = {1, 7, 128};
            for (int i = 0; kernels_for((enum isa)isa, 32) && i < 18; i++) {
                settings = (struct engine_settings){.isa = (enum isa)isa,
                                                    .threads = 1 + i / 9,
                                                    .tile = tiles[i % 3],
                                                    .block = blocks[i / 3 % 3],
                                                    .record = true};
                struct numbers n = run_with(text, &settings);
                assert_memory_equal(n.number, reference.number,
                                    n.size * n.steps * sizeof *n.number);
                assert_memory_equal(&n.digest, &reference.digest, sizeof n.digest);
                free(n.number);
            }
        }
        free(reference.number);
    }
}

/* Neurons of a part, added to numbers of the whole population. */
static void run_part(const struct config *config, uint64_t first_id, uint64_t neurons,
                     struct numbers *n)
{
    enum { TILE = 256 };
    const struct population_settings settings = {.kernels = kernels_for(kernels_best_isa(), 32),
                                                 .tile = TILE,
                                                 .threads = 1,
                                                 .first_id = first_id,
                                                 .neurons = neurons};
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err;
    struct population p;
    struct tile_scratch scratch;
    assert_int_equal(population_open(&p, config, 0, &settings, &errors, &warnings, &err),
                     STATUS_OK);
    assert_int_equal(tile_scratch_open(&scratch, TILE, 0, &err), STATUS_OK);
    uint16_t *ids = malloc(tile_most_spikes(TILE, 1, p.shortest, p.spikes_most) * sizeof *ids);
    assert_non_null(ids);
    for (uint64_t tile = 0; tile < p.tiles; tile++)
        for (uint64_t step = 0; step < n->steps; step++) {
            uint32_t count;
            tile_advance(&p, tile, step, 1, NULL, &scratch, ids, &count);
            for (uint32_t i = 0; i < count; i++)
                n->number[step * n->size + population_tile_id(&p, tile) + ids[i]]++;
        }
    free(ids);
    tile_scratch_close(&scratch);
    population_close(&p);
}

static void parts_spike_as_the_whole(void **state)
{
    (void)state;
    char text[600];
    struct simulation s;
    snprintf(text, sizeof text, mixed, "single");
    struct numbers whole = run(text), parts = whole;
    parts.number = calloc(whole.size * whole.steps, sizeof *parts.number);
    assert_non_null(parts.number);
    simulation_open(&s, text, 0);
    run_part(s.config, 0, 384, &parts);
    run_part(s.config, 384, 640, &parts);
    run_part(s.config, 1024, 0, &parts);
    assert_memory_equal(whole.number, parts.number,
                        whole.size * whole.steps * sizeof *whole.number);
    simulation_close(&s);
    free(whole.number);
    free(parts.number);
}

/* The run ends with the step that all spikes, each as often as it is there, name. */
static void limits_count_every_spike(void **state)
{
    (void)state;
    char limited[700];
    struct numbers n = run("[simulation]\nduration = 20 ms\nseed = 3\n"
                           "[population.p]\nsize = 300\nmodel = poisson\nrate = 20 kHz\n");
    struct simulation s;
    uint64_t sum = 0, steps = 0;
    for (; sum < 50000; steps++)
        for (size_t id = 0; id < n.size; id++)
            sum += n.number[steps * n.size + id];
    snprintf(limited, sizeof limited,
             "[simulation]\nduration = 20 ms\nseed = 3\nstop_after_spikes = 50000\n"
             "[population.p]\nsize = 300\nmodel = poisson\nrate = 20 kHz\n");
    simulation_open(&s, limited, 64);
    while (engine_advance(s.engine, 200))
        continue;
    assert_int_equal(engine_steps_done(s.engine), steps);
    assert_int_equal(engine_digest(s.engine).spikes, sum);
    simulation_close(&s);
    free(n.number);
}

/* ---- configs */

/* Line 5 is the first of `lines`. */
static const struct {
    const char *lines, *message;
} wrong[] = {
    {"model = poisson\n",
     "x.ini:3: [population.p]: needs either rate, or times and rates; give one of the two"},
    {"model = poisson\nrate = 5\ntimes = 0\nrates = 5\n",
     "x.ini:3: [population.p]: needs either rate, or times and rates; give one of the two"},
    {"model = poisson\ntimes = 0, 5\nrates = 5\n",
     "x.ini:7: [population.p] rates: has 1 values; times has 2: give one rate for each time"},
    {"model = poisson\ntimes = 0, 5\nrates = 5, 2e7\n",
     "x.ini:7: [population.p] rates: means 2000 spikes in each step of 0.1 ms; at most 1000 are "
     "possible: use a smaller rate or dt"},
    {"model = poisson\nrate = 1.1e7\n",
     "x.ini:6: [population.p] rate: means 1100 spikes in each step of 0.1 ms; at most 1000 are "
     "possible: use a smaller rate or dt"},
    {"model = poisson\nrate = -1\n",
     "x.ini:6: [population.p] rate: '-1' is out of range; rate goes from 0 Hz to 1000000000000 Hz"},
    {"model = poisson\nrate = 5\nstart = 7 ms\nstop = 7 ms\n",
     "x.ini:8: [population.p] stop: is not after start; there would never be a spike"},
    {"model = poisson\nrate = levels(5 Hz, 10 Hz)\n",
     "x.ini:6: [population.p] rate: levels gives one value to each copy of the cells; give the "
     "population copies, or use linspace"},
    {"model = spikes\n",
     "x.ini:3: [population.p] file: the key is missing; it is a SONATA spike file, or a CSV file "
     "with timestamps and node_ids"},
    {"model = spikes\nfile = a.h5\nstart = 2 ms\nstop = 1 ms\n",
     "x.ini:8: [population.p] stop: is not after start; there would never be a spike"},
};

static void wrong_keys_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[600];
        struct config *config;
        struct messages errors = {NULL, 0};
        snprintf(text, sizeof text, "[simulation]\nduration = 1 s\n[population.p]\nsize = 10\n%s",
                 wrong[i].lines);
        assert_int_equal(config_read_text(text, strlen(text), "x.ini", NULL, 0, &drive_config_types,
                                          &config, &errors),
                         STATUS_CONFIG);
        assert_int_equal(errors.count, 1);
        assert_string_equal(errors.line[0], wrong[i].message);
        messages_free(&errors);
    }
}

/* Of neurons too fast for a table: the first, and what would do. */
static void drawn_rates_have_a_limit(void **state)
{
    (void)state;
    static const char text[] =
        "[simulation]\nduration = 1 s\n[population.p]\nsize = 10\nmodel = poisson\n"
        "rate = linspace(1 MHz, 10.9 MHz)\n";
    struct config *config;
    struct engine *engine;
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err;
    const struct engine_settings settings = {.isa = ISA_SCALAR, .threads = 1};
    assert_int_equal(config_read_text(text, strlen(text), "x.ini", NULL, 0, &drive_config_types,
                                      &config, &errors),
                     STATUS_OK);
    assert_int_equal(engine_open(&engine, config, &settings, &errors, &warnings, &err),
                     STATUS_CONFIG);
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.line[0], "x.ini:6: [population.p] rate: 1 of 10 drawn values"));
    assert_non_null(strstr(errors.line[0], "(0 .. 1e+07 Hz), the first in neuron 9: 1.09e+07 Hz"));
    messages_free(&errors);
    config_free(config);
}

static char *load(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 16);
    assert_non_null(file);
    assert_in_range(fread(text, 1, (1 << 16) - 1, file), 1, (1 << 16) - 2);
    fclose(file);
    return text;
}

static void every_key_is_explained(void **state)
{
    (void)state;
    char *manual = load("docs/configuration.md"), *example = load("configs/annotated.ini");
    const char *rows = strstr(manual, "### Sources"), *end = rows ? strstr(rows, "\n## ") : NULL;
    assert_true(rows && end);
    for (size_t m = 0; m < drive_config_types.model_count; m++) {
        const struct model_type *model = drive_config_types.model[m];
        for (size_t k = 0; model->source_only && k < model->key_count; k++) {
            char row[80];
            snprintf(row, sizeof row, " | `%s` ", model->keys[k].name);
            const char *at = strstr(rows, row);
            if (!at || at > end)
                fail_msg("docs/configuration.md has no row of %s", model->keys[k].name);
            snprintf(row, sizeof row, "%s ", model->keys[k].name);
            if (!strstr(example, row))
                fail_msg("configs/annotated.ini does not show %s", model->keys[k].name);
        }
    }
    free(manual);
    free(example);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_in_a_step_are_poissons),
        cmocka_unit_test(intervals_are_exponential),
        cmocka_unit_test(neurons_and_steps_are_independent),
        cmocka_unit_test(populations_and_seeds_are_unrelated),
        cmocka_unit_test(rates_hold_from_their_times_on),
        cmocka_unit_test(drawn_rates_are_each_neurons),
        cmocka_unit_test(no_table_is_longer_than_foretold),
        cmocka_unit_test(the_most_spikes_in_a_step),
        cmocka_unit_test(the_same_for_any_setting),
        cmocka_unit_test(parts_spike_as_the_whole),
        cmocka_unit_test(limits_count_every_spike),
        cmocka_unit_test(wrong_keys_are_named),
        cmocka_unit_test(drawn_rates_have_a_limit),
        cmocka_unit_test(every_key_is_explained),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
