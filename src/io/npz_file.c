#include "io/npz_file.h"

#include <errno.h>
#include <inttypes.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MOST = 256, LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22 };

/* What the archive's directory says of a member. */
struct member {
    char name[208];
    uint32_t crc, size, offset;
};

static void put16(unsigned char *to, uint32_t value)
{
    to[0] = (unsigned char)value;
    to[1] = (unsigned char)(value >> 8);
}

static void put32(unsigned char *to, uint32_t value)
{
    put16(to, value);
    put16(to + 2, value >> 16);
}

/* The .npy header: magic, version 1.0, and a dictionary padded to a multiple of 64 bytes. */
static size_t npy_header(char header[HEADER_MOST], const struct npz_array *a)
{
    char shape[64];
    const uint16_t one = 1;
    char order = *(const char *)&one ? '<' : '>';
    if (a->columns > 0)
        snprintf(shape, sizeof shape, "(%" PRIu64 ", %" PRIu64 ")", a->rows, a->columns);
    else
        snprintf(shape, sizeof shape, "(%" PRIu64 ",)", a->rows);
    size_t length =
        10 + (size_t)snprintf(header + 10, HEADER_MOST - 10,
                              "{'descr': '%cf8', 'fortran_order': False, 'shape': %s, }", order,
                              shape);
    size_t padded = (length + 1 + 63) / 64 * 64;
    memset(header + length, ' ', padded - length - 1);
    header[padded - 1] = '\n';
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    put16((unsigned char *)header + 8, (uint32_t)(padded - 10));
    return padded;
}

static uint64_t data_bytes(const struct npz_array *a)
{
    return a->rows * (a->columns > 0 ? a->columns : 1) * sizeof(double);
}

/* The fields that a local and a central header share, from "version needed" on. */
static void put_common(unsigned char *to, const struct member *m)
{
    memset(to, 0, 26);
    put16(to, 20);         /* version 2.0 */
    put16(to + 8, 0x0021); /* 1 January 1980: the same bytes every time */
    put32(to + 10, m->crc);
    put32(to + 14, m->size); /* compressed: stored as it is */
    put32(to + 18, m->size);
    put16(to + 22, (uint32_t)strlen(m->name));
}

static void write_member(FILE *file, const struct npz_array *a, struct member *m)
{
    unsigned char local[LOCAL_BYTES] = {'P', 'K', 3, 4};
    char header[HEADER_MOST];
    size_t length = npy_header(header, a);
    snprintf(m->name, sizeof m->name, "%.200s.npy", a->name);
    m->offset = (uint32_t)ftell(file);
    m->size = (uint32_t)(length + data_bytes(a));
    m->crc = libdeflate_crc32(libdeflate_crc32(0, header, length), a->values, data_bytes(a));
    put_common(local + 4, m);
    fwrite(local, 1, sizeof local, file);
    fputs(m->name, file);
    fwrite(header, 1, length, file);
    fwrite(a->values, 1, data_bytes(a), file);
}

static void write_directory(FILE *file, const struct member *member, size_t count)
{
    uint32_t start = (uint32_t)ftell(file);
    unsigned char end[END_BYTES] = {'P', 'K', 5, 6};
    for (size_t i = 0; i < count; i++) {
        unsigned char central[CENTRAL_BYTES] = {'P', 'K', 1, 2, 20};
        put_common(central + 6, &member[i]);
        put32(central + 42, member[i].offset);
        fwrite(central, 1, sizeof central, file);
        fputs(member[i].name, file);
    }
    put16(end + 8, (uint32_t)count);
    put16(end + 10, (uint32_t)count);
    put32(end + 12, (uint32_t)ftell(file) - start);
    put32(end + 16, start);
    fwrite(end, 1, sizeof end, file);
}

enum status npz_write(FILE *file, const char *path, const struct npz_array *array, size_t count,
                      struct error *err)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += data_bytes(&array[i]) + 1024;
    if (bytes > UINT32_MAX || count > UINT16_MAX)
        return error_set(err, STATUS_OUTPUT,
                         "%s would have %zu arrays and %.3g GB; a .npz file holds at most 65535 "
                         "and 4.29 GB",
                         path, count, (double)bytes * 1e-9);
    struct member *member = calloc(count + 1, sizeof *member);
    if (!member)
        return error_no_memory(err, "for the directory of %s", path);
    for (size_t i = 0; i < count; i++)
        write_member(file, &array[i], &member[i]);
    write_directory(file, member, count);
    free(member);
    if (fflush(file) != 0 || ferror(file))
        return error_set(err, STATUS_OUTPUT, "cannot write %s: %s", path, strerror(errno));
    return STATUS_OK;
}
