#include "sonata/raster_writer.h"

#include "base/clock.h"
#include "base/team.h"
#include "io/chunk_codec.h"
#include "io/hdf5_help.h"
#include "io/output_path.h"
#include "sonata/chunk_queue.h"
#include "sonata/raster_file.h"
#include "sonata/raster_segment.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILL_ROWS = 8192,     /* that one thread fills at a time: a part of a chunk */
    CHUNKS_PER_THREAD = 2 /* filled together: enough for all threads, and still in their caches */
};

struct raster_writer {
    char *path;
    char *temporary;
    bool force;
    struct raster_settings settings; /* for files to come; its path is not kept */
    struct raster_file *file;        /* NULL: a segment that has no chunk yet */
    bool complete; /* closed and on disk, under its temporary name; then there is no file */
    size_t population_count;
    struct chunk **current; /* by population: the chunk being filled, or NULL */
    struct chunk **batch;   /* [threads * CHUNKS_PER_THREAD]: being filled by raster_append */

    int threads;
    struct chunk_codec **codec; /* [threads]; NULL: nothing is packed */
    uint64_t *rest;             /* [RASTER_CHUNK_ROWS]: zeros between calls; beside codec */

    struct chunk_queue *queue; /* its thread alone uses the file meanwhile */
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
    uint64_t codecs = threads * chunk_codec_memory(RASTER_CHUNK_ROWS);
    uint64_t scratch = settings->deflate ? codecs + sizeof(uint64_t) * RASTER_CHUNK_ROWS : 0;
    return chunk_count(settings, queue_chunks) * RASTER_COLUMNS * column_room(settings->deflate) +
           scratch;
}

static enum status append_chunk(struct raster_writer *writer, const struct chunk *chunk,
                                struct error *err)
{
    struct raster_column column[RASTER_COLUMNS];
    for (size_t i = 0; i < RASTER_COLUMNS; i++)
        column[i] = (struct raster_column){chunk->column[i], chunk->size[i]};
    enum status status = STATUS_OK;
    if (!writer->file)
        status = raster_file_create(&writer->file, writer->temporary, &writer->settings, err);
    if (status)
        return status;
    return raster_file_append(writer->file, chunk->population, column, chunk->rows, err);
}

/* What the queue's thread calls. */
static enum status write_chunk(void *context, const struct chunk *chunk, double *seconds,
                               struct error *err)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    double start = clock_seconds();
    enum status status = append_chunk(context, chunk, err);
    *seconds = clock_seconds() - start;
    hdf5_quiet_end(quiet);
    return status;
}

static void free_codecs(struct raster_writer *writer)
{
    for (int i = 0; writer->codec && i < writer->threads; i++)
        chunk_codec_destroy(writer->codec[i]);
    free(writer->codec);
}

static void free_writer(struct raster_writer *writer)
{
    chunk_queue_destroy(writer->queue);
    free(writer->path);
    free(writer->temporary);
    free(writer->current);
    free(writer->batch);
    free_codecs(writer);
    free(writer->rest);
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
    writer->rest = calloc(RASTER_CHUNK_ROWS, sizeof *writer->rest);
    if (!writer->codec || !writer->rest)
        return false;
    for (int i = 0; i < writer->threads; i++) {
        writer->codec[i] = chunk_codec_create(RASTER_CHUNK_ROWS);
        if (!writer->codec[i])
            return false;
    }
    return true;
}

static enum status allocate(struct raster_writer *writer, const struct raster_settings *settings,
                            size_t queue_chunks, struct error *err)
{
    size_t most = (size_t)writer->threads * CHUNKS_PER_THREAD;
    writer->path = strdup(settings->path);
    writer->temporary = temporary_name(settings->path);
    writer->current = calloc(writer->population_count + 1, sizeof *writer->current);
    writer->batch = calloc(most, sizeof *writer->batch);
    if (!writer->path || !writer->temporary || !writer->current || !writer->batch ||
        (settings->deflate && !allocate_codecs(writer)))
        return error_no_memory(err, NULL);
    return chunk_queue_create(&writer->queue, chunk_count(settings, queue_chunks),
                              column_room(settings->deflate), err);
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
    writer->force = settings->force;
    writer->settings = *settings;
    writer->settings.path = NULL;
    writer->population_count = settings->population_count;
    writer->threads = thread_count(settings);
    status = allocate(writer, settings, queue_chunks, err);
    if (!status)
        status = create_file(writer, settings, err);
    if (!status)
        status = chunk_queue_start(writer->queue, write_chunk, writer, err);
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
    struct chunk *current = writer->current[population];
    size_t held = current != NULL, more, most = (size_t)writer->threads * CHUNKS_PER_THREAD;
    batch->begin = current ? current->rows : 0;
    uint64_t end = batch->begin + rows, wanted = (end + RASTER_CHUNK_ROWS - 1) / RASTER_CHUNK_ROWS;
    if (current)
        writer->batch[0] = current;
    enum status status =
        chunk_queue_take(writer->queue, (size_t)(wanted < most ? wanted : most) - held, !current,
                         writer->batch + held, &more, err);
    for (size_t i = held; i < held + more; i++)
        writer->batch[i]->population = population;
    batch->chunks = held + more;
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
    const struct chunk *chunk = writer->batch[begin / RASTER_CHUNK_ROWS];
    size_t row = begin % RASTER_CHUNK_ROWS;
    uint64_t *node_ids = (uint64_t *)chunk->column[RASTER_NODE_IDS];
    double *timestamps = (double *)chunk->column[RASTER_TIMESTAMPS];
    fill(context, batch->first + (begin - batch->begin), end - begin, node_ids + row,
         timestamps + row);
}

