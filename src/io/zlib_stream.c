#include "io/zlib_stream.h"

#include <libdeflate.h>
#include <string.h>

enum {
    RUNS = 2,      /* block header: not the last, fixed Huffman code */
    STORED = 0,    /* not the last, stored */
    LAST_RUNS = 3, /* the last, fixed Huffman code */
    HEADER_BITS = 3,
    END_OF_BLOCK = 0, /* symbol 256 of the fixed code: seven zero bits */
    END_BITS = 7,
    STORED_MOST = 65535, /* bytes in a stored block */
    MATCH_LEAST = 3,
    MATCH_MOST = 258,
    ADLER_MODULUS = 65521
};

static void put(struct zlib_stream *stream, uint32_t bits, unsigned count)
{
    stream->bits |= (uint64_t)bits << stream->bit_count;
    stream->bit_count += count;
    if (stream->bit_count >= 32) {
        for (int i = 0; i < 4; i++)
            *stream->next++ = (uint8_t)(stream->bits >> 8 * i);
        stream->bits >>= 32;
        stream->bit_count -= 32;
    }
}

/* Zero bits up to the next whole byte. */
static void align(struct zlib_stream *stream)
{
    for (; stream->bit_count > 0;
         stream->bit_count -= stream->bit_count < 8 ? stream->bit_count : 8) {
        *stream->next++ = (uint8_t)stream->bits;
        stream->bits >>= 8;
    }
}

/* Huffman codes go in with their first bit lowest. Three steps swap halves, quarters, bits. */
static uint32_t reverse8(uint32_t byte)
{
    byte = (byte & 0x0f) << 4 | byte >> 4;
    byte = (byte & 0x33) << 2 | (byte >> 2 & 0x33);
    return (byte & 0x55) << 1 | (byte >> 1 & 0x55);
}

/* Codes 0x30 to 0xBF of 8 bits; from 144 on 0x190 to 0x1FF of 9. */
static void put_literal(struct zlib_stream *stream, uint8_t byte)
{
    if (byte < 144)
        put(stream, reverse8(0x30u + byte), 8);
    else
        put(stream, reverse8(byte) << 1 | 1, 9);
}

/* Repeats the byte before `length` (3 to 258) times. Symbols 257 to 264 are lengths 3 to 10; then
 * groups of four symbols share 1, 2, ... 5 extra bits; 285 is 258. */
static void put_match(struct zlib_stream *stream, unsigned length)
{
    unsigned symbol, extra = 0, rest = length - MATCH_LEAST;
    if (length == MATCH_MOST) {
        symbol = 285;
        rest = 0;
    } else {
        while (rest >> extra >= 8)
            extra++;
        symbol = 257 + 4 * extra + (rest >> extra);
        rest &= (1u << extra) - 1;
    }
    if (symbol < 280)
        put(stream, reverse8(symbol - 256) >> 1, 7);
    else
        put(stream, reverse8(0xC0u + symbol - 280), 8);
    put(stream, rest, extra);
    put(stream, 0, 5); /* distance 1 */
}

void zlib_stream_begin(struct zlib_stream *stream, uint8_t *out)
{
    *stream = (struct zlib_stream){.start = out, .next = out, .adler = 1};
    *stream->next++ = 0x78; /* deflate, 32 KiB window */
    *stream->next++ = 0x01; /* fastest; makes the two a multiple of 31 */
}

static uint32_t adler_of_run(uint32_t adler, uint8_t byte, size_t length)
{
    uint64_t n = length % ADLER_MODULUS, a = adler & 0xffff, b = adler >> 16;
    /* n (n + 1) / 2 needs n itself, not its remainder: halve the even factor first. */
    uint64_t even = length % 2 ? length + 1 : length, odd = length % 2 ? length : length + 1;
    uint64_t triangle = even / 2 % ADLER_MODULUS * (odd % ADLER_MODULUS) % ADLER_MODULUS;
    b = (b + n * a + triangle * byte) % ADLER_MODULUS;
    a = (a + n * byte) % ADLER_MODULUS;
    return (uint32_t)(b << 16 | a);
}

void zlib_stream_run(struct zlib_stream *stream, uint8_t byte, size_t length)
{
    stream->adler = adler_of_run(stream->adler, byte, length);
    if (!stream->in_runs)
        put(stream, RUNS, HEADER_BITS);
    stream->in_runs = true;
    put_literal(stream, byte);
    size_t left = length - 1;
    while (left >= MATCH_LEAST) {
        unsigned match = left < MATCH_MOST ? (unsigned)left : MATCH_MOST;
        put_match(stream, match);
        left -= match;
    }
    for (; left > 0; left--)
        put_literal(stream, byte);
}

static void end_runs(struct zlib_stream *stream)
{
    if (stream->in_runs)
        put(stream, END_OF_BLOCK, END_BITS);
    stream->in_runs = false;
}

void zlib_stream_store(struct zlib_stream *stream, const uint8_t *bytes, size_t length)
{
    stream->adler = libdeflate_adler32(stream->adler, bytes, length);
    end_runs(stream);
    while (length > 0) {
        size_t part = length < STORED_MOST ? length : STORED_MOST;
        put(stream, STORED, HEADER_BITS);
        align(stream);
        const uint8_t size[4] = {(uint8_t)part, (uint8_t)(part >> 8), (uint8_t)~part,
                                 (uint8_t)(~part >> 8)};
        memcpy(stream->next, size, sizeof size);
        memcpy(stream->next + sizeof size, bytes, part);
        stream->next += sizeof size + part;
        bytes += part;
        length -= part;
    }
}

/* Writes the check sum; returns the size of all. */
static size_t finish(struct zlib_stream *stream)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *stream->next++ = (uint8_t)(stream->adler >> shift);
    return (size_t)(stream->next - stream->start);
}

size_t zlib_stream_end(struct zlib_stream *stream)
{
    end_runs(stream);
    put(stream, LAST_RUNS, HEADER_BITS);
    put(stream, END_OF_BLOCK, END_BITS);
    align(stream);
    return finish(stream);
}

size_t zlib_stream_end_packed(struct zlib_stream *stream, struct libdeflate_compressor *compressor,
                              const uint8_t *bytes, size_t length)
{
    size_t room = libdeflate_deflate_compress_bound(compressor, length);
    stream->adler = libdeflate_adler32(stream->adler, bytes, length);
    stream->next += libdeflate_deflate_compress(compressor, bytes, length, stream->next, room);
    return finish(stream);
}
