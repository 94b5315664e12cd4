/* The names of an output file on its way: checked, written under a temporary name, published by a
 * rename. All errors are STATUS_OUTPUT, with a message naming the file, but where something else is
 * said. */
#ifndef MEGALIF_IO_OUTPUT_PATH_H
#define MEGALIF_IO_OUTPUT_PATH_H

#include "base/error.h"

#include <stdbool.h>

/* Could `path` be written? Its directory must be there and writable; an existing file needs force;
 * what is no regular file (a directory, a device, a link to whatever) is always refused. Creates
 * nothing. */
enum status output_path_check(const char *path, bool force, struct error *err);

/* Whether writing `path` would replace `other`: both are one file or will be (the same name in the
 * same folder), or `other` is the temporary file of `path`. */
bool output_path_meets(const char *path, const char *other);

/* The path with something behind it. The caller frees it; NULL without memory. */
char *output_path_with(const char *path, const char *ending);

/* The name under which `path` is written: PATH.part. The caller frees it; NULL without memory. */
char *output_path_temporary(const char *path);

/* STATUS_BUSY while another run holds HDF5's lock on its temporary file. */
enum status output_path_check_free(const char *temporary, struct error *err);

/* Between creating a temporary file and locking it, others would take it for one that a killed run
 * has left: so whoever looks or creates holds a lock on the folder meanwhile. It is waited for two
 * seconds, once in a process; where it cannot be had (somebody else's flock, a file system without
 * locks) all goes on without. Thread-safe. Returns what output_path_release takes; no error. */
int output_path_hold(const char *temporary);
void output_path_release(int hold);

/* Creates the empty temporary file, replacing one that a killed run has left; *descriptor is the
 * caller's to close. Refused where output_path_check_free is. The caller holds the folder until the
 * file is locked. */
enum status output_path_create(const char *temporary, int *descriptor, struct error *err);

/* Syncs the directory that `path` stands in: what was created, renamed or removed there lasts. */
enum status output_path_sync(const char *path, struct error *err);

/* Renames the complete, synced temporary file to path and syncs the directory. When path has come
 * into being since the check, and force is false or it is no regular file, the temporary file stays
 * and the message says so. */
enum status output_path_publish(const char *temporary, const char *path, bool force,
                                struct error *err);

#endif
