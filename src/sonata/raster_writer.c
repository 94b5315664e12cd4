#include "sonata/raster_writer.h"

#include "base/clock.h"
#include "io/chunk_codec.h"
#include "io/hdf5_help.h"
#include "io/output_path.h"
#include "sonata/raster_file.h"
#include "sonata/raster_segment.h"

#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NO_CHUNK SIZE_MAX

enum {
    FILL_ROWS = 8192,     /* that one thread fills at a time: a part of a chunk */
    CHUNKS_PER_THREAD = 2 /* filled together: enough for all threads, and still in their caches */
};

/* A chunk buffer is in one place at a time: free, being filled (current), or full and queued. */
struct raster_writer {
    char *path;
    char *temporary;
    bool force;
    struct raster_settings settings; /* for files to come; its path is not kept */
    struct raster_file *file;        /* NULL: a segment that has no chunk yet */
    bool complete; /* closed and on disk, under its temporary name; then there is no file */
    size_t population_count;
    size_t *current; /* by population: the chunk being filled, or NO_CHUNK */

    int threads;
    struct chunk_codec **codec; /* [threads]; NULL: nothing is packed */

    size_t chunk_count;
    size_t column_room; /* bytes: RASTER_CHUNK_ROWS values, packed or not */
    uint8_t *memory;    /* [chunk_count][RASTER_COLUMNS][column_room] */
    size_t *owner;      /* by chunk: its population */
    size_t *rows;       /* by chunk: rows filled */
    size_t *size;       /* [chunk_count][RASTER_COLUMNS]: bytes to write */
    size_t *batch;      /* chunks being filled by raster_append */

    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t work;
    pthread_cond_t freed;
    size_t *free_chunk; /* a stack: the chunk last freed is taken first, so few are ever touched */
    size_t free_count;
    size_t *queue; /* a ring of chunk_count places */
    size_t queue_first, queue_length;
    bool closing;
    enum status failed;
    struct error error;
    struct raster_statistics statistics;
};

static size_t column_room(bool deflate)
{
    size_t plain = sizeof(uint64_t) * RASTER_CHUNK_ROWS;
    /* Rows are filled in as doubles and 64-bit numbers: each column begins on a cache line. */
    return deflate ? (chunk_codec_bound(RASTER_CHUNK_ROWS) + 63) / 64 * 64 : plain;
}

static int thread_count(const struct raster_settings *settings)
{
    return settings->threads > 1 ? settings->threads : 1;
}

static size_t chunk_count(const struct raster_settings *settings, size_t queue_chunks)
{
    size_t filled = (size_t)thread_count(settings) * CHUNKS_PER_THREAD;
    return settings->population_count + filled + queue_chunks;
}

uint64_t raster_memory(const struct raster_settings *settings, size_t queue_chunks)
{
    uint64_t threads = (uint64_t)thread_count(settings);
    uint64_t scratch = settings->deflate ? threads * chunk_codec_memory(RASTER_CHUNK_ROWS) : 0;
    return chunk_count(settings, queue_chunks) * RASTER_COLUMNS * column_room(settings->deflate) +
           scratch;
}

static uint8_t *column_of(const struct raster_writer *writer, size_t chunk, size_t column)
{
    return writer->memory + (chunk * RASTER_COLUMNS + column) * writer->column_room;
}

/* Takes the oldest full chunk, waiting for one; false when there will be none any more. */
static bool next_chunk(struct raster_writer *writer, size_t *chunk)
{
    while (!writer->queue_length && !writer->closing)
        pthread_cond_wait(&writer->work, &writer->lock);
    if (!writer->queue_length)
        return false;
    *chunk = writer->queue[writer->queue_first];
    writer->queue_first = (writer->queue_first + 1) % writer->chunk_count;
    writer->queue_length--;
    return true;
}

static enum status append_chunk(struct raster_writer *writer, size_t chunk,
                                const struct raster_column column[RASTER_COLUMNS],
                                struct error *err)
{
    enum status status = STATUS_OK;
    if (!writer->file)
        status = raster_file_create(&writer->file, writer->temporary, &writer->settings, err);
    if (status)
        return status;
    return raster_file_append(writer->file, writer->owner[chunk], column, writer->rows[chunk], err);
}

