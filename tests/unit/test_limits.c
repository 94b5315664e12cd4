/* max_rate and stop_after_spikes: the run ends with the step that a count over the whole raster
 * names, whatever threads, tiles and blocks; all that it leaves is that of a run of this duration.
 */
#include "config/read.h"
#include "helpers/engine_helpers.h"

/* Population a fires ever more: a step of current every few ms. b is recorded by nobody. */
static const char rising[] =
    "[simulation]\ndt = 0.1 ms\nduration = 30 ms\nseed = 42\nwarmup = 0.1 ms\n"
    "[population.a]\nsize = 5003\ntau_m = normal_clipped(20, 2, 10, 40)\nV_m = uniform(-70, -56)\n"
    "t_ref = uniform(0, 1.5)\nI_e = normal(450, 20)\n"
    "[population.b]\nsize = 3000\ntau_m = 20 ms\nt_ref = 0.5 ms\nV_m = uniform(-70, -55)\n"
    "[input.up]\ntarget = all\ntype = step\ntimes = 5, 10, 20\namplitudes = 300, 800, 2000\n"
    "[input.ou]\ntarget = a\ntype = ou_noise\nmean = 0 pA\nstd = 100 pA\ntau = 5 ms\n"
    "[input.p]\ntarget = b[100:2000]\ntype = poisson\nrate = 5 kHz\nweight = 0.3 mV\n"
    "[record.c]\npopulation = all\nwhat = counts\n";

enum { STEPS = 300, BIN_STEPS = 10, STRING = 80 };

/* Spikes of each step, from the raster of an unlimited run. */
struct totals {
    uint64_t step[MOST_POPULATIONS][STEPS];
};

static void count_steps(const struct outcome *whole, struct totals *totals)
{
    memset(totals, 0, sizeof *totals);
    for (size_t p = 0; p < MOST_POPULATIONS; p++)
        for (size_t i = 0; i < whole->raster[p].rows; i++)
            totals->step[p][whole->raster[p].step[i] - 1]++;
}

/* The number of steps after which more than `most` spikes are in a bin of the population. */
static uint64_t steps_to_rate(const struct totals *totals, size_t population, uint64_t most)
{
    uint64_t in_bin = 0;
    for (uint64_t k = 0; k < STEPS; k++) {
        in_bin = (k % BIN_STEPS ? in_bin : 0) + totals->step[population][k];
        if (in_bin > most)
            return k + 1;
    }
    return STEPS;
}

static uint64_t steps_to_spikes(const struct totals *totals, uint64_t spikes)
{
    uint64_t sum = 0;
    for (uint64_t k = 0; k < STEPS; k++) {
        sum += totals->step[0][k] + totals->step[1][k];
        if (sum >= spikes)
            return k + 1;
    }
    return STEPS;
}

static void assert_same_counts(const struct outcome *a, const struct outcome *b, size_t p)
{
    const struct neuron_counts *x = engine_totals(a->engine, p)->counts,
                               *y = engine_totals(b->engine, p)->counts;
    size_t bytes = x->size * sizeof *x->spikes;
    assert_memory_equal(x->spikes, y->spikes, bytes);
    assert_memory_equal(x->first, y->first, bytes);
    assert_memory_equal(x->last, y->last, bytes);
    assert_memory_equal(x->square_sum, y->square_sum, bytes);
}

/* Runs with the limit, cut in many ways: each must be a run of that many steps. */
static void assert_ends_after(const char *limit, uint64_t steps, enum limit kind)
{
    static const size_t tile[] = {0, 128, 640, 4096}, block[] = {0, 1, 7, 64};
    char duration[STRING];
    snprintf(duration, sizeof duration, "simulation.duration=%.1f ms", (double)steps * 0.1);
    const char *const shorter[] = {duration, NULL}, *const limited[] = {limit, NULL};
    struct outcome expected = simulate(rising, shorter, plainly());
    for (int i = 0; i < 8; i++) {
        struct how how = plainly();
        how.tile = tile[i % 4];
        how.block = block[(i + i / 4) % 4];
        how.threads = i % 3 + 1;
        struct outcome o = simulate(rising, limited, how);
        assert_int_equal(engine_steps_done(o.engine), steps);
        assert_int_equal(engine_limit_met(o.engine).limit, kind);
        assert_same_digest(&expected, &o);
        assert_same_potentials(&expected, &o);
        for (size_t p = 0; p < MOST_POPULATIONS; p++) {
            assert_same_raster(&expected.raster[p], &o.raster[p]);
            assert_same_counts(&expected, &o, p);
            assert_int_equal(engine_totals(expected.engine, p)->after_warmup,
                             engine_totals(o.engine, p)->after_warmup);
            assert_memory_equal(engine_totals(expected.engine, p)->bins->spikes,
                                engine_totals(o.engine, p)->bins->spikes,
                                (steps + BIN_STEPS - 1) / BIN_STEPS * sizeof(uint64_t));
        }
        end(&o);
    }
    end(&expected);
}

