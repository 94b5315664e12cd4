/* Packs one chunk of 8-byte values as HDF5's shuffle and deflate filters would: any HDF5 reader
 * unpacks it. A codec holds scratch memory for one thread; different codecs are independent. */
#ifndef MEGALIF_IO_CHUNK_CODEC_H
#define MEGALIF_IO_CHUNK_CODEC_H

#include <stddef.h>

struct chunk_codec;

/* A codec for chunks of `rows` values (a multiple of 64). NULL when there is not enough memory. */
struct chunk_codec *chunk_codec_create(size_t rows);
void chunk_codec_destroy(struct chunk_codec *codec); /* NULL is fine */

/* Bytes a codec allocates for its scratch. */
size_t chunk_codec_memory(size_t rows);

/* Packs the codec's number of values (8 bytes each, aligned); returns the packed size in bytes and
 * sets *packed, valid until the next call. Never fails. The same values always give the same bytes
 * with the same libdeflate. Made for a raster's columns: fast before small. */
size_t chunk_codec_pack(struct chunk_codec *codec, const void *values, const void **packed);

/* The same for numbers in any order, drawn or counted: as small as libdeflate's level 1 makes them,
 * or nearly. Where few values follow in the last chunk, let zeros stand behind them. */
size_t chunk_codec_pack_numbers(struct chunk_codec *codec, const void *values, const void **packed);

/* What so many values take at most. */
size_t chunk_codec_bound(size_t rows);

#endif
