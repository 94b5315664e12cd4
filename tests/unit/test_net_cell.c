/* Cells of random networks: each neuron in one cell, none of them too large for 16-bit numbers, and
 * tiles that are too large are refused. */
#include "net/net_cell.h"
#include "population/population_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_POPULATIONS = 12, SHAPES = 3000 };

static uint64_t state = 88172645463325252u;

/* xorshift64 (Marsaglia 2003) */
static uint64_t random_below(uint64_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % limit;
}

struct shape {
    struct population_config population[MOST_POPULATIONS];
    struct config config;
    size_t tile;
    int threads;
};

static void draw_shape(struct shape *shape)
{
    memset(shape, 0, sizeof *shape);
    shape->config.population = shape->population;
    shape->config.population_count = 1 + random_below(MOST_POPULATIONS);
    for (size_t p = 0; p < shape->config.population_count; p++)
        shape->population[p].size = 1 + random_below(UINT64_C(1) << (4 + random_below(16)));
    shape->tile = (size_t)64 << random_below(10);
    shape->threads = 1 + (int)random_below(9);
}

/* Whether all cells opened; each tile is then in one of them. */
static bool opens(const struct shape *shape, size_t cells)
{
    struct error err = {0};
    uint64_t neurons[MOST_POPULATIONS] = {0};
    bool all = true;
    for (size_t c = 0; c < cells && all; c++) {
        struct net_cell cell;
        const enum status status =
            net_cell_open(&cell, &shape->config, shape->tile, c, cells, &err);
        all = status == STATUS_OK;
        if (all) {
            assert_true(cell.targets <= NET_CELL_MOST);
        } else {
            assert_int_equal(status, STATUS_CONFIG);
            assert_non_null(strstr(err.text, "MEGALIF_TILE"));
        }
        for (size_t m = 0; m < cell.members; m++)
            neurons[cell.member[m].population] += cell.member[m].end - cell.member[m].begin;
        net_cell_close(&cell);
    }
    for (size_t p = 0; p < shape->config.population_count && all; p++) {
        const uint64_t padded = population_padded(shape->population[p].size);
        assert_int_equal(neurons[p], (padded + shape->tile - 1) / shape->tile);
    }
    return all;
}

/* Each population has one tile at most in the largest cell once there are cells enough, so tiles
 * of which a dozen fit together can never be refused. */
static void no_cell_is_too_large(void **unused)
{
    (void)unused;
    for (int i = 0; i < SHAPES; i++) {
        struct shape shape;
        draw_shape(&shape);
        const size_t cells = net_cell_count(&shape.config, shape.tile, shape.threads);
        assert_true(cells >= 1);
        const bool small = shape.tile * shape.config.population_count <= NET_CELL_MOST;
        assert_true(opens(&shape, cells) || !small);
    }
}

static void tiles_too_large_are_refused(void **unused)
{
    (void)unused;
    struct shape shape = {.config = {.population_count = 1}, .tile = 131072, .threads = 1};
    shape.config.population = shape.population;
    shape.population[0].size = 131072;
    assert_false(opens(&shape, net_cell_count(&shape.config, shape.tile, shape.threads)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cell_is_too_large),
        cmocka_unit_test(tiles_too_large_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
