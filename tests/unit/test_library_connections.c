/* Synapses as a host program reads them: of a table whose edges are known. */
#include "helpers/library_helpers.h"
#include "helpers/raster_helpers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define TWO                                                                                        \
    "[simulation]\ndt = 0.1 ms\nduration = 20 ms\nprecision = double\n"                            \
    "[population.a]\nsize = 5000\n[population.b]\nsize = 30\n"

/* A simulation whose projection p reads these lines. */
static struct mlif_simulation *open_with(const char *lines, struct place *place)
{
    char text[1000];
    struct mlif_simulation *simulation;
    struct mlif_messages errors = {NULL, 0};
    assert_true(make_place(place));
    FILE *to = fopen(place->path, "w");
    assert_non_null(to);
    fputs(lines, to);
    fclose(to);
    snprintf(text, sizeof text,
             TWO "[projection.q]\nsource = a\ntarget = b\nrule = fixed_indegree\nindegree = 7\n"
                 "weight = 0.5 mV\ndelay = 1 ms\n"
                 "[projection.p]\nsource = a, b\ntarget = a, b\nrule = file\nfile = %s\n",
             place->path);
    struct mlif_options options = options_for(text, NULL);
    if (mlif_open(&simulation, &options, &errors, NULL))
        fail_msg("%s", errors.line[0]);
    return simulation;
}

static struct mlif_synapses next(struct mlif_connections *connections)
{
    struct mlif_synapses piece;
    assert_int_equal(mlif_connections_next(connections, &piece, NULL), MLIF_OK);
    return piece;
}

static void check_one(struct mlif_connections *connections, const size_t population[2],
                      uint64_t source, uint64_t target, double weight, double delay)
{
    struct mlif_synapses piece = next(connections);
    assert_int_equal(piece.count, 1);
    assert_int_equal(piece.source_population, population[0]);
    assert_int_equal(piece.target_population, population[1]);
    assert_int_equal(piece.source_ids[0], source);
    assert_int_equal(piece.target_ids[0], target);
    assert_true(piece.weights[0] == weight && piece.delays_ms[0] == delay);
}

/* By pairs of populations, then tiles of 4,096 targets. */
static void edges_come_in_pieces(void **state)
{
    (void)state;
    struct place place;
    struct mlif_connections *c;
    struct mlif_simulation *simulation = open_with("source,target,weight,delay\n"
                                                   "5029,5000,-2,0.3\n"
                                                   "4999,5003,0.25,1.5\n"
                                                   "1,4999,3,0.2\n"
                                                   "2,0,4,0.1\n",
                                                   &place);
    assert_int_equal(mlif_projection_count(simulation), 2);
    assert_string_equal(mlif_projection_name(simulation, 0), "p");
    assert_null(mlif_projection_name(simulation, 2));
    assert_int_equal(mlif_connections_open(&c, simulation, 0, NULL), MLIF_OK);
    check_one(c, (size_t[]){0, 0}, 2, 0, 4, 0.1);
    check_one(c, (size_t[]){0, 0}, 1, 4999, 3, 0.2);
    check_one(c, (size_t[]){0, 1}, 4999, 3, 0.25, 1.5);
    check_one(c, (size_t[]){1, 1}, 29, 0, -2, 0.3);
    assert_int_equal(next(c).count, 0);
    assert_int_equal(next(c).count, 0);
    mlif_connections_close(&c);
    assert_null(c);
    mlif_connections_close(&c);
    mlif_close(&simulation);
    remove_place(&place);
}

static void drawn_ones_are_sorted_and_all_there(void **state)
{
    (void)state;
    struct place place;
    struct mlif_connections *c;
    struct mlif_simulation *simulation = open_with("source,target,weight,delay\n", &place);
    assert_int_equal(mlif_connections_open(&c, simulation, 1, NULL), MLIF_OK);
    struct mlif_synapses piece = next(c);
    assert_int_equal(piece.count, 30 * 7);
    for (size_t i = 0; i < piece.count; i++) {
        assert_int_equal(piece.target_ids[i], i / 7);
        assert_true(i % 7 == 0 || piece.source_ids[i] >= piece.source_ids[i - 1]);
        assert_true(piece.weights[i] == 0.5 && piece.delays_ms[i] == 1);
    }
    assert_int_equal(next(c).count, 0);
    mlif_connections_close(&c);
    mlif_close(&simulation);
    remove_place(&place);
}

static void a_projection_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct place place;
    struct mlif_connections *c;
    struct mlif_messages errors = {NULL, 0};
    struct mlif_simulation *simulation = open_with("source,target,weight,delay\n", &place);
    assert_int_equal(mlif_connections_open(&c, simulation, 2, &errors), MLIF_CONFIG);
    assert_null(c);
    assert_string_equal(errors.line[0], "there is no projection 2; there are 2");
    mlif_messages_free(&errors);
    mlif_close(&simulation);
    remove_place(&place);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_come_in_pieces),
        cmocka_unit_test(drawn_ones_are_sorted_and_all_there),
        cmocka_unit_test(a_projection_that_is_not_there_is_told),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
