/* The engine's promises: results do not depend on how the work is cut, rows come sorted, recorders
 * and counts say what the full raster says, inputs act in their steps on their targets alone. */
#include "base/decimal.h"
#include "config/read.h"
#include "helpers/engine_helpers.h"

/* All types of drives, heterogeneous and homogeneous, whole and sliced; more than one tile of any
 * size. */
static const char all_drives[] =
    "[simulation]\ndt = 0.1 ms\nduration = 30 ms\nseed = 42\n"
    "[population.a]\nsize = 5003\ntau_m = normal_clipped(20, 2, 10, 40)\n"
    "C_m = uniform(200 pF, 300 pF)\nE_L = uniform(-66, -64)\nV_th = normal(-50, 0.5)\n"
    "V_reset = uniform(-66, -60)\nt_ref = uniform(0, 1.5)\nV_m = uniform(-65, -51)\n"
    "I_e = normal(250, 20)\n"
    "[population.b]\nsize = 33000\ntau_m = 20 ms\nt_ref = 0.5 ms\nV_m = uniform(-70, -55)\n"
    "I_e = 180 pA\n"
    "[input.dc]\ntarget = all\ntype = dc\namplitude = 40 pA\nstart = 5 ms\nstop = 20 ms\n"
    "[input.noise]\ntarget = a\ntype = white_noise\nsigma_V = 3 mV\nmean_V = 2 mV\n"
    "[input.held]\ntarget = b[100:20000]\ntype = white_noise\nstd = 300 pA\nhold = 0.4 ms\n"
    "mean = 30 pA\nstart = 0.3 ms\n"
    "[input.steps]\ntarget = a[1000:3000], b\ntype = step\ntimes = 2, 10, 15\n"
    "amplitudes = 100, -50, 150\n"
    "[input.background]\ntarget = all\ntype = poisson\nrate = 5 kHz\nweight = 0.3 mV\n"
    "start = 1 ms\nstop = 25 ms\n"
    "[input.inhibition]\ntarget = b[500:600], a[4000:5003]\ntype = poisson\nrate = 400 kHz\n"
    "weight = -0.02 mV\n";

static const char *const in_double[] = {"simulation.precision=double", NULL};

/* ---- the same bits however the work is cut ---- */

static void same_for_tiles_and_blocks(void **state)
{
    (void)state;
    static const size_t tiles[] = {128, 640, 4096, 32768}, blocks[] = {1, 7, 64, 200};
    struct outcome whole = simulate(all_drives, NULL, plainly());
    assert_true(engine_digest(whole.engine).spikes > 20000);
    for (int i = 0; i < 16; i++) {
        struct how how = plainly();
        how.tile = tiles[i % 4];
        how.block = blocks[i / 4];
        how.threads = i % 3 + 1;
        struct outcome o = simulate(all_drives, NULL, how);
        assert_int_equal(engine_tile(o.engine), how.tile);
        assert_int_equal(engine_block(o.engine), how.block);
        assert_same_digest(&whole, &o);
        assert_same_potentials(&whole, &o);
        assert_same_raster(&whole.raster[0], &o.raster[0]);
        assert_same_raster(&whole.raster[1], &o.raster[1]);
        end(&o);
    }
    end(&whole);
}

static void same_for_threads_and_instruction_sets(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 3, 7};
    for (int precision = 0; precision < 2; precision++) {
        const char *const *changes = precision ? in_double : NULL;
        struct outcome whole = simulate(all_drives, changes, plainly());
        for (int isa = 0; isa < ISA_COUNT; isa++) {
            for (int t = 0; t < 4; t++) {
                struct how how = {.isa = (enum isa)isa, .threads = threads[t]};
                if (!kernels_for(how.isa, 32) || (isa == ISA_SCALAR && t % 2))
                    continue;
                struct outcome o = simulate(all_drives, changes, how);
                assert_same_digest(&whole, &o);
                assert_same_potentials(&whole, &o);
                assert_same_raster(&whole.raster[1], &o.raster[1]);
                end(&o);
            }
        }
        end(&whole);
    }
}

