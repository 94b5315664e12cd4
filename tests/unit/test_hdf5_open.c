/* Objects of HDF5 files: what is sound opens, of whatever type and layout; where a byte is another
 * that would end HDF5, or lead it into foreign memory, there is an error in place of that. */
#include "helpers/raster_helpers.h"
#include "io/hdf5_bytes.h"
#include "io/hdf5_help.h"
#include "io/hdf5_open.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 1234, SIDE = 77, MOST = 1 << 16 };

static hid_t enumeration(int members)
{
    hid_t type = H5Tenum_create(H5T_STD_U8LE);
    for (int i = 0; i < members; i++) {
        char name[32];
        snprintf(name, sizeof name, "member_%d", i);
        H5Tenum_insert(type, name, &(uint8_t){(uint8_t)i});
    }
    return type;
}

static hid_t compound(void)
{
    const hsize_t sides[2] = {3, 2};
    hid_t type = H5Tcreate(H5T_COMPOUND, 300);
    H5Tinsert(type, "x", 0, H5T_IEEE_F64BE);
    H5Tinsert(type, "of_a_name_of_some_length", 8, H5Tarray_create2(H5T_STD_I16LE, 2, sides));
    H5Tinsert(type, "list", 20, H5Tvlen_create(H5T_NATIVE_INT));
    H5Tinsert(type, "e", 200, enumeration(3));
    return type;
}

/* One of each class; 0 behind the last. */
static hid_t type_of(int i)
{
    hid_t tagged = H5Tcreate(H5T_OPAQUE, 5), text = H5Tcopy(H5T_C_S1), any = H5Tcopy(H5T_C_S1);
    H5Tset_tag(tagged, "a tag");
    H5Tset_size(text, 7);
    H5Tset_size(any, H5T_VARIABLE);
    const hid_t types[] = {H5T_STD_I8LE,
                           H5T_STD_U64BE,
                           H5T_IEEE_F32LE,
                           H5T_NATIVE_LDOUBLE,
                           H5T_STD_B16LE,
                           H5T_UNIX_D32LE,
                           tagged,
                           text,
                           any,
                           enumeration(200),
                           compound(),
                           H5T_STD_REF_OBJ,
                           H5T_STD_REF_DSETREG,
                           H5Tvlen_create(compound()),
                           0};
    return types[i];
}

