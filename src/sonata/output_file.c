#include "sonata/output_file.h"

#include "io/hdf5_help.h"
#include "io/output_path.h"
#include "io/unfinished.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static herr_t put_root_attributes(hid_t file)
{
    const uint32_t magic = 0x0A7A;
    const uint32_t version[2] = {0, 1};
    const hsize_t length = 2;
    hid_t pair = H5Screate_simple(1, &length, NULL);
    if (pair < 0 || hdf5_put_scalar(file, "magic", H5T_NATIVE_UINT32, &magic) < 0 ||
        hdf5_put_attribute(file, "version", H5T_NATIVE_UINT32, pair, version) < 0)
        return -1;
    return H5Sclose(pair);
}

/* HDF5 takes over the empty file. Closing it fails while objects in it are open. */
static herr_t create_hdf5(struct output_file *file)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access < 0 || H5Pset_fclose_degree(access, H5F_CLOSE_SEMI) < 0)
        return -1;
    file->id = H5Fcreate(file->path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (file->id < 0 || put_root_attributes(file->id) < 0)
        return -1;
    return H5Pclose(access);
}

static void free_file(struct output_file *file)
{
    unfinished_forget(file->unfinished);
    if (file->descriptor >= 0)
        close(file->descriptor);
    free(file->path);
    free(file);
}

static enum status create(struct output_file *file, struct error *err)
{
    int hold = output_path_hold(file->path); /* until HDF5 has its lock on the file */
    enum status status = output_path_create(file->path, &file->descriptor, err);
    if (!status)
        file->unfinished = unfinished_add(file->path, file->descriptor);
    if (!status && create_hdf5(file) < 0)
        status = hdf5_failed(err, "cannot create %s", file->path);
    output_path_release(hold);
    return status;
}

enum status output_file_create(struct output_file **out, const char *path, struct error *err)
{
    *out = NULL;
    struct output_file *file = calloc(1, sizeof *file);
    if (!file)
        return error_no_memory(err, NULL);
    file->id = H5I_INVALID_HID;
    file->descriptor = file->unfinished = -1;
    file->path = strdup(path);
    enum status status = file->path ? create(file, err) : error_no_memory(err, NULL);
    if (status)
        output_file_discard(file);
    else
        *out = file;
    return status;
}

enum status output_file_failed(const struct output_file *file, const char *progress,
                               struct error *err)
{
    return hdf5_failed(err, "cannot write %s (%s)", file->path, progress);
}

/* Is the file of this name still ours? Where locks do not work (some network file systems), another
 * run may have replaced it. */
static bool is_in_place(const struct output_file *file)
{
    struct stat ours, named;
    return fstat(file->descriptor, &ours) == 0 && lstat(file->path, &named) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* Why the file is not in place. Waiting would help where another run is at work, only there. */
static enum status tell_displaced(const struct output_file *file, struct error *err)
{
    struct stat named;
    if (lstat(file->path, &named) == 0)
        return error_set(err, STATUS_BUSY,
                         "another run has taken the place of %s, and this one's result is lost; "
                         "give each run an output of its own with -o",
                         file->path);
    if (errno != ENOENT && errno != ENOTDIR)
        return error_set(err, STATUS_OUTPUT, "cannot find %s again: %s", file->path,
                         strerror(errno));
    return error_set(err, STATUS_OUTPUT,
                     "%s is no longer there: it was deleted or moved during the run", file->path);
}

/* Even after fsync a network file system may have a failure to tell. The file is in place. */
static enum status close_descriptor(struct output_file *file, struct error *err)
{
    int failed = close(file->descriptor);
    file->descriptor = -1;
    if (!failed)
        return STATUS_OK;
    error_set(err, STATUS_OUTPUT, "cannot close %s: %s", file->path, strerror(errno));
    unlink(file->path);
    return STATUS_OUTPUT;
}

/* Closing ends HDF5's lock, and bringing the file to disk may take minutes, in which another run
 * must not take it for one that a killed run has left: so it is locked by our own descriptor. */
static herr_t close_hdf5(struct output_file *file)
{
    if (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0)
        return -1;
    int hold = output_path_hold(file->path);
    herr_t closed = H5Fclose(file->id);
    if (closed >= 0)
        flock(file->descriptor, LOCK_EX | LOCK_NB); /* where locks do not work, without */
    output_path_release(hold);
    return closed;
}

enum status output_file_close(struct output_file *file, const char *progress, struct error *err)
{
    enum status status = STATUS_OK;
    if (close_hdf5(file) < 0)
        status = output_file_failed(file, progress, err);
    else if (fsync(file->descriptor) != 0)
        status = error_set(err, STATUS_OUTPUT, "cannot sync %s to disk: %s", file->path,
                           strerror(errno));
    else if (!is_in_place(file)) {
        status = tell_displaced(file, err);
        free_file(file); /* whole and synced: whoever has moved it keeps it */
        return status;
    } else
        status = close_descriptor(file, err);
    if (status)
        output_file_discard(file);
    else
        free_file(file);
    return status;
}

void output_file_discard(struct output_file *file)
{
    if (!file)
        return;
    if (file->descriptor >= 0) {
        if (is_in_place(file))
            unlink(file->path);
        /* HDF5 keeps the abandoned file open: give its space back now. On failure it comes back
         * when the process ends. */
        if (ftruncate(file->descriptor, 0) != 0)
            errno = 0;
    }
    free_file(file);
}
