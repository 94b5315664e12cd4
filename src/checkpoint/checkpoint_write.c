/* Writes the sections of a checkpoint piece by piece, on all threads, and publishes the file when
 * it is whole. */
#include "checkpoint/checkpoint_write.h"

#include "base/team.h"
#include "io/output_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file on its way. */
struct writing {
    const struct checkpoint_section *section;
    size_t count;
    checkpoint_write_fill *fill;
    const void *context;
    int descriptor;
    uint64_t *offset;      /* [count]: in the file */
    uint64_t *first_piece; /* [count + 1] */
    uint64_t *checksum;    /* [pieces] */
    _Atomic uint64_t next_piece;
    atomic_int failure; /* errno of a write that failed */
};

static int write_all(int descriptor, const void *bytes, size_t size, uint64_t offset)
{
    const char *next = bytes;
    while (size > 0) {
        ssize_t written = pwrite(descriptor, next, size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? errno : EIO;
        next += written;
        offset += (uint64_t)written;
        size -= (size_t)written;
    }
    return 0;
}

/* The section that has this piece. */
static size_t section_of(const struct writing *w, uint64_t piece)
{
    size_t low = 0, high = w->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (w->first_piece[middle] <= piece)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int write_piece(struct writing *w, uint64_t piece, void *buffer)
{
    size_t i = section_of(w, piece);
    uint64_t first = (piece - w->first_piece[i]) * CHECKPOINT_PIECE;
    uint64_t left = w->section[i].bytes - first;
    size_t bytes = left < CHECKPOINT_PIECE ? (size_t)left : CHECKPOINT_PIECE;
    w->fill(w->context, i, first, bytes, buffer);
    w->checksum[piece] = checksum64(buffer, bytes);
    return write_all(w->descriptor, buffer, bytes, w->offset[i] + first);
}

static void write_part(void *context, int part, int parts)
{
    struct writing *w = context;
    const uint64_t pieces = w->first_piece[w->count];
    uint64_t piece = w->next_piece++;
    void *buffer = piece < pieces ? malloc(CHECKPOINT_PIECE) : NULL;
    (void)part, (void)parts;
    for (; !w->failure && piece < pieces; piece = w->next_piece++) {
        int failure = buffer ? write_piece(w, piece, buffer) : ENOMEM;
        if (failure)
            w->failure = failure;
    }
    free(buffer);
}

static void write_sections(struct writing *w, int threads)
{
    team_run(w->first_piece[w->count] > 1 ? threads : 1, write_part, w);
}

/* The table goes behind the sections, the header to the beginning. */
static int write_table(struct writing *w, uint64_t table_offset, uint64_t *file_bytes)
{
    size_t names = w->count * sizeof *w->section;
    size_t sums = w->first_piece[w->count] * sizeof *w->checksum;
    char *table = malloc(names + sums + 1);
    if (!table)
        return ENOMEM;
    memcpy(table, w->section, names);
    memcpy(table + names, w->checksum, sums);
    struct checkpoint_header header = {
        .version = CHECKPOINT_VERSION,
        .order = CHECKPOINT_ORDER,
        .file_bytes = table_offset + names + sums,
        .section_count = w->count,
        .table_offset = table_offset,
        .table_checksum = checksum64(table, names + sums),
    };
    memcpy(header.magic, checkpoint_magic, sizeof header.magic);
    header.header_checksum = checkpoint_header_checksum(&header);
    int failure = write_all(w->descriptor, table, names + sums, table_offset);
    if (!failure)
        failure = write_all(w->descriptor, &header, sizeof header, 0);
    free(table);
    *file_bytes = header.file_bytes;
    return failure;
}

/* Lays the sections out; false without memory. */
static bool lay_out(struct writing *w, uint64_t *table_offset)
{
    uint64_t offset = sizeof(struct checkpoint_header), pieces = 0;
    w->offset = calloc(w->count + 1, sizeof *w->offset);
    w->first_piece = calloc(w->count + 1, sizeof *w->first_piece);
    if (!w->offset || !w->first_piece)
        return false;
    for (size_t i = 0; i < w->count; i++) {
        w->offset[i] = offset;
        w->first_piece[i] = pieces;
        offset += w->section[i].bytes;
        pieces += checkpoint_pieces(w->section[i].bytes);
    }
    w->first_piece[w->count] = pieces;
    w->checksum = calloc(pieces + 1, sizeof *w->checksum);
    *table_offset = offset;
    return w->checksum != NULL;
}

static enum status write_content(struct writing *w, const char *temporary, int threads,
                                 uint64_t *bytes, struct error *err)
{
    uint64_t table_offset;
    if (!lay_out(w, &table_offset))
        return error_no_memory(err, "to write %s", temporary);
    write_sections(w, threads);
    int failure = w->failure ? w->failure : write_table(w, table_offset, bytes);
    if (failure)
        return error_set(err, failure == ENOMEM ? STATUS_MEMORY : STATUS_OUTPUT,
                         "cannot write %s: %s", temporary, strerror(failure));
    if (fsync(w->descriptor) != 0)
        return error_set(err, STATUS_OUTPUT, "cannot sync %s to disk: %s", temporary,
                         strerror(errno));
    return STATUS_OK;
}

static enum status write_temporary(struct writing *w, const char *temporary, int threads,
                                   uint64_t *bytes, struct error *err)
{
    w->descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (w->descriptor < 0)
        return error_set(err, STATUS_OUTPUT, "cannot create %s: %s", temporary, strerror(errno));
    enum status status = write_content(w, temporary, threads, bytes, err);
    if (close(w->descriptor) != 0 && !status)
        status = error_set(err, STATUS_OUTPUT, "cannot close %s: %s", temporary, strerror(errno));
    if (status)
        unlink(temporary);
    return status;
}

/* The file at `path` gets a second name, so that at every moment one of the two is there. */
static enum status keep_previous(const char *path, const char *previous, struct error *err)
{
    if (unlink(previous) != 0 && errno != ENOENT)
        return error_set(err, STATUS_OUTPUT, "cannot remove %s: %s", previous, strerror(errno));
    if (link(path, previous) == 0 || errno == ENOENT)
        return STATUS_OK;
    bool no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK;
    if (no_links && rename(path, previous) == 0) /* some file systems have no links */
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT, "cannot link %s to %s: %s", path, previous,
                     strerror(errno));
}

enum status checkpoint_write_file(const char *path, const struct checkpoint_section *section,
                                  size_t count, checkpoint_write_fill *fill, const void *context,
                                  int threads, uint64_t *bytes, struct error *err)
{
    struct writing w = {.section = section, .count = count, .fill = fill, .context = context};
    size_t size = strlen(path) + sizeof ".part";
    char *temporary = malloc(size), *previous = malloc(size);
    uint64_t written = 0;
    enum status status = STATUS_OK;
    if (!temporary || !previous)
        status = error_no_memory(err, "to write %s", path);
    if (!status) {
        snprintf(temporary, size, "%s.part", path);
        snprintf(previous, size, "%s.prev", path);
        status = write_temporary(&w, temporary, threads, &written, err);
    }
    if (!status)
        status = keep_previous(path, previous, err);
    if (!status)
        status = output_path_publish(temporary, path, true, err);
    if (bytes)
        *bytes = written;
    free(w.offset);
    free(w.first_piece);
    free(w.checksum);
    free(temporary);
    free(previous);
    return status;
}
