/* Chunks that we unpack ourselves: the numbers are those that HDF5's filters give, and what cannot
 * be had so is left to HDF5. */
#include "helpers/raster_helpers.h"
#include "io/hdf5_help.h"
#include "io/hdf5_unpack.h"

#include <hdf5.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 70001 };

struct list {
    struct place place;
    hid_t file, data;
    struct hdf5_unpacker *unpacker;
    uint64_t found[ROWS];
};

enum filters { SHUFFLE = 1, DEFLATE = 2, CHECK_SUM = 4, SWAPPED = 8 };
static const int ours = SHUFFLE | DEFLATE;

static hid_t layout_of(hsize_t chunk, int filters)
{
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    if (chunk)
        H5Pset_chunk(layout, 1, &chunk);
    if (filters & SHUFFLE && !(filters & SWAPPED))
        H5Pset_shuffle(layout);
    if (filters & DEFLATE)
        H5Pset_deflate(layout, 3);
    if (filters & SWAPPED)
        H5Pset_shuffle(layout);
    if (filters & CHECK_SUM)
        H5Pset_fletcher32(layout);
    return layout;
}

static uint64_t value(uint64_t row)
{
    return row % 3 ? mix64(row) : row / 500;
}

static struct list *open_list(hid_t type, hsize_t chunk, int filters)
{
    struct list *l = calloc(1, sizeof *l);
    const hsize_t rows = ROWS, most = chunk > 0 ? H5S_UNLIMITED : ROWS;
    assert_true(l && make_place(&l->place));
    for (uint64_t i = 0; i < ROWS; i++)
        l->found[i] = value(i);
    l->file = H5Fcreate(l->place.path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(1, &rows, &most), layout = layout_of(chunk, filters);
    l->data = H5Dcreate2(l->file, "x", type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    assert_true(l->data >= 0);
    /* As they are: no bit of a double may be another. */
    assert_true(H5Dwrite(l->data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, l->found) >= 0);
    H5Dclose(l->data);
    H5Fflush(l->file, H5F_SCOPE_LOCAL);
    l->data = H5Dopen2(l->file, "x", H5P_DEFAULT);
    H5Pclose(layout);
    H5Sclose(space);
    l->unpacker = hdf5_unpacker_create();
    assert_non_null(l->unpacker);
    memset(l->found, 0xee, sizeof l->found);
    return l;
}

static void close_list(struct list *l)
{
    hdf5_unpacker_destroy(l->unpacker);
    H5Dclose(l->data);
    H5Fclose(l->file);
    remove_place(&l->place);
    free(l);
}

static bool unpack(struct list *l, hid_t type, uint64_t first, size_t rows)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    bool done = hdf5_unpack(l->unpacker, l->data, type, first, rows, l->found);
    hdf5_quiet_end(quiet);
    return done;
}

static void expect_rows(struct list *l, hid_t type, uint64_t first, size_t rows)
{
    assert_true(unpack(l, type, first, rows));
    for (size_t i = 0; i < rows; i++)
        if (l->found[i] != value(first + i))
            fail_msg("row %llu differs", (unsigned long long)(first + i));
    for (size_t i = rows; i < ROWS; i++)
        assert_true(l->found[i] == UINT64_C(0xeeeeeeeeeeeeeeee));
    memset(l->found, 0xee, sizeof l->found);
}

static void whole_chunks(void **state)
{
    (void)state;
    const hid_t types[] = {H5T_NATIVE_UINT64, H5T_NATIVE_INT64, H5T_NATIVE_DOUBLE};
    const hsize_t chunks[] = {170, 1000, 4001, 65536, 70001, 100000};
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        const size_t chunk = (size_t)chunks[i], last = (ROWS - 1) / chunk * chunk;
        struct list *l = open_list(types[i % 3], chunk, ours);
        expect_rows(l, types[i % 3], 0, chunk < ROWS ? chunk : ROWS);
        expect_rows(l, types[i % 3], last, ROWS - last);
        expect_rows(l, types[i % 3], 0, ROWS);
        close_list(l);
    }
}

