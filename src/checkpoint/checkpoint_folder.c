/* Makes, locks and clears the folder of checkpoints, and knows its files by their names. */
#include "checkpoint/checkpoint_folder.h"

#include "io/output_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

char *checkpoint_folder_file(const struct checkpoint_folder *folder, const char *name)
{
    char *slash = output_path_with("/", name),
         *path = slash ? output_path_with(folder->path, slash) : NULL;
    free(slash);
    return path;
}

void checkpoint_folder_segment_name(uint64_t number, char *name)
{
    snprintf(name, CHECKPOINT_SEGMENT_NAME, "segment-%06" PRIu64 ".h5", number);
}

char *checkpoint_folder_segment(const struct checkpoint_folder *folder, uint64_t number)
{
    char name[CHECKPOINT_SEGMENT_NAME];
    checkpoint_folder_segment_name(number, name);
    return checkpoint_folder_file(folder, name);
}

static bool is_segment(const char *name)
{
    size_t length = strlen(name);
    return strncmp(name, "segment-", 8) == 0 && length > 11 &&
           strcmp(name + length - 3, ".h5") == 0;
}

static bool is_being_written(const char *name)
{
    size_t length = strlen(name);
    return strcmp(name, "checkpoint.part") == 0 ||
           (strncmp(name, "segment-", 8) == 0 && length > 8 + 5 &&
            strcmp(name + length - 5, ".part") == 0);
}

/* Is the file that we have locked still the one of this name? Another run may have removed it, with
 * the whole folder, before we got the lock. */
