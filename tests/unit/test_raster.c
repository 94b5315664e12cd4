/* The raster writer and reader: what goes in comes out, read by HDF5 itself and by our reader. */
#include "helpers/raster_helpers.h"
#include "sonata/raster_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define C ((uint64_t)RASTER_CHUNK_ROWS)

static const char *const three[] = {"exc", "inh", "silent"};

/* All values of a dataset, read by HDF5 alone; *rows gets their number. */
static void *read_all(const char *path, const char *dataset, hid_t type, uint64_t *rows)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t data = H5Dopen2(file, dataset, H5P_DEFAULT);
    hid_t space = H5Dget_space(data);
    assert_true(data >= 0 && space >= 0);
    *rows = (uint64_t)H5Sget_simple_extent_npoints(space);
    void *values = malloc(8 * *rows + 8);
    assert_non_null(values);
    assert_true(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(data);
    H5Fclose(file);
    return values;
}

static void check_population(const char *path, const char *name, size_t population, uint64_t rows)
{
    char dataset[64];
    uint64_t found;
    snprintf(dataset, sizeof dataset, "/spikes/%s/node_ids", name);
    uint64_t *ids = read_all(path, dataset, H5T_NATIVE_UINT64, &found);
    assert_int_equal(found, rows);
    snprintf(dataset, sizeof dataset, "/spikes/%s/timestamps", name);
    double *times = read_all(path, dataset, H5T_NATIVE_DOUBLE, &found);
    assert_int_equal(found, rows);
    for (uint64_t i = 0; i < rows; i++)
        if (ids[i] != row_id(population, i) || times[i] != row_time(i))
            fail_msg("%s row %llu differs", name, (unsigned long long)i);
    free(ids);
    free(times);
}

static void check_round_trip(const uint64_t rows[3], bool deflate, int threads, uint64_t round)
{
    struct place place;
    struct error err = {STATUS_OK, ""};
    struct raster_statistics statistics;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, deflate, three, 3, threads, false, false};
    if (write_raster(&settings, rows, round, &statistics, &err))
        fail_msg("%s", err.text);
    assert_false(exists(place.temporary));
    for (size_t p = 0; p < 3; p++)
        check_population(place.path, three[p], p, rows[p]);
    assert_int_equal(statistics.rows, rows[0] + rows[1] + rows[2]);
    assert_int_equal(statistics.raw_bytes, 16 * statistics.rows);
    struct stat info;
    assert_int_equal(stat(place.path, &info), 0);
    assert_true(statistics.stored_bytes <= (uint64_t)info.st_size);
    assert_true(statistics.stored_bytes + 65536 > (uint64_t)info.st_size);
    remove_place(&place);
}

static void round_trips_sizes_around_a_chunk(void **state)
{
    (void)state;
    const uint64_t sizes[] = {0, 1, C - 1, C, C + 1, 3 * C + 5};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int deflate = 0; deflate < 2; deflate++)
            for (int threads = 0; threads < 3; threads++)
                check_round_trip((uint64_t[3]){sizes[i], 0, 0}, deflate, threads, UINT64_MAX);
}

static void round_trips_interleaved_populations(void **state)
{
    (void)state;
    for (int deflate = 0; deflate < 2; deflate++) {
        check_round_trip((uint64_t[3]){2 * C + 17, C, 0}, deflate, 2, 1000);
        check_round_trip((uint64_t[3]){5, 4 * C, 3 * C - 1}, deflate, 3, C + 3);
    }
}

static void a_file_may_have_no_population(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, true, NULL, 0, 1, false, false};
    assert_int_equal(write_raster(&settings, NULL, 1, NULL, NULL), STATUS_OK);
    struct raster_reader *reader;
    assert_int_equal(raster_open(&reader, place.path, NULL), STATUS_OK);
    size_t count = 9;
    raster_populations(reader, &count);
    assert_int_equal(count, 0);
    raster_close(reader);
    remove_place(&place);
}

static char *read_bytes(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    *size = (size_t)info.st_size;
    char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static char *bytes_of_a_raster(bool deflate, int threads, size_t *size)
{
    struct place place;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, deflate, three, 3, threads, false, false};
    const uint64_t rows[3] = {5 * C + 99, 12, 0};
    assert_int_equal(write_raster(&settings, rows, 2 * C + 500, NULL, NULL), STATUS_OK);
    char *bytes = read_bytes(place.path, size);
    remove_place(&place);
    return bytes;
}