/* A full column gets the bytes to write, in the place of its values. */
static void pack_column(struct chunk_codec *codec, struct chunk *chunk, size_t column)
{
    uint8_t *values = chunk->column[column];
    size_t size = sizeof(uint64_t) * RASTER_CHUNK_ROWS;
    if (codec) {
        const void *packed;
        size = chunk_codec_pack(codec, values, &packed);
        memcpy(values, packed, size);
    }
    chunk->size[column] = size;
}

static struct chunk_codec *codec_of(const struct raster_writer *writer, int thread)
{
    return writer->codec ? writer->codec[thread] : NULL;
}

struct filling {
    struct raster_writer *writer;
    const struct batch *batch;
    raster_fill *fill;
    const void *context;
    size_t columns; /* that are full then */
    atomic_size_t next_column;
};

static void fill_some(void *context, int part, int parts)
{
    const struct filling *f = context;
    const size_t first = f->batch->begin / FILL_ROWS;
    const size_t count = (f->batch->end + FILL_ROWS - 1) / FILL_ROWS - first;
    for (size_t i = team_begin(count, part, parts); i < team_begin(count, part + 1, parts); i++)
        fill_part(f->writer, f->batch, first + i, f->fill, f->context);
}

static void pack_some(void *context, int part, int parts)
{
    struct filling *f = context;
    (void)parts;
    for (size_t i; (i = f->next_column++) < f->columns;)
        pack_column(codec_of(f->writer, part), f->writer->batch[i / RASTER_COLUMNS],
                    i % RASTER_COLUMNS);
}

static void fill_chunks(struct raster_writer *writer, const struct batch *batch, raster_fill *fill,
                        const void *context)
{
    struct filling f = {
        writer, batch, fill, context, batch->end / RASTER_CHUNK_ROWS * RASTER_COLUMNS, 0};
    bool few = batch->end - batch->begin <= FILL_ROWS;
    team_run(few ? 1 : writer->threads, fill_some, &f);
    if (f.columns > 0)
        team_run(writer->threads, pack_some, &f);
}

static void enqueue(struct raster_writer *writer, struct chunk *chunk, size_t rows)
{
    chunk->rows = rows;
    chunk_queue_put(writer->queue, chunk);
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
        writer->current[population] = full < batch.chunks ? writer->batch[full] : NULL;
        if (full < batch.chunks)
            writer->batch[full]->rows = batch.end % RASTER_CHUNK_ROWS;
        batch.first += batch.end - batch.begin;
    }
    return STATUS_OK;
}

/* Packs a column with zeros where it has no rows. They stand in memory that all columns share: with
 * zeros of its own each of thousands of populations, of a few rows each, would take a MiB. */
static void pack_rest(struct raster_writer *writer, struct chunk *chunk, size_t column)
{
    const void *packed;
    memcpy(writer->rest, chunk->column[column], sizeof *writer->rest * chunk->rows);
    size_t size = chunk_codec_pack(codec_of(writer, 0), writer->rest, &packed);
    memset(writer->rest, 0, sizeof *writer->rest * chunk->rows);
    memcpy(chunk->column[column], packed, size);
    chunk->size[column] = size;
}

/* As it is stored where nothing is packed. */
static void fill_rest(struct chunk *chunk, size_t column)
{
    size_t used = sizeof(uint64_t) * chunk->rows;
    chunk->size[column] = sizeof(uint64_t) * RASTER_CHUNK_ROWS;
    memset(chunk->column[column] + used, 0, chunk->size[column] - used);
}

/* The last chunk of a population. */
static void enqueue_rest(struct raster_writer *writer, struct chunk *chunk)
{
    for (size_t column = 0; column < RASTER_COLUMNS; column++)
        if (writer->codec)
            pack_rest(writer, chunk, column);
        else
            fill_rest(chunk, column);
    enqueue(writer, chunk, chunk->rows);
}

/* Waits until the writer thread has nothing to do: all chunks but those being filled are free. */
static enum status wait_for_writer(struct raster_writer *writer, struct error *err)
{
    size_t held = 0;
    for (size_t i = 0; i < writer->population_count; i++)
        held += writer->current[i] != NULL;
    return chunk_queue_wait(writer->queue, held, err);
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
    const struct chunk_queue_times times = chunk_queue_times(writer->queue);
    *statistics = writer->statistics;
    statistics->write_seconds = times.write_seconds;
    statistics->stalls = times.stalls;
    statistics->stall_seconds = times.stall_seconds;
}

size_t raster_rest(const struct raster_writer *writer, size_t population, const uint64_t **node_ids,
                   const double **timestamps)
{
    const struct chunk *chunk = writer->current[population];
    if (!chunk)
        return 0;
    *node_ids = (const uint64_t *)chunk->column[RASTER_NODE_IDS];
    *timestamps = (const double *)chunk->column[RASTER_TIMESTAMPS];
    return chunk->rows;
}

enum status raster_drain(struct raster_writer *writer, hid_t *file, struct error *err)
{
    for (size_t i = 0; i < writer->population_count; i++)
        if (writer->current[i])
            enqueue_rest(writer, writer->current[i]);
    enum status status = chunk_queue_stop(writer->queue, false, err);
    if (status)
        return status;
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
        raster_read_statistics(writer, statistics);
    free_writer(writer);
    return status;
}

void raster_abandon(struct raster_writer *writer)
{
    if (writer->queue)
        chunk_queue_stop(writer->queue, true, NULL);
    raster_file_discard(writer->file);
    if (writer->complete)
        unlink(writer->temporary);
    free_writer(writer);
}
