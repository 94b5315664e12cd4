/* Writes down every change that a program makes to files below a folder, with its data, in order:
 * loaded by LD_PRELOAD. From such a log tests/faults/power_loss.py makes what a disk may hold when
 * the power fails.
 *
 *   RECORD_FOLDER  the folder, absolute, with its symbolic links resolved
 *   RECORD_LOG     the log: for each call a line, and after that of a write its bytes
 *
 *   create INODE PATH | truncate INODE SIZE | write INODE OFFSET SIZE | sync INODE
 *   syncdir PATH | rename FROM TO | link FROM TO | unlink PATH | mkdir PATH | rmdir PATH
 *
 * Names have no blanks. A call and its line are under one lock: the order is the true one. */
#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_below(const char *path)
{
    const char *folder = getenv("RECORD_FOLDER");
    size_t length = folder ? strlen(folder) : 0;
    return length > 0 && strncmp(path, folder, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

/* The absolute path of a name; false: not below the folder. */
static bool place_of(const char *name, char path[PATH_MAX])
{
    char folder[PATH_MAX] = "";
    if (name[0] != '/' && !getcwd(folder, sizeof folder))
        return false;
    int length = snprintf(path, PATH_MAX, "%s%s%s", folder, name[0] == '/' ? "" : "/", name);
    return length < PATH_MAX && is_below(path);
}

/* Is the file of a descriptor (or was it, under a name that is gone) below the folder? */
static bool is_ours(int descriptor, char path[PATH_MAX])
{
    char link[64];
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
    errno = saved;
    return length > 0 && is_below(path);
}

static unsigned long inode_of(int descriptor)
{
    struct stat info = {0};
    fstat(descriptor, &info);
    return (unsigned long)info.st_ino;
}

/* One line, then the bytes. */
static void note(const void *bytes, size_t size, const char *format, ...)
{
    char line[3 * PATH_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    int log = (int)syscall(SYS_openat, AT_FDCWD, getenv("RECORD_LOG"),
                           O_WRONLY | O_APPEND | O_CREAT, 0666);
    syscall(SYS_write, log, line, (size_t)length);
    if (size > 0)
        syscall(SYS_write, log, bytes, size);
    syscall(SYS_close, log);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    ssize_t done = syscall(SYS_pwrite64, descriptor, bytes, size, offset);
    int saved = errno;
    if (done > 0 && is_ours(descriptor, path))
        note(bytes, (size_t)done, "write %lu %lld %zd\n", inode_of(descriptor), (long long)offset,
             done);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off_t offset)
{
    return pwrite(descriptor, bytes, size, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    char path[PATH_MAX];
    if (!is_ours(descriptor, path))
        return syscall(SYS_write, descriptor, bytes, size);
    pthread_mutex_lock(&lock);
    off_t offset = lseek(descriptor, 0, SEEK_CUR);
    ssize_t done = syscall(SYS_write, descriptor, bytes, size);
    int saved = errno;
    if (done > 0)
        note(bytes, (size_t)done, "write %lu %lld %zd\n", inode_of(descriptor), (long long)offset,
             done);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

int ftruncate(int descriptor, off_t size)
{
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int done = (int)syscall(SYS_ftruncate, descriptor, size);
    if (done == 0 && is_ours(descriptor, path))
        note(NULL, 0, "truncate %lu %lld\n", inode_of(descriptor), (long long)size);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate64(int descriptor, off_t size)
{
    return ftruncate(descriptor, size);
}

static int sync_and_note(long number, int descriptor)
{
    char path[PATH_MAX];
    struct stat info;
    pthread_mutex_lock(&lock);
    int done = (int)syscall(number, descriptor);
    if (done == 0 && is_ours(descriptor, path) && fstat(descriptor, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            note(NULL, 0, "syncdir %s\n", path);
        else
            note(NULL, 0, "sync %lu\n", (unsigned long)info.st_ino);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int descriptor)
{
    return sync_and_note(SYS_fsync, descriptor);
}

int fdatasync(int descriptor)
{
    return sync_and_note(SYS_fdatasync, descriptor);
}

/* A call on two names. */
static int name_call(long number, const char *what, const char *from, const char *to)
{
    char first[PATH_MAX], second[PATH_MAX];
    pthread_mutex_lock(&lock);
    int done = (int)syscall(number, from, to);
    int saved = errno;
    if (done == 0 && place_of(from, first) && place_of(to, second))
        note(NULL, 0, "%s %s %s\n", what, first, second);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

int rename(const char *from, const char *to)
{
    return name_call(SYS_rename, "rename", from, to);
}

int link(const char *from, const char *to)
{
    return name_call(SYS_link, "link", from, to);
}

/* A call on one name; mode is for mkdir alone. */
static int path_call(long number, const char *what, const char *name, mode_t mode)
{
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int done = (int)syscall(number, name, mode);
    int saved = errno;
    if (done == 0 && place_of(name, path))
        note(NULL, 0, "%s %s\n", what, path);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

int unlink(const char *path)
{
    return path_call(SYS_unlink, "unlink", path, 0);
}

int mkdir(const char *path, mode_t mode)
{
    return path_call(SYS_mkdir, "mkdir", path, mode);
}

int rmdir(const char *path)
{
    return path_call(SYS_rmdir, "rmdir", path, 0);
}

static int open_and_note(int folder, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    struct stat before;
    pthread_mutex_lock(&lock);
    bool is_new = fstatat(folder, name, &before, 0) != 0;
    int descriptor = (int)syscall(SYS_openat, folder, name, flags, mode);
    int saved = errno;
    if (descriptor >= 0 && is_ours(descriptor, path)) {
        if ((flags & O_CREAT) && is_new)
            note(NULL, 0, "create %lu %s\n", inode_of(descriptor), path);
        else if (flags & O_TRUNC)
            note(NULL, 0, "truncate %lu 0\n", inode_of(descriptor));
    }
    pthread_mutex_unlock(&lock);
    errno = saved;
    return descriptor;
}

#define DEFINE_OPEN(name)                                                                          \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;                             \
        va_end(arguments);                                                                         \
        return open_and_note(AT_FDCWD, path, flags, mode);                                         \
    }

DEFINE_OPEN(open)
DEFINE_OPEN(open64)