/* More than a second apart, so that a time stamp anywhere in the file would show. */
static void same_rows_give_same_bytes(void **state)
{
    (void)state;
    size_t first_size, second_size;
    char *first = bytes_of_a_raster(true, 1, &first_size);
    usleep(1100000);
    char *second = bytes_of_a_raster(true, 1, &second_size);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    free(first);
    free(second);
}

static void any_number_of_threads_gives_same_bytes(void **state)
{
    (void)state;
    for (int deflate = 0; deflate < 2; deflate++) {
        size_t first_size, size;
        char *first = bytes_of_a_raster(deflate, 1, &first_size);
        for (int threads = 2; threads <= 8; threads += threads - 1) {
            char *bytes = bytes_of_a_raster(deflate, threads, &size);
            assert_int_equal(size, first_size);
            assert_memory_equal(bytes, first, first_size);
            free(bytes);
        }
        free(first);
    }
}

/* The rest of the last chunk holds nothing of the chunks that were in its buffer before. */
static void the_last_chunk_is_padded_with_zeros(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, false, three, 1, 1, false, false};
    const uint64_t rows = 9 * C + 5;
    assert_int_equal(write_raster(&settings, &rows, rows, NULL, NULL), STATUS_OK);
    uint64_t *chunk = malloc(8 * C);
    hid_t file = H5Fopen(place.path, H5F_ACC_RDONLY, H5P_DEFAULT);
    for (int column = 0; column < 2; column++) {
        hid_t data =
            H5Dopen2(file, column ? "/spikes/exc/timestamps" : "/spikes/exc/node_ids", H5P_DEFAULT);
        const hsize_t first = 9 * C;
        uint32_t filters;
        assert_true(H5Dread_chunk(data, H5P_DEFAULT, &first, &filters, chunk) >= 0);
        for (size_t i = 5; i < C; i++)
            assert_int_equal(chunk[i], 0);
        H5Dclose(data);
    }
    H5Fclose(file);
    free(chunk);
    remove_place(&place);
}

static void reader_reads_ranges(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    /* given out of order: the reader sorts by name */
    static const char *const names[] = {"b", "a"};
    struct raster_settings settings = {place.path, false, true, names, 2, 1, false, false};
    const uint64_t rows[2] = {2 * C + 10, 0};
    assert_int_equal(write_raster(&settings, rows, C, NULL, NULL), STATUS_OK);
    struct raster_reader *reader;
    assert_int_equal(raster_open(&reader, place.path, NULL), STATUS_OK);
    size_t count;
    const struct raster_population *population = raster_populations(reader, &count);
    assert_int_equal(count, 2);
    assert_string_equal(population[0].name, "a");
    assert_int_equal(population[0].rows, 0);
    assert_true(population[0].sorted_by_time);
    assert_string_equal(population[1].name, "b");
    assert_int_equal(population[1].rows, rows[0]);
    const uint64_t first[] = {0, C - 3, C, 2 * C + 4};
    for (size_t i = 0; i < 4; i++) {
        uint64_t ids[6];
        double times[6];
        assert_int_equal(raster_read(reader, 1, first[i], 6, ids, times, NULL), STATUS_OK);
        for (size_t j = 0; j < 6; j++) {
            assert_int_equal(ids[j], row_id(0, first[i] + j));
            assert_true(times[j] == row_time(first[i] + j));
        }
    }
    assert_int_equal(raster_read(reader, 0, 0, 0, NULL, NULL, NULL), STATUS_OK);
    struct error err;
    uint64_t id;
    assert_int_equal(raster_read(reader, 1, rows[0], 1, &id, NULL, &err), STATUS_OUTPUT);
    assert_non_null(strstr(err.text, "/spikes/b"));
    raster_close(reader);
    remove_place(&place);
}