static void write_chunk(struct raster_writer *writer, size_t chunk)
{
    pthread_mutex_unlock(&writer->lock);
    struct error error = {STATUS_OK, ""};
    struct raster_column column[RASTER_COLUMNS];
    for (size_t i = 0; i < RASTER_COLUMNS; i++)
        column[i] = (struct raster_column){column_of(writer, chunk, i),
                                           writer->size[chunk * RASTER_COLUMNS + i]};
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    double start = clock_seconds();
    enum status status = append_chunk(writer, chunk, column, &error);
    double end = clock_seconds();
    hdf5_quiet_end(quiet);
    pthread_mutex_lock(&writer->lock);
    writer->statistics.write_seconds += end - start;
    if (status) {
        writer->failed = status;
        writer->error = error;
    }
}

/* After a failure chunks are still taken and freed, so that no producer waits for ever. */
static void *write_chunks(void *argument)
{
    struct raster_writer *writer = argument;
    size_t chunk;
    pthread_mutex_lock(&writer->lock);
    while (next_chunk(writer, &chunk)) {
        if (!writer->failed)
            write_chunk(writer, chunk);
        writer->free_chunk[writer->free_count++] = chunk;
        pthread_cond_signal(&writer->freed);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

static void free_codecs(struct raster_writer *writer)
{
    for (int i = 0; writer->codec && i < writer->threads; i++)
        chunk_codec_destroy(writer->codec[i]);
    free(writer->codec);
}

static void free_writer(struct raster_writer *writer)
{
    pthread_mutex_destroy(&writer->lock);
    pthread_cond_destroy(&writer->work);
    pthread_cond_destroy(&writer->freed);
    free(writer->path);
    free(writer->temporary);
    free(writer->current);
    free(writer->memory);
    free(writer->owner);
    free_codecs(writer);
    free(writer);
}

/* PATH.part, allocated; NULL without memory. */
static char *temporary_name(const char *path)
{
    size_t size = strlen(path) + sizeof ".part";
    char *name = malloc(size);
    if (name)
        snprintf(name, size, "%s.part", path);
    return name;
}

enum status raster_check_path(const char *path, bool force, struct error *err)
{
    enum status status = output_path_check(path, force, err);
    char *temporary = status ? NULL : temporary_name(path);
    if (!status)
        status = temporary ? output_path_check_free(temporary, err) : error_no_memory(err, NULL);
    free(temporary);
    return status;
}

static bool allocate_codecs(struct raster_writer *writer)
{
    writer->codec = calloc((size_t)writer->threads, sizeof *writer->codec);
    if (!writer->codec)
        return false;
    for (int i = 0; i < writer->threads; i++) {
        writer->codec[i] = chunk_codec_create(RASTER_CHUNK_ROWS);
        if (!writer->codec[i])
            return false;
    }
    return true;
}

/* One array holds owner, rows, free_chunk, queue, batch and size. */
static enum status allocate(struct raster_writer *writer, const struct raster_settings *settings,
                            struct error *err)
{
    size_t count = writer->chunk_count;
    writer->path = strdup(settings->path);
    writer->temporary = temporary_name(settings->path);
    writer->current = calloc(writer->population_count + 1, sizeof *writer->current);
    writer->column_room = column_room(settings->deflate);
    writer->memory = aligned_alloc(64, count * RASTER_COLUMNS * writer->column_room);
    writer->owner = calloc((5 + RASTER_COLUMNS) * count, sizeof *writer->owner);
    if (!writer->path || !writer->temporary || !writer->current || !writer->memory ||
        !writer->owner || (settings->deflate && !allocate_codecs(writer)))
        return error_set(err, STATUS_MEMORY, "not enough memory for %zu output chunks of 1 MiB",
                         count);
    writer->rows = writer->owner + count;
    writer->free_chunk = writer->owner + 2 * count;
    writer->queue = writer->owner + 3 * count;
    writer->batch = writer->owner + 4 * count;
    writer->size = writer->owner + 5 * count;
    for (size_t i = 0; i < writer->population_count; i++)
        writer->current[i] = NO_CHUNK;
    for (size_t i = 0; i < count; i++)
        writer->free_chunk[i] = count - 1 - i;
    writer->free_count = count;
    return STATUS_OK;
}

/* The writer thread takes no signals: they belong to the program's own threads. */
static enum status start_thread(struct raster_writer *writer, struct error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&writer->thread, NULL, write_chunks, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    writer->running = failure == 0;
    if (failure)
        return error_set(err, STATUS_OUTPUT, "cannot start the writer thread: %s",
                         strerror(failure));
    return STATUS_OK;
}

static enum status create_file(struct raster_writer *writer, const struct raster_settings *settings,
                               struct error *err)
{
    if (settings->segments)
        return STATUS_OK;
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = raster_file_create(&writer->file, writer->temporary, settings, err);
    hdf5_quiet_end(quiet);
    return status;
}

enum status raster_create(struct raster_writer **out, const struct raster_settings *settings,
                          size_t queue_chunks, struct error *err)
{
    *out = NULL;
    enum status status = output_path_check(settings->path, settings->force, err);
    if (status)
        return status;
    struct raster_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return error_no_memory(err, NULL);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->work, NULL);
    pthread_cond_init(&writer->freed, NULL);
    writer->force = settings->force;
    writer->settings = *settings;
    writer->settings.path = NULL;
    writer->population_count = settings->population_count;
    writer->threads = thread_count(settings);
    writer->chunk_count = chunk_count(settings, queue_chunks);
    status = allocate(writer, settings, err);
    if (!status)
        status = create_file(writer, settings, err);
    if (!status)
        status = start_thread(writer, err);
    if (status)
        raster_abandon(writer);
    else
        *out = writer;
    return status;
}

hid_t raster_begin(struct raster_writer *writer)
{
    return raster_file_id(writer->file);
}

enum status raster_append_segment(struct raster_writer *writer, const char *path,
                                  const struct raster_segment *segment, struct error *err)
{
    return raster_copy_segment(writer->file, &writer->settings, path, segment, err);
}

/* Waits until a chunk is free, as it will be even when the writer has failed. The lock is held. */
static void wait_for_chunk(struct raster_writer *writer)
{
    if (writer->free_count)
        return;
    double start = clock_seconds();
    while (!writer->free_count)
        pthread_cond_wait(&writer->freed, &writer->lock);
    writer->statistics.stalls++;
    writer->statistics.stall_seconds += clock_seconds() - start;
}

/* Chunks that are filled together: the first of them may hold rows already. */
struct batch {
    size_t chunks;
    size_t begin, end; /* rows to fill, counted from the beginning of the first chunk */
    uint64_t first;    /* of all rows being appended, the number of row `begin` */
};

/* Takes chunks for up to `rows` rows: the population's current one, then free ones. Waits only
 * where there is none at all. */
static enum status take_chunks(struct raster_writer *writer, size_t population, uint64_t rows,
                               struct batch *batch, struct error *err)
{
    size_t *current = &writer->current[population];
    pthread_mutex_lock(&writer->lock);
    if (*current == NO_CHUNK)
        wait_for_chunk(writer);
    enum status status = writer->failed;
    if (status)
        error_set(err, status, "%s", writer->error.text);
    batch->begin = *current == NO_CHUNK ? 0 : writer->rows[*current];
    batch->chunks = 0;
    uint64_t end = batch->begin + rows;
    if (*current != NO_CHUNK)
        writer->batch[batch->chunks++] = *current;
    size_t most = (size_t)writer->threads * CHUNKS_PER_THREAD;
    while (!status && writer->free_count && batch->chunks < most &&
           batch->chunks * RASTER_CHUNK_ROWS < end) {
        size_t chunk = writer->free_chunk[--writer->free_count];
        writer->owner[chunk] = population;
        writer->batch[batch->chunks++] = chunk;
    }
    pthread_mutex_unlock(&writer->lock);
    uint64_t room = batch->chunks * RASTER_CHUNK_ROWS;
    batch->end = (size_t)(end < room ? end : room);
    return status;
}

static void fill_part(const struct raster_writer *writer, const struct batch *batch, size_t part,
                      raster_fill *fill, const void *context)
{
    size_t begin = part * FILL_ROWS, end = begin + FILL_ROWS;
    begin = begin > batch->begin ? begin : batch->begin;
    end = end < batch->end ? end : batch->end;
    size_t chunk = writer->batch[begin / RASTER_CHUNK_ROWS], row = begin % RASTER_CHUNK_ROWS;
    uint64_t *node_ids = (uint64_t *)column_of(writer, chunk, RASTER_NODE_IDS);
    double *timestamps = (double *)column_of(writer, chunk, RASTER_TIMESTAMPS);
    fill(context, batch->first + (begin - batch->begin), end - begin, node_ids + row,
         timestamps + row);
}

/* A full column gets the bytes to write, in the place of its values. */
static void pack_column(struct raster_writer *writer, struct chunk_codec *codec, size_t chunk,
                        size_t column)
{
    uint8_t *values = column_of(writer, chunk, column);
    size_t size = sizeof(uint64_t) * RASTER_CHUNK_ROWS;
    if (codec) {
        const void *packed;
        size = chunk_codec_pack(codec, values, &packed);
        memcpy(values, packed, size);
    }
    writer->size[chunk * RASTER_COLUMNS + column] = size;
}

static struct chunk_codec *codec_of(const struct raster_writer *writer, int thread)
{
    return writer->codec ? writer->codec[thread] : NULL;
}

static void fill_chunks(struct raster_writer *writer, const struct batch *batch, raster_fill *fill,
                        const void *context)
{
    size_t part = batch->begin / FILL_ROWS, parts = (batch->end + FILL_ROWS - 1) / FILL_ROWS;
    size_t columns = batch->end / RASTER_CHUNK_ROWS * RASTER_COLUMNS;
#pragma omp parallel num_threads(writer->threads) if (parts - part > 1 || columns > 0)
    {
#pragma omp for schedule(static)
        for (size_t i = part; i < parts; i++)
            fill_part(writer, batch, i, fill, context);
#pragma omp for schedule(dynamic, 1)
        for (size_t i = 0; i < columns; i++)
            pack_column(writer, codec_of(writer, omp_get_thread_num()),
                        writer->batch[i / RASTER_COLUMNS], i % RASTER_COLUMNS);
    }
}

static void enqueue(struct raster_writer *writer, size_t chunk, size_t rows)
{
    writer->rows[chunk] = rows;
    pthread_mutex_lock(&writer->lock);
    size_t place = (writer->queue_first + writer->queue_length++) % writer->chunk_count;
    writer->queue[place] = chunk;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->lock);
}

