/* Chunk buffers of a raster, and the thread that writes full ones.
 *
 * A chunk is in one place at a time: free, with the owner who fills it, or full and queued. So
 * memory is bounded by the number of chunks, whatever the rate: while all are in use, the owner
 * waits.
 *
 * One thread owns a queue and calls it. */
#ifndef MEGALIF_CHUNK_QUEUE_H
#define MEGALIF_CHUNK_QUEUE_H

#include "base/error.h"
#include "sonata/raster_settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunk {
    size_t population;
    size_t rows;                     /* filled */
    uint8_t *column[RASTER_COLUMNS]; /* of the room that the queue was created with */
    size_t size[RASTER_COLUMNS];     /* bytes to write of each */
};

/* Writes a chunk; called by the queue's own thread, for one chunk after the other. *seconds: how
 * long it took. */
typedef enum status chunk_write(void *context, const struct chunk *chunk, double *seconds,
                                struct error *err);

/* Wall time in seconds. */
struct chunk_queue_times {
    double write_seconds; /* of all chunk_write */
    uint64_t stalls;      /* times the owner had to wait for a chunk */
    double stall_seconds;
};

struct chunk_queue;

/* `count` free chunks with columns of column_room bytes, a multiple of 64. STATUS_MEMORY. */
enum status chunk_queue_create(struct chunk_queue **out, size_t count, size_t column_room,
                               struct error *err);

/* Starts the thread, which takes no signals: they belong to the program's own threads. */
enum status chunk_queue_start(struct chunk_queue *queue, chunk_write *write, void *context,
                              struct error *err);

/* Takes up to `most` free chunks, of which *count come to chunks; where there are none and `wait`
 * is true, one is waited for. After a chunk_write has failed: its status and error. */
enum status chunk_queue_take(struct chunk_queue *queue, size_t most, bool wait,
                             struct chunk **chunks, size_t *count, struct error *err);

/* Queues a full chunk. */
void chunk_queue_put(struct chunk_queue *queue, struct chunk *chunk);

/* Waits until all chunks but those `held` by the owner are written and free. */
enum status chunk_queue_wait(struct chunk_queue *queue, size_t held, struct error *err);

/* Ends the thread when it has written what is queued, or, with `drop`, at once. Like
 * chunk_queue_take after a failure. A queue that was not started has nothing to stop. */
enum status chunk_queue_stop(struct chunk_queue *queue, bool drop, struct error *err);

struct chunk_queue_times chunk_queue_times(struct chunk_queue *queue);

/* After chunk_queue_stop; NULL is fine. */
void chunk_queue_destroy(struct chunk_queue *queue);

#endif