static void same_without_recording(void **state)
{
    (void)state;
    static const char *const none[] = {
        "[record.r]\nwhat = spikes\npopulation = all\nneurons = none\n", NULL};
    struct how silent = plainly();
    silent.silent = true;
    struct outcome whole = simulate(all_drives, NULL, plainly());
    struct outcome o = simulate(all_drives, NULL, silent);
    assert_same_digest(&whole, &o);
    assert_same_potentials(&whole, &o);
    assert_null(engine_spikes(o.engine, 0));
    end(&o);
    o = simulate(all_drives, none, plainly());
    assert_same_digest(&whole, &o);
    assert_int_equal(o.raster[0].rows + o.raster[1].rows, 0);
    assert_false(engine_totals(o.engine, 0)->records_all);
    end(&o);
    end(&whole);
}

static bool every(uint64_t id, const void *context)
{
    (void)id, (void)context;
    return true;
}

static void duration_changes_nothing_before_it(void **state)
{
    (void)state;
    static const char *const shorter[] = {"simulation.duration=17.3 ms", NULL};
    struct outcome whole = simulate(all_drives, NULL, plainly());
    struct outcome o = simulate(all_drives, shorter, plainly());
    for (int i = 0; i < 2; i++) {
        struct raster expected = filtered(&whole.raster[i], every, NULL, 0, 173);
        assert_same_raster(&expected, &o.raster[i]);
        raster_free(&expected);
    }
    end(&o);
    end(&whole);
}

/* ---- rows ---- */

static void rows_are_sorted_and_add_up(void **state)
{
    (void)state;
    struct how how = plainly();
    how.tile = 640;
    how.threads = 3;
    struct outcome o = simulate(all_drives, NULL, how);
    struct digest digest = {{0, 0}, 0}, expected = engine_digest(o.engine);
    for (size_t p = 0; p < 2; p++) {
        const struct raster *r = &o.raster[p];
        uint64_t stream = fnv1a64(p == 0 ? "population.a" : "population.b");
        for (size_t i = 0; i < r->rows; i++) {
            assert_true(r->id[i] < o.config->population[p].size);
            assert_true(r->step[i] >= 1 && r->step[i] <= o.config->steps);
            assert_true(r->time[i] == decimal_times_steps(o.config->dt, r->step[i]));
            if (i > 0)
                assert_true(r->step[i] > r->step[i - 1] ||
                            (r->step[i] == r->step[i - 1] && r->id[i] > r->id[i - 1]));
            digest_add(&digest, digest_key(stream, r->step[i]), r->id[i]);
        }
        assert_int_equal(engine_totals(o.engine, p)->recorded, r->rows);
        assert_int_equal(engine_totals(o.engine, p)->digest.spikes, r->rows);
        assert_true(engine_totals(o.engine, p)->records_all);
    }
    assert_memory_equal(&digest, &expected, sizeof digest);
    end(&o);
}

/* With pieces below and above what one thread decodes at a time, across steps and tiles. */
static void rows_can_be_read_in_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 3, 977, 8191, 8193, 20000};
    struct how how = plainly();
    how.block = 200;
    how.tile = 640;
    how.threads = 2;
    struct outcome whole = simulate(all_drives, NULL, how);
    assert_true(whole.raster[1].rows > 20000);
    for (int i = 0; i < 6; i++) {
        how.piece = pieces[i];
        struct outcome o = simulate(all_drives, NULL, how);
        assert_same_raster(&whole.raster[0], &o.raster[0]);
        assert_same_raster(&whole.raster[1], &o.raster[1]);
        end(&o);
    }
    end(&whole);
}

/* ---- recorders ---- */

static bool in_range(uint64_t id, const void *context)
{
    (void)context;
    return id >= 130 && id < 4100;
}

static bool in_list(uint64_t id, const void *context)
{
    (void)context;
    return id == 0 || id == 63 || id == 64 || id == 700 || id == 5002;
}

static bool every_seventh(uint64_t id, const void *context)
{
    (void)context;
    return id >= 3 && id < 5000 && (id - 3) % 7 == 0;
}

static bool is_selected(uint64_t id, const void *context)
{
    return selection_has(context, id);
}