enum status raster_append(struct raster_writer *writer, size_t population, uint64_t rows,
                          raster_fill *fill, const void *context, struct error *err)
{
    struct batch batch = {.first = 0};
    while (batch.first < rows) {
        enum status status = take_chunks(writer, population, rows - batch.first, &batch, err);
        if (status)
            return status;
        fill_chunks(writer, &batch, fill, context);
        size_t full = batch.end / RASTER_CHUNK_ROWS;
        for (size_t i = 0; i < full; i++)
            enqueue(writer, writer->batch[i], RASTER_CHUNK_ROWS);
        writer->current[population] = full < batch.chunks ? writer->batch[full] : NO_CHUNK;
        if (full < batch.chunks)
            writer->rows[writer->batch[full]] = batch.end % RASTER_CHUNK_ROWS;
        batch.first += batch.end - batch.begin;
    }
    return STATUS_OK;
}

/* The last chunk of a population, with zeros where it has no rows. */
static void enqueue_rest(struct raster_writer *writer, size_t chunk)
{
    size_t used = sizeof(uint64_t) * writer->rows[chunk];
    for (size_t column = 0; column < RASTER_COLUMNS; column++) {
        memset(column_of(writer, chunk, column) + used, 0,
               sizeof(uint64_t) * RASTER_CHUNK_ROWS - used);
        pack_column(writer, codec_of(writer, 0), chunk, column);
    }
    enqueue(writer, chunk, writer->rows[chunk]);
}

