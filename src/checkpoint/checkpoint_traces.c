/* Traces in a run with checkpoints: each recorder's rows since the last checkpoint become a report
 * of their own, and all of them one at the end. */
#include "checkpoint/checkpoint.h"

#include "base/decimal.h"
#include "engine/selection.h"
#include "sonata/report_segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_MEMORY, "no memory for the segments of traces");
}

static const struct record_config *recorder(const struct checkpoint *cp, size_t record)
{
    return &cp->setup->config->record[record];
}

bool checkpoint_has_trace(const struct checkpoint *cp, size_t record)
{
    return record_is_trace(recorder(cp, record));
}

/* ---- names */

/* "segment-000002.v.h5" */
static void name_of(const struct checkpoint *cp, size_t record, uint64_t number,
                    char name[CHECKPOINT_TRACE_NAME])
{
    snprintf(name, CHECKPOINT_TRACE_NAME, "segment-%06llu.%s.h5", (unsigned long long)number,
             recorder(cp, record)->name);
}

static char *path_of(const struct checkpoint *cp, size_t record, uint64_t number)
{
    char name[CHECKPOINT_TRACE_NAME];
    if (number == SIM_TRACE_WHOLE)
        return output_trace_path(cp->setup, record);
    name_of(cp, record, number, name);
    return checkpoint_folder_file(&cp->folder, name);
}

static char *next_path(const void *context, size_t record)
{
    const struct checkpoint *cp = context;
    return path_of(cp, record, cp->trace[record].next);
}

struct trace_place checkpoint_trace_place(const struct checkpoint *cp)
{
    return (struct trace_place){cp->on ? next_path : NULL, cp};
}

bool checkpoint_lists_trace(const struct checkpoint *cp, const char *name)
{
    char listed[CHECKPOINT_TRACE_NAME];
    for (size_t r = 0; r < cp->setup->config->record_count; r++)
        for (size_t s = 0; s < cp->trace[r].count; s++) {
            name_of(cp, r, cp->trace[r].segment[s].number, listed);
            if (strcmp(listed, name) == 0)
                return true;
        }
    return false;
}

/* ---- the lists */

enum status checkpoint_open_traces(struct checkpoint *cp, struct error *err)
{
    size_t records = cp->setup->config->record_count;
    cp->trace = calloc(records + 1, sizeof *cp->trace);
    for (size_t r = 0; cp->trace && r < records; r++)
        cp->trace[r].next = 1;
    return cp->trace ? STATUS_OK : no_memory(err);
}

void checkpoint_close_traces(struct checkpoint *cp)
{
    for (size_t r = 0; cp->trace && r < cp->setup->config->record_count; r++)
        free(cp->trace[r].segment);
    free(cp->trace);
    cp->trace = NULL;
}

static enum status add_segment(struct checkpoint_trace_segments *list,
                               const struct checkpoint_trace_segment *segment, struct error *err)
{
    struct checkpoint_trace_segment *grown =
        realloc(list->segment, (list->count + 1) * sizeof *list->segment);
    if (!grown)
        return no_memory(err);
    list->segment = grown;
    grown[list->count++] = *segment;
    if (segment->number != SIM_TRACE_WHOLE && segment->number >= list->next)
        list->next = segment->number + 1;
    return STATUS_OK;
}

enum status checkpoint_cut_traces(struct checkpoint *cp, struct output_traces *traces,
                                  struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < cp->setup->config->record_count; r++) {
        struct checkpoint_trace_segment segment = {.number = cp->trace[r].next};
        bool cut = false;
        status = output_traces_cut(traces, r, &segment.file, &cut, err);
        if (!status && cut)
            status = add_segment(&cp->trace[r], &segment, err);
    }
    return status;
}

enum status checkpoint_settle_traces(struct checkpoint *cp, const struct output_traces *traces,
                                     struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < cp->setup->config->record_count; r++) {
        const struct checkpoint_trace_segment finished = {.number = SIM_TRACE_WHOLE,
                                                          .file = traces->finished[r]};
        cp->trace[r].count = 0;
        if (checkpoint_has_trace(cp, r))
            status = add_segment(&cp->trace[r], &finished, err);
    }
    return status;
}

enum status checkpoint_adopt_traces(struct checkpoint *cp, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < cp->setup->config->record_count; r++) {
        struct checkpoint_trace_segments *list = &cp->trace[r];
        if (list->count == 0 || list->segment[0].number != SIM_TRACE_WHOLE)
            continue;
        char name[CHECKPOINT_TRACE_NAME], *path = path_of(cp, r, SIM_TRACE_WHOLE);
        name_of(cp, r, 0, name);
        status = path ? checkpoint_folder_adopt(&cp->folder, path, name, err) : no_memory(err);
        list->segment[0].number = 0;
        free(path);
    }
    return status;
}

/* ---- going on */

static enum status list_segments(struct checkpoint *cp, size_t record, struct error *err)
{
    char section[CHECKPOINT_NAME];
    struct checkpoint_trace_segment segment;
    snprintf(section, sizeof section, SIM_TRACE_SECTION, recorder(cp, record)->name);
    uint64_t bytes = checkpoint_file_bytes(cp->reader, section);
    if (bytes == UINT64_MAX)
        return error_set(err, STATUS_CHECKPOINT, "%s has no section %s", cp->folder.checkpoint,
                         section);
    enum status status = STATUS_OK;
    for (uint64_t at = 0; !status && at < bytes; at += sizeof segment) {
        status = checkpoint_file_read(cp->reader, section, at, sizeof segment, &segment, err);
        if (!status)
            status = add_segment(&cp->trace[record], &segment, err);
    }
    return status;
}

/* Names and sizes of a recorder's populations; the ids are not asked for. The caller's. */
static struct report_population *populations_of(const struct checkpoint *cp, size_t record)
{
    const struct record_config *trace = recorder(cp, record);
    struct report_population *list = calloc(trace->population_count + 1, sizeof *list);
    for (size_t i = 0; list && i < trace->population_count; i++) {
        const struct population_config *p = &cp->setup->config->population[trace->population[i]];
        list[i] = (struct report_population){p->name, NULL, selection_count(trace, p->size)};
    }
    return list;
}

/* Checks a recorder's segments, and copies them to a writer, if there is one. */
static enum status read_segments(const struct checkpoint *cp, size_t record,
                                 struct report_writer *to, struct error *err)
{
    const struct checkpoint_trace_segments *list = &cp->trace[record];
    struct report_population *population = populations_of(cp, record);
    enum status status = population ? STATUS_OK : no_memory(err);
    for (size_t s = 0; !status && s < list->count; s++) {
        char *path = path_of(cp, record, list->segment[s].number);
        status =
            path ? report_read_segment(to, path, population, recorder(cp, record)->population_count,
                                       &list->segment[s].file, err)
                 : no_memory(err);
        free(path);
    }
    free(population);
    return status;
}

enum status resume_traces(struct checkpoint *cp, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < cp->setup->config->record_count; r++)
        if (checkpoint_has_trace(cp, r)) {
            status = list_segments(cp, r, err);
            if (!status)
                status = read_segments(cp, r, NULL, err);
        }
    return status;
}

/* ---- the end */

enum status sim_join_traces(const struct checkpoint *cp, struct output_traces *traces,
                            struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t r = 0; !status && r < cp->setup->config->record_count; r++)
        if (checkpoint_has_trace(cp, r)) {
            struct report_writer *whole;
            status = output_traces_open_whole(traces, r, cp->owns_output, &whole, err);
            if (!status)
                status = read_segments(cp, r, whole, err);
        }
    return status;
}