static void check_recorder(const char *neurons, keep_id *keep, const struct outcome *whole)
{
    char change[128];
    const char *const changes[] = {change, NULL};
    struct selected selected;
    snprintf(change, sizeof change, "[record.r]\nwhat = spikes\npopulation = a\nneurons = %s\n",
             neurons);
    struct how how = plainly();
    how.tile = 640;
    how.threads = 2;
    struct outcome o = simulate(all_drives, changes, how);
    assert_int_equal(
        selection_open(&selected, &o.config->record[0], o.config->population[0].size, NULL),
        STATUS_OK);
    struct raster expected =
        filtered(&whole->raster[0], keep ? keep : is_selected, &selected, 0, UINT64_MAX);
    assert_true(expected.rows > 0 && expected.rows < whole->raster[0].rows);
    assert_same_raster(&expected, &o.raster[0]);
    assert_int_equal(engine_totals(o.engine, 0)->recorded, expected.rows);
    assert_same_raster(&whole->raster[1], &o.raster[1]); /* no recorder names it: all */
    assert_same_digest(whole, &o);
    raster_free(&expected);
    selection_close(&selected);
    end(&o);
}

static void recorders_filter_the_full_raster(void **state)
{
    (void)state;
    struct outcome whole = simulate(all_drives, NULL, plainly());
    check_recorder("130:4100", in_range, &whole);
    check_recorder("0, 63, 64, 700, 5002", in_list, &whole);
    check_recorder("3:5000:7", every_seventh, &whole);
    check_recorder("sample(500)", NULL, &whole);
    end(&whole);
}

/* Exactly n ids, other ones by another name or seed, and uniform: a chi-squared of tenths (9
 * degrees of freedom, probability 1e-6 at 45.1; sampling without replacement only narrows it). */
static void samples_have_their_size(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"[record.r]\nwhat = spikes\npopulation = b\nneurons = sample(10000)\n", NULL},
        {"[record.s]\nwhat = spikes\npopulation = b\nneurons = sample(10000)\n", NULL},
        {"[record.r]\nwhat = spikes\npopulation = b\nneurons = sample(10000)\nseed = 7\n", NULL},
        {"[record.r]\nwhat = spikes\npopulation = b\nneurons = sample(33000)\n", NULL},
    };
    struct selected s[4];
    for (int i = 0; i < 4; i++) {
        struct config *config = read_config(all_drives, changes[i]);
        double tenth[10] = {0}, chi2 = 0, n = i < 3 ? 10000 : 33000;
        assert_int_equal(selection_open(&s[i], &config->record[0], 33000, NULL), STATUS_OK);
        for (uint64_t id = 0; id < 33000; id++)
            tenth[id / 3300] += selection_has(&s[i], id);
        for (int t = 0; t < 10; t++)
            chi2 += (tenth[t] - n / 10) * (tenth[t] - n / 10) / (n / 10);
        double sum = 0;
        for (int t = 0; t < 10; t++)
            sum += tenth[t];
        assert_true(fabs(sum - n) < 0.5 && chi2 < 45.1);
        config_free(config);
    }
    assert_memory_not_equal(s[0].bits, s[1].bits, 4096);
    assert_memory_not_equal(s[0].bits, s[2].bits, 4096);
    for (int i = 0; i < 4; i++)
        selection_close(&s[i]);
}

/* Spikes in step numbers up to the warmup's last step are its own. */
static void warmup_is_left_out(void **state)
{
    (void)state;
    static const char *const warmup[] = {"simulation.warmup=6.5 ms", NULL};
    static const char *const unrecorded[] = {"simulation.warmup=6.5 ms",
                                             "simulation.record_warmup=no", NULL};
    struct outcome whole = simulate(all_drives, NULL, plainly());
    struct outcome with = simulate(all_drives, warmup, plainly());
    struct outcome without = simulate(all_drives, unrecorded, plainly());
    assert_same_digest(&whole, &with);
    assert_same_digest(&whole, &without);
    for (size_t p = 0; p < 2; p++) {
        struct raster after = filtered(&whole.raster[p], every, NULL, 65, UINT64_MAX);
        assert_true(after.rows < whole.raster[p].rows);
        assert_same_raster(&whole.raster[p], &with.raster[p]);
        assert_same_raster(&after, &without.raster[p]);
        assert_int_equal(engine_totals(whole.engine, p)->after_warmup, whole.raster[p].rows);
        assert_int_equal(engine_totals(with.engine, p)->after_warmup, after.rows);
        assert_int_equal(engine_totals(without.engine, p)->after_warmup, after.rows);
        raster_free(&after);
    }
    end(&whole);
    end(&with);
    end(&without);
}

