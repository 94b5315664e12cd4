#define _GNU_SOURCE /* O_TMPFILE */
#include "io/disk_speed.h"

#include "base/clock.h"

#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };

/* Opens a file that has no name; -1 where the file system knows none. */
static int open_nameless(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    int descriptor = folder ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;
    free(folder);
    return descriptor;
}

double disk_speed_measure(const char *path, size_t bytes)
{
    char *piece = malloc(PIECE);
    int descriptor = open_nameless(path);
    size_t written = 0;
    bool good = piece && descriptor >= 0;
    double start = clock_seconds();
    for (size_t i = 0; piece && i < PIECE; i++) /* nothing that a file system could pack */
        piece[i] = (char)((i * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
    while (good && written < bytes) {
        ssize_t now = write(descriptor, piece, PIECE);
        good = now > 0;
        written += good ? (size_t)now : 0;
    }
    good = good && fsync(descriptor) == 0;
    double took = clock_seconds() - start;
    if (descriptor >= 0)
        close(descriptor);
    free(piece);
    return good ? (double)written / took : NAN;
}
