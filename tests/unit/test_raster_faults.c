/* The raster writer when writing is slow or fails. This program's own pwrite and fsync stand in for
 * the system's below HDF5: they can wait, and fail at the n-th call. Cases that leave HDF5 in a bad
 * state run in a child process, which must still end in an orderly way. */
#define _GNU_SOURCE /* unshare, mount */
#include "helpers/child.h"
#include "helpers/raster_helpers.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define C ((uint64_t)RASTER_CHUNK_ROWS)
enum { CHILD_SKIPS = 77 };

static const char *const two[] = {"exc", "inh"};

static useconds_t write_delay; /* before each large write */
static int calls_to_failure;   /* the n-th write or fsync from now fails; 0: none */

static bool fails_now(void)
{
    if (__atomic_load_n(&calls_to_failure, __ATOMIC_SEQ_CST) == 0 ||
        __atomic_sub_fetch(&calls_to_failure, 1, __ATOMIC_SEQ_CST) != 0)
        return false;
    errno = ENOSPC;
    return true;
}

#pragma GCC visibility push(default)
ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    if (write_delay && size > 100000)
        usleep(write_delay);
    return fails_now() ? -1 : syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}

int fsync(int descriptor)
{
    return fails_now() ? -1 : (int)syscall(SYS_fsync, descriptor);
}
#pragma GCC visibility pop

/* The exit code of a process of its own, the n-th, in which body is true: 0. */
static int run_in_child(bool (*body)(const struct place *), const struct place *place, int n)
{
    pid_t child = child_start();
    if (child == 0)
        exit(body(place) ? 0 : 1);
    return child_end(child, n);
}

static void a_full_queue_makes_append_wait(void **state)
{
    (void)state;
    struct place place;
    struct raster_statistics statistics;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, false, two, 2, 1, false, false};
    const uint64_t rows[2] = {12 * C, 3 * C + 1};
    write_delay = 10000;
    assert_int_equal(write_raster(&settings, rows, C, &statistics, NULL), STATUS_OK);
    write_delay = 0;
    assert_int_equal(statistics.rows, 15 * C + 1);
    assert_true(statistics.stalls >= 5);
    assert_true(statistics.stall_seconds > 0.05);
    assert_true(statistics.write_seconds > 0.3);
    struct stat info;
    assert_int_equal(stat(place.path, &info), 0);
    assert_true((uint64_t)info.st_size >= 16 * 16 * C);
    remove_place(&place);
}

static bool fail_one_call(const struct place *place)
{
    struct raster_settings settings = {place->path, true, false, two, 2, 1, false, false};
    const uint64_t rows[2] = {2 * C + 1, 10};
    struct error err = {STATUS_OK, ""};
    enum status status = write_raster(&settings, rows, C, NULL, &err);
    if (calls_to_failure > 0)
        exit(status == STATUS_OK ? CHILD_SKIPS : 1); /* there are fewer calls than that */
    bool renamed = status && strstr(err.text, "is written, but its directory");
    CHECK(status == STATUS_OUTPUT);
    CHECK(strstr(err.text, "No space left on device"));
    CHECK(strstr(err.text, place->path));
    CHECK(!exists(place->temporary));
    CHECK(exists(place->path));
    struct stat info;
    CHECK(stat(place->path, &info) == 0 && (info.st_size == 3) == !renamed);
    return true;
}

/* Whatever write or sync fails, the run fails, the old file stays and the new one is gone. */
static void every_failing_write_is_noticed(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    int code = 0, n = 0;
    while (code == 0) {
        FILE *old = fopen(place.path, "w");
        assert_non_null(old);
        fputs("old", old);
        fclose(old);
        calls_to_failure = ++n;
        code = run_in_child(fail_one_call, &place, n);
    }
    calls_to_failure = 0;
    assert_int_equal(code, CHILD_SKIPS);
    assert_true(n > 10);
    remove_place(&place);
}

/* Writes until it fails; the status of the failure comes back, and its message in err. */
static enum status write_until_failure(const char *path, struct error *err)
{
    struct raster_settings settings = {path, false, false, two, 2, 2, false, false};
    const uint64_t rows[2] = {100 * C, 0};
    return write_raster(&settings, rows, C / 2, NULL, err);
}

static bool fill_small_disk(const struct place *place)
{
    struct place disk = *place;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", place->folder, "tmpfs", 0, "size=8m") != 0)
        exit(CHILD_SKIPS);
    struct error err = {STATUS_OK, ""};
    CHECK(write_until_failure(disk.path, &err) == STATUS_OUTPUT);
    CHECK(strstr(err.text, disk.temporary));
    CHECK(strstr(err.text, "No space left on device"));
    CHECK(strstr(err.text, "458752 spikes, 7.9 MB had been written"));
    CHECK(!exists(disk.path) && !exists(disk.temporary));
    struct statvfs space;
    CHECK(statvfs(disk.folder, &space) == 0);
    CHECK(space.f_bfree * space.f_bsize > 7 << 20);
    /* and there is room again for a smaller one */
    struct raster_settings settings = {disk.path, false, false, two, 2, 1, false, false};
    CHECK(write_raster(&settings, (uint64_t[2]){10, 10}, 10, NULL, &err) == STATUS_OK);
    CHECK(exists(disk.path));
    return true;
}

static void a_full_disk_is_reported(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    int code = run_in_child(fill_small_disk, &place, 1);
    remove_place(&place);
    if (code == CHILD_SKIPS) {
        print_message("a small tmpfs can be mounted only as root\n");
        skip();
    }
    assert_int_equal(code, 0);
}

static bool exceed_file_size_limit(const struct place *place)
{
    const struct rlimit limit = {3 << 20, 3 << 20};
    CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    struct error err = {STATUS_OK, ""};
    CHECK(write_until_failure(place->path, &err) == STATUS_OUTPUT);
    CHECK(strstr(err.text, place->temporary));
    CHECK(strstr(err.text, "File too large"));
    CHECK(!exists(place->path) && !exists(place->temporary));
    return true;
}

static void a_file_size_limit_is_reported(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    assert_int_equal(run_in_child(exceed_file_size_limit, &place, 1), 0);
    remove_place(&place);
}

/* The same file written without any of the above: what the other cases rely on. */
static void succeeds_when_nothing_fails(void **state)
{
    (void)state;
    struct place place;
    assert_true(make_place(&place));
    struct raster_settings settings = {place.path, false, true, two, 2, 1, false, false};
    assert_int_equal(write_raster(&settings, (uint64_t[2]){C, 1}, C, NULL, NULL), STATUS_OK);
    assert_true(exists(place.path));
    remove_place(&place);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(succeeds_when_nothing_fails),
        cmocka_unit_test(a_full_queue_makes_append_wait),
        cmocka_unit_test(every_failing_write_is_noticed),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(a_file_size_limit_is_reported),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