/* Counts of one neuron, from the rows. */
static void count_rows(const struct raster *r, uint64_t after, struct neuron_counts *counts)
{
    for (size_t i = 0; i < r->rows; i++) {
        uint64_t id = r->id[i], step = r->step[i];
        if (step <= after)
            continue;
        if (counts->spikes[id] == 0)
            counts->first[id] = step;
        else
            counts->square_sum[id] += (step - counts->last[id]) * (step - counts->last[id]);
        counts->last[id] = step;
        counts->spikes[id]++;
    }
}

static void counts_say_what_the_raster_says(void **state)
{
    (void)state;
    static const char *const changes[] = {"[record.c]\npopulation = a\nwhat = counts\n",
                                          "simulation.warmup=6.5 ms", NULL};
    struct how how = plainly();
    how.tile = 640;
    how.threads = 2;
    how.block = 7;
    struct outcome o = simulate(all_drives, changes, how);
    const struct neuron_counts *found = engine_totals(o.engine, 0)->counts;
    struct neuron_counts expected;
    size_t bytes = 5003 * sizeof(uint64_t);
    assert_null(engine_totals(o.engine, 1)->counts);
    assert_int_equal(found->size, 5003);
    assert_int_equal(neuron_counts_open(&expected, 5003, NULL), STATUS_OK);
    count_rows(&o.raster[0], 65, &expected);
    assert_memory_equal(found->spikes, expected.spikes, bytes);
    assert_memory_equal(found->first, expected.first, bytes);
    assert_memory_equal(found->last, expected.last, bytes);
    assert_memory_equal(found->square_sum, expected.square_sum, bytes);
    neuron_counts_close(&expected);
    end(&o);
}

/* In bins of 10 steps of 0.1 ms; of 3 steps of 0.3 ms (nearest to 1 ms; the last bin is not full).
 */
static void bins_are_a_histogram(void **state)
{
    (void)state;
    static const char *const odd[] = {"simulation.dt=0.3 ms",        "simulation.duration=30.6 ms",
                                      "population.b.t_ref=0.6 ms",   "input.held.hold=0.6 ms",
                                      "input.dc.start=6 ms",         "input.dc.stop=21 ms",
                                      "input.steps.times=3, 9, 15",  "input.background.start=3 ms",
                                      "input.background.stop=24 ms", NULL};
    for (int i = 0; i < 2; i++) {
        struct outcome o = simulate(all_drives, i ? odd : NULL, plainly());
        uint64_t width = i ? 3 : 10;
        for (size_t p = 0; p < 2; p++) {
            uint64_t count[34] = {0};
            for (size_t r = 0; r < o.raster[p].rows; r++)
                count[(o.raster[p].step[r] - 1) / width]++;
            const struct rate_bins *bins = engine_totals(o.engine, p)->bins;
            assert_int_equal(bins->width, width);
            assert_int_equal(bins->count, i ? 34 : 30);
            assert_memory_equal(bins->spikes, count, bins->count * sizeof *count);
        }
        end(&o);
    }
}

/* ---- refractoriness ---- */

/* A current so strong that a neuron fires in every step in which it is not refractory. */
static const char strong[] = "[simulation]\ndt = 0.1 ms\nduration = 40 ms\n"
                             "[population.p]\nsize = 1031\nt_ref = 0 ms\nI_e = 1e8 pA\n";

/* refractory(id) steps: spikes in steps 1, 1 + (r + 1), 1 + 2 (r + 1) ... and no others. */
static void check_strong(const char *t_ref, uint64_t refractory(uint64_t id), size_t block)
{
    char change[80];
    const char *const changes[] = {change, NULL};
    struct how how = plainly();
    uint64_t rows = 0;
    how.block = block;
    how.tile = 256;
    how.threads = 2;
    snprintf(change, sizeof change, "population.p.t_ref=%s", t_ref);
    struct outcome o = simulate(strong, changes, how);
    for (size_t i = 0; i < o.raster[0].rows; i++)
        assert_int_equal((o.raster[0].step[i] - 1) % (refractory(o.raster[0].id[i]) + 1), 0);
    for (uint64_t id = 0; id < 1031; id++)
        rows += (400 + refractory(id)) / (refractory(id) + 1);
    assert_int_equal(o.raster[0].rows, rows);
    end(&o);
}

