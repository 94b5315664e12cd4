/* Places in a file being written: each path leads to its own object, whatever stood open before. */
#include "helpers/raster_helpers.h"
#include "io/hdf5_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static hid_t create(struct place *file_place)
{
    assert_true(make_place(file_place));
    hid_t file = H5Fcreate(file_place->path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static void check_path(hid_t object, const char *path)
{
    char found[64];
    assert_true(object >= 0);
    assert_int_equal(H5Iget_name(object, found, sizeof found), strlen(path));
    assert_string_equal(found, path);
}

/* Neighbours, names that begin alike, up and down, the root, there again. */
static void every_path_leads_to_its_object(void **state)
{
    (void)state;
    static const char *const paths[] = {"/a",    "/a/b",    "/a/bc", "/a/b/c/d", "/a/b",
                                        "/a/bc", "/ab/b/c", "/a",    "/a/b/c"};
    struct place file_place;
    struct hdf5_place place;
    hid_t file = create(&file_place);
    hdf5_place_begin(&place, file);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        check_path(hdf5_place_go(&place, paths[i]), paths[i]);
        check_path(hdf5_place_go(&place, paths[i]), paths[i]);
    }
    assert_int_equal(hdf5_place_go(&place, ""), file);
    assert_true(hdf5_place_end(&place) >= 0);
    assert_int_equal(H5Fget_obj_count(file, H5F_OBJ_ALL), 1);
    H5Fclose(file);
    remove_place(&file_place);
}

static hid_t create_number(hid_t group, const char *name)
{
    hid_t scalar = H5Screate(H5S_SCALAR);
    hid_t dataset =
        H5Dcreate2(group, name, H5T_NATIVE_INT, scalar, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Sclose(scalar);
    return dataset;
}

static void a_place_is_at_what_was_made_in_it(void **state)
{
    (void)state;
    struct place file_place;
    struct hdf5_place place;
    const char *name;
    hid_t file = create(&file_place);
    hdf5_place_begin(&place, file);
    hid_t group = hdf5_place_go_above(&place, "/a/b/x", &name);
    check_path(group, "/a/b");
    assert_string_equal(name, "x");
    hid_t dataset = create_number(group, name);
    assert_true(hdf5_place_enter(&place, name, dataset) >= 0);
    assert_int_equal(hdf5_place_go(&place, "/a/b/x"), dataset);
    assert_int_equal(hdf5_place_go_above(&place, "/a/b/y", &name), group);
    check_path(hdf5_place_go(&place, "/a/b/x"), "/a/b/x"); /* opened again */
    assert_int_equal(hdf5_place_go_above(&place, "/z", &name), file);
    assert_true(hdf5_place_end(&place) >= 0);
    H5Fclose(file);
    remove_place(&file_place);
}

static void paths_that_are_too_long_or_deep_fail(void **state)
{
    (void)state;
    struct place file_place;
    struct hdf5_place place;
    char path[HDF5_PLACE_PATH + 1];
    hid_t file = create(&file_place);
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[HDF5_PLACE_PATH] = '\0'; /* no room for it */
    hdf5_place_begin(&place, file);
    assert_true(hdf5_place_go(&place, path) < 0);
    path[HDF5_PLACE_PATH - 1] = '\0';
    assert_true(hdf5_place_go(&place, path) >= 0);
    assert_true(hdf5_place_go(&place, "/1/2/3/4/5/6/7/8") >= 0);
    assert_true(hdf5_place_go(&place, "/1/2/3/4/5/6/7/8/9") < 0);
    H5Fclose(file);
    remove_place(&file_place);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_leads_to_its_object),
        cmocka_unit_test(a_place_is_at_what_was_made_in_it),
        cmocka_unit_test(paths_that_are_too_long_or_deep_fail),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
