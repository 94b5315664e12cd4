/* After the shuffle a column is eight planes: byte 0 of all values, byte 1 of all, and so on. Those
 * of sorted ids are noise (low bytes), long runs (where an id's high bytes rise slowly) and
 * constant; those of the times of many spikes a step are long runs. Such planes are stored or
 * written as runs, some thirty times faster than libdeflate's level 1 and within a tenth of its
 * size; it packs what is neither. Of numbers that were drawn all low bytes are noise, which would
 * cost libdeflate most of its time for nothing: these planes are stored, and it packs the others.
 * docs/performance-recording.md has the figures. */
#include "io/chunk_codec.h"

#include "io/zlib_stream.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEVEL = 1,
    PLANES = 8,
    BATCH = 64,      /* rows that inner loops take at a time, so that they are vectorised */
    FEW_RUNS = 16,   /* values in a run, on average, so that a column is written as runs */
    SHORT_RUNS = 4,  /* bytes in a run, on average: with less they are stored; with as many, a
                        plane of runs takes less room than a stored one, whatever their lengths */
    MOST_STORED = 3, /* planes; with more libdeflate is worth its time */
    SAMPLE = 2048,   /* bytes that tell whether a plane is noise */
    WINDOW = 32768,  /* bytes, how far back deflate finds them again */
    AGAIN = 8,       /* values that make a repetition */
};

/* Eight bytes, whatever they are. */
typedef uint64_t __attribute__((may_alias)) word;

struct chunk_codec {
    struct libdeflate_compressor *compressor;
    size_t rows;
    size_t room;
    uint32_t *run;  /* [rows / FEW_RUNS]: where runs of equal values begin */
    uint8_t *plane; /* [PLANES][rows] */
    uint8_t *packed;
};

/* All planes stored, and what libdeflate may add to those it packs. */
size_t chunk_codec_bound(size_t rows)
{
    size_t stored = PLANES * (rows + 5 * (rows / 65535 + 1) + 8) + ZLIB_STREAM_ENDS;
    size_t added = libdeflate_deflate_compress_bound(NULL, PLANES * rows) - PLANES * rows;
    return stored + added;
}

size_t chunk_codec_memory(size_t rows)
{
    return PLANES * rows + chunk_codec_bound(rows) + rows / FEW_RUNS * sizeof(uint32_t);
}

struct chunk_codec *chunk_codec_create(size_t rows)
{
    struct chunk_codec *codec = calloc(1, sizeof *codec);
    if (!codec)
        return NULL;
    codec->compressor = libdeflate_alloc_compressor(LEVEL);
    codec->rows = rows;
    codec->room = chunk_codec_bound(rows);
    codec->run = malloc(rows / FEW_RUNS * sizeof *codec->run);
    codec->plane = malloc(PLANES * rows);
    codec->packed = malloc(codec->room);
    if (codec->compressor && codec->run && codec->plane && codec->packed)
        return codec;
    chunk_codec_destroy(codec);
    return NULL;
}

void chunk_codec_destroy(struct chunk_codec *codec)
{
    if (!codec)
        return;
    if (codec->compressor)
        libdeflate_free_compressor(codec->compressor);
    free(codec->run);
    free(codec->plane);
    free(codec->packed);
    free(codec);
}

/* Do BATCH values all equal the one before the first of them? */
static bool go_on(const word *values)
{
    uint64_t different = 0;
    for (size_t k = 0; k < BATCH; k++)
        different |= values[k] ^ values[-1];
    return different == 0;
}

/* Where runs of equal values begin, the first at 0; returns their number, or 0 when they are too
 * many for codec->run. */
static size_t find_runs(struct chunk_codec *codec, const word *values)
{
    size_t count = 1, most = codec->rows / FEW_RUNS;
    codec->run[0] = 0;
    for (size_t i = 1; i < codec->rows; i++) {
        if (i % BATCH == 1 && i + BATCH <= codec->rows && go_on(values + i)) {
            i += BATCH - 1;
        } else if (values[i] != values[i - 1]) {
            if (count == most)
                return 0;
            codec->run[count++] = (uint32_t)i;
        }
    }
    return count;
}

static void write_runs(struct chunk_codec *codec, struct zlib_stream *stream, const word *values,
                       size_t count)
{
    uint8_t byte = (uint8_t)values[0];
    size_t length = 0;
    for (unsigned j = 0; j < PLANES; j++)
        for (size_t i = 0; i < count; i++) {
            size_t begin = codec->run[i], end = i + 1 < count ? codec->run[i + 1] : codec->rows;
            uint8_t next = (uint8_t)(values[begin] >> 8 * j);
            if (next != byte) {
                zlib_stream_run(stream, byte, length);
                byte = next;
                length = 0;
            }
            length += end - begin;
        }
    zlib_stream_run(stream, byte, length);
}

/* Bits that are not the same in all values. */
static uint64_t differing_bits(const word *values, size_t rows)
{
    uint64_t different = 0, first = values[0];
    for (size_t i = 0; i < rows; i += BATCH)
        for (size_t k = 0; k < BATCH; k++)
            different |= values[i + k] ^ first;
    return different;
}

static void take_plane(const word *restrict values, size_t rows, unsigned shift,
                       uint8_t *restrict plane)
{
    for (size_t i = 0; i < rows; i += BATCH)
        for (size_t k = 0; k < BATCH; k++)
            plane[i + k] = (uint8_t)(values[i + k] >> shift);
}

