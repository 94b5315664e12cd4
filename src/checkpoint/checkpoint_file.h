/* A checkpoint as a file: named sections of bytes, every one of them checked (docs/checkpoints.md).
 *
 *   header     64 bytes: magic, version, byte order, sizes, checksums of the table and of itself
 *   sections   one behind the other
 *   table      name and length of each section, then a checksum for each piece of 1 MiB
 *
 * What the sections mean is the business of the callers. */
#ifndef MEGALIF_CHECKPOINT_FILE_H
#define MEGALIF_CHECKPOINT_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHECKPOINT_NAME = 192, CHECKPOINT_PIECE = 1 << 20 };

struct checkpoint_section {
    char name[CHECKPOINT_NAME]; /* NUL-terminated */
    uint64_t bytes;
};

/* Gives bytes [first, first + bytes) of a section; first is a multiple of CHECKPOINT_PIECE. Several
 * threads call it at once. */
typedef void checkpoint_file_fill(const void *context, size_t section, uint64_t first, size_t bytes,
                                  void *out);

/* Writes PATH.part on `threads` OpenMP threads, syncs it, keeps the file that has been at `path` as
 * PATH.prev, renames, syncs the folder. *bytes (may be NULL): the file's size. STATUS_OUTPUT names
 * file, operation and reason, and leaves `path` as it was; STATUS_MEMORY. */
enum status checkpoint_file_write(const char *path, const struct checkpoint_section *section,
                                  size_t count, checkpoint_file_fill *fill, const void *context,
                                  int threads, uint64_t *bytes, struct error *err);

struct checkpoint_reader;

/* Opens a checkpoint and checks every byte of it. STATUS_CHECKPOINT with the reason when it cannot
 * be read, is damaged, of a machine with another byte order, or of a later format; STATUS_MEMORY.
 * Survives any bytes. */
enum status checkpoint_file_open(struct checkpoint_reader **out, const char *path,
                                 struct error *err);
void checkpoint_file_close(struct checkpoint_reader *reader); /* NULL is fine */

/* How many bytes a section has; UINT64_MAX: there is no such section. */
uint64_t checkpoint_file_bytes(const struct checkpoint_reader *reader, const char *name);

/* Bytes [first, first + bytes) of a section. STATUS_CHECKPOINT when it does not have them. */
enum status checkpoint_file_read(const struct checkpoint_reader *reader, const char *name,
                                 uint64_t first, uint64_t bytes, void *out, struct error *err);

/* A whole section of any length, allocated, with a NUL behind it; *bytes may be NULL. */
enum status checkpoint_file_load(const struct checkpoint_reader *reader, const char *name,
                                 char **out, uint64_t *bytes, struct error *err);

#endif
