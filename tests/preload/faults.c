/* Makes a call to the system fail: loaded by LD_PRELOAD into the program under test, driven by the
 * environment. Only files below one folder count, so that nothing else is disturbed.
 *
 *   FAULT_FOLDER  the folder, absolute
 *   FAULT_CALL    which calls count: one of the names below, or any
 *   FAULT_AT      the n-th of them (1, 2, ...) fails; 0: none
 *   FAULT_KIND    ENOSPC, EIO, EFBIG, EROFS: it does nothing and fails
 *                 torn: a write does its first half, then fails (ENOSPC)
 *                 short: a write does its first half, and says so
 *                 kill: the process is killed before the call
 *                 stop: it stops before the call until it is continued, and all is well
 *                 torn_kill: the same after half of a write
 *   FAULT_STAYS   1: all later calls of these names fail, too
 *   FAULT_LOG     a file that gets a line for each call that counts: its name, a blank, the path
 *
 * Calls: open (one that creates), write, pwrite, ftruncate, fsync, fdatasync, close, rename, link,
 * unlink, mkdir, rmdir; close only of what was open for writing. A close that fails has closed all
 * the same, as on Linux. */
#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long calls; /* that counted so far */

enum fault { GOES_ON, FAILS, TORN, SHORT, TORN_KILL };

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

/* The status of a run that takes over a second is not among what counts: it would not come in each
 * run alike. */
static bool is_below(const char *path)
{
    const char *folder = setting("FAULT_FOLDER");
    size_t length = strlen(folder);
    return length > 0 && !strstr(path, ".status") && strncmp(path, folder, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

static void note(const char *call, const char *path)
{
    char line[PATH_MAX + 64];
    const char *log = getenv("FAULT_LOG");
    if (!log)
        return;
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT, 0666);
    int length = snprintf(line, sizeof line, "%s %s\n", call, path);
    syscall(SYS_write, descriptor, line, (size_t)length);
    syscall(SYS_close, descriptor);
}

static int reason(const char *kind)
{
    return strcmp(kind, "EIO") == 0     ? EIO
           : strcmp(kind, "EFBIG") == 0 ? EFBIG
           : strcmp(kind, "EROFS") == 0 ? EROFS
                                        : ENOSPC;
}

/* What is to happen to this call on an absolute path; errno is set where it is to fail. */
static enum fault fault_of_path(const char *call, const char *path)
{
    const char *wanted = setting("FAULT_CALL"), *kind = setting("FAULT_KIND");
    if (!is_below(path))
        return GOES_ON;
    note(call, path);
    if (strcmp(wanted, "any") != 0 && strcmp(wanted, call) != 0)
        return GOES_ON;
    long at = atol(setting("FAULT_AT")), now = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    if (now != at && !(at > 0 && now > at && *setting("FAULT_STAYS") == '1'))
        return GOES_ON;
    bool writes = strcmp(call, "write") == 0 || strcmp(call, "pwrite") == 0;
    if (strcmp(kind, "kill") == 0 || (strcmp(kind, "torn_kill") == 0 && !writes))
        raise(SIGKILL);
    if (strcmp(kind, "stop") == 0) {
        raise(SIGSTOP);
        return GOES_ON;
    }
    errno = reason(kind);
    return !writes                          ? FAILS
           : strcmp(kind, "torn") == 0      ? TORN
           : strcmp(kind, "short") == 0     ? SHORT
           : strcmp(kind, "torn_kill") == 0 ? TORN_KILL
                                            : FAILS;
}

static enum fault fault_of_descriptor(const char *call, int descriptor)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    int saved = errno;
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length < 0)
        return GOES_ON;
    path[length] = '\0';
    return fault_of_path(call, path);
}

