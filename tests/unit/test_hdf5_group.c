/* Groups of HDF5 files: those that are sound open, however many links they have; where their index
 * would lead HDF5 astray, there is an error in place of that. */
#include "helpers/raster_helpers.h"
#include "io/hdf5_bytes.h"
#include "io/hdf5_help.h"
#include "io/hdf5_open.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 1 << 16 };

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

/* Bytes that this process has read so far. */
static uint64_t bytes_read(void)
{
    unsigned long long bytes = 0;
    FILE *file = fopen("/proc/self/io", "r");
    if (!file || fscanf(file, "rchar: %llu", &bytes) != 1)
        fail_msg("/proc/self/io cannot be read");
    fclose(file);
    return bytes;
}

/* Opens as many groups of a group of many; the bytes that were read for this. */
static uint64_t read_for_groups(const char *path, int groups)
{
    hid_t file = hdf5_open_file(path);
    assert_true(file >= 0);
    uint64_t before = bytes_read();
    for (int i = 0; i < groups; i++) {
        char name[64];
        snprintf(name, sizeof name, "/many/group_%d", i);
        hid_t group = hdf5_open_group(file, name);
        assert_true(group >= 0);
        H5Gclose(group);
    }
    uint64_t bytes = bytes_read() - before;
    H5Fclose(file);
    return bytes;
}

/* A walk over the index of 1,000 links takes some 60 kB. */
static void a_group_on_many_paths_is_looked_at_once(void **state)
{
    (void)state;
    enum { GROUPS = 1000, INDEX_BYTES = 60000 };
    struct place place;
    assert_true(make_place(&place));
    hid_t file = H5Fcreate(place.path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t many = H5Gcreate2(file, "many", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    for (int i = 0; i < GROUPS; i++) {
        char name[64];
        snprintf(name, sizeof name, "group_%d", i);
        H5Gclose(H5Gcreate2(many, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    }
    H5Gclose(many);
    H5Fclose(file);
    uint64_t one = read_for_groups(place.path, 1), all = read_for_groups(place.path, GROUPS);
    assert_true(one > INDEX_BYTES); /* each time a file is opened */
    assert_true(all < GROUPS * INDEX_BYTES / 10);
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
        cmocka_unit_test(a_group_on_many_paths_is_looked_at_once),
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
