/* Cells of random networks: each neuron in one cell, none of them too large for 16-bit numbers, and
 * tiles that are too large are refused. */
#include "net/net_cell.h"
#include "population/population_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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

static const struct part all_neurons = {0, 1};

/* Adds up the tiles of each population; their numbers in the cell lead back to them. */
static void check_tiles(const struct net_cell *cell, uint64_t tiles[MOST_POPULATIONS])
{
    uint64_t number = 0;
    for (size_t m = 0; m < cell->members; m++) {
        tiles[cell->member[m].population] += cell->member[m].end - cell->member[m].begin;
        for (uint64_t t = cell->member[m].begin; t < cell->member[m].end; t++) {
            uint64_t tile;
            assert_ptr_equal(net_cell_tile(cell, number++, &tile), &cell->member[m]);
            assert_int_equal(tile, t);
        }
    }
    assert_int_equal(number, cell->tiles);
}

/* Whether none of the cells is too large; each tile is in one of them. */
static bool opens(const struct shape *shape, size_t cells)
{
    struct error err = {0};
    uint64_t tiles[MOST_POPULATIONS] = {0};
    struct net_cell *cell = calloc(cells, sizeof *cell);
    assert_non_null(cell);
    const enum status status =
        net_cells_open(cell, cells, &shape->config, all_neurons, shape->tile, &err);
    if (status) {
        assert_int_equal(status, STATUS_CONFIG);
        assert_non_null(strstr(err.text, "MEGALIF_TILE"));
    }
    for (size_t c = 0; c < cells; c++) {
        check_tiles(&cell[c], tiles);
        assert_true(status || cell[c].targets <= NET_CELL_MOST);
        net_cell_close(&cell[c]);
    }
    for (size_t p = 0; p < shape->config.population_count; p++) {
        const uint64_t padded = population_padded(shape->population[p].size);
        assert_int_equal(tiles[p], (padded + shape->tile - 1) / shape->tile);
    }
    free(cell);
    return status == STATUS_OK;
}

/* Each population has one tile at most in the largest cell once there are cells enough, so tiles
 * of which a dozen fit together can never be refused. */
static void no_cell_is_too_large(void **unused)
{
    (void)unused;
    for (int i = 0; i < SHAPES; i++) {
        struct shape shape;
        draw_shape(&shape);
        const size_t cells = net_cell_count(&shape.config, all_neurons, shape.tile, shape.threads);
        assert_true(cells >= 1);
        const bool small = shape.tile * shape.config.population_count <= NET_CELL_MOST;
        assert_true(opens(&shape, cells) || !small);
    }
}

/* Two cells of the cortical microcircuit's populations (Potjans and Diesmann 2014), all with the
 * same in-degree: both have about half of the neurons. */
static void cells_are_about_as_large_as_each_other(void **unused)
{
    (void)unused;
    static const uint64_t size[] = {20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948};
    struct shape shape = {.config = {.population_count = 8}, .tile = 4096};
    struct net_cell cell[2];
    struct error err;
    shape.config.population = shape.population;
    for (size_t p = 0; p < 8; p++)
        shape.population[p].size = size[p];
    assert_int_equal(net_cells_open(cell, 2, &shape.config, all_neurons, shape.tile, &err),
                     STATUS_OK);
    assert_in_range(cell[0].targets, 77169 / 2 - 2048, 77169 / 2 + 2048);
    net_cell_close(&cell[0]);
    net_cell_close(&cell[1]);
}

/* Of synapses that are drawn anew each cell has one canonical tile: 65,536 neurons of one
 * population, or what is left of it. */
static void canonical_tiles_stay_together(void **unused)
{
    (void)unused;
    static const uint64_t size[] = {8 * 65536, 65536 + 1000, 3 * 65536 - 1000};
    struct projection_config projection = {.storage = STORAGE_PROCEDURAL};
    struct shape shape = {.config = {.population_count = 3}, .tile = 4096, .threads = 2};
    struct net_cell cell[16];
    struct error err;
    uint64_t whole = 0;
    shape.config.population = shape.population;
    shape.config.projection = &projection;
    shape.config.projection_count = 1;
    for (size_t p = 0; p < 3; p++)
        shape.population[p].size = size[p];
    const size_t cells = net_cell_count(&shape.config, all_neurons, shape.tile, shape.threads);
    assert_in_range(cells, 12, 16);
    assert_int_equal(net_cells_open(cell, cells, &shape.config, all_neurons, shape.tile, &err),
                     STATUS_OK);
    for (size_t c = 0; c < cells; c++) {
        for (size_t m = 0; m < cell[c].members; m++) {
            assert_int_equal(cell[c].member[m].begin % 16, 0);
            assert_in_range(cell[c].member[m].end - cell[c].member[m].begin, 1, 16);
            whole += cell[c].member[m].end - cell[c].member[m].begin == 16;
        }
        net_cell_close(&cell[c]);
    }
    assert_int_equal(whole, 8 + 1 + 3); /* the last one of the third is of 16 tiles, too */
}

/* Else each would have a part of a canonical tile, and synapses that are drawn anew would be drawn
 * once for each part. */
static void as_many_as_a_cell_can_have_are_one_cell(void **unused)
{
    (void)unused;
    struct shape shape = {.config = {.population_count = 1}, .tile = 4096};
    shape.config.population = shape.population;
    for (size_t whole = 1; whole <= 160; whole++) {
        shape.population[0].size = whole * NET_CELL_MOST;
        assert_int_equal(net_cell_count(&shape.config, all_neurons, shape.tile, 1), whole);
    }
    shape.population[0].size++;
    assert_int_equal(net_cell_count(&shape.config, all_neurons, shape.tile, 1), 161);
}

/* It would take minutes, and more memory than there is, to deal them. */
static void cells_beyond_any_memory_are_only_counted(void **unused)
{
    (void)unused;
    struct shape shape = {.config = {.population_count = 1}, .tile = 4096, .threads = 2};
    shape.config.population = shape.population;
    shape.population[0].size = UINT64_C(10000000000000);
    assert_true(net_cell_count(&shape.config, all_neurons, shape.tile, shape.threads) >
                shape.population[0].size / NET_CELL_MOST);
}

static void tiles_too_large_are_refused(void **unused)
{
    (void)unused;
    struct shape shape = {.config = {.population_count = 1}, .tile = 131072, .threads = 1};
    shape.config.population = shape.population;
    shape.population[0].size = 131072;
    assert_false(
        opens(&shape, net_cell_count(&shape.config, all_neurons, shape.tile, shape.threads)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cell_is_too_large),
        cmocka_unit_test(cells_are_about_as_large_as_each_other),
        cmocka_unit_test(canonical_tiles_stay_together),
        cmocka_unit_test(as_many_as_a_cell_can_have_are_one_cell),
        cmocka_unit_test(cells_beyond_any_memory_are_only_counted),
        cmocka_unit_test(tiles_too_large_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