static bool is_in_place(int descriptor, const char *path)
{
    struct stat ours, named;
    return fstat(descriptor, &ours) == 0 && stat(path, &named) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static enum status busy(const struct checkpoint_folder *folder, struct error *err)
{
    return error_set(err, STATUS_BUSY,
                     "another run is at work in %s; wait for it, or choose another output with -o",
                     folder->path);
}

/* Where the file system knows no locks, the run goes without. */
static enum status take_lock(struct checkpoint_folder *folder, struct error *err)
{
    char *path = checkpoint_folder_file(folder, "lock");
    enum status status = STATUS_OK;
    if (!path)
        return error_no_memory(err, "for the name of a lock");
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (folder->lock < 0)
        status = error_set(err, STATUS_OUTPUT, "cannot create %s: %s", path, strerror(errno));
    else if (flock(folder->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        status = busy(folder, err);
    else if (!is_in_place(folder->lock, path))
        status = busy(folder, err);
    if (status && folder->lock >= 0) {
        close(folder->lock);
        folder->lock = -1;
    }
    free(path);
    return status;
}

enum status checkpoint_folder_check(const struct checkpoint_folder *folder, struct error *err)
{
    char *path = checkpoint_folder_file(folder, "lock");
    enum status status = STATUS_OK;
    if (!path)
        status = error_no_memory(err, "for the name of a lock");
    else if (access(path, F_OK) == 0 && !is_in_place(folder->lock, path))
        status = busy(folder, err);
    free(path);
    return status;
}

enum status checkpoint_folder_name(struct checkpoint_folder *out, const char *output,
                                   struct error *err)
{
    *out = (struct checkpoint_folder){.path = output_path_with(output, ".checkpoint"), .lock = -1};
    out->checkpoint = out->path ? output_path_with(out->path, "/checkpoint") : NULL;
    out->previous = out->path ? output_path_with(out->path, "/checkpoint.prev") : NULL;
    return out->checkpoint && out->previous ? STATUS_OK
                                            : error_no_memory(err, "for the names of checkpoints");
}

enum status checkpoint_folder_open(struct checkpoint_folder *out, const char *output,
                                   struct error *err)
{
    struct stat info;
    enum status status = checkpoint_folder_name(out, output, err);
    if (status)
        return status;
    if (mkdir(out->path, 0777) != 0 && errno != EEXIST)
        return error_set(err, STATUS_OUTPUT, "cannot create the folder %s: %s", out->path,
                         strerror(errno));
    if (stat(out->path, &info) != 0 || !S_ISDIR(info.st_mode))
        return error_set(err, STATUS_OUTPUT, "%s is no folder; checkpoints would go there",
                         out->path);
    status = output_path_sync(out->path, err);
    if (!status)
        status = take_lock(out, err);
    if (status)
        rmdir(out->path); /* unless something is in it */
    return status;
}

void checkpoint_folder_close(struct checkpoint_folder *folder)
{
    if (folder->path && folder->lock >= 0)
        close(folder->lock);
    free(folder->path);
    free(folder->checkpoint);
    free(folder->previous);
    *folder = (struct checkpoint_folder){.lock = -1};
}

bool checkpoint_folder_is_there(const char *path)
{
    return access(path, F_OK) == 0 ||
           (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG);
}

/* Without an allocation, which could fail. A longer path cannot be opened. */
bool checkpoint_folder_has_run(const char *output)
{
    static const char *const name[] = {"checkpoint", "checkpoint.prev"};
    char path[PATH_MAX];
    for (size_t i = 0; i < 2; i++)
        if (snprintf(path, sizeof path, "%s.checkpoint/%s", output, name[i]) < PATH_MAX &&
            checkpoint_folder_is_there(path))
            return true;
    return false;
}

static enum status remove_file(const char *path, struct error *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT, "cannot remove %s: %s", path, strerror(errno));
}

enum { PIECE = 1 << 20 };

/* False with errno. */
static bool copy_bytes(int from, int to)
{
    char *piece = malloc(PIECE);
    ssize_t got = piece ? 1 : -1;
    while (got > 0) {
        got = read(from, piece, PIECE);
        for (ssize_t done = 0, now; done < got; done += now) {
            now = write(to, piece + done, (size_t)(got - done));
            if (now < 0) {
                got = -1;
                break;
            }
        }
    }
    free(piece);
    return got == 0 && fsync(to) == 0;
}

static bool copy_file(const char *path, const char *to)
{
    int in = open(path, O_RDONLY | O_CLOEXEC);
    int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = out >= 0 && copy_bytes(in, out);
    if (out >= 0 && close(out) != 0)
        good = false;
    if (in >= 0)
        close(in);
    return good;
}

/* Some file systems have no links. `path` is no symbolic link. */
static bool link_or_copy(const char *path, const char *to)
{
    if (link(path, to) == 0)
        return true;
    bool no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK ||
                    errno == EXDEV;
    return no_links && copy_file(path, to);
}

enum status checkpoint_folder_adopt(const struct checkpoint_folder *folder, const char *path,
                                    const char *name, struct error *err)
{
    char *to = checkpoint_folder_file(folder, name), *real = realpath(path, NULL);
    enum status status = STATUS_OK;
    if (!to)
        status = error_no_memory(err, "for the name of a segment");
    else if (unlink(to) != 0 && errno != ENOENT)
        status = error_set(err, STATUS_OUTPUT, "cannot remove %s: %s", to, strerror(errno));
    else if (!real || !link_or_copy(real, to))
        status =
            error_set(err, errno == ENOMEM ? STATUS_MEMORY : STATUS_OUTPUT,
                      "cannot link or copy %s into %s: %s", path, folder->path, strerror(errno));
    free(to);
    free(real);
    return status;
}

enum status checkpoint_folder_go_back(const struct checkpoint_folder *folder, struct error *err)
{
    if (rename(folder->previous, folder->checkpoint) != 0)
        return error_set(err, STATUS_OUTPUT, "cannot rename %s to %s: %s", folder->previous,
                         folder->checkpoint, strerror(errno));
    return output_path_sync(folder->checkpoint, err);
}

enum status checkpoint_folder_clean(const struct checkpoint_folder *folder,
                                    bool (*keeps)(const void *context, const char *name),
                                    const void *context, struct error *err)
{
    DIR *entries = opendir(folder->path);
    enum status status = STATUS_OK;
    if (!entries)
        return error_set(err, STATUS_OUTPUT, "cannot read the folder %s: %s", folder->path,
                         strerror(errno));
    for (struct dirent *e; !status && (e = readdir(entries));) {
        bool kept = is_segment(e->d_name) && keeps && keeps(context, e->d_name);
        if ((!is_segment(e->d_name) && !is_being_written(e->d_name)) || kept)
            continue;
        char *path = checkpoint_folder_file(folder, e->d_name);
        status = path ? remove_file(path, err) : error_no_memory(err, "for the name of a segment");
        free(path);
    }
    closedir(entries);
    return status;
}

enum status checkpoint_folder_forget_previous(const struct checkpoint_folder *folder,
                                              struct error *err)
{
    return remove_file(folder->previous, err);
}

enum status checkpoint_folder_forget(const struct checkpoint_folder *folder, struct error *err)
{
    enum status status = remove_file(folder->previous, err);
    if (!status)
        status = remove_file(folder->checkpoint, err);
    return status ? status : output_path_sync(folder->checkpoint, err);
}

enum status checkpoint_folder_remove(struct checkpoint_folder *folder, struct error *err)
{
    enum status status = checkpoint_folder_forget(folder, err);
    if (!status)
        status = checkpoint_folder_clean(folder, NULL, NULL, err);
    char *lock = status ? NULL : checkpoint_folder_file(folder, "lock");
    if (!status)
        status = lock ? remove_file(lock, err) : error_no_memory(err, "for the name of its lock");
    free(lock);
    if (!status && rmdir(folder->path) != 0 && errno != ENOTEMPTY && errno != EEXIST)
        status = error_set(err, STATUS_OUTPUT, "cannot remove the folder %s: %s", folder->path,
                           strerror(errno));
    if (status)
        return status;
    close(folder->lock); /* from here on the name may be another run's */
    folder->lock = -1;
    return output_path_sync(folder->path, err);
}
