#include "io/chunk_codec.h"

#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LEVEL = 1 };

struct chunk_codec {
    struct libdeflate_compressor *compressor;
    size_t rows;
    size_t packed_size;
    uint8_t *shuffled; /* 8 rows bytes, then packed_size bytes */
    uint8_t *packed;
};

size_t chunk_codec_memory(size_t rows)
{
    return 8 * rows + libdeflate_zlib_compress_bound(NULL, 8 * rows);
}

struct chunk_codec *chunk_codec_create(size_t rows)
{
    struct chunk_codec *codec = calloc(1, sizeof *codec);
    if (!codec)
        return NULL;
    codec->compressor = libdeflate_alloc_compressor(LEVEL);
    codec->rows = rows;
    codec->packed_size = libdeflate_zlib_compress_bound(codec->compressor, 8 * rows);
    codec->shuffled = malloc(8 * rows + codec->packed_size);
    if (!codec->compressor || !codec->shuffled) {
        chunk_codec_destroy(codec);
        return NULL;
    }
    codec->packed = codec->shuffled + 8 * rows;
    return codec;
}

void chunk_codec_destroy(struct chunk_codec *codec)
{
    if (!codec)
        return;
    if (codec->compressor)
        libdeflate_free_compressor(codec->compressor);
    free(codec->shuffled);
    free(codec);
}

/* Swaps the off-diagonal blocks of a and b: bytes of a under mask << shift, of b under mask. */
static inline void swap_blocks(uint64_t *a, uint64_t *b, unsigned shift, uint64_t mask)
{
    uint64_t different = ((*a >> shift) ^ *b) & mask;
    *b ^= different;
    *a ^= different << shift;
}

/* Transposes 8 x 8 bytes held in 8 words: afterwards word j holds byte j of each, in order. */
static inline void transpose(uint64_t w[8])
{
    for (int i = 0; i < 4; i++)
        swap_blocks(&w[i], &w[i + 4], 32, UINT64_C(0x00000000ffffffff));
    for (int i = 0; i < 8; i += 4)
        for (int j = i; j < i + 2; j++)
            swap_blocks(&w[j], &w[j + 2], 16, UINT64_C(0x0000ffff0000ffff));
    for (int i = 0; i < 8; i += 2)
        swap_blocks(&w[i], &w[i + 1], 8, UINT64_C(0x00ff00ff00ff00ff));
}

/* HDF5's shuffle filter: first byte 0 of all values, then byte 1 of all, ... */
static void shuffle(const uint8_t *values, size_t rows, uint8_t *shuffled)
{
    for (size_t row = 0; row < rows; row += 8) {
        uint64_t w[8];
        memcpy(w, values + 8 * row, sizeof w);
        transpose(w);
        for (size_t j = 0; j < 8; j++)
            memcpy(shuffled + j * rows + row, &w[j], 8);
    }
}

size_t chunk_codec_pack(struct chunk_codec *codec, const void *values, const void **packed)
{
    shuffle(values, codec->rows, codec->shuffled);
    *packed = codec->packed;
    return libdeflate_zlib_compress(codec->compressor, codec->shuffled, 8 * codec->rows,
                                    codec->packed, codec->packed_size);
}
