/* Texts of HDF5 files: whatever kind they are, they come back; whichever byte of a heap or of a
 * reference to one is another, reading ends, with an error that names the file. */
#include "helpers/raster_helpers.h"
#include "io/hdf5_help.h"
#include "io/hdf5_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { TEXTS = 4, LONG = 70000 };

static const char *const name[TEXTS] = {"short", "empty", "long", "second"};

static const char *text_of(int i)
{
    static char longer[LONG + 1];
    memset(longer, 'x', LONG);
    const char *const text[TEXTS] = {"d\xc3\xa9j\xc3\xa0", "", longer, "12345678"};
    return text[i];
}

/* A file with a variable-length attribute and dataset for each text. */
static void write_texts(const char *path, hid_t creation)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, creation, H5P_DEFAULT);
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, H5T_VARIABLE);
    for (int i = 0; i < TEXTS; i++) {
        const char *text = text_of(i);
        assert_true(hdf5_put_variable_text(file, name[i], text) >= 0);
        hid_t data = H5Dcreate2(file, name[i], type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) >= 0);
        H5Dclose(data);
    }
    H5Sclose(space);
    H5Tclose(type);
    assert_true(H5Fclose(file) >= 0);
}

/* How many of the texts can be read; all that can are *right. Errors name the file. */
static int read_texts(const char *path, bool *right)
{
    int good = 0;
    *right = true;
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    for (int i = 0; file >= 0 && i < 2 * TEXTS; i++) {
        char *text;
        struct error err = {STATUS_OK, ""};
        enum status status = i < TEXTS ? hdf5_text_of_attribute(file, ".", name[i], &text, &err)
                                       : hdf5_text_of_dataset(file, name[i - TEXTS], &text, &err);
        assert_true(status == STATUS_OK || status == STATUS_OUTPUT);
        assert_true(!status || (strstr(err.text, path) && strstr(err.text, "damaged") && !text));
        *right = *right && (!text || strcmp(text, text_of(i % TEXTS)) == 0);
        good += text != NULL;
        free(text);
    }
    if (file >= 0)
        H5Fclose(file);
    return good;
}

static void check_layout(hid_t creation)
{
    struct place place;
    bool right;
    assert_true(make_place(&place));
    write_texts(place.path, creation);
    assert_int_equal(read_texts(place.path, &right), 2 * TEXTS);
    assert_true(right);
    H5Pclose(creation);
    remove_place(&place);
}

static void variable_texts_come_back(void **state)
{
    (void)state;
    hid_t blocked = H5Pcreate(H5P_FILE_CREATE), small = H5Pcreate(H5P_FILE_CREATE);
    check_layout(H5Pcreate(H5P_FILE_CREATE));
    H5Pset_userblock(blocked, 512);
    check_layout(blocked);
    H5Pset_sizes(small, 4, 4);
    check_layout(small);
}

static void check_fixed(hid_t file, H5T_str_t padding, size_t size, const char *bytes)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    char *text;
    H5Tset_size(type, size);
    H5Tset_strpad(type, padding);
    assert_true(hdf5_put_scalar(file, "fixed", type, bytes) >= 0);
    assert_int_equal(hdf5_text_of_attribute(file, ".", "fixed", &text, NULL), STATUS_OK);
    assert_string_equal(text, "ms");
    free(text);
    H5Adelete(file, "fixed");
    H5Tclose(type);
}

