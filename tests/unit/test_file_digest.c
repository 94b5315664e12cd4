/* SHA-256 of files: NIST's examples (FIPS 180-4), and when a file is not read again. */
#include "io/file_digest.h"

#include "base/clock.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char other[] = "cafecafecafecafecafecafecafecafecafecafecafecafecafecafecafecafe";

static char path[64];
static long behind_s; /* so much is our clock behind that of the file system */

/* In place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
    long failed = syscall(SYS_clock_gettime, clock, time);
    time->tv_sec -= clock == CLOCK_REALTIME ? behind_s : 0;
    return (int)failed;
}

static int make_path(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/megalif-digest-XXXXXX");
    int file = mkstemp(path);
    return file < 0 || close(file);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

static void fill(const char *text, size_t times)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < times; i++)
        fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void expect(const char *wanted, uint64_t size)
{
    char text[FILE_DIGEST_TEXT];
    uint64_t bytes;
    struct error err = {STATUS_OK, ""};
    assert_int_equal(file_digest(path, text, &bytes, &err), STATUS_OK);
    assert_string_equal(text, wanted);
    assert_int_equal(bytes, size);
}

static void test_digests_are_those_of_the_standard(void **state)
{
    (void)state;
    expect("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0);
    fill("abc", 1);
    expect(abc, 3);
    fill("aaaaaaaaaa", 100000);
    expect("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 1000000);
}

static void test_what_cannot_be_read_is_named(void **state)
{
    (void)state;
    char text[FILE_DIGEST_TEXT];
    uint64_t bytes;
    struct error err = {STATUS_OK, ""};
    assert_int_equal(file_digest("/tmp/no/such", text, &bytes, &err), STATUS_OUTPUT);
    assert_string_equal(err.text, "cannot read /tmp/no/such: No such file or directory");
    assert_int_equal(file_digest("/tmp", text, &bytes, &err), STATUS_OUTPUT);
    assert_string_equal(err.text, "cannot read /tmp: Is a directory");
}

/* What is remembered of the file as it is, if that is its digest.
 * add: to device, inode, size, mtime's and ctime's fractions. */
static void print_line(char line[400], const char *digest, const int add[5])
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    snprintf(line, 400, "%s %ju %ju %ju %jd.%09ld %jd.%09ld\n", digest,
             (uintmax_t)info.st_dev + (uintmax_t)add[0], (uintmax_t)info.st_ino + (uintmax_t)add[1],
             (uintmax_t)info.st_size + (uintmax_t)add[2], (intmax_t)info.st_mtim.tv_sec,
             info.st_mtim.tv_nsec + add[3], (intmax_t)info.st_ctim.tv_sec,
             info.st_ctim.tv_nsec + add[4]);
}

/* Some other digest: where that comes back, nothing was read. */
static void claim(const int add[5])
{
    char line[400];
    print_line(line, other, add);
    file_digest_remember(line);
}

static void test_a_digest_is_taken_over_for_the_very_same_file(void **state)
{
    (void)state;
    fill("abc", 1);
    for (int i = 0; i < 5; i++) {
        int add[5] = {0};
        add[i] = 1;
        claim(add);
        expect(abc, 3);
    }
    claim((const int[5]){0});
    expect(other, 3);
}

static void test_a_changed_file_is_read_again(void **state)
{
    (void)state;
    struct stat info;
    fill("xyz", 1);
    claim((const int[5]){0});
    expect(other, 3);
    assert_int_equal(stat(path, &info), 0);
    file_digest_settle(path); /* the clock of the file system has gone on */
    fill("abc", 1);
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){info.st_atim, info.st_mtim}, 0),
                     0); /* as `touch -r` and `cp -p` do; ctime tells */
    expect(abc, 3);
}

static void test_lines_of_another_form_are_left_out(void **state)
{
    (void)state;
    fill("abc", 1);
    struct stat info;
    char line[400];
    assert_int_equal(stat(path, &info), 0);
    for (int cut = 1; cut < 3; cut++) { /* without the newline; with a digest too short */
        snprintf(line, sizeof line, "%s %ju %ju %ju %jd.%09ld %jd.%09ld%s", other + cut - 1,
                 (uintmax_t)info.st_dev, (uintmax_t)info.st_ino, (uintmax_t)info.st_size,
                 (intmax_t)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (intmax_t)info.st_ctim.tv_sec,
                 info.st_ctim.tv_nsec, cut == 1 ? "" : "\n");
        file_digest_remember(line);
        expect(abc, 3);
    }
    file_digest_remember("what\n\n is this\n");
    file_digest_remember("");
    file_digest_remember(NULL);
    expect(abc, 3);
}

static bool is_remembered(void)
{
    char line[400], *text = file_digest_remembered();
    print_line(line, abc, (const int[5]){0});
    assert_non_null(text);
    const bool found = strstr(text, line) != NULL;
    free(text);
    return found;
}

static bool was_changed_just_now(void)
{
    struct stat info;
    struct timespec now;
    assert_int_equal(stat(path, &info), 0);
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)(now.tv_sec - info.st_ctim.tv_sec) +
               1e-9 * (double)(now.tv_nsec - info.st_ctim.tv_nsec) <
           0.1;
}

/* Only of a file that was not changed just now; on a busy machine that may be long ago. */
static void test_what_was_read_is_remembered(void **state)
{
    (void)state;
    fill("abc", 1);
    expect(abc, 3);
    if (was_changed_just_now())
        assert_false(is_remembered());
    file_digest_settle(path);
    expect(abc, 3);
    assert_true(is_remembered());
}

/* Of a server whose clock is ahead: nothing would come of waiting. */
static void test_a_change_in_the_future_is_not_waited_for(void **state)
{
    (void)state;
    fill("abc", 1);
    behind_s = 60;
    const double start = clock_seconds();
    file_digest_settle(path);
    assert_true(clock_seconds() < start + 1);
    expect(abc, 3);
    char *text = file_digest_remembered();
    behind_s = 0;
    assert_non_null(text);
    assert_null(strstr(text, abc));
    free(text);
}

/* Of more files than there is room for the last ones are known. */
static void test_there_is_an_end_to_what_is_remembered(void **state)
{
    (void)state;
    size_t lines = 0;
    fill("abc", 1);
    for (int i = 0; i < 300; i++)
        claim((const int[5]){i, 0, 0, 0, 0});
    char *text = file_digest_remembered();
    assert_non_null(text);
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    free(text);
    assert_int_equal(lines, 256);
    claim((const int[5]){0});
    expect(other, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_digests_are_those_of_the_standard, make_path,
                                        remove_path),
        cmocka_unit_test(test_what_cannot_be_read_is_named),
        cmocka_unit_test_setup_teardown(test_a_digest_is_taken_over_for_the_very_same_file,
                                        make_path, remove_path),
        cmocka_unit_test_setup_teardown(test_a_changed_file_is_read_again, make_path, remove_path),
        cmocka_unit_test_setup_teardown(test_lines_of_another_form_are_left_out, make_path,
                                        remove_path),
        cmocka_unit_test_setup_teardown(test_a_change_in_the_future_is_not_waited_for, make_path,
                                        remove_path),
        cmocka_unit_test_setup_teardown(test_what_was_read_is_remembered, make_path, remove_path),
        cmocka_unit_test_setup_teardown(test_there_is_an_end_to_what_is_remembered, make_path,
                                        remove_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
