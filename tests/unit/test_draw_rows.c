/* Numbers drawn in rows are those drawn one by one, whatever kernels draw them and wherever a row
 * begins. That single draws are what they should be is test_samplers.c's. */
#include "config/read.h"
#include "helpers/kernel_helpers.h"
#include "helpers/read_config.h"
#include "neuron/neuron_findings.h"

enum { MOST = 300 };

static const double list[MOST + 5000] = {-3, 0.5, 7, 1e-9, 12};

/* The clipped one draws again in two of three cases. */
static const struct distribution distributions[] = {
    {.kind = DISTRIBUTION_CONSTANT, .parameter = {1.5}},
    {.kind = DISTRIBUTION_UNIFORM, .parameter = {-65, -50}},
    {.kind = DISTRIBUTION_UNIFORM, .parameter = {1, 1 + 0x1p-52}}, /* rounding reaches the end */
    {.kind = DISTRIBUTION_NORMAL, .parameter = {200, 15}},
    {.kind = DISTRIBUTION_NORMAL_CLIPPED, .parameter = {188, 0.5, 188.2, 260}},
    {.kind = DISTRIBUTION_LOGNORMAL, .parameter = {20, 0.3}},
    {.kind = DISTRIBUTION_LINSPACE, .parameter = {200, 260}},
    {.kind = DISTRIBUTION_CHOICE, .list = list, .count = 5},
    {.kind = DISTRIBUTION_LEVELS, .parameter = {200, 260}},
    {.kind = DISTRIBUTION_FILE, .list = list, .count = sizeof list / sizeof *list},
};
enum { DISTRIBUTIONS = sizeof distributions / sizeof distributions[0] };

static void check_row(const struct distribution *d, const struct draw_place *first, size_t count,
                      const struct kernels *kernels)
{
    const struct philox_key key = {{0x01234567, 0x89abcdef}};
    double row[MOST + 1];
    row[count] = 1234.5;
    draw_row(row, count, d, key, first, kernels);
    for (size_t i = 0; i < count; i++) {
        struct draw_place place = *first;
        place.index += i;
        place.position += i;
        double single = draw_value(d, key, &place);
        assert_memory_equal(&row[i], &single, sizeof single);
    }
    assert_true(row[count] == 1234.5);
}

static void rows_are_single_draws(void **state)
{
    static const uint64_t near[] = {0, UINT64_C(1) << 32, UINT64_C(1) << 45};
    (void)state;
    uint64_t random = 7;
    for (int table = 0; table < KERNEL_TABLES; table++)
        for (int i = 0; kernel_table(table) && i < 100 * DISTRIBUTIONS; i++) {
            uint64_t n = next_random(&random), index = near[n % 3] + next_random(&random) % 200;
            const struct draw_place place = {index - (n % 3 ? 100 : 0), n % 5000, 5000 + MOST,
                                             n % 7, 7};
            check_row(&distributions[i % DISTRIBUTIONS], &place, n >> 40 & 0xff,
                      kernel_table(table));
        }
}

static void check_neurons(const struct config *config, uint64_t first, size_t count)
{
    struct neuron_source source;
    struct neuron_rows rows;
    neuron_source_init(&source, config, 0);
    neuron_rows_begin(&rows, &source, kernels_for(kernels_best_isa(), 32));
    neuron_rows_draw(&rows, first, count);
    for (size_t i = 0; i < count; i++) {
        struct neuron one = {.tau_m = 0}, of_rows;
        neuron_draw(&one, &source, first + i);
        neuron_rows_get(&rows, i, &of_rows);
        for (int key = 0; key < POPULATION_KEYS; key++)
            assert_memory_equal(&of_rows.value[key], &one.value[key], sizeof(double));
        assert_memory_equal(&of_rows.tau_m, &one.tau_m, sizeof(double));
        assert_memory_equal(&of_rows.resistance, &one.resistance, sizeof(double));
        const struct membrane_step step =
            membrane_step_of(config->method, config->dt_ms, one.tau_m);
        assert_memory_equal(&of_rows.step, &step, sizeof step);
    }
}

static void neurons_of_rows_are_single_ones(void **state)
{
    static const char *const populations[] = {
        "size = 1000\ntau_m = uniform(8, 12)\nI_e = normal(200, 10)\nE_L = normal(-65, 1)\n",
        "size = 1000\ng_L = uniform(8, 12)\nt_ref = uniform(1, 3)\nV_m = linspace(-70, -60)\n",
        "size = 1001\ncopies = 11\nI_e = levels(100, 200)\nV_m = uniform(-70, -60)\n",
        "size = 999\ncopies = 333\nR_m = choice(20, 40)\nV_min = -90\nI_e = lognormal(9, 1)\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof populations / sizeof populations[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, "[simulation]\ndt = 0.1 ms\nduration = 1 s\n[population.n]\n%s",
                 populations[i]);
        struct config *config = read_text(text);
        for (uint64_t first = 0; first < 800; first += 37)
            for (size_t count = 1; count <= NEURON_ROWS; count += count < 20 ? 1 : 36)
                check_neurons(config, first, count);
        config_free(config);
    }
}

static size_t drawn; /* numbers, by the kernels that count them */

