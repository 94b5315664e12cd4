/* What goes under /megalif: written by provenance_put_*, read back by HDF5 itself and by
 * provenance_get_*. */
#include "helpers/raster_helpers.h"
#include "io/hdf5_text.h"
#include "io/provenance.h"
#include "io/provenance_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static hid_t create(struct place *place)
{
    assert_true(make_place(place));
    hid_t file = H5Fcreate(place->path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static struct provenance begin(hid_t file)
{
    struct provenance to;
    assert_int_equal(provenance_begin(&to, file, NULL), STATUS_OK);
    return to;
}

/* A place that stays open would make H5Fclose leave the file open. */
static void end(struct provenance *to)
{
    hid_t file = to->place.file;
    assert_int_equal(provenance_end(to, NULL), STATUS_OK);
    assert_int_equal(H5Fget_obj_count(file, H5F_OBJ_ALL | H5F_OBJ_LOCAL), 1);
}

/* Type and value of a numeric attribute, as HDF5 tells them. */
static void check_attribute(hid_t file, const char *group, const char *name, hid_t type,
                            const void *value)
{
    hid_t attribute = H5Aopen_by_name(file, group, name, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(attribute >= 0);
    hid_t stored = H5Aget_type(attribute);
    assert_true(H5Tequal(stored, type) > 0);
    unsigned char found[8];
    assert_true(H5Aread(attribute, type, found) >= 0);
    assert_memory_equal(found, value, H5Tget_size(type));
    H5Tclose(stored);
    H5Aclose(attribute);
}

static void attributes_have_their_types(void **state)
{
    (void)state;
    struct place place;
    hid_t file = create(&place);
    struct provenance to = begin(file);
    const uint64_t large = UINT64_MAX - 1;
    const uint8_t yes = 1;
    const double tenth = 0.1;
    assert_int_equal(provenance_put_u64(&to, "/megalif", "seed", large, NULL), STATUS_OK);
    assert_int_equal(provenance_put_u8(&to, "/megalif", "complete_raster", yes, NULL), STATUS_OK);
    assert_int_equal(provenance_put_f64(&to, "/megalif", "dt_ms", tenth, NULL), STATUS_OK);
    assert_int_equal(provenance_put_u64(&to, "/megalif/populations/exc", "size", 7, NULL),
                     STATUS_OK);
    check_attribute(file, "/megalif", "seed", H5T_NATIVE_UINT64, &large);
    check_attribute(file, "/megalif", "complete_raster", H5T_NATIVE_UINT8, &yes);
    check_attribute(file, "/megalif", "dt_ms", H5T_NATIVE_DOUBLE, &tenth);
    uint64_t value;
    double number;
    assert_true(provenance_get_u64(file, "/megalif/populations/exc", "size", &value));
    assert_int_equal(value, 7);
    assert_true(provenance_get_u64(file, "/megalif", "complete_raster", &value));
    assert_int_equal(value, 1);
    assert_true(provenance_get_f64(file, "/megalif", "dt_ms", &number));
    assert_true(number == tenth);
    end(&to);
    H5Fclose(file);
    remove_place(&place);
}

static void texts_are_utf8_of_fixed_length(void **state)
{
    (void)state;
    struct place place;
    hid_t file = create(&place);
    struct provenance to = begin(file);
    static const char config[] = "[simulation]\ndt = 0.1 ms ; \xc2\xb5\n";
    assert_int_equal(provenance_put_text(&to, "/megalif/config", config, NULL), STATUS_OK);
    assert_int_equal(provenance_put_text(&to, "/megalif/warnings", "", NULL), STATUS_OK);
    assert_int_equal(provenance_put_string(&to, "/megalif/run", "host",
                                           "n\xc3\xb6"
                                           "de",
                                           NULL),
                     STATUS_OK);
    hid_t data = H5Dopen2(file, "/megalif/config", H5P_DEFAULT);
    hid_t type = H5Dget_type(data);
    assert_true(H5Tis_variable_str(type) == 0 && H5Tget_cset(type) == H5T_CSET_UTF8);
    assert_int_equal(H5Tget_size(type), strlen(config));
    char stored[256] = "";
    assert_true(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, stored) >= 0);
    assert_string_equal(stored, config);
    H5Tclose(type);
    H5Dclose(data);
    char *text = NULL;
    assert_int_equal(hdf5_text_of_dataset(file, "/megalif/config", &text, NULL), STATUS_OK);
    assert_string_equal(text, config);
    free(text);
    assert_int_equal(hdf5_text_of_dataset(file, "/megalif/warnings", &text, NULL), STATUS_OK);
    assert_string_equal(text, "");
    free(text);
    assert_int_equal(hdf5_text_of_attribute(file, "/megalif/run", "host", &text, NULL), STATUS_OK);
    assert_string_equal(text, "n\xc3\xb6"
                              "de");
    free(text);
    end(&to);
    H5Fclose(file);
    remove_place(&place);
}

/* The number of each place, wherever a thread begins. */
static void fill_numbers(const void *context, uint64_t begin, uint64_t end, void *values)
{
    for (uint64_t i = begin; i < end; i++)
        ((double *)values)[i - begin] = *(const double *)context * (double)i - 65.0;
}

static struct provenance_numbers sevenths(const char *path, uint64_t length)
{
    static const double seventh = 1.0 / 7.0;
    return (struct provenance_numbers){path, DATASET_F64, length, "mV", fill_numbers, &seventh};
}

/* The chunks' size, 0 where there are none. */
static uint64_t chunk_rows(hid_t dataset)
{
    hid_t layout = H5Dget_create_plist(dataset);
    hsize_t rows = 0;
    if (H5Pget_layout(layout) == H5D_CHUNKED)
        assert_int_equal(H5Pget_chunk(layout, 1, &rows), 1);
    assert_int_equal(H5Pget_nfilters(layout), rows > 0 ? 2 : 0);
    H5Pclose(layout);
    return rows;
}

/* Written by us, read by HDF5 itself and by provenance_read_f64. */
static void check_numbers(struct provenance *to, hid_t file, const char *path, uint64_t length,
                          int threads)
{
    struct provenance_numbers numbers = sevenths(path, length);
    double *values = malloc(8 * length + 8), *found = malloc(8 * length + 8);
    numbers.fill(numbers.context, 0, length, values);
    assert_int_equal(provenance_put_numbers(to, &numbers, threads, NULL), STATUS_OK);
    hid_t data = H5Dopen2(file, path, H5P_DEFAULT);
    assert_int_equal(chunk_rows(data), length <= 256 ? 0 : length < 65536 ? length : 65536);
    assert_true(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) >= 0);
    assert_memory_equal(found, values, 8 * length);
    H5Dclose(data);
    uint64_t stored;
    assert_true(provenance_get_length(file, path, &stored));
    assert_int_equal(stored, length);
    if (length > 2) {
        assert_true(provenance_read_f64(file, path, length / 2 - 1, 2, found));
        assert_memory_equal(found, values + length / 2 - 1, 16);
        assert_false(provenance_read_f64(file, path, length - 1, 2, found));
    }
    char *units;
    assert_int_equal(hdf5_text_of_attribute(file, path, "units", &units, NULL), STATUS_OK);
    assert_string_equal(units, "mV");
    free(units);
    free(values);
    free(found);
}

/* Less than a chunk, chunks but for one number, many chunks that are dealt to threads. */
static void write_all_lengths(struct place *place, int threads)
{
    static const uint64_t lengths[] = {0, 1, 256, 257, 1000, 65535, 65536, 65537, 131072, 500001};
    hid_t file = create(place);
    struct provenance to = begin(file);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char path[64];
        snprintf(path, sizeof path, "/megalif/parameters/p%zu/V_m", i);
        check_numbers(&to, file, path, lengths[i], threads);
    }
    end(&to);
    H5Fclose(file);
}