static void a_rate_above_max_rate_ends_the_run(void **state)
{
    (void)state;
    struct totals totals;
    struct outcome whole = simulate(rising, NULL, plainly());
    count_steps(&whole, &totals);
    end(&whole);
    /* Hz; in 1 ms 5,003 neurons may have 5.003 spikes at each. */
    static const int rate[] = {1, 20, 150, 400};
    uint64_t before = 0;
    for (int i = 0; i < 4; i++) {
        char limit[STRING];
        snprintf(limit, sizeof limit, "simulation.max_rate=%d Hz", rate[i]);
        uint64_t a = steps_to_rate(&totals, 0, (uint64_t)rate[i] * 5003 / 1000);
        uint64_t b = steps_to_rate(&totals, 1, (uint64_t)rate[i] * 3);
        uint64_t steps = a < b ? a : b;
        assert_true(steps >= before && steps < STEPS);
        assert_ends_after(limit, steps, LIMIT_MAX_RATE);
        before = steps;
    }
}

static void enough_spikes_end_the_run(void **state)
{
    (void)state;
    struct totals totals;
    struct outcome whole = simulate(rising, NULL, plainly());
    count_steps(&whole, &totals);
    end(&whole);
    uint64_t sum = 0;
    for (int k = 0; k < 150; k++)
        sum += totals.step[0][k] + totals.step[1][k];
    assert_true(totals.step[0][149] + totals.step[1][149] > 1);
    const uint64_t spikes[] = {1, sum - 1, sum, sum + 1};
    assert_int_equal(steps_to_spikes(&totals, sum), 150);
    for (int i = 0; i < 4; i++) {
        char limit[STRING];
        snprintf(limit, sizeof limit, "simulation.stop_after_spikes=%llu",
                 (unsigned long long)spikes[i]);
        assert_ends_after(limit, steps_to_spikes(&totals, spikes[i]), LIMIT_SPIKES);
    }
}

/* What a network would deliver: all spikes of the block as it was accepted, in the order (step,
 * neuron), though it was stepped twice, and recorded in part or not at all. */
static void an_accepted_block_has_all_spikes(void **state)
{
    (void)state;
    enum { WAYS = 4 };
    static const char *const record[WAYS] = {
        "[record.r]\nwhat = spikes\npopulation = all\nneurons = none\n",
        "[record.r]\nwhat = spikes\npopulation = all\nneurons = sample(20)\n",
        "[record.r]\nwhat = spikes\npopulation = all\nstart = 12 ms\nstop = 14 ms\n",
        "[record.r]\nwhat = spikes\npopulation = all\n"};
    static const size_t tile[] = {0, 128, 640}, block[] = {1, 7, 64, 0};
    static const char *const limit = "simulation.stop_after_spikes=5000";
    static const char *const limited[] = {limit, NULL};
    struct outcome expected = simulate(rising, limited, plainly());
    assert_true(engine_steps_done(expected.engine) % 64 != 0);
    for (int i = 0; i < 3 * WAYS; i++) {
        const char *const changes[] = {record[i % WAYS], limit, NULL};
        struct how how = plainly();
        how.tile = tile[i % 3];
        how.block = block[(i + i / 4) % 4];
        how.threads = i % 3 + 1;
        how.silent = i >= 2 * WAYS;
        how.whole = true;
        struct outcome o = simulate(rising, changes, how);
        assert_same_potentials(&expected, &o);
        for (size_t p = 0; p < MOST_POPULATIONS; p++)
            assert_same_raster(&expected.raster[p], &o.raster[p]);
        end(&o);
    }
    end(&expected);
}

