/* SONATA edges as written and read back, beyond what tests/files/test_edges.py does with h5py: more
 * than a chunk, and the index by source made in several passes. */
#include "base/digest.h"
#include "helpers/raster_helpers.h"
#include "sonata/edge_source.h"
#include "sonata/edges_reader.h"
#include "sonata/edges_writer.h"

#include <hdf5.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { EDGES = 200000, SOURCES = 300, TARGETS = 1000 };

static uint64_t source_of(uint64_t edge)
{
    return mix64(edge) % SOURCES;
}

static uint64_t target_of(uint64_t edge)
{
    return edge * (TARGETS - 10) / EDGES; /* the last ten have none */
}

static void write_edges(const char *path, uint64_t index_bytes)
{
    struct error err;
    struct edges_writer *writer;
    const struct edges_settings settings = {path, true, true, 2};
    const struct edges_description description = {"p", "a", "b", SOURCES, TARGETS};
    assert_int_equal(edges_writer_create(&writer, &settings, &err), 0);
    assert_int_equal(edges_writer_begin(writer, &description, &err), 0);
    for (uint64_t e = 0; e < EDGES; e++) {
        uint64_t source = source_of(e), target = target_of(e);
        double weight = (double)e / 8, delay = 0.1 * (double)(1 + e % 15);
        assert_int_equal(edges_writer_put(writer, 1, &source, &target, &weight, &delay, &err), 0);
    }
    assert_int_equal(edges_writer_end(writer, index_bytes, &err), 0);
    assert_int_equal(edges_writer_finish(writer, &err), 0);
}

static void edges_come_back(void **state)
{
    (void)state;
    struct error err;
    struct edge_source *source;
    struct edge_batch batch;
    uint64_t edge = 0;
    struct place place;
    assert_true(make_place(&place));
    write_edges(place.path, 1 << 20);
    assert_int_equal(edge_source_open(&source, &(struct edge_reading){.path = place.path}, &err),
                     0);
    assert_int_equal(edge_source_count(source), EDGES);
    for (;;) {
        assert_int_equal(edge_source_next(source, &batch, &err), 0);
        if (batch.count == 0)
            break;
        assert_string_equal(batch.source_population, "a");
        assert_string_equal(batch.target_population, "b");
        for (size_t i = 0; i < batch.count; i++, edge++) {
            assert_int_equal(batch.source[i], source_of(edge));
            assert_int_equal(batch.target[i], target_of(edge));
            assert_true(batch.weight[i] == (double)edge / 8);
            assert_true(batch.delay[i] == 0.1 * (double)(1 + edge % 15));
            assert_true(batch.synapses[i] == 1);
        }
    }
    assert_int_equal(edge, EDGES);
    edge_source_close(source);
    remove_place(&place);
}

/* All of a dataset of pairs, allocated. */
static uint64_t (*read_pairs(hid_t file, const char *name, uint64_t *rows))[2]
{
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    hsize_t size[2];
    assert_int_equal(H5Sget_simple_extent_dims(space, size, NULL), 2);
    assert_int_equal(size[1], 2);
    uint64_t(*pairs)[2] = malloc(size[0] * sizeof *pairs);
    assert_true(H5Dread(dataset, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, pairs) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    *rows = size[0];
    return pairs;
}

/* Each edge once, in order, at the neuron that `end_of` says. */
static void check_index(hid_t file, const char *nodes_name, const char *ranges_name, uint64_t nodes,
                        uint64_t (*end_of)(uint64_t))
{
    uint64_t rows, range_rows, seen = 0;
    uint64_t(*node)[2] = read_pairs(file, nodes_name, &rows);
    uint64_t(*range)[2] = read_pairs(file, ranges_name, &range_rows);
    assert_int_equal(rows, nodes);
    for (uint64_t n = 0; n < nodes; n++) {
        uint64_t last = 0;
        assert_true(node[n][0] <= node[n][1] && node[n][1] <= range_rows);
        for (uint64_t r = node[n][0]; r < node[n][1]; r++) {
            assert_true(range[r][0] >= last && range[r][0] < range[r][1]);
            for (uint64_t e = range[r][0]; e < range[r][1]; e++, seen++)
                assert_int_equal(end_of(e), n);
            last = range[r][1] + 1; /* neighbours are one range */
        }
    }
    assert_int_equal(seen, EDGES);
    free(node);
    free(range);
}

static void indices_find_every_edge(void **state)
{
    (void)state;
    const uint64_t bytes[] = {1, 100000, 1 << 24}; /* a source a pass, some, all */
    struct place place;
    assert_true(make_place(&place));
    for (int i = 0; i < 3; i++) {
        write_edges(place.path, bytes[i]);
        hid_t file = H5Fopen(place.path, H5F_ACC_RDONLY, H5P_DEFAULT);
        check_index(file, "/edges/p/indices/source_to_target/node_id_to_ranges",
                    "/edges/p/indices/source_to_target/range_to_edge_id", SOURCES, source_of);
        check_index(file, "/edges/p/indices/target_to_source/node_id_to_range",
                    "/edges/p/indices/target_to_source/range_to_edge_id", TARGETS, target_of);
        H5Fclose(file);
    }
    remove_place(&place);
}

static void nothing_is_left_of_an_abandoned_file(void **state)
{
    (void)state;
    struct error err;
    struct edges_writer *writer;
    struct place place;
    assert_true(make_place(&place));
    const struct edges_settings settings = {place.path, false, false, 1};
    const struct edges_description description = {"p", "a", "b", 1, 1};
    assert_int_equal(edges_writer_create(&writer, &settings, &err), 0);
    assert_int_equal(edges_writer_begin(writer, &description, &err), 0);
    assert_true(exists(place.temporary));
    edges_writer_abandon(writer);
    assert_false(exists(place.temporary));
    assert_false(exists(place.path));
    remove_place(&place);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_come_back),
        cmocka_unit_test(indices_find_every_edge),
        cmocka_unit_test(nothing_is_left_of_an_abandoned_file),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
