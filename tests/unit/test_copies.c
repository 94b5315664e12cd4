/* Copies: the same cells several times, levels over the copies, and noise that all copies of a cell
 * share. What a population of the cells alone does is the reference, bit for bit. */
#include "config/read.h"
#include "helpers/engine_helpers.h"

enum { MOST = 2000 };

/* Everything is drawn. */
static void write_config(char *text, size_t size, size_t cells, size_t copies, const char *inputs)
{
    snprintf(text, size,
             "[simulation]\nduration = 30 ms\nseed = 8\n[population.n]\nsize = %zu\ncopies = %zu\n"
             "tau_m = uniform(8, 12)\nC_m = lognormal(250, 0.1)\nE_L = linspace(-72, -68)\n"
             "V_th = normal(-55, 0.5)\nt_ref = choice(1, 2, 3)\nV_m = uniform(-70, -56)\n"
             "I_e = normal_clipped(300, 50, 100, 600)\n%s",
             cells * copies, copies, inputs);
}

static void copies_are_the_same_cells(void **state)
{
    (void)state;
    static const int keys[] = {POPULATION_TAU_M, POPULATION_C_M, POPULATION_E_L, POPULATION_V_TH,
                               POPULATION_T_REF, POPULATION_V_M, POPULATION_I_E};
    static double one[MOST], all[MOST];
    char text[1024];
    write_config(text, sizeof text, 37, 1, "");
    struct config *alone = read_config(text, NULL);
    write_config(text, sizeof text, 37, 50, "");
    struct config *copied = read_config(text, NULL);
    assert_int_equal(copied->population[0].size, 37 * 50);
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        population_read_parameter(alone, 0, keys[k], 0, 37, one);
        population_read_parameter(copied, 0, keys[k], 0, 37 * 50, all);
        for (size_t id = 0; id < 37 * 50; id++)
            assert_memory_equal(&all[id], &one[id % 37], sizeof *all);
    }
    config_free(alone);
    config_free(copied);
}

/* What an input draws is the cell's, too; and levels are the copies'. */
static void levels_go_over_the_copies(void **state)
{
    (void)state;
    static double value[MOST];
    char text[1024];
    write_config(text, sizeof text, 300, 5,
                 "[input.x]\ntarget = n[250:1400]\ntype = poisson\nrate = uniform(1, 2 kHz)\n"
                 "weight = levels(-1, 1)\n");
    struct config *config =
        read_config(text, (const char *const[]){"population.n.V_reset=levels(-90, -80)", NULL});
    population_read_parameter(config, 0, POPULATION_V_RESET, 0, 1500, value);
    for (size_t id = 0; id < 1500; id++)
        assert_true(fabs(value[id] - (-90 + 2.5 * (double)(id / 300))) < 1e-13);
    assert_true(value[0] == -90 && value[1499] == -80);
    input_draws_read(config, &config->input[0], 0, 1, 0, 1500, value); /* weight */
    for (size_t id = 0; id < 1500; id++)
        assert_true(id < 250 || id >= 1400
                        ? isnan(value[id])
                        : fabs(value[id] - (-1 + 0.5 * (double)(id / 300))) < 1e-15);
    input_draws_read(config, &config->input[0], 0, 0, 0, 1500, value); /* rate */
    for (size_t id = 550; id < 1400; id++)
        assert_true(fabs(value[id] - value[250 + (id - 250) % 300]) <= 0);
    config_free(config);
}

/* ---- noise that copies share ---- */

#define NOISES(target, common)                                                                     \
    "[input.a]\ntarget = " target "\ntype = white_noise\nsigma_V = uniform(1, 3)\n"                \
    "correlation = 0.2\n" common "[input.b]\ntarget = " target                                     \
    "\ntype = ou_noise\nstd = 100\ntau = 3\n" common "[input.c]\ntarget = " target                 \
    "\ntype = poisson\nrate = 4 kHz\nweight = 0.2\n" common "[input.d]\ntarget = " target          \
    "\ntype = white_noise\nstd = 200\nhold = 0.5\n" common "[input.e]\ntarget = " target           \
    "\ntype = poisson\nrate = lognormal(2 kHz, 0.5)\nweight = -0.3\n" common

