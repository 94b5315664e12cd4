/* libFuzzer target: the checkpoint reader on any bytes. Checksums would keep the fuzzer out, so
 * when the first byte is odd they are made right, as far as the rest makes sense. `make fuzz` runs
 * it. */
#define _GNU_SOURCE /* memfd_create */
#include "checkpoint/checkpoint_reader.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "fuzz_checkpoint: %s\n", what);
        abort();
    }
}

/* Checksums of the pieces of all sections, where the table has room for them. */
static void mend_pieces(uint8_t *bytes, size_t size, const struct checkpoint_header *header)
{
    uint64_t names = header->section_count * sizeof(struct checkpoint_section);
    uint64_t at = sizeof *header, sum_at = header->table_offset + names;
    for (uint64_t i = 0; i < header->section_count; i++) {
        struct checkpoint_section section;
        memcpy(&section, bytes + header->table_offset + i * sizeof section, sizeof section);
        if (section.bytes > header->table_offset - at || section.bytes > CHECKPOINT_PIECE)
            return;
        uint64_t sum = checksum64(bytes + at, section.bytes);
        if (section.bytes > 0 && sum_at + sizeof sum <= size) {
            memcpy(bytes + sum_at, &sum, sizeof sum);
            sum_at += sizeof sum;
        }
        at += section.bytes;
    }
}

static void mend(uint8_t *bytes, size_t size)
{
    struct checkpoint_header header;
    if (size < sizeof header)
        return;
    memcpy(&header, bytes, sizeof header);
    memcpy(header.magic, checkpoint_magic, sizeof header.magic);
    header.version = CHECKPOINT_VERSION;
    header.order = CHECKPOINT_ORDER;
    header.file_bytes = size;
    if (header.table_offset >= sizeof header && header.table_offset <= size) {
        uint64_t room = size - header.table_offset;
        if (header.section_count <= room / sizeof(struct checkpoint_section))
            mend_pieces(bytes, size, &header);
        header.table_checksum = checksum64(bytes + header.table_offset, room);
    }
    header.header_checksum = checkpoint_header_checksum(&header);
    memcpy(bytes, &header, sizeof header);
}

/* What a checkpoint says it has can be read, and no byte more. */
static void read_sections(const struct checkpoint_reader *reader, const uint8_t *bytes,
                          uint64_t table_offset, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct checkpoint_section section;
        struct error err;
        char *text;
        uint64_t length, one;
        memcpy(&section, bytes + table_offset + i * sizeof section, sizeof section);
        require(!checkpoint_reader_load(reader, section.name, &text, &length, &err),
                "no such section");
        require(text[length] == '\0' && length == checkpoint_reader_bytes(reader, section.name),
                "a section of another length");
        free(text);
        require(checkpoint_reader_read(reader, section.name, length, 1, &one, &err) ==
                        STATUS_CHECKPOINT &&
                    checkpoint_reader_read(reader, section.name, UINT64_MAX, 2, &one, &err) ==
                        STATUS_CHECKPOINT,
                "bytes beyond a section");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct checkpoint_reader *reader;
    struct checkpoint_header header;
    struct error err = {STATUS_OK, ""};
    uint8_t *bytes = malloc(size + 1);
    int file = memfd_create("checkpoint", MFD_CLOEXEC);
    require(bytes && file >= 0, "no memory");
    memcpy(bytes, data, size);
    if (size > 0 && data[0] % 2)
        mend(bytes, size);
    require(write(file, bytes, size) == (ssize_t)size, "cannot write");
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    enum status status = checkpoint_reader_open(&reader, path, &err);
    require(status == STATUS_OK || (status == STATUS_CHECKPOINT && strstr(err.text, path)),
            "another error, or one without the file's name");
    if (!status) {
        memcpy(&header, bytes, sizeof header);
        read_sections(reader, bytes, header.table_offset, header.section_count);
        char absent[sizeof((struct checkpoint_section *)0)->name + 1]; /* no name is as long */
        memset(absent, 'x', sizeof absent - 1);
        absent[sizeof absent - 1] = '\0';
        require(checkpoint_reader_bytes(reader, absent) == UINT64_MAX, "invented");
    }
    checkpoint_reader_close(reader);
    close(file);
    free(bytes);
    return 0;
}