static void writes_sonata_attributes(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, true, three, 3, 1, false, false};
    assert_int_equal(write_raster(&settings, (uint64_t[3]){1, 0, 0}, 1, NULL, NULL), STATUS_OK);
    hid_t file = H5Fopen(place.path, H5F_ACC_RDONLY, H5P_DEFAULT);
    uint32_t magic = 0, version[2] = {7, 7};
    hid_t attribute = H5Aopen(file, "magic", H5P_DEFAULT);
    assert_true(H5Aread(attribute, H5T_NATIVE_UINT32, &magic) >= 0);
    H5Aclose(attribute);
    attribute = H5Aopen(file, "version", H5P_DEFAULT);
    assert_true(H5Aread(attribute, H5T_NATIVE_UINT32, version) >= 0);
    H5Aclose(attribute);
    assert_int_equal(magic, 0x0A7A);
    assert_int_equal(version[0], 0);
    assert_int_equal(version[1], 1);
    attribute =
        H5Aopen_by_name(file, "/spikes/silent/timestamps", "units", H5P_DEFAULT, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    char *units = NULL;
    assert_true(H5Tis_variable_str(type) > 0 && H5Tget_cset(type) == H5T_CSET_UTF8);
    assert_true(H5Aread(attribute, type, &units) >= 0);
    assert_string_equal(units, "ms");
    H5free_memory(units);
    H5Tclose(type);
    H5Aclose(attribute);
    H5Fclose(file);
    remove_place(&place);
}

static void expect_refused(const char *path, bool force, const char *reason)
{
    struct error err = {STATUS_OK, ""};
    struct raster_writer *writer;
    struct raster_settings settings = {path, force, true, three, 3, 1, false, false};
    assert_int_equal(raster_check_path(path, force, &err), STATUS_OUTPUT);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
    assert_int_equal(raster_create(&writer, &settings, 2, &err), STATUS_OUTPUT);
    assert_null(writer);
    assert_non_null(strstr(err.text, reason));
}

static void refuses_bad_paths(void **state)
{
    (void)state;
    struct place place;
    char path[256], reason[256];
    assert_true(make_place(&place));
    snprintf(path, sizeof path, "%s/no/such/out.h5", place.folder);
    snprintf(reason, sizeof reason, "directory %s/no/such: No such file or directory",
             place.folder);
    expect_refused(path, false, reason);
    expect_refused(place.folder, true, "is no regular file");
    expect_refused("/dev/null", true, "is no regular file");
    expect_refused("", false, "names no file");
    expect_refused("-", false, "stands for standard output, where HDF5 cannot write");
    snprintf(path, sizeof path, "%s/", place.folder);
    expect_refused(path, false, "names no file");
    fclose(fopen(place.path, "w"));
    snprintf(reason, sizeof reason, "%s exists; choose another name, or replace it with --force",
             place.path);
    expect_refused(place.path, false, reason);
    assert_false(exists(place.temporary));
    snprintf(path, sizeof path, "%s/below.h5", place.path);
    expect_refused(path, false, "");
    remove_place(&place);
    assert_false(exists(place.folder)); /* nothing was created in it */
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* With force the old file stays until the new one is complete; a killed run's .part is replaced. */
static void force_replaces_at_the_end(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    put_file(place.path, "old");
    put_file(place.temporary, "left by a killed run");
    struct raster_settings settings = {place.path, true, true, three, 3, 1, false, false};
    struct raster_writer *writer;
    assert_int_equal(raster_create(&writer, &settings, 2, NULL), STATUS_OK);
    assert_int_equal(write_rows(writer, 0, 0, C + 1, NULL), STATUS_OK);
    hid_t file;
    assert_int_equal(raster_drain(writer, &file, NULL), STATUS_OK);
    size_t size;
    char *bytes = read_bytes(place.path, &size);
    assert_memory_equal(bytes, "old", 3);
    free(bytes);
    assert_int_equal(raster_finish(writer, NULL, NULL), STATUS_OK);
    check_population(place.path, "exc", 0, C + 1);
    assert_false(exists(place.temporary));
    remove_place(&place);
}

static void keeps_both_when_the_name_is_taken_meanwhile(void **state)
{
    (void)state;
    struct place place;
    struct error err;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, true, three, 3, 1, false, false};
    struct raster_writer *writer;
    hid_t file;
    assert_int_equal(raster_create(&writer, &settings, 2, NULL), STATUS_OK);
    assert_int_equal(write_rows(writer, 1, 0, 20, NULL), STATUS_OK);
    assert_int_equal(raster_drain(writer, &file, NULL), STATUS_OK);
    put_file(place.path, "another");
    assert_int_equal(raster_finish(writer, NULL, &err), STATUS_OUTPUT);
    assert_non_null(strstr(err.text, place.temporary));
    check_population(place.temporary, "inh", 1, 20);
    remove_place(&place);
}

