/* The checkpoint file: what is written is read, and no bit of it can change unseen. */
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_write.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A folder with a checkpoint of four sections: small, of several pieces, empty, of a piece. */
enum { SECTIONS = 4 };
static const uint64_t lengths[SECTIONS] = {13, 2 * CHECKPOINT_PIECE + 777, 0, 3000};

struct place {
    char folder[64], path[96], previous[112];
};

static void fill(const void *context, size_t section, uint64_t first, size_t bytes, void *out)
{
    const unsigned *salt = context;
    for (size_t i = 0; i < bytes; i++)
        ((unsigned char *)out)[i] = (unsigned char)((first + i) * 31 + section * 7 + *salt);
}

static void write_one(const struct place *place, unsigned salt, const uint64_t *bytes, int threads)
{
    struct checkpoint_section section[SECTIONS];
    struct error err;
    uint64_t written;
    struct stat info;
    memset(section, 0, sizeof section);
    for (size_t i = 0; i < SECTIONS; i++) {
        snprintf(section[i].name, sizeof section[i].name, "section.%zu", i);
        section[i].bytes = bytes[i];
    }
    assert_int_equal(
        checkpoint_write_file(place->path, section, SECTIONS, fill, &salt, threads, &written, &err),
        STATUS_OK);
    assert_int_equal(stat(place->path, &info), 0);
    assert_int_equal(info.st_size, written);
}

static void make_place(struct place *place)
{
    snprintf(place->folder, sizeof place->folder, "/tmp/megalif-test-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/checkpoint", place->folder);
    snprintf(place->previous, sizeof place->previous, "%s.prev", place->path);
}

static void remove_place(const struct place *place)
{
    unlink(place->path);
    unlink(place->previous);
    assert_int_equal(rmdir(place->folder), 0); /* nothing else is left */
}

static char *load_file(const char *path, size_t *size)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    char *bytes = malloc((size_t)info.st_size + 1);
    FILE *file = fopen(path, "rb");
    *size = fread(bytes, 1, (size_t)info.st_size, file);
    assert_int_equal(*size, info.st_size);
    fclose(file);
    return bytes;
}

static void store_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static enum status opens(const char *path)
{
    struct checkpoint_reader *reader;
    struct error err = {STATUS_OK, ""};
    enum status status = checkpoint_reader_open(&reader, path, &err);
    assert_true(status == STATUS_OK || strstr(err.text, path) != NULL);
    checkpoint_reader_close(reader);
    return status;
}

static void check_content(const char *path, unsigned salt)
{
    struct checkpoint_reader *reader;
    struct error err;
    assert_int_equal(checkpoint_reader_open(&reader, path, &err), STATUS_OK);
    for (size_t i = 0; i < SECTIONS; i++) {
        char name[32], *found, *expected = malloc(lengths[i] + 1);
        snprintf(name, sizeof name, "section.%zu", i);
        assert_int_equal(checkpoint_reader_bytes(reader, name), lengths[i]);
        assert_int_equal(checkpoint_reader_load(reader, name, &found, NULL, &err), STATUS_OK);
        fill(&salt, i, 0, lengths[i], expected);
        assert_memory_equal(found, expected, lengths[i]);
        free(found);
        free(expected);
    }
    checkpoint_reader_close(reader);
}

static void what_is_written_is_read_and_the_previous_kept(void **state)
{
    (void)state;
    struct place place;
    make_place(&place);
    for (unsigned salt = 1; salt <= 3; salt++) {
        write_one(&place, salt, lengths, (int)salt);
        check_content(place.path, salt);
        if (salt > 1)
            check_content(place.previous, salt - 1);
    }
    remove_place(&place);
}

static void threads_change_no_byte(void **state)
{
    (void)state;
    struct place place;
    size_t size, same;
    make_place(&place);
    write_one(&place, 5, lengths, 1);
    write_one(&place, 5, lengths, 3);
    char *one = load_file(place.previous, &size), *three = load_file(place.path, &same);
    assert_int_equal(size, same);
    assert_memory_equal(one, three, size);
    free(one);
    free(three);
    remove_place(&place);
}