static void *contents(const struct place *place, size_t *size)
{
    struct stat info;
    assert_int_equal(stat(place->path, &info), 0);
    *size = (size_t)info.st_size;
    void *bytes = malloc(*size);
    FILE *file = fopen(place->path, "rb");
    assert_true(bytes && file && fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

static void numbers_are_the_same_by_any_threads(void **state)
{
    (void)state;
    struct place one, more;
    size_t size, size_of_more;
    write_all_lengths(&one, 1);
    void *bytes = contents(&one, &size);
    for (int threads = 2; threads <= 5; threads += 3) {
        write_all_lengths(&more, threads);
        void *bytes_of_more = contents(&more, &size_of_more);
        assert_int_equal(size_of_more, size);
        assert_memory_equal(bytes_of_more, bytes, size);
        free(bytes_of_more);
        remove_place(&more);
    }
    free(bytes);
    remove_place(&one);
}

static void fill_noise(const void *context, uint64_t begin, uint64_t end, void *values)
{
    (void)context;
    for (uint64_t i = begin; i < end; i++)
        ((uint64_t *)values)[i - begin] = mix64(i);
}

/* A few numbers more than a chunk must not cost a chunk of noise. */
static void the_rest_of_the_last_chunk_takes_no_room(void **state)
{
    (void)state;
    enum { CHUNK = 65536, FEW = 4096 };
    struct place place;
    hid_t file = create(&place);
    struct provenance to = begin(file);
    const struct provenance_numbers numbers = {"/megalif/x", DATASET_U64, CHUNK + FEW,
                                               NULL,         fill_noise,  NULL};
    assert_int_equal(provenance_put_numbers(&to, &numbers, 1, NULL), STATUS_OK);
    hid_t data = H5Dopen2(file, numbers.path, H5P_DEFAULT);
    hsize_t stored = H5Dget_storage_size(data);
    assert_true(stored >= 8 * (CHUNK + FEW) && stored < 8 * (CHUNK + 2 * FEW));
    H5Dclose(data);
    end(&to);
    H5Fclose(file);
    remove_place(&place);
}

static void fill_and_count(const void *context, uint64_t begin, uint64_t end, void *values)
{
    memset(values, 0, 8 * (end - begin));
#pragma omp atomic
    ++*(int *)context;
}

/* A full disk is told of at once, not when all numbers have been drawn. */
static void a_failure_ends_the_filling(void **state)
{
    (void)state;
    enum { CHUNKS = 50 };
    for (int threads = 1; threads <= 2; threads++) {
        int filled = 0;
        struct error err = {STATUS_OK, ""};
        assert_int_equal(packed_chunks_write(H5I_INVALID_HID, "x", 65536 * CHUNKS, threads,
                                             fill_and_count, &filled, &err),
                         STATUS_OUTPUT);
        assert_in_range(filled, 1, threads);
        assert_non_null(strstr(err.text, "x: "));
    }
}

static void scalars_are_scalar(void **state)
{
    (void)state;
    struct place place;
    hid_t file = create(&place);
    struct provenance to = begin(file);
    static const char path[] = "/megalif/parameters/exc/tau_m";
    const double value = 20.0;
    const struct provenance_numbers numbers = {
        path, DATASET_F64, SIZE_MAX, "ms", provenance_copy_numbers, &value};
    assert_int_equal(provenance_put_numbers(&to, &numbers, 2, NULL), STATUS_OK);
    hid_t data = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(data);
    assert_int_equal(H5Sget_simple_extent_type(space), H5S_SCALAR);
    H5Sclose(space);
    H5Dclose(data);
    double found = 0;
    assert_true(provenance_read_f64(file, path, 0, 1, &found));
    assert_true(found == value);
    end(&to);
    H5Fclose(file);
    remove_place(&place);
}

static void counts_are_integers(void **state)
{
    (void)state;
    struct place place;
    hid_t file = create(&place);
    struct provenance to = begin(file);
    static const char path[] = "/megalif/rates/exc";
    const uint64_t counts[3] = {1, UINT64_C(1) << 60, 0};
    const struct provenance_numbers numbers = {path,  DATASET_U64, 3, NULL, provenance_copy_numbers,
                                               counts};
    assert_int_equal(provenance_put_numbers(&to, &numbers, 2, NULL), STATUS_OK);
    uint64_t found[3];
    assert_true(provenance_read_u64(file, path, 0, 3, found));
    assert_memory_equal(found, counts, sizeof counts);
    double number;
    assert_false(provenance_read_f64(file, path, 0, 1, &number));
    assert_false(H5Aexists_by_name(file, path, "units", H5P_DEFAULT) > 0);
    const double width = 1.0;
    assert_int_equal(provenance_put_f64(&to, path, "bin_width_ms", width, NULL), STATUS_OK);
    check_attribute(file, path, "bin_width_ms", H5T_NATIVE_DOUBLE, &width);
    assert_true(provenance_get_f64(file, path, "bin_width_ms", &number));
    end(&to);
    H5Fclose(file);
    remove_place(&place);
}

static void missing_things_read_as_false(void **state)
{
    (void)state;
    struct place place;
    hid_t file = create(&place);
    struct provenance to = begin(file);
    provenance_put_u64(&to, "/megalif", "seed", 1, NULL);
    char *text = NULL;
    uint64_t value = 5;
    double number = 5;
    assert_false(provenance_get_u64(file, "/megalif", "steps", &value));
    assert_false(provenance_get_u64(file, "/other", "seed", &value));
    assert_false(provenance_get_f64(file, "/megalif", "seed", &number));
    assert_int_equal(hdf5_text_of_attribute(file, "/megalif", "seed", &text, NULL), STATUS_OK);
    assert_null(text);
    assert_int_equal(hdf5_text_of_dataset(file, "/megalif/config", &text, NULL), STATUS_OK);
    assert_false(provenance_get_length(file, "/megalif", &value));
    assert_false(provenance_read_u64(file, "/megalif/rates/exc", 0, 1, &value));
    assert_null(text);
    assert_int_equal(value, 5);
    assert_true(number == 5);
    end(&to);
    H5Fclose(file);
    remove_place(&place);
}

static void failures_name_file_and_thing(void **state)
{
    (void)state;
    struct place place;
    H5Fclose(create(&place));
    hid_t file = H5Fopen(place.path, H5F_ACC_RDONLY, H5P_DEFAULT);
    struct provenance to = begin(file);
    struct error err = {STATUS_OK, ""};
    assert_int_equal(provenance_put_u64(&to, "/megalif", "seed", 1, &err), STATUS_OUTPUT);
    assert_non_null(strstr(err.text, place.path));
    assert_non_null(strstr(err.text, "seed"));
    assert_non_null(strstr(err.text, "no write intent"));
    assert_int_equal(provenance_put_text(&to, "/megalif/config", "x", &err), STATUS_OUTPUT);
    assert_non_null(strstr(err.text, "/megalif/config"));
    const struct provenance_numbers numbers = sevenths("/megalif/x", 3);
    assert_int_equal(provenance_put_numbers(&to, &numbers, 1, &err), STATUS_OUTPUT);
    assert_non_null(strstr(err.text, "/megalif/x"));
    end(&to);
    H5Fclose(file);
    remove_place(&place);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_have_their_types),
        cmocka_unit_test(texts_are_utf8_of_fixed_length),
        cmocka_unit_test(numbers_are_the_same_by_any_threads),
        cmocka_unit_test(the_rest_of_the_last_chunk_takes_no_room),
        cmocka_unit_test(a_failure_ends_the_filling),
        cmocka_unit_test(scalars_are_scalar),
        cmocka_unit_test(counts_are_integers),
        cmocka_unit_test(missing_things_read_as_false),
        cmocka_unit_test(failures_name_file_and_thing),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
