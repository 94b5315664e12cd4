#include "sonata/chunk_queue.h"

#include "base/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct chunk_queue {
    size_t count;
    struct chunk *chunk; /* [count] */
    uint8_t *memory;     /* [count][RASTER_COLUMNS][column_room] */

    chunk_write *write;
    void *context;
    pthread_t thread;
    bool running;

    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t work;
    pthread_cond_t freed;
    struct chunk **free; /* a stack: the chunk last freed is taken first, so few are ever touched */
    size_t free_count;
    struct chunk **ring; /* [count]: full chunks */
    size_t first, length;
    bool closing;
    enum status failed;
    struct error error;
    struct chunk_queue_times times;
};

static enum status allocate(struct chunk_queue *queue, size_t column_room, struct error *err)
{
    size_t count = queue->count;
    queue->chunk = calloc(count, sizeof *queue->chunk);
    queue->free = calloc(count, sizeof *queue->free);
    queue->ring = calloc(count, sizeof *queue->ring);
    queue->memory = aligned_alloc(64, count * RASTER_COLUMNS * column_room);
    if (!queue->chunk || !queue->free || !queue->ring || !queue->memory)
        return error_no_memory(err, "for %zu output chunks of 1 MiB", count);
    for (size_t i = 0; i < count; i++) {
        for (size_t column = 0; column < RASTER_COLUMNS; column++)
            queue->chunk[i].column[column] =
                queue->memory + (i * RASTER_COLUMNS + column) * column_room;
        queue->free[count - 1 - i] = &queue->chunk[i];
    }
    queue->free_count = count;
    return STATUS_OK;
}

enum status chunk_queue_create(struct chunk_queue **out, size_t count, size_t column_room,
                               struct error *err)
{
    *out = NULL;
    struct chunk_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return error_no_memory(err, NULL);
    queue->count = count;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->work, NULL);
    pthread_cond_init(&queue->freed, NULL);
    enum status status = allocate(queue, column_room, err);
    if (status)
        chunk_queue_destroy(queue);
    else
        *out = queue;
    return status;
}

/* ---- the thread ---- */

/* Takes the oldest full chunk, waiting for one; NULL when there will be none any more. */
static struct chunk *next_chunk(struct chunk_queue *queue)
{
    while (!queue->length && !queue->closing)
        pthread_cond_wait(&queue->work, &queue->lock);
    if (!queue->length)
        return NULL;
    struct chunk *chunk = queue->ring[queue->first];
    queue->first = (queue->first + 1) % queue->count;
    queue->length--;
    return chunk;
}

static void write_chunk(struct chunk_queue *queue, const struct chunk *chunk)
{
    pthread_mutex_unlock(&queue->lock);
    struct error error = {STATUS_OK, ""};
    double seconds = 0;
    enum status status = queue->write(queue->context, chunk, &seconds, &error);
    pthread_mutex_lock(&queue->lock);
    queue->times.write_seconds += seconds;
    if (status) {
        queue->failed = status;
        queue->error = error;
    }
}

/* After a failure chunks are still taken and freed, so that the owner does not wait for ever. */
static void *write_chunks(void *argument)
{
    struct chunk_queue *queue = argument;
    struct chunk *chunk;
    pthread_mutex_lock(&queue->lock);
    while ((chunk = next_chunk(queue))) {
        if (!queue->failed)
            write_chunk(queue, chunk);
        queue->free[queue->free_count++] = chunk;
        pthread_cond_signal(&queue->freed);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

enum status chunk_queue_start(struct chunk_queue *queue, chunk_write *write, void *context,
                              struct error *err)
{
    sigset_t all, before;
    queue->write = write;
    queue->context = context;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&queue->thread, NULL, write_chunks, queue);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    queue->running = failure == 0;
    if (failure)
        return error_set(err, STATUS_OUTPUT, "cannot start the writer thread: %s",
                         strerror(failure));
    return STATUS_OK;
}

/* ---- the owner ---- */

/* What the thread has failed with. The lock is held. */
static enum status failure_of(const struct chunk_queue *queue, struct error *err)
{
    return queue->failed ? error_set(err, queue->failed, "%s", queue->error.text) : STATUS_OK;
}

/* Waits until a chunk is free, as it will be even after a failure. The lock is held. */
static void wait_for_chunk(struct chunk_queue *queue)
{
    if (queue->free_count)
        return;
    double start = clock_seconds();
    while (!queue->free_count)
        pthread_cond_wait(&queue->freed, &queue->lock);
    queue->times.stalls++;
    queue->times.stall_seconds += clock_seconds() - start;
}

enum status chunk_queue_take(struct chunk_queue *queue, size_t most, bool wait,
                             struct chunk **chunks, size_t *count, struct error *err)
{
    *count = 0;
    pthread_mutex_lock(&queue->lock);
    if (wait)
        wait_for_chunk(queue);
    enum status status = failure_of(queue, err);
    while (!status && queue->free_count && *count < most)
        chunks[(*count)++] = queue->free[--queue->free_count];
    pthread_mutex_unlock(&queue->lock);
    return status;
}

void chunk_queue_put(struct chunk_queue *queue, struct chunk *chunk)
{
    pthread_mutex_lock(&queue->lock);
    queue->ring[(queue->first + queue->length++) % queue->count] = chunk;
    pthread_cond_signal(&queue->work);
    pthread_mutex_unlock(&queue->lock);
}

enum status chunk_queue_wait(struct chunk_queue *queue, size_t held, struct error *err)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->free_count < queue->count - held)
        pthread_cond_wait(&queue->freed, &queue->lock);
    enum status status = failure_of(queue, err);
    pthread_mutex_unlock(&queue->lock);
    return status;
}

enum status chunk_queue_stop(struct chunk_queue *queue, bool drop, struct error *err)
{
    if (!queue->running)
        return failure_of(queue, err);
    pthread_mutex_lock(&queue->lock);
    if (drop && !queue->failed)
        queue->failed = STATUS_OUTPUT; /* what is still queued is only freed */
    queue->closing = true;
    pthread_cond_signal(&queue->work);
    pthread_mutex_unlock(&queue->lock);
    pthread_join(queue->thread, NULL);
    queue->running = false;
    return failure_of(queue, err);
}

struct chunk_queue_times chunk_queue_times(struct chunk_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    struct chunk_queue_times times = queue->times;
    pthread_mutex_unlock(&queue->lock);
    return times;
}

void chunk_queue_destroy(struct chunk_queue *queue)
{
    if (!queue)
        return;
    pthread_mutex_destroy(&queue->lock);
    pthread_cond_destroy(&queue->work);
    pthread_cond_destroy(&queue->freed);
    free(queue->chunk);
    free(queue->free);
    free(queue->ring);
    free(queue->memory);
    free(queue);
}