/* Every bit of a small file; of each piece of a larger one some. */
static void every_flipped_bit_is_seen(void **state)
{
    (void)state;
    static const uint64_t small[SECTIONS] = {13, 40, 0, 5};
    struct place place;
    size_t size;
    make_place(&place);
    write_one(&place, 9, small, 1);
    char *bytes = load_file(place.path, &size);
    for (size_t i = 0; i < size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
            store_file(place.path, bytes, size);
            if (opens(place.path) != STATUS_CHECKPOINT)
                fail_msg("byte %zu, bit %d", i, bit);
            bytes[i] = (char)(bytes[i] ^ 1 << bit);
        }
    }
    store_file(place.path, bytes, size);
    assert_int_equal(opens(place.path), STATUS_OK);
    free(bytes);
    remove_place(&place);
}

static void every_other_length_is_seen(void **state)
{
    (void)state;
    static const uint64_t small[SECTIONS] = {13, 40, 0, 5};
    struct place place;
    size_t size;
    make_place(&place);
    write_one(&place, 9, small, 1);
    char *bytes = load_file(place.path, &size);
    bytes[size] = 0;
    for (size_t length = 0; length <= size + 1; length++) {
        store_file(place.path, bytes, length);
        assert_int_equal(opens(place.path), length == size ? STATUS_OK : STATUS_CHECKPOINT);
    }
    free(bytes);
    remove_place(&place);
}

static void damage_in_any_piece_is_seen(void **state)
{
    (void)state;
    struct place place;
    size_t size;
    make_place(&place);
    write_one(&place, 2, lengths, 2);
    char *bytes = load_file(place.path, &size);
    for (size_t at = 63; at < size; at += 99991) {
        bytes[at] = (char)(bytes[at] ^ 0x10);
        store_file(place.path, bytes, size);
        assert_int_equal(opens(place.path), STATUS_CHECKPOINT);
        bytes[at] = (char)(bytes[at] ^ 0x10);
    }
    free(bytes);
    remove_place(&place);
}

static void ranges_are_held(void **state)
{
    (void)state;
    struct place place;
    struct checkpoint_reader *reader;
    struct error err;
    char buffer[16];
    make_place(&place);
    write_one(&place, 2, lengths, 1);
    assert_int_equal(checkpoint_reader_open(&reader, place.path, &err), STATUS_OK);
    assert_int_equal(checkpoint_reader_read(reader, "section.0", 3, 10, buffer, &err), STATUS_OK);
    assert_int_equal(checkpoint_reader_read(reader, "section.0", 4, 10, buffer, &err),
                     STATUS_CHECKPOINT);
    assert_int_equal(checkpoint_reader_read(reader, "section.0", UINT64_MAX, 2, buffer, &err),
                     STATUS_CHECKPOINT);
    assert_int_equal(checkpoint_reader_read(reader, "section", 0, 1, buffer, &err),
                     STATUS_CHECKPOINT);
    assert_int_equal(checkpoint_reader_bytes(reader, "section"), UINT64_MAX);
    checkpoint_reader_close(reader);
    remove_place(&place);
}

/* Lengths are told apart, and words that change places. */
static void checksum_tells_order_and_length(void **state)
{
    (void)state;
    uint64_t words[16] = {0};
    assert_int_not_equal(checksum64(words, 64), checksum64(words, 63));
    assert_int_not_equal(checksum64(words, 0), checksum64(words, 1));
    words[3] = 1;
    uint64_t before = checksum64(words, sizeof words);
    for (size_t i = 0; i < 16; i++) {
        words[3] = 0;
        words[i] = 1;
        if (i != 3)
            assert_int_not_equal(checksum64(words, sizeof words), before);
        words[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_and_the_previous_kept),
        cmocka_unit_test(threads_change_no_byte),
        cmocka_unit_test(every_flipped_bit_is_seen),
        cmocka_unit_test(every_other_length_is_seen),
        cmocka_unit_test(damage_in_any_piece_is_seen),
        cmocka_unit_test(ranges_are_held),
        cmocka_unit_test(checksum_tells_order_and_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
