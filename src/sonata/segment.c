#include "sonata/segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum status segment_altered(const char *path, const char *how, struct error *err)
{
    return error_set(err, STATUS_CHECKPOINT, "%s has been altered or damaged: %s", path, how);
}

enum status segment_check_size(const char *path, uint64_t bytes, struct error *err)
{
    struct stat info;
    char how[80];
    if (stat(path, &info) != 0)
        return error_set(err, STATUS_CHECKPOINT, "%s, a part of the run, cannot be read: %s", path,
                         strerror(errno));
    if ((uint64_t)info.st_size == bytes)
        return STATUS_OK;
    snprintf(how, sizeof how, "it has %" PRIu64 " bytes, and had %" PRIu64, (uint64_t)info.st_size,
             bytes);
    return segment_altered(path, how, err);
}
