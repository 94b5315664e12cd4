/* Keeps the lists of the segments of traces, from the first cut to the whole files. */
#include "checkpoint/trace_segments.h"

#include "base/decimal.h"
#include "engine/selection.h"
#include "sonata/report_segment.h"
#include "sonata/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRACE_NAME = 128 }; /* bytes of a segment's name: 64 for the recorder's */

static const struct record_config *recorder(const struct trace_segments *t, size_t record)
{
    return &t->setup->config->record[record];
}

/* How many recorders of any kind there are. */
static size_t recorders(const struct trace_segments *t)
{
    return t->setup->config->record_count;
}

/* ---- names */

/* "segment-000002.v.h5" */
static void name_of(const struct trace_segments *t, size_t record, uint64_t number,
                    char name[TRACE_NAME])
{
    snprintf(name, TRACE_NAME, "segment-%06llu.%s.h5", (unsigned long long)number,
             recorder(t, record)->name);
}

static char *path_of(const struct trace_segments *t, size_t record, uint64_t number)
{
    char name[TRACE_NAME];
    if (number == TRACE_SEGMENT_WHOLE)
        return output_trace_path(t->setup->output, recorder(t, record));
    name_of(t, record, number, name);
    return checkpoint_folder_file(t->folder, name);
}

static char *next_path(const void *context, size_t record)
{
    const struct trace_segments *t = context;
    return path_of(t, record, t->list[record].next);
}

struct trace_place trace_segments_place(const struct trace_segments *t)
{
    return (struct trace_place){next_path, t};
}

bool trace_segments_have(const struct trace_segments *t, const char *name)
{
    char listed[TRACE_NAME];
    for (size_t r = 0; r < recorders(t); r++)
        for (size_t s = 0; s < t->list[r].count; s++) {
            name_of(t, r, t->list[r].segment[s].number, listed);
            if (strcmp(listed, name) == 0)
                return true;
        }
    return false;
}

/* ---- the lists */

enum status trace_segments_open(struct trace_segments *t, const struct setup *setup,
                                const struct checkpoint_folder *folder, struct error *err)
{
    *t = (struct trace_segments){.setup = setup, .folder = folder};
    t->list = calloc(recorders(t) + 1, sizeof *t->list);
    for (size_t r = 0; t->list && r < recorders(t); r++)
        t->list[r].next = 1;
    return t->list ? STATUS_OK : error_no_memory(err, "for the segments of traces");
}

void trace_segments_close(struct trace_segments *t)
{
    for (size_t r = 0; t->list && r < recorders(t); r++)
        free(t->list[r].segment);
    free(t->list);
    t->list = NULL;
}

static enum status add_segment(struct trace_list *list, const struct trace_segment *segment,
                               struct error *err)
{
    struct trace_segment *grown = realloc(list->segment, (list->count + 1) * sizeof *list->segment);
    if (!grown)
        return error_no_memory(err, "for the segments of traces");
    list->segment = grown;
    grown[list->count++] = *segment;
    if (segment->number != TRACE_SEGMENT_WHOLE && segment->number >= list->next)
        list->next = segment->number + 1;
    return STATUS_OK;
}

/* A finished run is made longer: a recorder's whole file becomes the first segment, under a name
 * that stays when the longer run's file takes its place. */
static enum status adopt_whole(struct trace_segments *t, size_t record, struct error *err)
{
    struct trace_list *list = &t->list[record];
    if (list->count == 0 || list->segment[0].number != TRACE_SEGMENT_WHOLE)
        return STATUS_OK;
    char *whole = output_trace_path(t->setup->output, recorder(t, record)), name[TRACE_NAME];
    name_of(t, record, 0, name);
    enum status status = whole ? checkpoint_folder_adopt(t->folder, whole, name, err)
                               : error_no_memory(err, "for the segments of traces");
    list->segment[0].number = status ? TRACE_SEGMENT_WHOLE : 0;
    free(whole);
    return status;
}

static enum status cut_segment(struct trace_segments *t, size_t record,
                               struct output_traces *traces, struct error *err)
{
    struct trace_segment segment = {.number = t->list[record].next};
    bool cut = false;
    enum status status = output_traces_cut(traces, record, &segment.file, &cut, err);
    return status || !cut ? status : add_segment(&t->list[record], &segment, err);
}