static void parts_of_chunks_are_left_to_hdf5(void **state)
{
    (void)state;
    struct list *l = open_list(H5T_NATIVE_UINT64, 1000, ours);
    assert_false(unpack(l, H5T_NATIVE_UINT64, 1, 999));
    assert_false(unpack(l, H5T_NATIVE_UINT64, 0, 999));
    assert_false(unpack(l, H5T_NATIVE_UINT64, 69000, 1002));
    assert_false(unpack(l, H5T_NATIVE_UINT64, 71000, 0));
    expect_rows(l, H5T_NATIVE_UINT64, 1000, 2000);
    close_list(l);
}

static void other_layouts_are_left_to_hdf5(void **state)
{
    (void)state;
    const int filters[] = {0,
                           SHUFFLE,
                           DEFLATE,
                           DEFLATE | SWAPPED,
                           SHUFFLE | DEFLATE | SWAPPED,
                           SHUFFLE | DEFLATE | CHECK_SUM};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct list *l = open_list(H5T_NATIVE_UINT64, 1000, filters[i]);
        assert_false(unpack(l, H5T_NATIVE_UINT64, 0, ROWS));
        close_list(l);
    }
    struct list *l = open_list(H5T_NATIVE_UINT64, 0, 0);
    assert_false(unpack(l, H5T_NATIVE_UINT64, 0, ROWS));
    close_list(l);
}

static void other_types_are_left_to_hdf5(void **state)
{
    (void)state;
    const hid_t types[] = {H5T_STD_U64BE, H5T_STD_U32LE, H5T_IEEE_F32LE, H5T_STD_I64LE,
                           H5T_IEEE_F64LE};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct list *l = open_list(types[i], 1000, ours);
        assert_false(unpack(l, H5T_NATIVE_UINT64, 0, ROWS));
        close_list(l);
    }
}

static void damaged_chunks_are_left_to_hdf5(void **state)
{
    (void)state;
    static uint8_t packed[20000];
    const hsize_t second = 1000, third = 2000, fourth = 3000;
    struct list *l = open_list(H5T_NATIVE_UINT64, 1000, ours);
    uint32_t mask = 0;
    hsize_t size = 0;
    assert_true(H5Dget_chunk_storage_size(l->data, &second, &size) >= 0 && size < sizeof packed);
    assert_true(H5Dread_chunk(l->data, H5P_DEFAULT, &second, &mask, packed) >= 0);
    assert_true(H5Dwrite_chunk(l->data, H5P_DEFAULT, 1, &third, size, packed) >=
                0);        /* no shuffle */
    packed[size - 1] ^= 1; /* of its checksum */
    assert_true(H5Dwrite_chunk(l->data, H5P_DEFAULT, 0, &second, size, packed) >= 0);
    assert_true(H5Dwrite_chunk(l->data, H5P_DEFAULT, 0, &fourth, 17000, packed) >= 0);
    expect_rows(l, H5T_NATIVE_UINT64, 0, 1000);
    for (uint64_t first = 1000; first <= 3000; first += 1000)
        assert_false(unpack(l, H5T_NATIVE_UINT64, first, 1000));
    assert_false(unpack(l, H5T_NATIVE_UINT64, 0, 2000));
    memset(l->found, 0xee, sizeof l->found);
    expect_rows(l, H5T_NATIVE_UINT64, 4000, 1000);
    close_list(l);
}

static void missing_chunks_are_left_to_hdf5(void **state)
{
    (void)state;
    const hsize_t rows = 2 * ROWS / 1000 * 1000;
    struct list *l = open_list(H5T_NATIVE_UINT64, 1000, ours);
    assert_true(H5Dset_extent(l->data, &rows) >= 0);
    assert_false(unpack(l, H5T_NATIVE_UINT64, rows - 1000, 1000));
    close_list(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_chunks),
        cmocka_unit_test(parts_of_chunks_are_left_to_hdf5),
        cmocka_unit_test(other_layouts_are_left_to_hdf5),
        cmocka_unit_test(other_types_are_left_to_hdf5),
        cmocka_unit_test(damaged_chunks_are_left_to_hdf5),
        cmocka_unit_test(missing_chunks_are_left_to_hdf5),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