static void spikes_that_nobody_records_count(void **state)
{
    (void)state;
    static const char *const none[] = {
        "[record.r]\nwhat = spikes\npopulation = all\nneurons = none\n",
        "simulation.stop_after_spikes=5000", NULL};
    static const char *const all[] = {"simulation.stop_after_spikes=5000", NULL};
    struct outcome o = simulate(rising, none, plainly());
    struct outcome expected = simulate(rising, all, plainly());
    assert_same_digest(&expected, &o);
    assert_same_potentials(&expected, &o);
    assert_int_equal(o.raster[0].rows + o.raster[1].rows, 0);
    assert_int_equal(engine_limit_met(o.engine).spikes, engine_digest(o.engine).spikes);
    end(&o);
    end(&expected);
}

/* The population, the bin and its spikes are those of the raster; nothing more can be stepped. */
static void what_was_met_is_told(void **state)
{
    (void)state;
    static const char *const limited[] = {"simulation.max_rate=150 Hz", NULL};
    struct outcome o = simulate(rising, limited, plainly());
    struct limit_met met = engine_limit_met(o.engine);
    uint64_t steps = engine_steps_done(o.engine), in_bin = 0;
    const struct raster *raster = &o.raster[met.population];
    for (size_t i = 0; i < raster->rows; i++)
        in_bin += (raster->step[i] - 1) / BIN_STEPS == met.bin;
    assert_int_equal(met.bin, (steps - 1) / BIN_STEPS);
    assert_int_equal(met.spikes, in_bin);
    assert_true(in_bin > limits_bin_most(o.config, met.population, BIN_STEPS));
    assert_int_equal(engine_advance(o.engine, 10), 0);
    assert_int_equal(engine_steps_done(o.engine), steps);
    end(&o);
}

static void a_limit_that_is_not_met_changes_nothing(void **state)
{
    (void)state;
    static const char *const high[] = {"simulation.max_rate=10 kHz",
                                       "simulation.stop_after_spikes=1e12", NULL};
    static const char *const warn[] = {"simulation.max_rate=1 Hz", "simulation.on_max_rate=warn",
                                       NULL};
    struct outcome expected = simulate(rising, NULL, plainly());
    for (int i = 0; i < 2; i++) {
        struct outcome o = simulate(rising, i ? warn : high, plainly());
        assert_int_equal(engine_steps_done(o.engine), STEPS);
        assert_int_equal(engine_limit_met(o.engine).limit, LIMIT_NONE);
        assert_same_digest(&expected, &o);
        assert_same_potentials(&expected, &o);
        assert_same_raster(&expected.raster[0], &o.raster[0]);
        end(&o);
    }
    end(&expected);
}

/* max_rate * size * width, rounded down, where it is whole in decimals not below that. */
static void the_most_spikes_of_a_bin(void **state)
{
    (void)state;
    static const struct {
        const char *rate, *dt, *size;
        uint64_t bin_steps, most;
    } known[] = {
        {"500 Hz", "0.1 ms", "1000", 10, 500},     {"500 Hz", "0.1 ms", "1001", 10, 500},
        {"500 Hz", "0.1 ms", "1003", 10, 501},     {"0.1 Hz", "0.1 ms", "1e6", 10, 100},
        {"0.3 Hz", "0.3 ms", "1e7", 3, 2700},      {"0.7 Hz", "0.7 ms", "1e9", 1, 490000},
        {"1 Hz", "0.1 ms", "999", 10, 0},          {"1e9 Hz", "1000 ms", "1e12", 1, UINT64_MAX},
        {"333.3 Hz", "0.1 ms", "1e6", 10, 333300}, {"333.3 Hz", "0.1 ms", "1e4", 10, 3333},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char rate[STRING], dt[STRING], size[STRING];
        snprintf(rate, sizeof rate, "simulation.max_rate=%s", known[i].rate);
        snprintf(dt, sizeof dt, "simulation.dt=%s", known[i].dt);
        snprintf(size, sizeof size, "population.a.size=%s", known[i].size);
        const char *const changes[] = {
            rate, dt, size, "population.a.tau_m=1 s", "simulation.duration=21 s", NULL};
        const char text[] = "[population.a]\nt_ref = 0 ms\n";
        struct config *config = read_config(text, changes);
        assert_int_equal(limits_bin_most(config, 0, known[i].bin_steps), known[i].most);
        config_free(config);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_above_max_rate_ends_the_run),
        cmocka_unit_test(enough_spikes_end_the_run),
        cmocka_unit_test(an_accepted_block_has_all_spikes),
        cmocka_unit_test(spikes_that_nobody_records_count),
        cmocka_unit_test(what_was_met_is_told),
        cmocka_unit_test(a_limit_that_is_not_met_changes_nothing),
        cmocka_unit_test(the_most_spikes_of_a_bin),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
