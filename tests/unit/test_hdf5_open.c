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

/* A group of so many links to the root group, and of one soft link that is the first by name. Some
 * of them are deleted again, and the heap of the names has holes. */
static void put_links(hid_t file, int links, int deleted)
{
    hid_t group = H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    char name[64];
    if (links > 0)
        H5Lcreate_soft("/group", group, "a_soft_link", H5P_DEFAULT, H5P_DEFAULT);
    for (int i = 1; i < links; i++) {
        snprintf(name, sizeof name, "link_%d", i * 7919 % 20011);
        assert_true(H5Lcreate_hard(file, "/", group, name, H5P_DEFAULT, H5P_DEFAULT) >= 0);
    }
    for (int i = 1; i <= deleted; i++) {
        snprintf(name, sizeof name, "link_%d", i * 7919 % 20011);
        assert_true(H5Ldelete(group, name, H5P_DEFAULT) >= 0);
    }
    H5Gclose(group);
}

static void write_links(const char *path, hid_t creation, hid_t access, int links, int deleted)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    put_links(file, links, deleted);
    H5Fclose(file);
}

/* Opens file and group; why it cannot be done, or "". */
static const char *read_links(const char *path, int links)
{
    static struct error err;
    H5G_info_t info = {0};
    err.text[0] = '\0';
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    hid_t file = hdf5_open_file(path);
    hid_t group = file < 0 ? H5I_INVALID_HID : hdf5_open_group(file, "/group");
    if (group < 0)
        hdf5_failed(&err, "it is damaged");
    else if (H5Gget_info(group, &info) < 0 || info.nlinks != (hsize_t)links)
        error_set(&err, STATUS_OUTPUT, "links are missing");
    H5Gclose(group);
    H5Fclose(file);
    hdf5_quiet_end(quiet);
    return err.text;
}

static void sound_links_open(hid_t creation, H5F_libver_t version)
{
    static const int links[][2] = {{0, 0},     {1, 0},     {8, 0},     {9, 0},
                                   {300, 150}, {300, 299}, {20000, 0}, {5000, 4321}};
    struct place place;
    assert_true(make_place(&place));
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, version, H5F_LIBVER_LATEST);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        write_links(place.path, creation, access, links[i][0], links[i][1]);
        assert_string_equal(read_links(place.path, links[i][0] - links[i][1]), "");
    }
    H5Pclose(access);
    remove_place(&place);
}

static void groups_of_any_number_of_links_open(void **state)
{
    (void)state;
    sound_links_open(H5P_DEFAULT, H5F_LIBVER_EARLIEST);
    sound_links_open(H5P_DEFAULT, H5F_LIBVER_LATEST);
}

static void groups_of_other_nodes_and_addresses_open(void **state)
{
    (void)state;
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(creation, 1024);
    H5Pset_sizes(creation, 4, 4);
    H5Pset_sym_k(creation, 3, 2);
    sound_links_open(creation, H5F_LIBVER_EARLIEST);
    H5Pclose(creation);
}

/* Where a signature stands in the file for the time of this number, the first: 0. */
static long find_signature(FILE *file, const char *signature, int number)
{
    static char bytes[MOST];
    rewind(file);
    size_t have = fread(bytes, 1, MOST, file);
    for (size_t i = 0; i + 4 <= have; i++)
        if (memcmp(bytes + i, signature, 4) == 0 && number-- == 0)
            return (long)i;
    fail_msg("no %s", signature);
    return -1;
}

static uint64_t number_at(FILE *file, long place)
{
    uint8_t bytes[8];
    fseek(file, place, SEEK_SET);
    assert_int_equal(fread(bytes, 1, sizeof bytes, file), sizeof bytes);
    return hdf5_bytes_number(bytes, sizeof bytes);
}

/* Numbers of this machine are little-endian, as those of the file. */
static void set_number(FILE *file, long place, uint64_t value, size_t bytes)
{
    fseek(file, place, SEEK_SET);
    fwrite(&value, 1, bytes, file);
}

static void expect_links(const struct place *place, const char *why)
{
    const char *told = read_links(place->path, 10);
    if (!strstr(told, why))
        fail_msg("'%s' is not told, but '%s'", why, told);
}

/* Ten links in two leaves; the root's index, heap and leaf come first. There is a hole among the
 * names where more were deleted. */
static FILE *make_links(struct place *place, int deleted)
{
    assert_true(make_place(place));
    write_links(place->path, H5P_DEFAULT, H5P_DEFAULT, 10 + deleted, deleted);
    assert_string_equal(read_links(place->path, 10), "");
    return fopen(place->path, "r+b");
}

static void check_links(const char *signature, int number, int offset, uint64_t value, size_t bytes,
                        const char *why)
{
    struct place place;
    FILE *file = make_links(&place, 0);
    set_number(file, find_signature(file, signature, number) + offset, value, bytes);
    fclose(file);
    expect_links(&place, why);
    remove_place(&place);
}

static const char BAD_TREE[] = "the index of its links makes no sense";
static const char BAD_LINK[] = "a link in it makes no sense";
static const char BAD_HEAP[] = "the names of its links make no sense";