static void refuses_a_place_where_a_run_writes(void **state)
{
    (void)state;
    struct place place;
    struct error err;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, true, three, 3, 1, false, false};
    struct raster_writer *first, *second;
    assert_int_equal(raster_create(&first, &settings, 2, NULL), STATUS_OK);
    assert_int_equal(raster_create(&second, &settings, 2, &err), STATUS_BUSY);
    assert_non_null(strstr(err.text, "another run is writing"));
    hid_t file;
    assert_int_equal(raster_drain(first, &file, NULL), STATUS_OK);
    assert_int_equal(raster_finish(first, NULL, NULL), STATUS_OK);
    remove_place(&place);
}

static void abandon_leaves_nothing(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, true, three, 3, 1, false, false};
    struct raster_writer *writer;
    for (int drained = 0; drained < 2; drained++) {
        hid_t file;
        assert_int_equal(raster_create(&writer, &settings, 2, NULL), STATUS_OK);
        assert_int_equal(write_rows(writer, 0, 0, 5 * C, NULL), STATUS_OK);
        if (drained)
            assert_int_equal(raster_drain(writer, &file, NULL), STATUS_OK);
        raster_abandon(writer);
        assert_false(exists(place.path));
        assert_false(exists(place.temporary));
    }
    assert_int_equal(write_raster(&settings, (uint64_t[3]){9, 0, 0}, 9, NULL, NULL), STATUS_OK);
    check_population(place.path, "exc", 0, 9);
    remove_place(&place);
}

