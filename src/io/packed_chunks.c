#include "io/packed_chunks.h"

#include "base/team.h"
#include "io/chunk_codec.h"
#include "io/hdf5_help.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_BYTES = 8 };

/* A dataset being written. The first error stays; after it nothing more is filled or written. */
struct writing {
    hid_t dataset;
    const char *name;
    uint64_t length;
    number_fill *fill;
    const void *context;
    _Atomic enum status status; /* set where chunks are in order, read by all threads */
    struct error *err;
    _Atomic uint64_t next; /* chunk to pack */
    uint64_t written;      /* chunks, or given up; whoever holds the lock */
    pthread_mutex_t lock;
    pthread_cond_t turn;
};

/* What one thread works with. */
struct scratch {
    struct chunk_codec *codec;
    uint8_t *values; /* one chunk */
};

static uint64_t chunk_count(uint64_t length)
{
    return (length + PACKED_CHUNK_ROWS - 1) / PACKED_CHUNK_ROWS;
}

/* More than there are chunks would have nothing to do. */
static int thread_count(uint64_t length, int threads)
{
    uint64_t chunks = chunk_count(length);
    return chunks < (uint64_t)threads ? (int)chunks : threads;
}

uint64_t packed_chunks_memory(uint64_t length, int threads)
{
    uint64_t scratch = PACKED_CHUNK_ROWS * VALUE_BYTES + chunk_codec_memory(PACKED_CHUNK_ROWS);
    return (uint64_t)thread_count(length, threads) * scratch;
}

static size_t pack_chunk(const struct writing *w, const struct scratch *scratch, uint64_t chunk,
                         const void **packed)
{
    uint64_t begin = chunk * PACKED_CHUNK_ROWS, left = w->length - begin;
    size_t rows = left < PACKED_CHUNK_ROWS ? (size_t)left : PACKED_CHUNK_ROWS;
    w->fill(w->context, begin, begin + rows, scratch->values);
    memset(scratch->values + rows * VALUE_BYTES, 0, (PACKED_CHUNK_ROWS - rows) * VALUE_BYTES);
    return chunk_codec_pack_numbers(scratch->codec, scratch->values, packed);
}

static enum status write_chunk(const struct writing *w, uint64_t chunk, const void *packed,
                               size_t size)
{
    const hsize_t offset = chunk * PACKED_CHUNK_ROWS;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = STATUS_OK;
    if (H5Dwrite_chunk(w->dataset, H5P_DEFAULT, 0, &offset, size, packed) < 0)
        status = hdf5_put_failed(w->dataset, w->name, w->err);
    hdf5_quiet_end(quiet);
    return status;
}

/* Chunks go in in order, or their places in the file would depend on the threads. */
static void write_in_turn(struct writing *w, uint64_t chunk, const void *packed, size_t size)
{
    pthread_mutex_lock(&w->lock);
    while (w->written != chunk)
        pthread_cond_wait(&w->turn, &w->lock);
    if (!w->status)
        w->status = packed ? write_chunk(w, chunk, packed, size)
                           : error_no_memory(w->err, "to pack %s", w->name);
    w->written++;
    pthread_cond_broadcast(&w->turn);
    pthread_mutex_unlock(&w->lock);
}

static void write_part(void *context, int part, int parts)
{
    struct writing *w = context;
    const uint64_t chunks = chunk_count(w->length);
    uint64_t chunk = w->next++;
    if (chunk >= chunks)
        return; /* the others were faster */
    struct scratch scratch = {chunk_codec_create(PACKED_CHUNK_ROWS),
                              malloc((size_t)PACKED_CHUNK_ROWS * VALUE_BYTES)};
    const bool ready = scratch.codec && scratch.values;
    (void)part, (void)parts;
    for (; chunk < chunks; chunk = w->next++) {
        const void *packed = NULL;
        size_t size = ready && !w->status ? pack_chunk(w, &scratch, chunk, &packed) : 0;
        write_in_turn(w, chunk, packed, size);
    }
    chunk_codec_destroy(scratch.codec);
    free(scratch.values);
}

enum status packed_chunks_write(hid_t dataset, const char *name, uint64_t length, int threads,
                                number_fill *fill, const void *context, struct error *err)
{
    struct writing w = {.dataset = dataset,
                        .name = name,
                        .length = length,
                        .fill = fill,
                        .context = context,
                        .err = err,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .turn = PTHREAD_COND_INITIALIZER};
    team_run(thread_count(length, threads), write_part, &w);
    pthread_cond_destroy(&w.turn);
    pthread_mutex_destroy(&w.lock);
    return w.status;
}