static uint64_t none(uint64_t id)
{
    (void)id;
    return 0;
}

static uint64_t one_step(uint64_t id)
{
    (void)id;
    return 1;
}

static uint64_t five_steps(uint64_t id)
{
    (void)id;
    return 5;
}

static uint64_t as_many_as_its_id(uint64_t id)
{
    return id;
}

static void intervals_are_refractory_steps_and_one(void **state)
{
    (void)state;
    static const size_t blocks[] = {1, 7, 64, 400};
    for (int i = 0; i < 4; i++) {
        check_strong("0 ms", none, blocks[i]);
        check_strong("0.5 ms", five_steps, blocks[i]);
        check_strong("linspace(0 ms, 103 ms)", as_many_as_its_id, blocks[i]); /* 1030 steps */
        check_strong("linspace(0.05 ms, 0.05 ms)", one_step, blocks[i]);      /* half a step: up */
    }
}

static void one_neuron_runs(void **state)
{
    (void)state;
    static const char *const one[] = {"population.p.size=1", NULL};
    for (int threads = 1; threads <= 7; threads += 3) {
        struct how how = plainly();
        how.threads = threads;
        struct outcome o = simulate(strong, one, how);
        assert_int_equal(o.raster[0].rows, 400);
        for (size_t i = 0; i < 400; i++)
            assert_true(o.raster[0].id[i] == 0 && o.raster[0].step[i] == i + 1);
        end(&o);
    }
}

/* ---- inputs ---- */

static const char plain[] = "[simulation]\ndt = 0.1 ms\nduration = 40 ms\nseed = 5\n"
                            "[population.p]\nsize = 1031\ntau_m = uniform(15 ms, 25 ms)\n"
                            "t_ref = 1 ms\nV_m = uniform(-70, -55)\nI_e = normal(200, 30)\n";

/* One of each type, "%s" the target. */
static const char *const inputs[] = {
    "[input.i]\ntype = dc\namplitude = 130 pA\ntarget = %s\n",
    "[input.i]\ntype = step\ntimes = 1 ms, 5.5 ms\namplitudes = 300, 150\ntarget = %s\n",
    "[input.i]\ntype = white_noise\nsigma_V = 4 mV\nmean = 70 pA\ntarget = %s\n",
    "[input.i]\ntype = white_noise\nstd = 500 pA\nhold = 0.7 ms\nmean_V = 3 mV\ntarget = %s\n",
    "[input.i]\ntype = poisson\nrate = 9 kHz\nweight = 0.15 mV\ntarget = %s\n",
};
enum { INPUTS = sizeof inputs / sizeof inputs[0] };

static bool in_slice(uint64_t id, const void *context)
{
    (void)context;
    return id >= 100 && id < 701;
}

static bool outside_slice(uint64_t id, const void *context)
{
    return !in_slice(id, context);
}

static struct outcome with_input(const char *input, const char *target, size_t tile)
{
    char section[200], text[600];
    struct how how = plainly();
    how.tile = tile;
    snprintf(section, sizeof section, input, target); // NOLINT: the formats are above
    snprintf(text, sizeof text, "%s%s", plain, section);
    return simulate(text, NULL, how);
}

/* A neuron in the slice is what it would be if all had the input, one outside as if none had. */
static void slices_get_what_the_whole_would(void **state)
{
    (void)state;
    struct outcome without = simulate(plain, NULL, plainly());
    struct raster expected_out = filtered(&without.raster[0], outside_slice, NULL, 0, UINT64_MAX);
    for (int i = 0; i < INPUTS; i++) {
        struct outcome whole = with_input(inputs[i], "p", 0);
        struct raster expected_in = filtered(&whole.raster[0], in_slice, NULL, 0, UINT64_MAX);
        assert_true(expected_in.rows > 0 && expected_out.rows > 0);
        for (size_t tile = 128; tile <= 1152; tile *= 3) {
            struct outcome o = with_input(inputs[i], "p[100:300], p[300:701]", tile);
            struct raster in = filtered(&o.raster[0], in_slice, NULL, 0, UINT64_MAX);
            struct raster out = filtered(&o.raster[0], outside_slice, NULL, 0, UINT64_MAX);
            assert_same_raster(&expected_in, &in);
            assert_same_raster(&expected_out, &out);
            raster_free(&in);
            raster_free(&out);
            end(&o);
        }
        raster_free(&expected_in);
        end(&whole);
    }
    raster_free(&expected_out);
    end(&without);
}

