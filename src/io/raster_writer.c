#include "io/raster_writer.h"

#include "io/chunk_codec.h"
#include "io/hdf5_help.h"
#include "io/output_path.h"
#include "io/raster_file.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NO_CHUNK SIZE_MAX

/* A chunk buffer is in one place at a time: free, being filled (current), or full and queued. */
struct raster_writer {
    char *path;
    char *temporary;
    bool force;
    struct raster_file *file;
    size_t population_count;
    size_t *current; /* by population: the chunk being filled, or NO_CHUNK */

    size_t chunk_count;
    struct raster_chunk *chunk;
    size_t *owner; /* by chunk: its population */
    size_t *rows;  /* by chunk: rows filled */

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

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

enum status raster_check_path(const char *path, bool force, struct error *err)
{
    return output_path_check(path, force, err);
}

uint64_t raster_memory(size_t population_count, size_t queue_chunks)
{
    return (uint64_t)(population_count + queue_chunks) * sizeof(struct raster_chunk) +
           chunk_codec_memory(RASTER_CHUNK_ROWS);
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

static void write_chunk(struct raster_writer *writer, size_t chunk)
{
    pthread_mutex_unlock(&writer->lock);
    struct error error = {STATUS_OK, ""};
    double start = seconds();
    enum status status = raster_file_append(writer->file, writer->owner[chunk],
                                            &writer->chunk[chunk], writer->rows[chunk], &error);
    double end = seconds();
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
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    size_t chunk;
    pthread_mutex_lock(&writer->lock);
    while (next_chunk(writer, &chunk)) {
        if (!writer->failed)
            write_chunk(writer, chunk);
        writer->free_chunk[writer->free_count++] = chunk;
        pthread_cond_signal(&writer->freed);
    }
    pthread_mutex_unlock(&writer->lock);
    hdf5_quiet_end(quiet);
    return NULL;
}

static void free_writer(struct raster_writer *writer)
{
    pthread_mutex_destroy(&writer->lock);
    pthread_cond_destroy(&writer->work);
    pthread_cond_destroy(&writer->freed);
    free(writer->path);
    free(writer->temporary);
    free(writer->current);
    free(writer->chunk);
    free(writer->owner);
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

/* One array holds owner, rows, free_chunk and queue. */
static enum status allocate(struct raster_writer *writer, const char *path, struct error *err)
{
    size_t count = writer->chunk_count;
    writer->path = strdup(path);
    writer->temporary = temporary_name(path);
    writer->current = calloc(writer->population_count + 1, sizeof *writer->current);
    writer->chunk = calloc(count, sizeof *writer->chunk);
    writer->owner = calloc(4 * count, sizeof *writer->owner);
    if (!writer->path || !writer->temporary || !writer->current || !writer->chunk || !writer->owner)
        return error_set(err, STATUS_MEMORY, "not enough memory for %zu output chunks of 1 MiB",
                         count);
    writer->rows = writer->owner + count;
    writer->free_chunk = writer->owner + 2 * count;
    writer->queue = writer->owner + 3 * count;
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
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = raster_file_create(&writer->file, writer->temporary, settings->population,
                                            settings->population_count, settings->deflate, err);
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
        return error_set(err, STATUS_MEMORY, "not enough memory");
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->work, NULL);
    pthread_cond_init(&writer->freed, NULL);
    writer->force = settings->force;
    writer->population_count = settings->population_count;
    writer->chunk_count = settings->population_count + queue_chunks;
    status = allocate(writer, settings->path, err);
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

/* Waits until a chunk is free, as it will be even when the writer has failed. The lock is held. */
static void wait_for_chunk(struct raster_writer *writer)
{
    if (writer->free_count)
        return;
    double start = seconds();
    while (!writer->free_count)
        pthread_cond_wait(&writer->freed, &writer->lock);
    writer->statistics.stalls++;
    writer->statistics.stall_seconds += seconds() - start;
}

enum status raster_reserve(struct raster_writer *writer, size_t population, size_t want,
                           struct raster_span *span, struct error *err)
{
    size_t *current = &writer->current[population];
    pthread_mutex_lock(&writer->lock);
    if (*current == NO_CHUNK)
        wait_for_chunk(writer);
    enum status status = writer->failed;
    if (status) {
        error_set(err, status, "%s", writer->error.text);
    } else if (*current == NO_CHUNK) {
        *current = writer->free_chunk[--writer->free_count];
        writer->owner[*current] = population;
        writer->rows[*current] = 0;
    }
    pthread_mutex_unlock(&writer->lock);
    if (status)
        return status;
    size_t filled = writer->rows[*current], room = RASTER_CHUNK_ROWS - filled;
    span->node_ids = writer->chunk[*current].node_ids + filled;
    span->timestamps = writer->chunk[*current].timestamps + filled;
    span->rows = want < room ? want : room;
    return STATUS_OK;
}

static void enqueue(struct raster_writer *writer, size_t population)
{
    pthread_mutex_lock(&writer->lock);
    size_t place = (writer->queue_first + writer->queue_length++) % writer->chunk_count;
    writer->queue[place] = writer->current[population];
    writer->current[population] = NO_CHUNK;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->lock);
}

void raster_commit(struct raster_writer *writer, size_t population, size_t rows)
{
    size_t chunk = writer->current[population];
    writer->rows[chunk] += rows;
    if (writer->rows[chunk] == RASTER_CHUNK_ROWS)
        enqueue(writer, population);
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
        if (writer->current[i] != NO_CHUNK && writer->rows[writer->current[i]])
            enqueue(writer, i);
    stop_thread(writer);
    if (writer->failed)
        return error_set(err, writer->failed, "%s", writer->error.text);
    writer->statistics.rows = raster_file_rows(writer->file);
    writer->statistics.raw_bytes = 16 * writer->statistics.rows;
    writer->statistics.stored_bytes = raster_file_stored_bytes(writer->file);
    *file = raster_file_id(writer->file);
    return STATUS_OK;
}

enum status raster_finish(struct raster_writer *writer, struct raster_statistics *statistics,
                          struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    enum status status = raster_file_close(writer->file, err);
    hdf5_quiet_end(quiet);
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
    free_writer(writer);
}
