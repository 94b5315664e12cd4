/* Text and other files on their way through stdio to their final name. */
#include "io/output_stream.h"

#include "io/output_path.h"
#include "io/unfinished.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool output_stream_is_printed(const char *path)
{
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(path, names[i]) == 0)
            return true;
    return false;
}

enum status output_stream_check(const char *path, bool force, struct error *err)
{
    return output_stream_is_printed(path) ? STATUS_OK : output_path_check(path, force, err);
}

static void free_names(struct output_stream *out)
{
    unfinished_forget(out->unfinished);
    free(out->path);
    free(out->temporary);
    *out = (struct output_stream){.unfinished = -1};
}

/* The lock tells others that the temporary file is being written; where locks do not work, all the
 * same is done without. */
static enum status create(struct output_stream *out, struct error *err)
{
    int descriptor, hold = output_path_hold(out->temporary);
    enum status status = output_path_create(out->temporary, &descriptor, err);
    if (!status)
        flock(descriptor, LOCK_EX | LOCK_NB);
    output_path_release(hold);
    if (status)
        return status;
    out->unfinished = unfinished_add(out->temporary, descriptor);
    out->file = fdopen(descriptor, "w");
    if (out->file)
        return STATUS_OK;
    close(descriptor);
    unlink(out->temporary);
    return error_no_memory(err, "to write %s", out->path);
}

enum status output_stream_open(struct output_stream *out, const char *path, bool force,
                               FILE *standard, struct error *err)
{
    *out = (struct output_stream){.force = force, .unfinished = -1};
    if (standard && output_stream_is_printed(path)) {
        out->file = standard;
        return STATUS_OK;
    }
    enum status status = output_path_check(path, force, err);
    if (status)
        return status;
    out->path = strdup(path);
    out->temporary = output_path_temporary(path);
    status = out->path && out->temporary ? create(out, err) : error_no_memory(err, NULL);
    if (status)
        free_names(out);
    return status;
}

static enum status failed(const char *path, int reason, struct error *err)
{
    return error_set(err, STATUS_OUTPUT, "cannot write %s: %s", path, strerror(reason));
}

/* Another process may have taken the temporary name, where locks do not work. */
static bool is_in_place(const struct output_stream *out, int descriptor)
{
    struct stat ours, named;
    return fstat(descriptor, &ours) == 0 && lstat(out->temporary, &named) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static enum status check_written(const struct output_stream *out, struct error *err)
{
    errno = 0;
    if (fflush(out->file) != 0 || ferror(out->file))
        return failed(out->temporary ? out->path : "standard output", errno ? errno : EIO, err);
    if (out->temporary && fsync(fileno(out->file)) != 0)
        return failed(out->path, errno, err);
    if (out->temporary && !is_in_place(out, fileno(out->file)))
        return error_set(err, STATUS_OUTPUT, "%s was removed or replaced while it was written",
                         out->temporary);
    return STATUS_OK;
}

enum status output_stream_close(struct output_stream *out, enum status status, struct error *err)
{
    if (!out->file)
        return status;
    if (!status)
        status = check_written(out, err);
    bool ours = out->temporary && is_in_place(out, fileno(out->file));
    if (out->temporary && fclose(out->file) != 0 && !status)
        status = failed(out->path, errno, err);
    out->file = NULL;
    if (status && ours)
        unlink(out->temporary);
    if (!status && out->temporary)
        status = output_path_publish(out->temporary, out->path, out->force, err);
    free_names(out);
    return status;
}