enum status trace_segments_cut(struct trace_segments *t, struct output_traces *traces,
                               struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < recorders(t); r++) {
        status = adopt_whole(t, r, err);
        if (!status)
            status = cut_segment(t, r, traces, err);
    }
    return status;
}

enum status trace_segments_settle(struct trace_segments *t, const struct output_traces *traces,
                                  struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < recorders(t); r++) {
        const struct trace_segment finished = {.number = TRACE_SEGMENT_WHOLE,
                                               .file = traces->finished[r]};
        t->list[r].count = 0;
        if (record_is_trace(recorder(t, r)))
            status = add_segment(&t->list[r], &finished, err);
    }
    return status;
}

static enum status check_list(const struct trace_segments *t, size_t record, struct error *err)
{
    const struct trace_list *list = &t->list[record];
    enum status status = STATUS_OK;
    for (size_t s = 0; !status && s < list->count; s++) {
        char *path = path_of(t, record, list->segment[s].number);
        status = path ? segment_check_size(path, list->segment[s].file.bytes, err)
                      : error_no_memory(err, "for the segments of traces");
        free(path);
    }
    return status;
}

enum status trace_segments_check(const struct trace_segments *t, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < recorders(t); r++)
        status = check_list(t, r, err);
    return status;
}

/* ---- going on */

static enum status read_list(struct trace_segments *t, const struct checkpoint_reader *reader,
                             size_t record, struct error *err)
{
    char section[CHECKPOINT_NAME];
    struct trace_segment segment;
    snprintf(section, sizeof section, TRACE_SEGMENTS_SECTION, recorder(t, record)->name);
    uint64_t bytes = checkpoint_reader_bytes(reader, section);
    if (bytes == UINT64_MAX)
        return error_set(err, STATUS_CHECKPOINT, "%s has no section %s", t->folder->checkpoint,
                         section);
    enum status status = STATUS_OK;
    for (uint64_t at = 0; !status && at < bytes; at += sizeof segment) {
        status = checkpoint_reader_read(reader, section, at, sizeof segment, &segment, err);
        if (!status)
            status = add_segment(&t->list[record], &segment, err);
    }
    return status;
}

/* Names and sizes of a recorder's populations; the ids are not asked for. The caller's. */
static struct report_population *populations_of(const struct trace_segments *t, size_t record)
{
    const struct record_config *trace = recorder(t, record);
    struct report_population *list = calloc(trace->population_count + 1, sizeof *list);
    for (size_t i = 0; list && i < trace->population_count; i++) {
        const struct population_config *p = &t->setup->config->population[trace->population[i]];
        list[i] = (struct report_population){p->name, NULL, selection_count(trace, p->size)};
    }
    return list;
}

/* Checks a recorder's segments, and copies them to a writer, if there is one. */
static enum status read_segments(const struct trace_segments *t, size_t record,
                                 struct report_writer *to, struct error *err)
{
    const struct trace_list *list = &t->list[record];
    struct report_population *population = populations_of(t, record);
    enum status status =
        population ? STATUS_OK : error_no_memory(err, "for the segments of traces");
    for (size_t s = 0; !status && s < list->count; s++) {
        char *path = path_of(t, record, list->segment[s].number);
        status =
            path ? report_read_segment(to, path, population, recorder(t, record)->population_count,
                                       &list->segment[s].file, err)
                 : error_no_memory(err, "for the segments of traces");
        free(path);
    }
    free(population);
    return status;
}

enum status trace_segments_resume(struct trace_segments *t, const struct checkpoint_reader *reader,
                                  struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < recorders(t); r++)
        if (record_is_trace(recorder(t, r))) {
            status = read_list(t, reader, r, err);
            if (!status)
                status = read_segments(t, r, NULL, err);
        }
    return status;
}

/* ---- the end */

enum status trace_segments_join(const struct trace_segments *t, bool replaces,
                                struct output_traces *traces, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < recorders(t); r++)
        if (record_is_trace(recorder(t, r))) {
            struct report_writer *whole;
            status = output_traces_open_whole(traces, r, replaces, &whole, err);
            if (!status)
                status = read_segments(t, r, whole, err);
        }
    return status;
}