/* Waits until the writer thread has nothing to do: all chunks but those being filled are free. */
static enum status wait_for_writer(struct raster_writer *writer, struct error *err)
{
    size_t idle = writer->chunk_count;
    for (size_t i = 0; i < writer->population_count; i++)
        idle -= writer->current[i] != NO_CHUNK;
    pthread_mutex_lock(&writer->lock);
    while (writer->free_count < idle)
        pthread_cond_wait(&writer->freed, &writer->lock);
    enum status status = writer->failed;
    if (status)
        error_set(err, status, "%s", writer->error.text);
    pthread_mutex_unlock(&writer->lock);
    return status;
}

/* Closes a segment and gives it its name. */
static enum status publish_segment(struct raster_writer *writer, struct raster_segment *out,
                                   struct error *err)
{
    struct stat info;
    writer->statistics.rows += raster_file_rows(writer->file);
    writer->statistics.stored_bytes += raster_file_stored_bytes(writer->file);
    out->checksum = raster_file_checksum(writer->file);
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = raster_file_close(writer->file, err);
    hdf5_quiet_end(quiet);
    writer->file = NULL;
    if (!status)
        status = output_path_publish(writer->temporary, writer->path, true, err);
    if (!status && stat(writer->path, &info) != 0)
        status = error_set(err, STATUS_OUTPUT, "cannot find %s, which has just been written: %s",
                           writer->path, strerror(errno));
    out->bytes = status ? 0 : (uint64_t)info.st_size;
    return status;
}

