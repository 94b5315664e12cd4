/* Keeps the list of a raster's segments, from the first cut to the whole file. */
#include "checkpoint/spike_segments.h"

#include "engine/selection.h"
#include "sonata/raster_segment.h"
#include "sonata/segment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the list */

enum status spike_segments_open(struct spike_segments *s, const struct setup *setup,
                                const struct checkpoint_folder *folder, struct error *err)
{
    const struct config *config = setup->config;
    *s = (struct spike_segments){.setup = setup, .folder = folder, .next = 1};
    s->recorded = calloc(config->population_count, sizeof *s->recorded);
    if (!s->recorded)
        return error_no_memory(err, "for checkpoints");
    for (size_t i = 0; i < config->population_count; i++)
        if (setup->raster && !selection_is_none(config, i))
            s->recorded[s->recorded_count++] = config->population[i].name;
    return STATUS_OK;
}

void spike_segments_close(struct spike_segments *s)
{
    free(s->recorded);
    free(s->segment);
    free(s->chunks);
    memset(s, 0, sizeof *s);
}

/* Room for the chunks of one more segment, all 0, until add() lists it; NULL without memory. */
static uint64_t *make_room(struct spike_segments *s)
{
    size_t count = s->count + 1, row = s->recorded_count;
    struct spike_segment *segments = realloc(s->segment, count * sizeof *segments);
    s->segment = segments ? segments : s->segment;
    uint64_t *chunks = realloc(s->chunks, (count * row + 1) * sizeof *chunks);
    s->chunks = chunks ? chunks : s->chunks;
    if (!segments || !chunks)
        return NULL;
    return memset(chunks + s->count * row, 0, row * sizeof *chunks);
}

/* Lists a segment, for which there is room. */
static void add(struct spike_segments *s, const struct spike_segment *segment)
{
    s->segment[s->count++] = *segment;
}

/* The path of segment i, allocated; NULL without memory. */
static char *path_of(const struct spike_segments *s, size_t i)
{
    const char *name = s->segment[i].name;
    return name[0] ? checkpoint_folder_file(s->folder, name) : strdup(s->setup->output);
}

char *spike_segments_next_path(const struct spike_segments *s)
{
    return checkpoint_folder_segment(s->folder, s->next);
}

/* Segment i as sonata/ wants it; its chunks are the list's own. */
static struct raster_segment raster_segment_of(const struct spike_segments *s, size_t i)
{
    return (struct raster_segment){s->segment[i].bytes, s->segment[i].checksum,
                                   s->chunks + i * s->recorded_count};
}

bool spike_segments_have(const struct spike_segments *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->segment[i].name, name) == 0)
            return true;
    return false;
}

bool spike_segments_are_output(const struct spike_segments *s)
{
    return s->count == 1 && s->segment[0].name[0] == '\0';
}

/* The number in "segment-000012.h5"; 0 for the output. */
static uint64_t number_of(const struct spike_segment *segment)
{
    unsigned long long number = 0;
    return sscanf(segment->name, "segment-%llu.h5", &number) == 1 ? number : 0;
}

bool spike_segments_begin_with_output(const struct spike_segments *s)
{
    return s->count > 0 && number_of(&s->segment[0]) == 0;
}

uint64_t *spike_segments_chunks(const struct spike_segments *s)
{
    uint64_t *chunks = malloc((s->count * s->recorded_count + 1) * sizeof *chunks);
    for (size_t k = 0; chunks && k < s->count; k++)
        for (size_t i = 0; i < s->recorded_count; i++)
            chunks[i * s->count + k] = s->chunks[k * s->recorded_count + i];
    return chunks;
}

/* ---- a checkpoint, and the end */

/* A finished run is made longer: its output becomes the first segment, under a name that stays when
 * the longer run's output takes its place. */
static enum status adopt_output(struct spike_segments *s, struct error *err)
{
    if (s->count == 0 || s->segment[0].name[0] != '\0')
        return STATUS_OK;
    char name[CHECKPOINT_SEGMENT_NAME];
    checkpoint_folder_segment_name(0, name);
    enum status status = checkpoint_folder_adopt(s->folder, s->setup->output, name, err);
    if (!status)
        strcpy(s->segment[0].name, name);
    return status;
}

