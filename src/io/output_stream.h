/* A file that is written through stdio, by the way of output_path.h: checked, written under a
 * temporary name, brought to disk, renamed. Used by one thread. */
#ifndef MEGALIF_IO_OUTPUT_STREAM_H
#define MEGALIF_IO_OUTPUT_STREAM_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct output_stream {
    FILE *file;      /* to write to; NULL: closed */
    char *path;      /* final */
    char *temporary; /* NULL: standard output */
    bool force;
    int unfinished; /* its place in unfinished.h */
};

/* "-" and the system's names of standard output: these are printed to, never replaced. */
bool output_stream_is_printed(const char *path);

/* Could `path` be written? As output_path_check, but standard output always can. */
enum status output_stream_check(const char *path, bool force, struct error *err);

/* Opens `path`, which is checked first. standard: what is printed to by the names of standard
 * output; NULL: these are names like others. On error nothing is left to be closed or freed. */
enum status output_stream_open(struct output_stream *out, const char *path, bool force,
                               FILE *standard, struct error *err);

/* Closes the stream and frees what belongs to it. `status` is that of writing: when it is no error,
 * and all of the file has reached the disk, the file gets its name; otherwise it is removed.
 * Returns status, or what failed here. A stream that is closed already: nothing happens. */
enum status output_stream_close(struct output_stream *out, enum status status, struct error *err);

#endif