/* A path relative to the working folder, made absolute; what is no name of ours is left alone. */
static enum fault fault_of_name(const char *call, const char *name)
{
    char path[2 * PATH_MAX], folder[PATH_MAX];
    if (name[0] == '/')
        return fault_of_path(call, name);
    if (!getcwd(folder, sizeof folder))
        return GOES_ON;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fault_of_path(call, path);
}

static ssize_t write_some(int descriptor, const void *bytes, size_t size, off_t offset, bool at)
{
    return at ? syscall(SYS_pwrite64, descriptor, bytes, size, offset)
              : syscall(SYS_write, descriptor, bytes, size);
}

static ssize_t faulty_write(const char *call, int descriptor, const void *bytes, size_t size,
                            off_t offset, bool at)
{
    enum fault fault = fault_of_descriptor(call, descriptor);
    int failure = errno;
    if (fault == FAILS)
        return -1;
    size_t part = fault == GOES_ON ? size : fault == SHORT ? (size + 1) / 2 : size / 2;
    ssize_t done = write_some(descriptor, bytes, part, offset, at);
    if (fault == TORN_KILL)
        raise(SIGKILL);
    if (fault != TORN)
        return done;
    errno = failure;
    return -1;
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    return faulty_write("write", descriptor, bytes, size, 0, false);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    return faulty_write("pwrite", descriptor, bytes, size, offset, true);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off_t offset)
{
    return faulty_write("pwrite", descriptor, bytes, size, offset, true);
}

int fsync(int descriptor)
{
    bool fails = fault_of_descriptor("fsync", descriptor) != GOES_ON;
    return fails ? -1 : (int)syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor)
{
    bool fails = fault_of_descriptor("fdatasync", descriptor) != GOES_ON;
    return fails ? -1 : (int)syscall(SYS_fdatasync, descriptor);
}

int ftruncate(int descriptor, off_t size)
{
    bool fails = fault_of_descriptor("ftruncate", descriptor) != GOES_ON;
    return fails ? -1 : (int)syscall(SYS_ftruncate, descriptor, size);
}

int ftruncate64(int descriptor, off_t size)
{
    return ftruncate(descriptor, size);
}

/* Closing what was only read tells nothing about what was written. */
static bool was_writable(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

int close(int descriptor)
{
    bool fails = was_writable(descriptor) && fault_of_descriptor("close", descriptor) != GOES_ON;
    int failure = errno, done = (int)syscall(SYS_close, descriptor);
    if (fails)
        errno = failure;
    return fails ? -1 : done;
}

int rename(const char *from, const char *to)
{
    return fault_of_name("rename", to) != GOES_ON ? -1 : (int)syscall(SYS_rename, from, to);
}

int link(const char *from, const char *to)
{
    return fault_of_name("link", to) != GOES_ON ? -1 : (int)syscall(SYS_link, from, to);
}

int unlink(const char *path)
{
    return fault_of_name("unlink", path) != GOES_ON ? -1 : (int)syscall(SYS_unlink, path);
}

int mkdir(const char *path, mode_t mode)
{
    return fault_of_name("mkdir", path) != GOES_ON ? -1 : (int)syscall(SYS_mkdir, path, mode);
}

int rmdir(const char *path)
{
    return fault_of_name("rmdir", path) != GOES_ON ? -1 : (int)syscall(SYS_rmdir, path);
}

static int faulty_open(int folder, const char *path, int flags, mode_t mode)
{
    if ((flags & O_CREAT) && fault_of_name("open", path) != GOES_ON)
        return -1;
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

static mode_t mode_of(int flags, va_list arguments)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                                                          \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = mode_of(flags, arguments);                                                   \
        va_end(arguments);                                                                         \
        return faulty_open(AT_FDCWD, path, flags, mode);                                           \
    }

#define DEFINE_OPENAT(name)                                                                        \
    int name(int folder, const char *path, int flags, ...)                                         \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = mode_of(flags, arguments);                                                   \
        va_end(arguments);                                                                         \
        return faulty_open(folder, path, flags, mode);                                             \
    }

DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)