static size_t count_runs(const uint8_t *plane, size_t rows)
{
    size_t count = 1;
    for (size_t i = 1; i < rows; i++)
        count += plane[i] != plane[i - 1];
    return count;
}

/* Where the run that begins at `begin` ends. */
static size_t run_end(const uint8_t *plane, size_t begin, size_t rows)
{
    const uint64_t byte = plane[begin], pattern = byte * UINT64_C(0x0101010101010101);
    size_t i = begin + 1;
    uint64_t found = pattern;
    for (; i + 8 <= rows && found == pattern; i += 8)
        memcpy(&found, plane + i, 8);
    if (found != pattern)
        i -= 8;
    while (i < rows && plane[i] == byte)
        i++;
    return i;
}

static void write_plane(struct zlib_stream *stream, const uint8_t *plane, size_t rows)
{
    for (size_t begin = 0, end; begin < rows; begin = end) {
        end = run_end(plane, begin, rows);
        zlib_stream_run(stream, plane[begin], end - begin);
    }
}

enum kind { CONSTANT, RUNS, STORED };

/* Fills the planes and tells what each looks like; returns whether writing them so is worth it. The
 * runs of all planes together may be as many as one plane may have: with more libdeflate is as fast
 * and packs better. */
static bool shuffle(struct chunk_codec *codec, const word *values, enum kind kind[PLANES])
{
    uint64_t different = differing_bits(values, codec->rows);
    size_t all_runs = 0, stored = 0;
    for (unsigned j = 0; j < PLANES; j++) {
        uint8_t *plane = codec->plane + j * codec->rows;
        kind[j] = CONSTANT;
        if (!(different >> 8 * j & 0xff)) {
            plane[0] = (uint8_t)(values[0] >> 8 * j);
            continue;
        }
        take_plane(values, codec->rows, 8 * j, plane);
        size_t runs = count_runs(plane, codec->rows);
        kind[j] = runs * SHORT_RUNS < codec->rows ? RUNS : STORED;
        stored += kind[j] == STORED;
        all_runs += kind[j] == RUNS ? runs : 0;
    }
    return stored <= MOST_STORED && all_runs * SHORT_RUNS < codec->rows;
}

static void write_planes(struct chunk_codec *codec, struct zlib_stream *stream,
                         const enum kind kind[PLANES])
{
    for (size_t j = 0; j < PLANES; j++) {
        const uint8_t *plane = codec->plane + j * codec->rows;
        if (kind[j] == CONSTANT)
            zlib_stream_run(stream, plane[0], codec->rows);
        else if (kind[j] == RUNS)
            write_plane(stream, plane, codec->rows);
        else
            zlib_stream_store(stream, plane, codec->rows);
    }
}

static size_t pack_planes(struct chunk_codec *codec, const enum kind kind[PLANES])
{
    for (size_t j = 0; j < PLANES; j++) {
        uint8_t *plane = codec->plane + j * codec->rows;
        if (kind[j] == CONSTANT)
            memset(plane, plane[0], codec->rows);
    }
    return libdeflate_zlib_compress(codec->compressor, codec->plane, PLANES * codec->rows,
                                    codec->packed, codec->room);
}

size_t chunk_codec_pack(struct chunk_codec *codec, const void *values, const void **packed)
{
    struct zlib_stream stream;
    enum kind kind[PLANES];
    *packed = codec->packed;
    zlib_stream_begin(&stream, codec->packed);
    size_t runs = find_runs(codec, values);
    if (runs > 0) {
        write_runs(codec, &stream, values, runs);
    } else {
        if (!shuffle(codec, values, kind))
            return pack_planes(codec, kind);
        write_planes(codec, &stream, kind);
    }
    return zlib_stream_end(&stream);
}

/* Does libdeflate find nothing in the last bytes of a plane? They are zeros in a chunk that is not
 * full. It may try in the free room. */
static bool is_noise(struct chunk_codec *codec, const uint8_t *plane, uint8_t *free_room)
{
    size_t sample = codec->rows < SAMPLE ? codec->rows : SAMPLE;
    return libdeflate_deflate_compress(codec->compressor, plane + codec->rows - sample, sample,
                                       free_room, sample - 1) == 0;
}

/* Do the last values stand before them, too? Those of copies do, some cells further in front than a
 * sample of a plane reaches. */
static bool repeats(const word *values, size_t rows)
{
    const word *last = values + rows - AGAIN;
    for (const word *at = last; at > values && last - at < WINDOW;)
        if (*--at == *last && memcmp(at, last, AGAIN * sizeof *last) == 0)
            return true;
    return false;
}

size_t chunk_codec_pack_numbers(struct chunk_codec *codec, const void *values, const void **packed)
{
    struct zlib_stream stream;
    size_t noise = 0, rows = codec->rows, most = repeats(values, rows) ? 0 : PLANES;
    *packed = codec->packed;
    zlib_stream_begin(&stream, codec->packed);
    for (unsigned j = 0; j < PLANES; j++)
        take_plane(values, rows, 8 * j, codec->plane + j * rows);
    for (; noise < most && is_noise(codec, codec->plane + noise * rows, stream.next); noise++)
        zlib_stream_store(&stream, codec->plane + noise * rows, rows);
    return zlib_stream_end_packed(&stream, codec->compressor, codec->plane + noise * rows,
                                  (PLANES - noise) * rows);
}
