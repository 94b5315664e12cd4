/* A population that holds the ids [a, b) alone steps them as the whole one does: place and id are
 * two numbers. */
#include "config/read.h"
#include "population/population_open.h"
#include "population/tile.h"

#include "base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 1500, TILE = 256, STEPS = 400, BLOCK = 50 };

/* Everything that knows ids: drawn neurons, all noises, targets that end within parts, rates and
 * currents of each neuron, the bridge. */
static const char *const text = "[simulation]\nduration = 40 ms\n"
                                "[population.a]\nsize = 1500\n%s\nC_m = uniform(200 pF, 300 pF)\n"
                                "V_m = uniform(-70 mV, -55 mV)\nt_ref = uniform(1 ms, 3 ms)\n"
                                "V_reset = linspace(-72 mV, -66 mV)\ncrossing = bridge\n"
                                "[input.drawn]\ntarget = a\ntype = poisson\n"
                                "rate = uniform(500 Hz, 2 kHz)\nweight = %s\n"
                                "[input.slice]\ntarget = a[300:1100]\ntype = dc\n"
                                "amplitude = normal(350 pA, 50 pA)\n"
                                "[input.some]\ntarget = a[200:900]\ntype = ou_noise\n"
                                "std = 100 pA\ntau = 5 ms\n"
                                "[input.white]\ntarget = a\ntype = white_noise\nsigma_V = 3 mV\n";

struct spikes {
    struct digest digest;
    uint64_t seen[SIZE]; /* a digest of each neuron's steps */
};

static const char *const models[][2] = {
    {"model = lif", "uniform(0.5 mV, 1 mV)"},
    {"model = iaf_psc_exp\ntau_syn_ex = uniform(1, 4)", "normal(90 pA, 90 pA)"},
    {"model = iaf_psc_alpha\ntau_syn_in = uniform(1, 4)", "normal(90 pA, 90 pA)"},
    {"model = iaf_cond_exp\nE_ex = uniform(-5, 5)", "uniform(-4 nS, 12 nS)"},
    {"model = iaf_cond_alpha\ntau_syn_ex = uniform(1, 4)", "uniform(-4 nS, 12 nS)"},
};

static struct config *read_config(const char *const model[2])
{
    struct messages errors = {NULL, 0};
    struct config *config;
    char all[2048];
    snprintf(all, sizeof all, text, model[0], model[1]);
    assert_int_equal(config_read_text(all, strlen(all), "part.ini", NULL, 0, &drive_config_types,
                                      &config, &errors),
                     STATUS_OK);
    messages_free(&errors);
    return config;
}

static void step_tiles(struct population *p, struct tile_scratch *scratch, uint64_t step,
                       struct spikes *out)
{
    static uint16_t ids[TILE * (BLOCK + 1)];
    uint32_t count[BLOCK];
    for (uint64_t tile = 0; tile < p->tiles; tile++) {
        const uint16_t *next = ids;
        tile_advance(p, tile, step, BLOCK, NULL, scratch, ids, count);
        for (size_t k = 0; k < BLOCK; next += count[k++])
            for (size_t i = 0; i < count[k]; i++) {
                uint64_t id = population_tile_id(p, tile) + next[i], key = step + k + 1;
                digest_add(&out->digest, key, id);
                out->seen[id] = mix64(out->seen[id] ^ mix64(key));
            }
    }
}

/* Adds the spikes of neurons first_id ... first_id + neurons - 1. */
static void run_part(const struct config *config, int bits, uint64_t first_id, uint64_t neurons,
                     struct spikes *out)
{
    const struct population_settings settings = {.kernels = kernels_for(kernels_best_isa(), bits),
                                                 .tile = TILE,
                                                 .threads = 1,
                                                 .first_id = first_id,
                                                 .neurons = neurons};
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    struct population p;
    struct tile_scratch scratch;
    assert_int_equal(population_open(&p, config, 0, &settings, &errors, &warnings, &err),
                     STATUS_OK);
    assert_int_equal(tile_scratch_open(&scratch, TILE, p.drive_count, &err), STATUS_OK);
    for (uint64_t step = 0; step < STEPS; step += BLOCK)
        step_tiles(&p, &scratch, step, out);
    tile_scratch_close(&scratch);
    population_close(&p);
    messages_free(&errors);
    messages_free(&warnings);
}

static void check_parts(int bits, const char *const model[2])
{
    struct config *config = read_config(model);
    static struct spikes whole, parts;
    memset(&whole, 0, sizeof whole);
    memset(&parts, 0, sizeof parts);
    run_part(config, bits, 0, 0, &whole);
    run_part(config, bits, 0, 384, &parts);
    run_part(config, bits, 384, 640, &parts);
    run_part(config, bits, 1024, 0, &parts);
    assert_true(whole.digest.spikes > SIZE);
    for (size_t id = 0; id < SIZE; id++)
        if (whole.seen[id] != parts.seen[id])
            fail_msg("neuron %zu does not spike as in the whole population", id);
    assert_memory_equal(&whole.digest, &parts.digest, sizeof whole.digest);
    config_free(config);
}

static void parts_in_single_spike_as_the_whole(void **state)
{
    (void)state;
    for (size_t m = 0; m < sizeof models / sizeof *models; m++)
        check_parts(32, models[m]);
}

static void parts_in_double_spike_as_the_whole(void **state)
{
    (void)state;
    for (size_t m = 0; m < sizeof models / sizeof *models; m++)
        check_parts(64, models[m]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_in_single_spike_as_the_whole),
        cmocka_unit_test(parts_in_double_spike_as_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
