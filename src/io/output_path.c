#include "io/output_path.h"

#include "base/same_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The directory part of path, allocated; "." when it has none. NULL without memory. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static enum status check_directory(const char *path, const char *directory, struct error *err)
{
    struct stat info;
    if (stat(directory, &info) != 0)
        return error_set(err, STATUS_OUTPUT, "cannot write %s: directory %s: %s%s", path, directory,
                         strerror(errno),
                         errno == ENOENT ? "; create it, or choose another name" : "");
    if (!S_ISDIR(info.st_mode))
        return error_set(err, STATUS_OUTPUT, "cannot write %s: %s is no directory", path,
                         directory);
    if (access(directory, W_OK | X_OK) != 0)
        return error_set(err, STATUS_OUTPUT, "cannot write %s: directory %s: %s", path, directory,
                         strerror(errno));
    return STATUS_OK;
}

/* A link is never an output: a rename would replace it, and leave what it stands for as it was. */
static enum status refuse_link(const char *path, struct error *err)
{
    struct stat info;
    char to[PATH_MAX] = "";
    ssize_t length = readlink(path, to, sizeof to - 1);
    to[length > 0 ? length : 0] = '\0';
    bool other = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    return error_set(err, STATUS_OUTPUT, "%s is a link to %s, %s", path, to,
                     other ? "which is no regular file; choose another name"
                           : "and a link is not written to; name the file itself, or another one");
}

static enum status check_existing(const char *path, bool force, struct error *err)
{
    struct stat info;
    if (lstat(path, &info) != 0) {
        if (errno == ENOENT)
            return STATUS_OK;
        return error_set(err, STATUS_OUTPUT, "cannot write %s: %s", path, strerror(errno));
    }
    if (S_ISLNK(info.st_mode))
        return refuse_link(path, err);
    if (!S_ISREG(info.st_mode))
        return error_set(err, STATUS_OUTPUT,
                         "%s exists and is no regular file; choose another name", path);
    if (!force)
        return error_set(err, STATUS_OUTPUT,
                         "%s exists; choose another name, or replace it with --force", path);
    return STATUS_OK;
}