static void a_damaged_index_of_links_is_told(void **state)
{
    (void)state;
    for (int root = 0; root < 2; root++) {
        check_links("TREE", root, 0, 'X', 1, BAD_TREE);
        check_links("TREE", root, 4, 1, 1, BAD_TREE); /* of chunks */
        check_links("TREE", root, 5, 1, 1, BAD_TREE); /* level */
        check_links("TREE", root, 5, 255, 1, BAD_TREE);
        check_links("TREE", root, 6, 33, 2, BAD_TREE);       /* entries */
        check_links("TREE", root, 24, 1 << 20, 8, BAD_TREE); /* name before the first */
        check_links("TREE", root, 32, 1 << 20, 8, BAD_TREE); /* first child */
        check_links("TREE", root, 32, UINT64_MAX - 7, 8, BAD_TREE);
        check_links("SNOD", root, 0, 'X', 1, BAD_TREE);
        check_links("SNOD", root, 6, 9, 2, BAD_TREE); /* links */
    }
    check_links("TREE", 1, 56, 1 << 20, 8, BAD_TREE); /* name behind the last */
}

static void a_damaged_link_is_told(void **state)
{
    (void)state;
    check_links("SNOD", 0, 8, 1 << 20, 8, BAD_LINK);  /* name */
    check_links("SNOD", 0, 16, 1 << 20, 8, BAD_LINK); /* object */
    check_links("SNOD", 1, 8, 1 << 20, 8, BAD_LINK);
    check_links("SNOD", 1, 32, 1 << 20, 4, BAD_LINK); /* the soft link's path */
    check_links("SNOD", 2, 16, 1 << 20, 8, BAD_LINK);
}

static void a_damaged_heap_of_names_is_told(void **state)
{
    (void)state;
    for (int root = 0; root < 2; root++) {
        check_links("HEAP", root, 0, 'X', 1, BAD_HEAP);
        check_links("HEAP", root, 8, UINT64_C(1) << 40, 8, BAD_HEAP); /* size */
        check_links("HEAP", root, 16, 1 << 20, 8, BAD_HEAP);          /* first free block */
        check_links("HEAP", root, 24, 1 << 20, 8, BAD_HEAP);          /* the data's address */
        check_links("HEAP", root, 24, UINT64_MAX - 15, 8, BAD_HEAP);
    }
}

/* The two addresses are the first message in a group's header; the root's is named in byte 64. */
static void check_addresses(bool root, int offset, uint64_t value, const char *why)
{
    struct place place;
    FILE *file = make_links(&place, 0);
    uint64_t header = number_at(file, root ? 64 : find_signature(file, "SNOD", 0) + 16);
    set_number(file, (long)header + 24 + offset, value, 8);
    fclose(file);
    expect_links(&place, why);
    remove_place(&place);
}

static void a_damaged_address_of_an_index_is_told(void **state)
{
    (void)state;
    for (int root = 0; root < 2; root++) {
        check_addresses(root, 0, UINT64_MAX, BAD_TREE);
        check_addresses(root, 0, 1 << 20, BAD_TREE);
        check_addresses(root, 8, UINT64_MAX, BAD_HEAP);
        check_addresses(root, 8, 1 << 20, BAD_HEAP);
    }
}

static void a_free_list_that_has_no_end_is_told(void **state)
{
    (void)state;
    struct place place;
    FILE *file = make_links(&place, 1);
    long heap = find_signature(file, "HEAP", 1);
    uint64_t block = number_at(file, heap + 16), data = number_at(file, heap + 24);
    set_number(file, (long)(data + block), block, 8);
    fclose(file);
    expect_links(&place, BAD_HEAP);
    remove_place(&place);
}

static void a_free_block_beyond_the_heap_is_told(void **state)
{
    (void)state;
    struct place place;
    FILE *file = make_links(&place, 1);
    long heap = find_signature(file, "HEAP", 1);
    uint64_t block = number_at(file, heap + 16), data = number_at(file, heap + 24);
    set_number(file, (long)(data + block) + 8, 4096, 8);
    fclose(file);
    expect_links(&place, BAD_HEAP);
    remove_place(&place);
}

static void a_name_without_end_is_told(void **state)
{
    (void)state;
    struct place place;
    FILE *file = make_links(&place, 0);
    long heap = find_signature(file, "HEAP", 1);
    uint64_t size = number_at(file, heap + 8), data = number_at(file, heap + 24);
    set_number(file, heap + 16, 1, 8); /* nothing is free */
    for (uint64_t i = 8; i < size; i++)
        set_number(file, (long)(data + i), 'a', 1);
    fclose(file);
    expect_links(&place, BAD_LINK);
    remove_place(&place);
}

/* HDF5 would go through it again and again: a tree of 32 levels has no end. */
static void a_leaf_listed_many_times_is_told(void **state)
{
    (void)state;
    struct place place;
    FILE *file = make_links(&place, 0);
    long tree = find_signature(file, "TREE", 1);
    uint64_t leaf = number_at(file, tree + 32);
    set_number(file, tree + 6, 32, 2);
    for (long i = 0; i < 32; i++) {
        set_number(file, tree + 32 + 16 * i, leaf, 8);
        set_number(file, tree + 40 + 16 * i, 0, 8);
    }
    fclose(file);
    expect_links(&place, BAD_TREE);
    remove_place(&place);
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
        cmocka_unit_test(groups_of_any_number_of_links_open),
        cmocka_unit_test(groups_of_other_nodes_and_addresses_open),
        cmocka_unit_test(a_damaged_index_of_links_is_told),
        cmocka_unit_test(a_damaged_link_is_told),
        cmocka_unit_test(a_damaged_heap_of_names_is_told),
        cmocka_unit_test(a_damaged_address_of_an_index_is_told),
        cmocka_unit_test(a_free_list_that_has_no_end_is_told),
        cmocka_unit_test(a_free_block_beyond_the_heap_is_told),
        cmocka_unit_test(a_name_without_end_is_told),
        cmocka_unit_test(a_leaf_listed_many_times_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