static void put_dataset(hid_t group, const char *name, hid_t type, hsize_t rows, hid_t memory,
                        const void *values)
{
    hid_t space = H5Screate_simple(1, &rows, NULL);
    hid_t data = H5Dcreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(data, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(data);
    H5Sclose(space);
}

/* A file as others write it: other types, no sorting, no units. */
static void put_foreign(const char *path, hsize_t ids, hsize_t times)
{
    const int id[] = {3, 1, 2};
    const float time[] = {0.5f, 0.25f, 8.0f};
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t spikes = H5Gcreate2(file, "spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t group = H5Gcreate2(spikes, "v1", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    put_dataset(group, "node_ids", H5T_STD_U16BE, ids, H5T_NATIVE_INT, id);
    put_dataset(group, "timestamps", H5T_IEEE_F32BE, times, H5T_NATIVE_FLOAT, time);
    H5Gclose(group);
    H5Gclose(spikes);
    H5Fclose(file);
}

static void reads_foreign_files(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    put_foreign(place.path, 3, 3);
    struct raster_reader *reader;
    assert_int_equal(raster_open(&reader, place.path, NULL), STATUS_OK);
    size_t count;
    const struct raster_population *population = raster_populations(reader, &count);
    assert_int_equal(count, 1);
    assert_string_equal(population->name, "v1");
    assert_int_equal(population->rows, 3);
    assert_false(population->sorted_by_time);
    uint64_t ids[3];
    double times[3];
    assert_int_equal(raster_read(reader, 0, 0, 3, ids, times, NULL), STATUS_OK);
    assert_memory_equal(ids, ((uint64_t[3]){3, 1, 2}), sizeof ids);
    assert_true(times[0] == 0.5 && times[1] == 0.25 && times[2] == 8.0);
    raster_close(reader);
    remove_place(&place);
}

static void expect_unreadable(const char *path, const char *reason)
{
    struct error err = {STATUS_OK, ""};
    struct raster_reader *reader;
    assert_int_equal(raster_open(&reader, path, &err), STATUS_OUTPUT);
    assert_null(reader);
    assert_non_null(strstr(err.text, path));
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
}

static void refuses_what_is_no_raster(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    expect_unreadable(place.path, "No such file or directory");
    expect_unreadable(place.folder, "it is a directory");
    put_file(place.path, "id time\n");
    expect_unreadable(place.path, "no HDF5 file");
    H5Fclose(H5Fcreate(place.path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    expect_unreadable(place.path, "no group /spikes");
    put_foreign(place.path, 3, 2);
    expect_unreadable(place.path, "3 ids but 2 timestamps");
    hid_t file = H5Fopen(place.path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, "/spikes/v1/timestamps", H5P_DEFAULT);
    H5Fclose(file);
    expect_unreadable(place.path, "/spikes/v1 needs node_ids");
    put_foreign(place.path, 3, 3);
    assert_int_equal(truncate(place.path, 1000), 0);
    expect_unreadable(place.path, "truncated");
    remove_place(&place);
}

/* HDF5's own complaints must not reach the user, and its setting must be left as it was. */
static void hdf5_prints_nothing(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    put_foreign(place.path, 3, 3);
    assert_int_equal(truncate(place.path, 1000), 0);
    H5E_auto2_t after;
    void *data;
    H5E_auto2_t before = (H5E_auto2_t)H5Eprint2;
    assert_true(H5Eset_auto2(H5E_DEFAULT, before, NULL) >= 0);
    int standard_error = dup(STDERR_FILENO);
    assert_non_null(freopen(place.temporary, "w", stderr));
    struct raster_reader *reader;
    enum status status = raster_open(&reader, place.path, NULL);
    fflush(stderr);
    dup2(standard_error, STDERR_FILENO);
    close(standard_error);
    assert_int_equal(status, STATUS_OUTPUT);
    assert_true(H5Eget_auto2(H5E_DEFAULT, &after, &data) >= 0);
    assert_true(before == after);
    struct stat info;
    assert_int_equal(stat(place.temporary, &info), 0);
    assert_int_equal(info.st_size, 0);
    remove_place(&place);
}

/* A file must not make us read another. */
static void refuses_links_to_other_files(void **state)
{
    (void)state;
    struct place place;
    char other[128];
    assert_true(make_place(&place));
    snprintf(other, sizeof other, "%s/other.h5", place.folder);
    put_foreign(other, 3, 3);
    hid_t file = H5Fcreate(place.path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_external(other, "/spikes/v1", file, "/spikes/v1", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    expect_unreadable(place.path, "/spikes/v1 is no population group of the file itself");

    put_foreign(place.path, 3, 3);
    file = H5Fopen(place.path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, "/spikes/v1/node_ids", H5P_DEFAULT);
    const hsize_t rows = 3;
    hid_t space = H5Screate_simple(1, &rows, NULL);
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(layout, other, 0, 24);
    hid_t data = H5Dcreate2(file, "/spikes/v1/node_ids", H5T_NATIVE_UINT64, space, H5P_DEFAULT,
                            layout, H5P_DEFAULT);
    assert_true(data >= 0);
    H5Dclose(data);
    H5Pclose(layout);
    H5Sclose(space);
    H5Fclose(file);
    expect_unreadable(place.path, "both in the file itself");
    unlink(other);
    remove_place(&place);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips_sizes_around_a_chunk),
        cmocka_unit_test(round_trips_interleaved_populations),
        cmocka_unit_test(a_file_may_have_no_population),
        cmocka_unit_test(same_rows_give_same_bytes),
        cmocka_unit_test(any_number_of_threads_gives_same_bytes),
        cmocka_unit_test(the_last_chunk_is_padded_with_zeros),
        cmocka_unit_test(reader_reads_ranges),
        cmocka_unit_test(writes_sonata_attributes),
        cmocka_unit_test(refuses_bad_paths),
        cmocka_unit_test(force_replaces_at_the_end),
        cmocka_unit_test(keeps_both_when_the_name_is_taken_meanwhile),
        cmocka_unit_test(refuses_a_place_where_a_run_writes),
        cmocka_unit_test(abandon_leaves_nothing),
        cmocka_unit_test(reads_foreign_files),
        cmocka_unit_test(refuses_what_is_no_raster),
        cmocka_unit_test(hdf5_prints_nothing),
        cmocka_unit_test(refuses_links_to_other_files),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
