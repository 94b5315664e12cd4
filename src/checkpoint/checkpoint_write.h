/* Writes a checkpoint file. */
#ifndef MEGALIF_CHECKPOINT_WRITE_H
#define MEGALIF_CHECKPOINT_WRITE_H

#include "base/error.h"
#include "checkpoint/checkpoint_file.h"

/* Gives bytes [first, first + bytes) of a section; first is a multiple of CHECKPOINT_PIECE. Several
 * threads call it at once. */
typedef void checkpoint_write_fill(const void *context, size_t section, uint64_t first,
                                   size_t bytes, void *out);

/* Writes PATH.part on `threads` threads, syncs it, keeps the file that has been at `path` as
 * PATH.prev, renames, syncs the folder. *bytes (may be NULL): the file's size. STATUS_OUTPUT names
 * file, operation and reason, and leaves `path` as it was; STATUS_MEMORY. */
enum status checkpoint_write_file(const char *path, const struct checkpoint_section *section,
                                  size_t count, checkpoint_write_fill *fill, const void *context,
                                  int threads, uint64_t *bytes, struct error *err);

#endif