/* 128 and 2 pA make 130 exactly, in either order of names; an input of nothing changes nothing. */
static void inputs_add_up(void **state)
{
    (void)state;
    static const char *const two = "[input.i]\ntype = dc\namplitude = 128 pA\ntarget = %s\n"
                                   "[input.j]\ntype = dc\namplitude = 2 pA\ntarget = p\n"
                                   "[input.k]\ntype = poisson\nrate = 0 Hz\nweight = 1 mV\n"
                                   "target = p\n";
    struct outcome one = with_input(inputs[0], "p", 0), both = with_input(two, "p", 0);
    assert_true(one.raster[0].rows > 1000);
    assert_same_raster(&one.raster[0], &both.raster[0]);
    end(&one);
    end(&both);
}

/* Strong inputs from 3 to 5 ms: spikes end steps 30 ... 49, so their numbers are 31 ... 50; for
 * noise, through its mean. Poisson: 100 events a step, so that none has none (e^-100). */
static void inputs_act_from_start_to_stop(void **state)
{
    (void)state;
    static const char *const strong_inputs[] = {
        "type = dc\namplitude = 1e8 pA\nstart = 3 ms\nstop = 5 ms\n",
        "type = step\ntimes = 3 ms, 5 ms\namplitudes = 1e8, 0\n",
        "type = step\ntimes = 1 ms, 8 ms\namplitudes = 1e8, 0\nstart = 3 ms\nstop = 5 ms\n",
        "type = white_noise\nstd = 1 pA\nmean = 1e8 pA\nstart = 3 ms\nstop = 5 ms\n",
        "type = white_noise\nsigma_V = 1 mV\nmean_V = 1e5 mV\nstart = 3 ms\nstop = 5 ms\n",
        "type = poisson\nrate = 1 MHz\nweight = 100 mV\nstart = 3 ms\nstop = 5 ms\n",
    };
    for (int i = 0; i < 6; i++) {
        for (size_t block = 1; block <= 64; block *= 4) {
            char text[600];
            struct how how = plainly();
            how.block = block;
            snprintf(text, sizeof text, "%st_ref = 0 ms\nI_e = 0 pA\n[input.i]\ntarget = %s\n%s",
                     "[simulation]\ndt = 0.1 ms\nduration = 9 ms\n[population.p]\nsize = 300\n",
                     block > 1 ? "p" : "p[0:299], p[299:300]", strong_inputs[i]);
            struct outcome o = simulate(text, NULL, how);
            assert_int_equal(o.raster[0].rows, 20 * 300);
            assert_int_equal(o.raster[0].step[0], 31);
            assert_int_equal(o.raster[0].step[20 * 300 - 1], 50);
            end(&o);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_for_tiles_and_blocks),
        cmocka_unit_test(same_for_threads_and_instruction_sets),
        cmocka_unit_test(same_without_recording),
        cmocka_unit_test(duration_changes_nothing_before_it),
        cmocka_unit_test(rows_are_sorted_and_add_up),
        cmocka_unit_test(rows_can_be_read_in_pieces),
        cmocka_unit_test(recorders_filter_the_full_raster),
        cmocka_unit_test(samples_have_their_size),
        cmocka_unit_test(warmup_is_left_out),
        cmocka_unit_test(counts_say_what_the_raster_says),
        cmocka_unit_test(bins_are_a_histogram),
        cmocka_unit_test(intervals_are_refractory_steps_and_one),
        cmocka_unit_test(one_neuron_runs),
        cmocka_unit_test(slices_get_what_the_whole_would),
        cmocka_unit_test(inputs_add_up),
        cmocka_unit_test(inputs_act_from_start_to_stop),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