static void fixed_texts_come_back(void **state)
{
    (void)state;
    struct place place;
    char *text;
    assert_true(make_place(&place));
    hid_t file = H5Fcreate(place.path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    check_fixed(file, H5T_STR_NULLTERM, 3, "ms");
    check_fixed(file, H5T_STR_NULLPAD, 2, "ms");
    check_fixed(file, H5T_STR_NULLPAD, 5, "ms\0\0");
    char *longer = calloc(100001, 1);
    memset(longer, 'y', 100000);
    for (size_t length = 0; length <= 100000; length += length < 4 ? 1 : 24999) {
        longer[length] = '\0'; /* short ones are fixed, those beyond an attribute's room are not */
        assert_true(hdf5_put_text(file, "any", longer) >= 0);
        H5Fflush(file, H5F_SCOPE_GLOBAL);
        assert_int_equal(hdf5_text_of_attribute(file, ".", "any", &text, NULL), STATUS_OK);
        assert_string_equal(text, longer);
        longer[length] = 'y';
        free(text);
        H5Adelete(file, "any");
    }
    free(longer);
    H5Fclose(file);
    remove_place(&place);
}

static void what_is_no_single_text_is_none(void **state)
{
    (void)state;
    struct place place;
    char *text;
    const hsize_t two = 2;
    const double number = 1;
    assert_true(make_place(&place));
    hid_t file = H5Fcreate(place.path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t pair = H5Screate_simple(1, &two, NULL), type = hdf5_text_type(2);
    hdf5_put_attribute(file, "pair", type, pair, "abcd");
    hdf5_put_scalar(file, "number", H5T_NATIVE_DOUBLE, &number);
    const char *const none[] = {"pair", "number", "missing"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(hdf5_text_of_attribute(file, ".", none[i], &text, NULL), STATUS_OK);
        assert_null(text);
    }
    assert_int_equal(hdf5_text_of_attribute(file, "nowhere", "x", &text, NULL), STATUS_OK);
    assert_int_equal(hdf5_text_of_dataset(file, "nowhere", &text, NULL), STATUS_OK);
    assert_null(text);
    H5Tclose(type);
    H5Sclose(pair);
    H5Fclose(file);
    remove_place(&place);
}

static uint8_t *load(const char *path, size_t *size)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    *size = (size_t)info.st_size;
    uint8_t *bytes = malloc(*size);
    FILE *from = fopen(path, "rb");
    assert_int_equal(fread(bytes, 1, *size, from), *size);
    fclose(from);
    return bytes;
}

/* Puts one byte into the file, reads all texts, puts the old one back. */
static int read_with(const char *path, size_t offset, uint8_t value, uint8_t before, bool *right)
{
    FILE *file = fopen(path, "r+b");
    fseek(file, (long)offset, SEEK_SET);
    fputc(value, file);
    fclose(file);
    int good = read_texts(path, right);
    file = fopen(path, "r+b");
    fseek(file, (long)offset, SEEK_SET);
    fputc(before, file);
    fclose(file);
    return good;
}

/* Some values for a byte that lead somewhere: nothing, next to it, far away, all bits. */
static void damage(const char *path, const uint8_t *bytes, size_t offset, size_t count, int *caught)
{
    for (size_t i = offset; i < offset + count; i++) {
        const uint8_t values[] = {0, (uint8_t)(bytes[i] + 1), bytes[i] ^ 0x80, 0xff};
        for (size_t v = 0; v < sizeof values; v++) {
            bool right;
            *caught += read_with(path, i, values[v], bytes[i], &right) < 2 * TEXTS;
        }
    }
}

static void a_damaged_heap_ends_with_an_error(void **state)
{
    (void)state;
    struct place place;
    size_t size;
    int heaps = 0, caught = 0;
    assert_true(make_place(&place));
    write_texts(place.path, H5P_DEFAULT);
    uint8_t *bytes = load(place.path, &size);
    alarm(60);
    for (size_t i = 0; i + 4 < size; i++) {
        if (memcmp(bytes + i, "GCOL", 4) == 0) {
            damage(place.path, bytes, i, 80, &caught);
            heaps++;
        }
    }
    alarm(0);
    assert_true(heaps >= 2 && caught > 100);
    free(bytes);
    remove_place(&place);
}

/* Length, address and number of the heap's object, wherever they stand in the file. */
static void a_damaged_reference_is_an_error(void **state)
{
    (void)state;
    struct place place;
    size_t size;
    int references = 0;
    assert_true(make_place(&place));
    write_texts(place.path, H5P_DEFAULT);
    uint8_t *bytes = load(place.path, &size);
    const uint64_t length = LONG;
    alarm(60);
    for (size_t i = 0; i + 16 < size; i++) {
        if (memcmp(bytes + i, &length, 4) != 0 || memcmp(bytes + i + 13, "\0\0\0", 3) != 0)
            continue;
        references++;
        for (size_t at = i; at < i + 16; at++) {
            bool right;
            const uint8_t value = bytes[at] ^ 0x41;
            assert_int_equal(read_with(place.path, at, value, bytes[at], &right), 2 * TEXTS - 1);
            assert_true(right);
        }
    }
    alarm(0);
    assert_int_equal(references, 2);
    free(bytes);
    remove_place(&place);
}

/* Object and reference agree on a length that the heap has no room for, though the file has. */
static void a_size_beyond_the_heap_is_told(void **state)
{
    (void)state;
    struct place place;
    size_t size;
    bool right;
    const uint64_t length = LONG, longer = LONG + 10000;
    assert_true(make_place(&place));
    write_texts(place.path, H5P_DEFAULT);
    uint8_t *bytes = load(place.path, &size);
    for (size_t i = 0; i + 16 < size; i++)
        if (memcmp(bytes + i, &length, 4) == 0)
            memcpy(bytes + i, &longer, 4);
    FILE *file = fopen(place.path, "wb");
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(read_texts(place.path, &right), 2 * TEXTS - 2);
    assert_true(right);
    free(bytes);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variable_texts_come_back),
        cmocka_unit_test(fixed_texts_come_back),
        cmocka_unit_test(what_is_no_single_text_is_none),
        cmocka_unit_test(a_damaged_heap_ends_with_an_error),
        cmocka_unit_test(a_damaged_reference_is_an_error),
        cmocka_unit_test(a_size_beyond_the_heap_is_told),
    };
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
