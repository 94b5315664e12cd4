/* Writes checkpoints: cuts the segments, lists every byte of the state as a section of the file,
 * and puts the folder in order when the run has its whole output. */
#include "checkpoint/save.h"

#include "base/clock.h"
#include "base/version.h"
#include "checkpoint/checkpoint_write.h"
#include "config/write.h"
#include "engine/engine_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the file's sections */

/* Where a section's bytes come from: memory, or the engine. */
struct source {
    const void *data;
    const struct engine_field *field;
};

struct content {
    const struct engine *engine;
    const struct engine_state *state;
    struct checkpoint_section *section;
    struct source *source;
    size_t count, room;
    bool lost; /* there was no memory for some section */

    /* Of several ranks, which go through the pieces of parted fields together, in their order. */
    struct together {
        const struct comm *comm; /* NULL: one process */
        struct own_range {
            uint64_t first, count;
        } * range;      /* [ranks][state->count]: what each has of the parted fields */
        uint64_t *each; /* [ranks]: bytes of a piece */
        void *own;      /* CHECKPOINT_PIECE: this rank's elements of a piece */
        uint64_t done;  /* pieces that are through */
    } * together;
};

static void add(struct content *c, struct source source, uint64_t bytes, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void add(struct content *c, struct source source, uint64_t bytes, const char *format, ...)
{
    if (c->count == c->room) {
        c->room = 2 * c->room + 64;
        void *sections = realloc(c->section, c->room * sizeof *c->section);
        c->section = sections ? sections : c->section;
        void *sources = realloc(c->source, c->room * sizeof *c->source);
        c->source = sources ? sources : c->source;
        c->room = sections && sources ? c->room : c->count;
    }
    c->lost = c->lost || c->count == c->room;
    if (c->lost)
        return;
    struct checkpoint_section *section = &c->section[c->count];
    memset(section, 0, sizeof *section);
    section->bytes = bytes;
    c->source[c->count++] = source;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(section->name, sizeof section->name, format, arguments);
    va_end(arguments);
}

static void add_memory(struct content *c, const void *data, uint64_t bytes, const char *name)
{
    add(c, (struct source){data, NULL}, bytes, "%s", name);
}

static void add_text(struct content *c, const char *text, const char *name)
{
    add_memory(c, text, strlen(text), name);
}

static bool is_gathered(const struct content *c, size_t section)
{
    const struct engine_field *field = c->source[section].field;
    return c->together->comm && field && field->parted;
}

/* What elements [first, first + count) of the whole field have in common with a rank's. */
static struct own_range own_part(const struct own_range *own, uint64_t first, uint64_t count)
{
    const uint64_t behind = own->first + own->count;
    const uint64_t begin = first > own->first ? first : own->first;
    const uint64_t end = first + count < behind ? first + count : behind;
    return (struct own_range){begin, begin < end ? end - begin : 0};
}

/* Nobody waits for rank 0 but where its messages are full. */
static void gather(const struct content *c, size_t section, uint64_t first, size_t bytes, void *out)
{
    struct together *t = c->together;
    const struct engine_field *field = c->source[section].field;
    const uint64_t count = bytes / field->bytes;
    const struct own_range *range = t->range + (field - c->state->field);
    first /= field->bytes;
    for (int r = 0; r < t->comm->ranks; r++) {
        const struct own_range part = own_part(range + (size_t)r * c->state->count, first, count);
        t->each[r] = part.count * field->bytes;
        if (r == t->comm->rank && part.count > 0)
            engine_state_save(c->engine, field, part.first - field->first, part.count, t->own);
    }
    t->comm->calls->gather_each(t->own, t->each, out);
    t->done++;
}

static void fill(const void *context, size_t section, uint64_t first, size_t bytes, void *out)
{
    const struct content *c = context;
    const struct source *from = &c->source[section];
    if (is_gathered(c, section))
        gather(c, section, first, bytes, out);
    else if (from->field)
        engine_state_save(c->engine, from->field, first / from->field->bytes,
                          bytes / from->field->bytes, out);
    else
        memcpy(out, (const char *)from->data + first, bytes);
}

/* The pieces that are not through yet: all of a rank that writes no file; of the one that does, the
 * rest where it could not write. */
static void go_through(const struct content *c, void *out)
{
    uint64_t before = c->together->done;
    for (size_t i = 0; i < c->count; i++)
        for (uint64_t first = 0; is_gathered(c, i) && first < c->section[i].bytes;
             first += CHECKPOINT_PIECE) {
            const uint64_t left = c->section[i].bytes - first;
            if (before > 0)
                before--;
            else
                gather(c, i, first, left < CHECKPOINT_PIECE ? (size_t)left : CHECKPOINT_PIECE, out);
        }
}

/* Tells all ranks what each has of the fields; `own`: room for [state->count]. */
static void share_ranges(const struct content *c, struct own_range *own)
{
    for (size_t i = 0; i < c->state->count; i++)
        own[i] = (struct own_range){c->state->field[i].first, c->state->field[i].count};
    c->together->comm->calls->allgather(own, c->state->count * sizeof *own, c->together->range);
}

/* Rank 0 writes with one thread, which is the one that speaks with the others. */
static enum status write_pieces(struct checkpoint *cp, const struct content *c,
                                struct own_range *own, void *scratch, struct error *err)
{
    enum status status = STATUS_OK;
    share_ranges(c, own);
    if (cp->setup->output)
        status = checkpoint_write_file(cp->folder.checkpoint, c->section, c->count, fill, c, 1,
                                       &cp->clock.bytes, err);
    go_through(c, scratch);
    return status;
}

/* Ranks write only where all of them are well: `status` is this one's. */
static enum status write_together(struct checkpoint *cp, const struct content *c,
                                  enum status status, struct error *err)
{
    struct together *t = c->together;
    const size_t ranks = (size_t)t->comm->ranks, fields = c->state->count;
    struct own_range *own = calloc(fields + 1, sizeof *own);
    void *scratch = malloc(CHECKPOINT_PIECE);
    t->own = malloc(CHECKPOINT_PIECE);
    t->each = calloc(ranks, sizeof *t->each);
    t->range = calloc(ranks * fields + 1, sizeof *t->range);
    if (!status && (!own || !scratch || !t->own || !t->each || !t->range))
        status = error_no_memory(err, "for checkpoints");
    status = comm_agree(t->comm, status, err);
    if (!status) {
        status = write_pieces(cp, c, own, scratch, err);
        status = comm_agree(t->comm, status, err);
    }
    free(own);
    free(scratch);
    free(t->own);
    free(t->each);
    free(t->range);
    return status;
}

static void add_state(struct content *c, const struct engine_state *state)
{
    for (size_t i = 0; i < state->count; i++) {
        const struct engine_field *field = &state->field[i];
        add(c, (struct source){NULL, field}, field->bytes * field->whole, "%s", field->name);
    }
}

/* Parameters are drawn again from the seed; this tells whether they came out the same. */
static void add_parameters(struct content *c, const struct config *config)
{
    for (size_t i = 0; i < config->population_count; i++)
        add(c, (struct source){&engine_totals(c->engine, i)->parameters_digest, NULL},
            sizeof(uint64_t), "population.%s.parameters", config->population[i].name);
}

/* The raster: whole chunks in each segment, and the rows that no segment has. */
static void add_raster(struct content *c, const struct spike_segments *s,
                       const struct raster_writer *raster, const uint64_t *chunks)
{
    add_memory(c, s->segment, s->count * sizeof *s->segment, "segments");
    for (size_t i = 0; i < s->recorded_count; i++) {
        const uint64_t *node_ids = NULL;
        const double *timestamps = NULL;
        const char *name = s->recorded[i];
        size_t rows = raster_rest(raster, i, &node_ids, &timestamps);
        add(c, (struct source){chunks + i * s->count, NULL}, s->count * sizeof *chunks,
            "recorded.%s.chunks", name);
        add(c, (struct source){node_ids, NULL}, rows * sizeof *node_ids, "recorded.%s.node_ids",
            name);
        add(c, (struct source){timestamps, NULL}, rows * sizeof *timestamps,
            "recorded.%s.timestamps", name);
    }
}

/* The segments of traces, by recorder. */
static void add_traces(struct content *c, const struct trace_segments *t)
{
    const struct config *config = t->setup->config;
    for (size_t r = 0; r < config->record_count; r++)
        if (record_is_trace(&config->record[r]))
            add(c, (struct source){t->list[r].segment, NULL},
                t->list[r].count * sizeof *t->list[r].segment, TRACE_SEGMENTS_SECTION,
                config->record[r].name);
}

/* Writes the checkpoint file of the present state, unless `status` tells an error of this rank
 * before. All ranks call it. */
static enum status write_file(struct checkpoint *cp, struct engine *engine,
                              const struct raster_writer *raster, enum status status,
                              struct error *err)
{
    const struct config *config = cp->setup->config;
    struct together together = {.comm = checkpoint_comm(cp)};
    struct engine_state state;
    struct content c = {.engine = engine, .state = &state, .together = &together};
    const struct digest connectivity = engine_connectivity(engine);
    uint64_t numerics = NUMERICS, step = engine_steps_done(engine);
    uint64_t raster_is_there = cp->setup->raster, replaces = cp->outputs.replaces;
    uint64_t *chunks = spike_segments_chunks(&cp->spikes);
    char *files = setup_files_text(&cp->setup->files), *text = config_to_text(config);
    enum status opened = engine_state_open(&state, engine, status ? NULL : err);
    status = status ? status : opened;
    if (!status && chunks && text && files) {
        add_memory(&c, &numerics, sizeof numerics, "numerics");
        add_memory(&c, &step, sizeof step, "step");
        add_text(&c, version_number(), "version");
        add_text(&c, text, "config");
        add_text(&c, config->file, "config_file");
        add_text(&c, files, "files");
        add_memory(&c, &cp->outputs.finished, sizeof cp->outputs.finished, "finished");
        add_memory(&c, &replaces, sizeof replaces, "replaces");
        add_memory(&c, &raster_is_there, sizeof raster_is_there, "raster");
        add_parameters(&c, config);
        if (config->projection_count > 0)
            add_memory(&c, &connectivity, sizeof connectivity, CHECKPOINT_CONNECTIVITY);
        add_traces(&c, &cp->traces);
        add_raster(&c, &cp->spikes, raster, chunks);
        add_state(&c, &state);
        add_text(&c, "", "end");
    }
    if (!status && (c.count == 0 || c.lost))
        status = error_no_memory(err, "for checkpoints");
    if (together.comm)
        status = write_together(cp, &c, status, err);
    else if (!status)
        status = checkpoint_write_file(cp->folder.checkpoint, c.section, c.count, fill, &c,
                                       engine_threads(engine), &cp->clock.bytes, err);
    engine_state_close(&state);
    free(c.section);
    free(c.source);
    free(chunks);
    free(text);
    free(files);
    return status;
}

/* ---- a checkpoint */

enum status save_check(const struct checkpoint *cp, struct error *err)
{
    struct error why = {STATUS_OK, ""};
    enum status status = checkpoint_folder_check(&cp->folder, &why);
    if (!status)
        status = spike_segments_check(&cp->spikes, &why);
    if (!status)
        status = trace_segments_check(&cp->traces, &why);
    if (!status)
        return STATUS_OK;
    /* For a run at work that is lost output; 5 is for one that would go on from there. */
    return error_set(err, status == STATUS_CHECKPOINT ? STATUS_OUTPUT : status, "%s", why.text);
}

/* Of who writes: closes the segments. *there: nothing is to be done. */
static enum status cut_segments(struct checkpoint *cp, const struct engine *engine,
                                struct raster_writer *raster, struct output_traces *traces,
                                bool *there, struct error *err)
{
    enum status status = save_check(cp, err);
    *there = !status && cp->saved && cp->safe_step == engine_steps_done(engine) &&
             checkpoint_folder_has_run(cp->setup->output);
    if (status || *there)
        return status;
    status = spike_segments_cut(&cp->spikes, raster, err);
    return status ? status : trace_segments_cut(&cp->traces, traces, err);
}

enum status save_checkpoint(struct checkpoint *cp, struct engine *engine,
                            struct raster_writer *raster, struct output_traces *traces,
                            struct error *err)
{
    struct checkpoint_clock *clock = &cp->clock;
    double start = clock_seconds();
    bool there = false;
    enum status status =
        cp->setup->output ? cut_segments(cp, engine, raster, traces, &there, err) : STATUS_OK;
    if (comm_of_first(checkpoint_comm(cp), there))
        return STATUS_OK;
    status = write_file(cp, engine, raster, status, err);
    if (status)
        return status;
    cp->saved = true;
    cp->safe_step = engine_steps_done(engine);
    clock->last_at = clock_seconds();
    clock->last_seconds = clock->last_at - start;
    clock->seconds += clock->last_seconds;
    clock->written++;
    return STATUS_OK;
}

/* ---- the end */

static bool is_listed(const void *context, const char *name)
{
    const struct checkpoint *cp = context;
    return spike_segments_have(&cp->spikes, name) || trace_segments_have(&cp->traces, name);
}

enum status save_clean(const struct checkpoint *cp, struct error *err)
{
    return checkpoint_folder_clean(&cp->folder, is_listed, cp, err);
}

static enum status settle(struct checkpoint *cp, struct engine *engine,
                          const struct raster_writer *raster, uint64_t checksum,
                          const struct output_traces *traces, struct error *err)
{
    const struct config *config = cp->setup->config;
    bool ended =
        engine_steps_done(engine) == config->steps || engine_limit_met(engine).limit != LIMIT_NONE;
    bool writes = cp->setup->output != NULL;
    if (ended && !config->checkpoint_keep) /* a run that is joined before its end can still go on */
        return writes ? checkpoint_folder_remove(&cp->folder, err) : STATUS_OK;
    cp->outputs.replaces = false;
    enum status status = writes ? spike_segments_settle(&cp->spikes, checksum, err) : STATUS_OK;
    if (!status && writes)
        status = trace_segments_settle(&cp->traces, traces, err);
    status = write_file(cp, engine, raster, status, err);
    if (status || !writes) /* the previous checkpoint names segments that go now */
        return status;
    status = checkpoint_folder_forget_previous(&cp->folder, err);
    return status ? status : save_clean(cp, err);
}

enum status save_settled(struct checkpoint *cp, struct engine *engine,
                         const struct raster_writer *raster, uint64_t checksum,
                         const struct output_traces *traces, struct error *err)
{
    struct error why;
    if (!settle(cp, engine, raster, checksum, traces, &why))
        return STATUS_OK;
    return error_set(err, why.status,
                     "%s is complete, but its checkpoint cannot be put in order: %s",
                     cp->setup->output ? cp->setup->output : "the output", why.text);
}