static double *potentials(struct outcome *o)
{
    uint64_t size = o->config->population[0].size;
    double *V = malloc(size * sizeof *V);
    assert_non_null(V);
    population_read_V(engine_population(o->engine, 0), 0, size, V);
    return V;
}

static void check_shared(size_t cells, size_t copies, const char *precision, struct how how)
{
    char text[2048], set[64];
    snprintf(set, sizeof set, "simulation.precision=%s", precision);
    const char *const changes[] = {set, NULL};
    write_config(text, sizeof text, cells, 1, NOISES("n", ""));
    struct outcome alone = simulate(text, changes, plainly());
    write_config(text, sizeof text, cells, copies, NOISES("n", "common = copies\n"));
    struct outcome copied = simulate(text, changes, how);
    double *one = potentials(&alone), *all = potentials(&copied);
    for (size_t id = 0; id < cells * copies; id++)
        if (memcmp(&all[id], &one[id % cells], sizeof *all) != 0)
            fail_msg("%zu cells, tiles of %zu: neuron %zu differs", cells, how.tile, id);
    assert_int_equal(engine_digest(copied.engine).spikes,
                     copies * engine_digest(alone.engine).spikes);
    free(one);
    free(all);
    end(&alone);
    end(&copied);
}

static void copies_share_their_noise(void **state)
{
    (void)state;
    static const size_t cells[] = {1, 3, 128, 200, 384, 1000};
    static const size_t tiles[] = {128, 384, 1024};
    for (size_t c = 0; c < 6; c++)
        for (int isa = 0; isa < ISA_COUNT; isa++) {
            if (!kernels_for((enum isa)isa, 32))
                continue;
            struct how how = {.isa = (enum isa)isa,
                              .threads = 1 + isa % 2,
                              .tile = tiles[(c + (size_t)isa) % 3],
                              .block = 7};
            check_shared(cells[c], 2000 / cells[c] < 100 ? 2000 / cells[c] : 100, "single", how);
            check_shared(cells[c], 3, "double", how);
        }
}

/* Slices that begin and end inside of copies: each neuron has the noise of its cell. */
static void slices_share_it_too(void **state)
{
    (void)state;
    char text[2048];
    write_config(text, sizeof text, 300, 1, NOISES("n", ""));
    struct outcome alone = simulate(text, NULL, plainly());
    write_config(text, sizeof text, 300, 5, NOISES("n[170:1333]", "common = copies\n"));
    struct how how = plainly();
    how.tile = 256;
    struct outcome copied = simulate(text, NULL, how);
    double *one = potentials(&alone), *all = potentials(&copied);
    size_t others = 0;
    for (size_t id = 0; id < 1500; id++) {
        bool same = memcmp(&all[id], &one[id % 300], sizeof *all) == 0;
        assert_true(same || id < 170 || id >= 1333);
        others += !same;
    }
    assert_in_range(others, 200, 170 + 167);
    free(one);
    free(all);
    end(&alone);
    end(&copied);
}

/* Without the key every neuron has noise of its own. */
static void copies_do_not_share_unasked(void **state)
{
    (void)state;
    char text[2048];
    write_config(text, sizeof text, 300, 5, NOISES("n", ""));
    struct outcome copied = simulate(text, NULL, plainly());
    double *V = potentials(&copied);
    size_t same = 0;
    for (size_t id = 300; id < 1500; id++)
        same += memcmp(&V[id], &V[id % 300], sizeof *V) == 0;
    assert_in_range(same, 0, 200); /* both refractory, at V_reset */
    free(V);
    end(&copied);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_the_same_cells),   cmocka_unit_test(levels_go_over_the_copies),
        cmocka_unit_test(copies_share_their_noise),    cmocka_unit_test(slices_share_it_too),
        cmocka_unit_test(copies_do_not_share_unasked),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