enum status output_path_check(const char *path, bool force, struct error *err)
{
    size_t length = strlen(path);
    if (strcmp(path, "-") == 0)
        return error_set(err, STATUS_OUTPUT,
                         "the output \"-\" stands for standard output, where HDF5 cannot write; "
                         "name a file (./- for one of that name)");
    if (length == 0 || path[length - 1] == '/')
        return error_set(err, STATUS_OUTPUT,
                         "the output \"%s\" names no file; name one with -o or [output] file",
                         path);
    struct stat info; /* of a device it matters first that it is one: /dev is root's */
    if (lstat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return check_existing(path, force, err);
    char *directory = directory_of(path);
    if (!directory)
        return error_no_memory(err, NULL);
    enum status status = check_directory(path, directory, err);
    free(directory);
    return status ? status : check_existing(path, force, err);
}

/* As directory_of, without memory; false for a path that is too long for any file. */
static bool copy_directory(char to[PATH_MAX], const char *path)
{
    const char *slash = strrchr(path, '/');
    int length = slash && slash > path ? (int)(slash - path) : 1;
    return snprintf(to, PATH_MAX, "%.*s", length, slash ? path : ".") < PATH_MAX;
}

/* The same name in the same folder, be it there or not. */
static bool same_name(const char *path, const char *other)
{
    const char *name = strrchr(path, '/'), *name_of_other = strrchr(other, '/');
    if (strcmp(name ? name + 1 : path, name_of_other ? name_of_other + 1 : other) != 0)
        return false;
    char folder[PATH_MAX], folder_of_other[PATH_MAX];
    return copy_directory(folder, path) && copy_directory(folder_of_other, other) &&
           same_file(folder, folder_of_other);
}

bool output_path_meets(const char *path, const char *other)
{
    char temporary[PATH_MAX];
    bool fits = snprintf(temporary, sizeof temporary, "%s.part", path) < PATH_MAX;
    return (fits && same_file(temporary, other)) || same_file(path, other) ||
           same_name(path, other);
}

char *output_path_with(const char *path, const char *ending)
{
    size_t size = strlen(path) + strlen(ending) + 1;
    char *name = malloc(size);
    if (name)
        snprintf(name, size, "%s%s", path, ending);
    return name;
}

char *output_path_temporary(const char *path)
{
    return output_path_with(path, ".part");
}

/* HDF5 holds flock on a file it writes: a lock we cannot get is another run at work. */
static bool is_locked(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool locked = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(descriptor);
    return locked;
}

static int open_folder(const char *path)
{
    char folder[PATH_MAX];
    return copy_directory(folder, path) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

int output_path_hold(const char *temporary)
{
    enum { TRIES = 200 };
    static atomic_bool in_vain; /* whoever has waited once for somebody else's flock has seen it */
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    int hold = open_folder(temporary), tries = atomic_load(&in_vain) ? 1 : TRIES;
    while (hold >= 0 && flock(hold, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        if (--tries <= 0) {
            atomic_store(&in_vain, true);
            break;
        }
        nanosleep(&pause, NULL);
    }
    return hold;
}

void output_path_release(int hold)
{
    if (hold >= 0)
        close(hold);
}

static enum status check_free(const char *temporary, struct error *err)
{
    if (is_locked(temporary))
        return error_set(err, STATUS_BUSY,
                         "another run is writing %s; wait for it, or choose another name",
                         temporary);
    return STATUS_OK;
}

enum status output_path_check_free(const char *temporary, struct error *err)
{
    int hold = output_path_hold(temporary);
    enum status status = check_free(temporary, err);
    output_path_release(hold);
    return status;
}

enum status output_path_create(const char *temporary, int *descriptor, struct error *err)
{
    enum status status = check_free(temporary, err);
    if (status)
        return status;
    if (unlink(temporary) != 0 && errno != ENOENT && errno != ENAMETOOLONG)
        return error_set(err, STATUS_OUTPUT, "cannot remove %s, left by an earlier run: %s",
                         temporary, strerror(errno));
    *descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (*descriptor < 0)
        return error_set(err, STATUS_OUTPUT, "cannot create %s: %s", temporary, strerror(errno));
    return STATUS_OK;
}

static enum status sync_directory(const char *path, const char *directory, struct error *err)
{
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot sync a directory and say EINVAL: nothing more can be done there. */
    bool good = descriptor >= 0 && (fsync(descriptor) == 0 || errno == EINVAL);
    int reason = errno;
    if (descriptor >= 0 && close(descriptor) != 0 && good) {
        reason = errno;
        good = false;
    }
    return good ? STATUS_OK
                : error_set(err, STATUS_OUTPUT,
                            "%s is written, but its directory %s could not be synced: %s", path,
                            directory, strerror(reason));
}

enum status output_path_sync(const char *path, struct error *err)
{
    char *directory = directory_of(path);
    enum status status =
        directory ? sync_directory(path, directory, err) : error_no_memory(err, NULL);
    free(directory);
    return status;
}

enum status output_path_publish(const char *temporary, const char *path, bool force,
                                struct error *err)
{
    struct stat info;
    bool there = lstat(path, &info) == 0;
    if (there && (!force || !S_ISREG(info.st_mode)))
        return error_set(err, STATUS_OUTPUT,
                         "%s has come into being during the run%s; the complete result is in %s",
                         path, force ? ", and is no regular file" : "", temporary);
    char *directory = directory_of(path); /* before the rename: after it nothing may be missing */
    enum status status = directory ? STATUS_OK : error_no_memory(err, NULL);
    if (!status && rename(temporary, path) != 0)
        status = error_set(err, STATUS_OUTPUT, "cannot rename %s to %s: %s", temporary, path,
                           strerror(errno));
    if (status)
        unlink(temporary);
    else
        status = sync_directory(path, directory, err);
    free(directory);
    return status;
}
