/* A checkpoint as a file: named sections of bytes, every one of them checked (docs/checkpoints.md).
 *
 *   header     64 bytes: magic, version, byte order, sizes, checksums of the table and of itself
 *   sections   one behind the other
 *   table      name and length of each section, then a checksum for each piece of 1 MiB
 *
 * checkpoint_write.c writes the file, checkpoint_reader.c reads it. What the sections mean is the
 * business of save.c and resume.c. */
#ifndef MEGALIF_CHECKPOINT_FILE_H
#define MEGALIF_CHECKPOINT_FILE_H

#include "base/checksum.h"

#include <stddef.h>
#include <stdint.h>

enum { CHECKPOINT_VERSION = 1, CHECKPOINT_ORDER = 0x01020304 };
#define CHECKPOINT_CONNECTIVITY "connectivity" /* a section: the digest of all synapses */

enum { CHECKPOINT_NAME = 192, CHECKPOINT_PIECE = 1 << 20 };

static const char checkpoint_magic[8] = {'M', 'E', 'G', 'A', 'L', 'I', 'F', '\x1a'};

struct checkpoint_header {
    char magic[8];
    uint32_t version;
    uint32_t order; /* CHECKPOINT_ORDER in the writer's byte order */
    uint64_t file_bytes;
    uint64_t section_count;
    uint64_t table_offset; /* where the sections end */
    uint64_t reserved;     /* 0 */
    uint64_t table_checksum;
    uint64_t header_checksum; /* of all before it */
};
_Static_assert(sizeof(struct checkpoint_header) == 64, "no padding");

struct checkpoint_section {
    char name[CHECKPOINT_NAME]; /* NUL-terminated */
    uint64_t bytes;
};
_Static_assert(sizeof(struct checkpoint_section) == CHECKPOINT_NAME + 8, "no padding");

static inline uint64_t checkpoint_header_checksum(const struct checkpoint_header *header)
{
    return checksum64(header, offsetof(struct checkpoint_header, header_checksum));
}

/* Pieces that a section is checked in. */
static inline uint64_t checkpoint_pieces(uint64_t bytes)
{
    return bytes / CHECKPOINT_PIECE + (bytes % CHECKPOINT_PIECE != 0);
}

#endif
