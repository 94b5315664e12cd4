/* Checks a checkpoint file when it is opened, piece by piece, and reads sections by name. */
#include "checkpoint/checkpoint_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct checkpoint_reader {
    char *path;
    int descriptor;
    struct checkpoint_header header;
    char *table;                              /* as it stands in the file */
    const struct checkpoint_section *section; /* [header.section_count] */
    uint64_t *offset;                         /* [header.section_count] */
};

static enum status damaged(const struct checkpoint_reader *r, const char *how, struct error *err)
{
    return error_set(err, STATUS_CHECKPOINT, "%s is damaged: %s", r->path, how);
}

static enum status read_all(const struct checkpoint_reader *r, void *out, uint64_t size,
                            uint64_t offset, struct error *err)
{
    char *next = out;
    while (size > 0) {
        ssize_t got = pread(r->descriptor, next, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, STATUS_CHECKPOINT, "cannot read %s: %s", r->path,
                             strerror(errno));
        if (got == 0)
            return damaged(r, "it ends too early", err);
        next += got;
        offset += (uint64_t)got;
        size -= (uint64_t)got;
    }
    return STATUS_OK;
}

static enum status check_header(const struct checkpoint_reader *r, uint64_t file_bytes,
                                struct error *err)
{
    const struct checkpoint_header *h = &r->header;
    if (memcmp(h->magic, checkpoint_magic, sizeof h->magic) != 0)
        return error_set(err, STATUS_CHECKPOINT, "%s is no checkpoint of megalif", r->path);
    if (h->order != CHECKPOINT_ORDER)
        return error_set(err, STATUS_CHECKPOINT,
                         "%s comes from a machine with another byte order, or is damaged", r->path);
    if (h->version > CHECKPOINT_VERSION)
        return error_set(err, STATUS_CHECKPOINT,
                         "%s has format %u, this program reads up to %d: a later version wrote it, "
                         "or it is damaged",
                         r->path, h->version, CHECKPOINT_VERSION);
    if (h->header_checksum != checkpoint_header_checksum(h))
        return damaged(r, "the checksum of its header is wrong", err);
    if (h->file_bytes != file_bytes)
        return damaged(r, "its length is not what its header says", err);
    if (h->table_offset < sizeof *h || h->table_offset > file_bytes ||
        h->section_count > (file_bytes - h->table_offset) / sizeof *r->section)
        return damaged(r, "its header makes no sense", err);
    return STATUS_OK;
}

/* Sections lie one behind the other up to the table, which has a checksum for each piece. */
static enum status check_table(struct checkpoint_reader *r, uint64_t table_bytes, struct error *err)
{
    uint64_t offset = sizeof r->header, pieces = 0;
    for (uint64_t i = 0; i < r->header.section_count; i++) {
        const struct checkpoint_section *s = &r->section[i];
        r->offset[i] = offset;
        if (memchr(s->name, '\0', sizeof s->name) == NULL ||
            s->bytes > r->header.table_offset - offset)
            return damaged(r, "its table makes no sense", err);
        offset += s->bytes;
        pieces += checkpoint_pieces(s->bytes);
    }
    uint64_t names = r->header.section_count * sizeof *r->section;
    if (offset != r->header.table_offset || table_bytes != names + pieces * sizeof(uint64_t))
        return damaged(r, "its table makes no sense", err);
    return STATUS_OK;
}

static enum status read_table(struct checkpoint_reader *r, struct error *err)
{
    uint64_t bytes = r->header.file_bytes - r->header.table_offset;
    r->table = malloc(bytes + 1);
    r->offset = calloc(r->header.section_count + 1, sizeof *r->offset);
    if (!r->table || !r->offset)
        return error_no_memory(err, "to read %s", r->path);
    enum status status = read_all(r, r->table, bytes, r->header.table_offset, err);
    if (status)
        return status;
    if (checksum64(r->table, bytes) != r->header.table_checksum)
        return damaged(r, "the checksum of its table is wrong", err);
    r->section = (const struct checkpoint_section *)r->table;
    return check_table(r, bytes, err);
}

static enum status check_section(const struct checkpoint_reader *r, uint64_t i, uint64_t *piece,
                                 void *buffer, struct error *err)
{
    const struct checkpoint_section *s = &r->section[i];
    const char *sums = r->table + r->header.section_count * sizeof *s;
    for (uint64_t first = 0; first < s->bytes; first += CHECKPOINT_PIECE, (*piece)++) {
        uint64_t left = s->bytes - first, bytes = left < CHECKPOINT_PIECE ? left : CHECKPOINT_PIECE;
        uint64_t expected;
        enum status status = read_all(r, buffer, bytes, r->offset[i] + first, err);
        if (status)
            return status;
        memcpy(&expected, sums + *piece * sizeof expected, sizeof expected);
        if (checksum64(buffer, bytes) != expected)
            return damaged(r, "a checksum is wrong", err);
    }
    return STATUS_OK;
}