enum status raster_cut(struct raster_writer *writer, const char *next_path, bool *cut,
                       struct raster_segment *out, struct error *err)
{
    enum status status = wait_for_writer(writer, err);
    *cut = !status && writer->file && raster_file_chunks(writer->file, out->chunks) > 0;
    if (!*cut)
        return status;
    status = publish_segment(writer, out, err);
    free(writer->path);
    free(writer->temporary);
    writer->path = strdup(next_path);
    writer->temporary = temporary_name(next_path);
    if (!status && (!writer->path || !writer->temporary))
        status = error_no_memory(err, NULL);
    return status;
}

void raster_read_statistics(const struct raster_writer *writer,
                            struct raster_statistics *statistics)
{
    *statistics = writer->statistics;
}

size_t raster_rest(const struct raster_writer *writer, size_t population, const uint64_t **node_ids,
                   const double **timestamps)
{
    size_t chunk = writer->current[population];
    if (chunk == NO_CHUNK)
        return 0;
    *node_ids = (const uint64_t *)column_of(writer, chunk, RASTER_NODE_IDS);
    *timestamps = (const double *)column_of(writer, chunk, RASTER_TIMESTAMPS);
    return writer->rows[chunk];
}

static void stop_thread(struct raster_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->closing = true;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    writer->running = false;
}

enum status raster_drain(struct raster_writer *writer, hid_t *file, struct error *err)
{
    for (size_t i = 0; i < writer->population_count; i++)
        if (writer->current[i] != NO_CHUNK)
            enqueue_rest(writer, writer->current[i]);
    stop_thread(writer);
    if (writer->failed)
        return error_set(err, writer->failed, "%s", writer->error.text);
    writer->statistics.rows = raster_file_rows(writer->file);
    writer->statistics.raw_bytes = 16 * writer->statistics.rows;
    writer->statistics.stored_bytes = raster_file_stored_bytes(writer->file);
    writer->statistics.checksum = raster_file_checksum(writer->file);
    *file = raster_file_id(writer->file);
    return STATUS_OK;
}

enum status raster_complete(struct raster_writer *writer, struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = raster_file_close(writer->file, err);
    hdf5_quiet_end(quiet);
    writer->file = NULL;
    writer->complete = status == STATUS_OK;
    return status;
}

enum status raster_finish(struct raster_writer *writer, struct raster_statistics *statistics,
                          struct error *err)
{
    enum status status = writer->complete ? STATUS_OK : raster_complete(writer, err);
    if (!status)
        status = output_path_publish(writer->temporary, writer->path, writer->force, err);
    if (statistics)
        *statistics = writer->statistics;
    free_writer(writer);
    return status;
}

void raster_abandon(struct raster_writer *writer)
{
    if (writer->running) {
        pthread_mutex_lock(&writer->lock);
        if (!writer->failed)
            writer->failed = STATUS_OUTPUT; /* what is still queued is dropped */
        pthread_mutex_unlock(&writer->lock);
        stop_thread(writer);
    }
    raster_file_discard(writer->file);
    if (writer->complete)
        unlink(writer->temporary);
    free_writer(writer);
}
