/* Writes a zlib stream (RFC 1950, RFC 1951) whose author knows what the bytes look like: runs of
 * one byte become matches of distance 1 under the fixed Huffman code, bytes without structure are
 * stored. Nothing is searched for, which is why it is many times faster than a general compressor.
 */
#ifndef MEGALIF_IO_ZLIB_STREAM_H
#define MEGALIF_IO_ZLIB_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct libdeflate_compressor;

/* One stream, one thread at a time. Private to zlib_stream.c but for its size. */
struct zlib_stream {
    uint8_t *start, *next;
    uint64_t bits; /* not yet written, the oldest lowest */
    unsigned bit_count;
    bool in_runs; /* a block with the fixed code is open */
    uint32_t adler;
};

/* Starts a stream at `out`. The caller sees to the room: what the calls below say at most, and
 * ZLIB_STREAM_ENDS for both ends together. */
void zlib_stream_begin(struct zlib_stream *stream, uint8_t *out);

/* `length` >= 1 times the same byte. At most 3 + 9 bits when it is 1, 18 when 2, 27 when 3, above
 * 39 and 18 more for each 258 bytes. */
void zlib_stream_run(struct zlib_stream *stream, uint8_t byte, size_t length);

/* Any bytes, as they are: 5 bytes more for each 65,535, and 2. */
void zlib_stream_store(struct zlib_stream *stream, const uint8_t *bytes, size_t length);

/* Ends the stream; returns its size in bytes. */
size_t zlib_stream_end(struct zlib_stream *stream);

/* The same, after `length` more bytes that the compressor packs: at most its
 * libdeflate_deflate_compress_bound. No run may stand before them, only stored bytes or nothing:
 * what the compressor gives begins at a whole byte. */
size_t zlib_stream_end_packed(struct zlib_stream *stream, struct libdeflate_compressor *compressor,
                              const uint8_t *bytes, size_t length);

enum { ZLIB_STREAM_ENDS = 24 };

#endif