static enum status cut_segment(struct spike_segments *s, struct raster_writer *raster,
                               struct error *err)
{
    struct spike_segment segment = {.bytes = 0};
    bool cut = false;
    checkpoint_folder_segment_name(s->next, segment.name);
    char *after = checkpoint_folder_segment(s->folder, s->next + 1);
    struct raster_segment written = {.chunks = make_room(s)};
    enum status status = after && written.chunks ? raster_cut(raster, after, &cut, &written, err)
                                                 : error_no_memory(err, "for checkpoints");
    free(after);
    if (status || !cut)
        return status;
    segment.bytes = written.bytes;
    segment.checksum = written.checksum;
    add(s, &segment);
    s->next++;
    return STATUS_OK;
}

enum status spike_segments_cut(struct spike_segments *s, struct raster_writer *raster,
                               struct error *err)
{
    enum status status = adopt_output(s, err);
    return status ? status : cut_segment(s, raster, err);
}

enum status spike_segments_check(const struct spike_segments *s, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; !status && i < s->count; i++) {
        char *path = path_of(s, i);
        status = path ? segment_check_size(path, s->segment[i].bytes, err)
                      : error_no_memory(err, "for checkpoints");
        free(path);
    }
    return status;
}

enum status spike_segments_settle(struct spike_segments *s, uint64_t checksum, struct error *err)
{
    struct stat info;
    struct spike_segment output = {.checksum = checksum};
    if (stat(s->setup->output, &info) != 0)
        return error_set(err, STATUS_OUTPUT, "cannot find %s, which has just been written: %s",
                         s->setup->output, strerror(errno));
    output.bytes = (uint64_t)info.st_size;
    uint64_t *chunks = make_room(s);
    if (!chunks)
        return error_no_memory(err, "for checkpoints");
    for (size_t k = 0; k < s->count; k++)
        for (size_t i = 0; i < s->recorded_count; i++)
            chunks[i] += s->chunks[k * s->recorded_count + i];
    memmove(s->chunks, chunks, s->recorded_count * sizeof *chunks);
    s->count = 0;
    add(s, &output);
    return STATUS_OK;
}

/* Rows that lie in memory. */
struct rows {
    const uint64_t *node_ids;
    const double *timestamps;
};

static void copy_rows(const void *context, uint64_t first, size_t count, uint64_t *node_ids,
                      double *timestamps)
{
    const struct rows *rows = context;
    memcpy(node_ids, rows->node_ids + first, count * sizeof *node_ids);
    memcpy(timestamps, rows->timestamps + first, count * sizeof *timestamps);
}

enum status spike_segments_join(const struct spike_segments *s, const struct raster_writer *from,
                                struct raster_writer *to, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t k = 0; !status && k < s->count; k++) {
        const struct raster_segment segment = raster_segment_of(s, k);
        char *path = path_of(s, k);
        status = path ? raster_append_segment(to, path, &segment, err)
                      : error_no_memory(err, "to join segments");
        free(path);
    }
    for (size_t i = 0; !status && i < s->recorded_count; i++) {
        struct rows rest = {NULL, NULL};
        size_t count = raster_rest(from, i, &rest.node_ids, &rest.timestamps);
        status = raster_append(to, i, count, copy_rows, &rest, err);
    }
    return status;
}

/* ---- going on */

/* A run begun with a raster goes on with it, one without goes on without. */
static enum status check_recorded(const struct spike_segments *s,
                                  const struct checkpoint_reader *reader, struct error *err)
{
    for (size_t i = 0; i < s->setup->config->population_count; i++) {
        char name[CHECKPOINT_NAME];
        const char *population = s->setup->config->population[i].name;
        snprintf(name, sizeof name, "recorded.%s.chunks", population);
        bool had = checkpoint_reader_bytes(reader, name) != UINT64_MAX, has = false;
        for (size_t r = 0; r < s->recorded_count; r++)
            has |= strcmp(s->recorded[r], population) == 0;
        if (had != has)
            return error_set(
                err, STATUS_CONFIG,
                "the run in %s began %s the raster of population %s, and goes on only so",
                s->folder->path, had ? "with" : "without", population);
    }
    return STATUS_OK;
}