static enum status check_sections(const struct checkpoint_reader *r, struct error *err)
{
    void *buffer = malloc(CHECKPOINT_PIECE);
    uint64_t piece = 0;
    enum status status = buffer ? STATUS_OK : error_no_memory(err, "to read %s", r->path);
    for (uint64_t i = 0; !status && i < r->header.section_count; i++)
        status = check_section(r, i, &piece, buffer, err);
    free(buffer);
    return status;
}

static enum status open_all(struct checkpoint_reader *r, struct error *err)
{
    struct stat info;
    r->descriptor = open(r->path, O_RDONLY | O_CLOEXEC);
    if (r->descriptor < 0 && errno != ENOENT) /* it may be whole: not to be passed over */
        return error_set(err, STATUS_OUTPUT, "cannot open %s: %s", r->path, strerror(errno));
    if (r->descriptor < 0 || fstat(r->descriptor, &info) != 0)
        return error_set(err, STATUS_CHECKPOINT, "cannot read %s: %s", r->path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return error_set(err, STATUS_CHECKPOINT, "%s is no regular file", r->path);
    enum status status = read_all(r, &r->header, sizeof r->header, 0, err);
    if (!status)
        status = check_header(r, (uint64_t)info.st_size, err);
    return status ? status : read_table(r, err);
}

enum status checkpoint_reader_open_checked(struct checkpoint_reader **out, const char *path,
                                           struct error *err)
{
    *out = NULL;
    struct checkpoint_reader *r = calloc(1, sizeof *r);
    char *copy = strdup(path);
    if (!r || !copy) {
        free(r);
        free(copy);
        return error_no_memory(err, "to read %s", path);
    }
    r->path = copy;
    enum status status = open_all(r, err);
    if (status)
        checkpoint_reader_close(r);
    else
        *out = r;
    return status;
}

enum status checkpoint_reader_open(struct checkpoint_reader **out, const char *path,
                                   struct error *err)
{
    enum status status = checkpoint_reader_open_checked(out, path, err);
    if (!status)
        status = check_sections(*out, err);
    if (status) {
        checkpoint_reader_close(*out);
        *out = NULL;
    }
    return status;
}

uint64_t checkpoint_reader_identity(const struct checkpoint_reader *reader)
{
    return reader->header.table_checksum;
}

void checkpoint_reader_close(struct checkpoint_reader *r)
{
    if (!r)
        return;
    if (r->descriptor >= 0)
        close(r->descriptor);
    free(r->path);
    free(r->table);
    free(r->offset);
    free(r);
}

static bool find(const struct checkpoint_reader *r, const char *name, uint64_t *i)
{
    for (*i = 0; *i < r->header.section_count; (*i)++)
        if (strcmp(r->section[*i].name, name) == 0)
            return true;
    return false;
}

uint64_t checkpoint_reader_bytes(const struct checkpoint_reader *r, const char *name)
{
    uint64_t i;
    return find(r, name, &i) ? r->section[i].bytes : UINT64_MAX;
}

enum status checkpoint_reader_read(const struct checkpoint_reader *r, const char *name,
                                   uint64_t first, uint64_t bytes, void *out, struct error *err)
{
    uint64_t i;
    if (!find(r, name, &i))
        return error_set(err, STATUS_CHECKPOINT, "%s has no section %s", r->path, name);
    if (first > r->section[i].bytes || bytes > r->section[i].bytes - first)
        return error_set(err, STATUS_CHECKPOINT, "%s: section %s is too short", r->path, name);
    return read_all(r, out, bytes, r->offset[i] + first, err);
}

enum status checkpoint_reader_load(const struct checkpoint_reader *r, const char *name, char **out,
                                   uint64_t *bytes, struct error *err)
{
    uint64_t size = checkpoint_reader_bytes(r, name);
    *out = NULL;
    if (size == UINT64_MAX)
        return error_set(err, STATUS_CHECKPOINT, "%s has no section %s", r->path, name);
    char *text = malloc(size + 1);
    if (!text)
        return error_no_memory(err, "to read %s", r->path);
    enum status status = checkpoint_reader_read(r, name, 0, size, text, err);
    if (status) {
        free(text);
        return status;
    }
    text[size] = '\0';
    *out = text;
    if (bytes)
        *bytes = size;
    return STATUS_OK;
}
