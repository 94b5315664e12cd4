/* Reads a checkpoint file, which may hold any bytes. */
#ifndef MEGALIF_CHECKPOINT_READER_H
#define MEGALIF_CHECKPOINT_READER_H

#include "base/error.h"
#include "checkpoint/checkpoint_file.h"

struct checkpoint_reader;

/* Opens a checkpoint and checks every byte of it. STATUS_CHECKPOINT with the reason when it cannot
 * be read, is damaged, of a machine with another byte order, or of a later format; STATUS_MEMORY.
 */
enum status checkpoint_reader_open(struct checkpoint_reader **out, const char *path,
                                   struct error *err);

/* The same of a file that another process has checked: reads only what says where its sections lie.
 */
enum status checkpoint_reader_open_checked(struct checkpoint_reader **out, const char *path,
                                           struct error *err);

/* A number that two files have in common only where their sections have the same checksums. */
uint64_t checkpoint_reader_identity(const struct checkpoint_reader *reader);

void checkpoint_reader_close(struct checkpoint_reader *reader); /* NULL is fine */

/* How many bytes a section has; UINT64_MAX: there is no such section. */
uint64_t checkpoint_reader_bytes(const struct checkpoint_reader *reader, const char *name);

/* Bytes [first, first + bytes) of a section. STATUS_CHECKPOINT when it does not have them. */
enum status checkpoint_reader_read(const struct checkpoint_reader *reader, const char *name,
                                   uint64_t first, uint64_t bytes, void *out, struct error *err);

/* A whole section of any length, allocated, with a NUL behind it; *bytes may be NULL. */
enum status checkpoint_reader_load(const struct checkpoint_reader *reader, const char *name,
                                   char **out, uint64_t *bytes, struct error *err);

#endif