static enum status read_chunks(struct spike_segments *s, const struct checkpoint_reader *reader,
                               size_t population, struct error *err)
{
    char name[CHECKPOINT_NAME];
    uint64_t *chunks = malloc((s->count + 1) * sizeof *chunks);
    if (!chunks)
        return error_no_memory(err, "to go on from a checkpoint");
    snprintf(name, sizeof name, "recorded.%s.chunks", s->recorded[population]);
    enum status status =
        checkpoint_reader_read(reader, name, 0, s->count * sizeof *chunks, chunks, err);
    for (size_t k = 0; !status && k < s->count; k++)
        s->chunks[k * s->recorded_count + population] = chunks[k];
    free(chunks);
    return status;
}

static enum status read_list(struct spike_segments *s, const struct checkpoint_reader *reader,
                             struct error *err)
{
    struct spike_segment segment;
    uint64_t bytes = checkpoint_reader_bytes(reader, "segments");
    size_t count = bytes == UINT64_MAX ? 0 : (size_t)(bytes / sizeof segment);
    enum status status = STATUS_OK;
    for (size_t k = 0; !status && k < count; k++) {
        status = checkpoint_reader_read(reader, "segments", k * sizeof segment, sizeof segment,
                                        &segment, err);
        if (!status && !make_room(s))
            status = error_no_memory(err, "to go on from a checkpoint");
        if (status)
            break;
        segment.name[sizeof segment.name - 1] = '\0';
        add(s, &segment);
        s->next = number_of(&segment) >= s->next ? number_of(&segment) + 1 : s->next;
    }
    for (size_t i = 0; !status && i < s->recorded_count; i++)
        status = read_chunks(s, reader, i, err);
    return status;
}

static enum status check_files(const struct spike_segments *s, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t k = 0; !status && k < s->count; k++) {
        const struct raster_segment segment = raster_segment_of(s, k);
        char *path = path_of(s, k);
        status = path ? raster_check_segment(path, s->recorded, s->recorded_count, &segment, err)
                      : error_no_memory(err, "to go on from a checkpoint");
        free(path);
    }
    return status;
}

enum status spike_segments_resume(struct spike_segments *s, const struct checkpoint_reader *reader,
                                  struct error *err)
{
    enum status status = check_recorded(s, reader, err);
    if (!status)
        status = read_list(s, reader, err);
    return status ? status : check_files(s, err);
}

static enum status append_rest(const struct spike_segments *s,
                               const struct checkpoint_reader *reader, struct raster_writer *raster,
                               size_t i, struct error *err)
{
    char name[CHECKPOINT_NAME], *node_ids = NULL, *timestamps = NULL;
    uint64_t bytes = 0, same = 0;
    snprintf(name, sizeof name, "recorded.%s.node_ids", s->recorded[i]);
    enum status status = checkpoint_reader_load(reader, name, &node_ids, &bytes, err);
    snprintf(name, sizeof name, "recorded.%s.timestamps", s->recorded[i]);
    if (!status)
        status = checkpoint_reader_load(reader, name, &timestamps, &same, err);
    const struct rows rest = {(const uint64_t *)node_ids, (const double *)timestamps};
    if (!status && bytes != same)
        status = error_set(err, STATUS_CHECKPOINT, "%s: section %s is of another length",
                           s->folder->checkpoint, name);
    if (!status)
        status = raster_append(raster, i, bytes / sizeof(uint64_t), copy_rows, &rest, err);
    free(node_ids);
    free(timestamps);
    return status;
}

enum status spike_segments_resume_rest(const struct spike_segments *s,
                                       const struct checkpoint_reader *reader,
                                       struct raster_writer *raster, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; !status && i < s->recorded_count; i++)
        status = append_rest(s, reader, raster, i, err);
    return status;
}