static void count_drawn(double *value, size_t count, struct philox_key key, uint64_t first,
                        double mean, double sd)
{
    drawn += count;
    kernels_for(kernels_best_isa(), 32)->draw_normal(value, count, key, first, mean, sd);
}

/* A row of 16 numbers for each copy of a single cell would be slower than one by one. */
static void a_row_draws_a_cell_once(void **state)
{
    (void)state;
    struct kernels counting = *kernels_for(kernels_best_isa(), 32);
    counting.draw_normal = count_drawn;
    for (size_t cells = 1; cells <= 64; cells++) {
        char text[512];
        double value[NEURON_ROWS];
        struct neuron_source source;
        snprintf(text, sizeof text,
                 "[simulation]\ndt = 0.1 ms\nduration = 1 s\n[population.n]\nsize = %zu\n"
                 "copies = 200\nI_e = normal(200, 10)\n",
                 200 * cells);
        struct config *config = read_text(text);
        neuron_source_init(&source, config, 0);
        drawn = 0;
        neuron_read_key(value, NEURON_ROWS, &source, POPULATION_I_E, 7, &counting);
        assert_in_range(drawn, cells, 2 * cells - 1); /* the first copy may have begun before */
        for (size_t i = 0; i < NEURON_ROWS; i++) {
            struct neuron one = {.tau_m = 0};
            neuron_draw(&one, &source, 7 + i);
            assert_memory_equal(&value[i], &one.value[POPULATION_I_E], sizeof *value);
        }
        config_free(config);
    }
}

/* One neuron of a thousand is remarkable, and stands alone with that. */
static void one_in_a_thousand_is_found(void **state)
{
    static const struct {
        const char *population;
        int kind;
        uint64_t id;
    } remarkable[] = {
        {"V_th = -50\nV_reset = linspace(-70, -50)\nV_m = -75\n", FINDING_RESET_ABOVE_THRESHOLD,
         999},
        {"V_min = linspace(-65, -85)\nV_reset = linspace(-65.01, -64)\n", FINDING_FLOOR_ABOVE_RESET,
         0},
        {"tau_m = linspace(0.05, 999.05)\n", FINDING_TAU_BELOW_DT, 0},
        {"tau_m = linspace(0.5, 999.5)\n", FINDING_TAU_BELOW_10_DT, 0},
        {"V_th = -50\nV_m = linspace(-70, -50)\n", FINDING_STARTS_ABOVE_THRESHOLD, 999},
        {"t_ref = linspace(0, 429498)\n", POPULATION_T_REF, 999}, /* 2^32 steps of 0.0001 ms */
    };
    (void)state;
    for (size_t k = 0; k < sizeof remarkable / sizeof remarkable[0]; k++) {
        char text[1024];
        struct neuron_source source;
        struct neuron_rows rows;
        struct findings findings;
        snprintf(text, sizeof text,
                 "[simulation]\ndt = %s ms\nduration = 1 s\n[population.n]\nsize = 1000\n%s",
                 remarkable[k].kind == POPULATION_T_REF ? "0.0001" : "0.1",
                 remarkable[k].population);
        struct config *config = read_text(text);
        memset(&findings, 0, sizeof findings);
        neuron_source_init(&source, config, 0);
        neuron_rows_begin(&rows, &source, kernels_for(kernels_best_isa(), 32));
        for (uint64_t first = 0; first < 1000; first += 100) {
            neuron_rows_draw(&rows, first, 100);
            findings_check(&findings, &rows);
        }
        for (int kind = 0; kind < FINDINGS; kind++)
            assert_int_equal(findings.of[kind].count, kind == remarkable[k].kind);
        assert_int_equal(findings.of[remarkable[k].kind].first_id, remarkable[k].id);
        config_free(config);
    }
}

/* Of a thousand drawn capacities some are below 0. */
static void values_out_of_range_are_found(void **state)
{
    (void)state;
    struct config *config = read_text("[simulation]\ndt = 0.1 ms\nduration = 1 s\n"
                                      "[population.n]\nsize = 1000\nC_m = normal(200, 100)\n");
    struct neuron_source source;
    struct neuron_rows rows;
    struct findings findings;
    uint64_t count = 0, first_id = 0;
    memset(&findings, 0, sizeof findings);
    neuron_source_init(&source, config, 0);
    neuron_rows_begin(&rows, &source, kernels_for(kernels_best_isa(), 32));
    for (uint64_t id = 1000; id-- > 0;) { /* any order will do */
        struct neuron neuron = {.tau_m = 0};
        neuron_draw(&neuron, &source, id);
        neuron_rows_draw(&rows, id, 1);
        findings_check(&findings, &rows);
        if (neuron.value[POPULATION_C_M] <= 0) {
            count++;
            first_id = id;
        }
    }
    assert_in_range(count, 10, 40); /* 22.8 are expected */
    assert_int_equal(findings.of[POPULATION_C_M].count, count);
    assert_int_equal(findings.of[POPULATION_C_M].first_id, first_id);
    config_free(config);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_single_draws),
        cmocka_unit_test(neurons_of_rows_are_single_ones),
        cmocka_unit_test(a_row_draws_a_cell_once),
        cmocka_unit_test(one_in_a_thousand_is_found),
        cmocka_unit_test(values_out_of_range_are_found),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