static void put_typed(hid_t file, int i, hid_t type)
{
    const hsize_t sides[2] = {3, 2};
    const uint8_t nothing[4096] = {0};
    hid_t space = H5Screate_simple(2, sides, NULL), one = H5Screate(H5S_SCALAR);
    char name[32];
    snprintf(name, sizeof name, "typed_%d", i);
    hid_t data = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t attribute = H5Acreate2(file, name, type, one, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(data >= 0 && attribute >= 0);
    assert_true(hdf5_put_attribute(data, "of_data", H5T_STD_I32LE, space, nothing) >= 0);
    H5Aclose(attribute);
    H5Dclose(data);
    H5Sclose(one);
    H5Sclose(space);
}

static void sound_types_open(H5F_libver_t version)
{
    struct place place;
    int types = 0;
    assert_true(make_place(&place));
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, version, H5F_LIBVER_LATEST);
    hid_t file = H5Fcreate(place.path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    for (hid_t type; (type = type_of(types)) > 0; types++)
        put_typed(file, types, type);
    H5Fclose(file);
    file = H5Fopen(place.path, H5F_ACC_RDONLY, H5P_DEFAULT);
    for (int i = 0; i < types; i++) {
        char name[32];
        snprintf(name, sizeof name, "/typed_%d", i);
        hid_t data = hdf5_open_dataset(file, name, H5P_DEFAULT);
        hid_t attribute = hdf5_open_attribute(file, ".", name + 1);
        hid_t of_data = hdf5_open_attribute(file, name, "of_data");
        assert_true(data >= 0 && attribute >= 0 && of_data >= 0);
        H5Aclose(of_data);
        H5Aclose(attribute);
        H5Dclose(data);
    }
    H5Fclose(file);
    H5Pclose(access);
    remove_place(&place);
}

static void types_of_all_kinds_open(void **state)
{
    (void)state;
    sound_types_open(H5F_LIBVER_EARLIEST);
    sound_types_open(H5F_LIBVER_LATEST);
}

/* What the damaged files hold: a list in chunks of SIDE, packed in a way or not. */
enum packing { PLAIN, DEFLATED, SHUFFLED, SUMMED, WHOLE, INSIDE };

static void put_list(hid_t file, enum packing packing)
{
    const hsize_t rows = ROWS, side = SIDE;
    double values[ROWS];
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &rows, NULL);
    for (int i = 0; i < ROWS; i++)
        values[i] = i;
    if (packing < WHOLE)
        H5Pset_chunk(layout, 1, &side);
    if (packing == INSIDE)
        H5Pset_layout(layout, H5D_COMPACT);
    if (packing == SHUFFLED || packing == SUMMED)
        H5Pset_shuffle(layout);
    if (packing == SUMMED)
        H5Pset_fletcher32(layout);
    if (packing == DEFLATED || packing == SHUFFLED)
        H5Pset_deflate(layout, 1);
    H5Pset_fill_value(layout, H5T_NATIVE_DOUBLE, values);
    hid_t data =
        H5Dcreate2(file, "group/list", H5T_IEEE_F64LE, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    assert_true(H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    hid_t members = enumeration(2);
    assert_true(hdf5_put_scalar(data, "sorting", members, &(uint8_t){1}) >= 0);
    assert_true(hdf5_put_variable_text(data, "units", "ms") >= 0);
    H5Tclose(members);
    H5Dclose(data);
    H5Sclose(space);
    H5Pclose(layout);
}

static void write_list(const char *path, enum packing packing)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t group = H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    put_list(file, packing);
    H5Gclose(group);
    H5Fclose(file);
}

/* Replaces bytes that stand in the file once. */
static void replace(const char *path, const void *before, const void *after, size_t size)
{
    static uint8_t bytes[MOST];
    FILE *file = fopen(path, "r+b");
    size_t have = fread(bytes, 1, MOST, file), found = MOST;
    for (size_t i = 0; i + size <= have; i++) {
        if (memcmp(bytes + i, before, size) != 0)
            continue;
        assert_int_equal(found, MOST);
        found = i;
    }
    assert_true(found < MOST);
    fseek(file, (long)found, SEEK_SET);
    fwrite(after, 1, size, file);
    fclose(file);
}

/* Opens and reads list and attribute; why it cannot be done, or "". */
static const char *read_list(const char *path)
{
    static struct error err;
    static double values[4 * ROWS];
    const hsize_t start = 100, count = 500;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t attribute = H5I_INVALID_HID, list = hdf5_open_dataset(file, "/group/list", H5P_DEFAULT);
    hid_t memory = H5Screate_simple(1, &count, NULL);
    bool good = list >= 0;
    err.text[0] = '\0';
    if (good)
        good = (attribute = hdf5_open_attribute(list, ".", "sorting")) >= 0 &&
               hdf5_read_box(list, H5T_NATIVE_DOUBLE, H5S_ALL, NULL, NULL, values) >= 0;
    if (good)
        good = values[ROWS - 1] == ROWS - 1 &&
               hdf5_read_box(list, H5T_NATIVE_DOUBLE, memory, &start, &count, values) >= 0 &&
               values[0] == 100 && values[499] == 599;
    if (!good && list >= 0)
        hdf5_failed(&err, "it is damaged");
    else if (!good) {
        list = hdf5_open_dataset(file, "/group/list", H5P_DEFAULT);
        hdf5_failed(&err, "it is damaged");
    }
    H5Sclose(memory);
    H5Aclose(attribute);
    H5Dclose(list);
    H5Fclose(file);
    hdf5_quiet_end(quiet);
    return err.text;
}

static void check_damage(enum packing packing, const void *before, const void *after, size_t size,
                         const char *why)
{
    struct place place;
    assert_true(make_place(&place));
    write_list(place.path, packing);
    assert_string_equal(read_list(place.path), "");
    replace(place.path, before, after, size);
    const char *told = read_list(place.path);
    if (!strstr(told, why))
        fail_msg("'%s' is not told, but '%s'", why, told);
    remove_place(&place);
}

static void lists_of_all_layouts_are_read(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    for (int packing = PLAIN; packing <= INSIDE; packing++) {
        write_list(place.path, (enum packing)packing);
        assert_string_equal(read_list(place.path), "");
    }
    remove_place(&place);
}

/* A layout's sides, and the bytes of an element behind them. */
static void check_side(enum packing packing, uint8_t side, uint8_t element, const char *why)
{
    const uint8_t before[8] = {SIDE, 0, 0, 0, 8}, after[8] = {side, 0, 0, 0, element};
    check_damage(packing, before, after, 8, why);
}

static void chunks_of_no_size_are_told(void **state)
{
    (void)state;
    check_side(PLAIN, 0, 8, "its layout makes no sense");
    check_side(DEFLATED, 0, 8, "its layout makes no sense");
}

static void chunks_of_other_elements_are_told(void **state)
{
    (void)state;
    check_side(PLAIN, SIDE, 16, "its chunks do not fit its extent and datatype");
}

static void chunks_that_unpack_to_another_size_are_told(void **state)
{
    (void)state;
    check_side(DEFLATED, 2 * SIDE, 8, "its first chunk has another size than it says");
    check_side(SHUFFLED, SIDE / 2, 8, "its first chunk has another size than it says");
}

static void plain_chunks_of_another_size_are_told(void **state)
{
    (void)state;
    check_side(PLAIN, 2 * SIDE, 8, "a chunk has another size than the dataset says");
    check_side(SUMMED, 2 * SIDE, 8, "a chunk has another size than the dataset says");
}

/* The index has a chunk's bytes, the filters that were left out, and its place. */
static void a_filter_left_out_is_told(void **state)
{
    (void)state;
    struct place place;
    unsigned mask;
    haddr_t address;
    hsize_t bytes = 0;
    assert_true(make_place(&place));
    write_list(place.path, DEFLATED);
    hid_t file = H5Fopen(place.path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t list = H5Dopen2(file, "group/list", H5P_DEFAULT);
    H5Dget_chunk_info_by_coord(list, &(hsize_t){3 * SIDE}, &mask, &address, &bytes);
    H5Dclose(list);
    H5Fclose(file);
    uint8_t before[10] = {(uint8_t)bytes, (uint8_t)(bytes >> 8), 0, 0, 0, 0, 0, 0, 3 * SIDE};
    uint8_t after[10];
    memcpy(after, before, sizeof after);
    after[4] = 1;
    check_damage(DEFLATED, before, after, sizeof before,
                 "a chunk has another size than the dataset says");
    remove_place(&place);
}

/* A head of the class with a version, a count of members, and the size of an element. */
static void an_enumeration_of_too_many_members_is_told(void **state)
{
    (void)state;
    const uint8_t before[8] = {0x18, 2, 0, 0, 1}, after[8] = {0x18, 2, 3, 0, 1};
    check_damage(WHOLE, before, after, 8, "an attribute makes no sense");
}

static void elements_of_another_size_are_told(void **state)
{
    (void)state;
    const uint8_t before[8] = {0x11, 0x20, 0x3f, 0, 8}, after[8] = {0x11, 0x20, 0x3f, 0, 16};
    check_damage(WHOLE, before, after, 8, "it has fewer values than it says");
    check_damage(INSIDE, before, after, 8, "it has fewer values than it says");
}

/* Head and size of the list that a text of variable length is. */
static void a_list_of_another_size_is_told(void **state)
{
    (void)state;
    const uint8_t before[8] = {0x19, 1, 1, 0, 16};
    for (uint8_t size = 8; size <= 12; size += 4) {
        const uint8_t after[8] = {0x19, 1, 1, 0, size};
        check_damage(WHOLE, before, after, 8, "an attribute makes no sense");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_of_all_kinds_open),
        cmocka_unit_test(lists_of_all_layouts_are_read),
        cmocka_unit_test(chunks_of_no_size_are_told),
        cmocka_unit_test(chunks_of_other_elements_are_told),
        cmocka_unit_test(chunks_that_unpack_to_another_size_are_told),
        cmocka_unit_test(plain_chunks_of_another_size_are_told),
        cmocka_unit_test(a_filter_left_out_is_told),
        cmocka_unit_test(an_enumeration_of_too_many_members_is_told),
        cmocka_unit_test(elements_of_another_size_are_told),
        cmocka_unit_test(a_list_of_another_size_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
