/* Checkpoints: when they are due, and what goes into them. */
#include "checkpoint/checkpoint.h"
#include "config/write.h"

#include "base/clock.h"
#include "base/version.h"
#include "engine/engine_state.h"
#include "engine/selection.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_MEMORY, "no memory for checkpoints");
}

/* ---- segments */

struct raster_segment checkpoint_segment(const struct checkpoint *cp, size_t i)
{
    return (struct raster_segment){cp->segment[i].bytes, cp->segment[i].checksum,
                                   cp->chunks + i * cp->recorded_count};
}

char *checkpoint_path(const struct checkpoint *cp, size_t i)
{
    const char *name = cp->segment[i].name;
    return name[0] ? checkpoint_folder_file(&cp->folder, name) : strdup(cp->setup->output);
}

uint64_t *checkpoint_add_segment(struct checkpoint *cp, const struct sim_segment *segment)
{
    size_t count = cp->segment_count + 1, row = cp->recorded_count;
    struct sim_segment *segments = realloc(cp->segment, count * sizeof *segments);
    cp->segment = segments ? segments : cp->segment;
    uint64_t *chunks = realloc(cp->chunks, (count * row + 1) * sizeof *chunks);
    cp->chunks = chunks ? chunks : cp->chunks;
    if (!segments || !chunks)
        return NULL;
    cp->segment[cp->segment_count] = *segment;
    memset(chunks + cp->segment_count * row, 0, row * sizeof *chunks);
    return chunks + cp->segment_count++ * row;
}

static bool is_listed(const void *context, const char *name)
{
    const struct checkpoint *cp = context;
    for (size_t i = 0; i < cp->segment_count; i++)
        if (strcmp(cp->segment[i].name, name) == 0)
            return true;
    return checkpoint_lists_trace(cp, name);
}

/* ---- what an earlier run has left */

enum status checkpoint_check_folder(const struct setup *setup, struct error *err)
{
    if (setup->force || !checkpoint_folder_has_run(setup->output))
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT,
                     "%s.checkpoint holds checkpoints of an earlier run; go on from there with "
                     "--resume, or start anew with --force",
                     setup->output);
}

enum status checkpoint_forget(const struct setup *setup, struct error *err)
{
    struct checkpoint_folder folder;
    if (!setup->force || !checkpoint_folder_has_run(setup->output))
        return STATUS_OK;
    enum status status = checkpoint_folder_open(&folder, setup->output, err);
    if (!status)
        status = checkpoint_folder_remove(&folder, err);
    checkpoint_folder_close(&folder);
    return status;
}

/* ---- opening and closing */

static enum status list_recorded(struct checkpoint *cp, struct error *err)
{
    const struct config *config = cp->setup->config;
    cp->recorded = calloc(config->population_count, sizeof *cp->recorded);
    if (!cp->recorded)
        return no_memory(err);
    for (size_t i = 0; i < config->population_count; i++)
        if (cp->setup->raster && !selection_is_none(config, i))
            cp->recorded[cp->recorded_count++] = config->population[i].name;
    return STATUS_OK;
}

/* A run from the beginning: an earlier one in the same place is not lost by accident. */
static enum status check_anew(struct checkpoint *cp, struct error *err)
{
    enum status status = raster_check_path(cp->setup->output, cp->setup->force, err);
    return status ? status : checkpoint_check_folder(cp->setup, err);
}

enum status checkpoint_begin(struct checkpoint *cp, struct error *err)
{
    if (cp->reader)
        return checkpoint_folder_clean(&cp->folder, is_listed, cp, err);
    enum status status = checkpoint_folder_forget(&cp->folder, err);
    return status ? status : checkpoint_folder_clean(&cp->folder, NULL, NULL, err);
}

enum status checkpoint_open(struct checkpoint *cp, const struct setup *setup,
                            struct messages *errors, struct messages *warnings, struct error *err)
{
    *cp = (struct checkpoint){.on = true, .setup = setup, .number = 1};
    cp->last_at = clock_seconds();
    enum status status = raster_check_path(setup->output, setup->force || setup->resume, err);
    if (!status)
        status = checkpoint_folder_open(&cp->folder, setup->output, err);
    if (!status)
        status = list_recorded(cp, err);
    if (!status)
        status = checkpoint_open_traces(cp, err);
    if (!status && setup->resume)
        status = resume_open(cp, errors, warnings, err);
    if (status == STATUS_CHECKPOINT)
        error_set(err, status,
                  "%s; put back what is missing, or start anew with --force in place of --resume",
                  err->text);
    if (status)
        return status;
    cp->replaces |= setup->force;
    return cp->reader ? STATUS_OK : check_anew(cp, err);
}

void checkpoint_close(struct checkpoint *cp)
{
    struct error ignored;
    if (!cp->on)
        return;
    /* A folder without a checkpoint is of no use. */
    if (cp->folder.path && cp->folder.lock >= 0 && !checkpoint_folder_has_run(cp->setup->output))
        checkpoint_folder_remove(&cp->folder, &ignored);
    checkpoint_file_close(cp->reader);
    checkpoint_folder_close(&cp->folder);
    checkpoint_close_traces(cp);
    free(cp->recorded);
    free(cp->segment);
    free(cp->chunks);
    memset(cp, 0, sizeof *cp);
}

/* ---- when */

uint64_t checkpoint_most(const struct checkpoint *cp, uint64_t done, uint64_t most)
{
    if (!cp->on || cp->setup->config->checkpoint_steps == VALUE_FOREVER)
        return most;
    uint64_t left =
        cp->setup->config->checkpoint_steps - done % cp->setup->config->checkpoint_steps;
    return left < most ? left : most;
}

bool checkpoint_due(const struct checkpoint *cp, uint64_t done)
{
    const struct config *config = cp->setup->config;
    bool by_model =
        config->checkpoint_steps != VALUE_FOREVER && done % config->checkpoint_steps == 0;
    return by_model || clock_seconds() - cp->last_at >= config->checkpoint_wall_s;
}

/* Seconds that the next checkpoint takes, on the safe side. */
static double seconds_ahead(const struct checkpoint *cp)
{
    const double slow_disk = 100e6; /* bytes a second, before anything was measured */
    double bytes = (double)engine_state_bytes(cp->setup->config);
    return 2.0 * (cp->written > 0 ? cp->last_seconds : bytes / slow_disk);
}

bool checkpoint_out_of_time(const struct checkpoint *cp, double opened_at)
{
    if (!cp->on || !(cp->setup->max_wall_s > 0))
        return false;
    double left = opened_at + cp->setup->max_wall_s - clock_seconds();
    return left <= seconds_ahead(cp) + cp->longest_block;
}

/* ---- what */

/* Where a section's bytes come from: memory, or the engine. */
struct source {
    const void *data;
    const struct engine_field *field;
};

struct content {
    const struct engine *engine;
    struct checkpoint_section *section;
    struct source *source;
    size_t count, room;
    bool lost; /* there was no memory for some section */
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

static void fill(const void *context, size_t section, uint64_t first, size_t bytes, void *out)
{
    const struct content *c = context;
    const struct source *from = &c->source[section];
    if (from->field)
        engine_state_save(c->engine, from->field, first / from->field->bytes,
                          bytes / from->field->bytes, out);
    else
        memcpy(out, (const char *)from->data + first, bytes);
}

static void add_state(struct content *c, const struct engine_state *state)
{
    for (size_t i = 0; i < state->count; i++) {
        const struct engine_field *field = &state->field[i];
        add(c, (struct source){NULL, field}, field->bytes * field->count, "%s", field->name);
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
static void add_raster(struct content *c, const struct checkpoint *cp,
                       const struct raster_writer *raster, const uint64_t *chunks)
{
    add_memory(c, cp->segment, cp->segment_count * sizeof *cp->segment, "segments");
    for (size_t i = 0; i < cp->recorded_count; i++) {
        const uint64_t *node_ids = NULL;
        const double *timestamps = NULL;
        const char *name = cp->recorded[i];
        size_t rows = raster_rest(raster, i, &node_ids, &timestamps);
        add(c, (struct source){chunks + i * cp->segment_count, NULL},
            cp->segment_count * sizeof *chunks, "recorded.%s.chunks", name);
        add(c, (struct source){node_ids, NULL}, rows * sizeof *node_ids, "recorded.%s.node_ids",
            name);
        add(c, (struct source){timestamps, NULL}, rows * sizeof *timestamps,
            "recorded.%s.timestamps", name);
    }
}

/* The segments of traces, by recorder. */
static void add_traces(struct content *c, const struct checkpoint *cp)
{
    for (size_t r = 0; r < cp->setup->config->record_count; r++)
        if (checkpoint_has_trace(cp, r))
            add(c, (struct source){cp->trace[r].segment, NULL},
                cp->trace[r].count * sizeof *cp->trace[r].segment, SIM_TRACE_SECTION,
                cp->setup->config->record[r].name);
}

/* cp->chunks by population; the caller frees it. */
static uint64_t *chunks_by_population(const struct checkpoint *cp)
{
    uint64_t *chunks = malloc((cp->segment_count * cp->recorded_count + 1) * sizeof *chunks);
    for (size_t s = 0; chunks && s < cp->segment_count; s++)
        for (size_t i = 0; i < cp->recorded_count; i++)
            chunks[i * cp->segment_count + s] = cp->chunks[s * cp->recorded_count + i];
    return chunks;
}

/* Writes the checkpoint file of the present state. */
static enum status write_file(struct checkpoint *cp, struct engine *engine,
                              const struct raster_writer *raster, struct error *err)
{
    const struct config *config = cp->setup->config;
    struct content c = {.engine = engine};
    struct engine_state state;
    uint64_t numerics = NUMERICS, step = engine_steps_done(engine);
    uint64_t raster_is_there = cp->setup->raster;
    uint64_t *chunks = chunks_by_population(cp);
    char *text = config_to_text(config), *files = setup_files_text(&cp->setup->files);
    enum status status = engine_state_open(&state, engine, err);
    if (!status && chunks && text && files) {
        add_memory(&c, &numerics, sizeof numerics, "numerics");
        add_memory(&c, &step, sizeof step, "step");
        add_text(&c, version_number(), "version");
        add_text(&c, text, "config");
        add_text(&c, config->file, "config_file");
        add_text(&c, files, "files");
        add_memory(&c, &cp->finished, sizeof cp->finished, "finished");
        add_memory(&c, &cp->replaces, sizeof cp->replaces, "replaces");
        add_memory(&c, &raster_is_there, sizeof raster_is_there, "raster");
        add_parameters(&c, config);
        add_traces(&c, cp);
        add_raster(&c, cp, raster, chunks);
        add_state(&c, &state);
        add_text(&c, "", "end");
    }
    if (!status && (c.count == 0 || c.lost))
        status = no_memory(err);
    if (!status)
        status = checkpoint_file_write(cp->folder.checkpoint, c.section, c.count, fill, &c,
                                       engine_threads(engine), &cp->bytes, err);
    engine_state_close(&state);
    free(c.section);
    free(c.source);
    free(chunks);
    free(text);
    free(files);
    return status;
}

/* Closes the segment being written, if it has a whole chunk, and lists it. */
static enum status cut_segment(struct checkpoint *cp, struct raster_writer *raster,
                               struct error *err)
{
    struct sim_segment segment = {.bytes = 0};
    char next[CHECKPOINT_SEGMENT_NAME];
    bool cut = false;
    checkpoint_segment_name(cp->number, segment.name);
    checkpoint_segment_name(cp->number + 1, next);
    char *next_path = checkpoint_folder_file(&cp->folder, next);
    struct raster_segment written = {.chunks = checkpoint_add_segment(cp, &segment)};
    enum status status = STATUS_OK;
    if (!next_path || !written.chunks)
        status = no_memory(err);
    if (!status)
        status = raster_cut(raster, next_path, &cut, &written, err);
    free(next_path);
    if (!written.chunks)
        return status;
    cp->segment[cp->segment_count - 1].bytes = written.bytes;
    cp->segment[cp->segment_count - 1].checksum = written.checksum;
    cp->segment_count -= !cut || status;
    cp->number += cut;
    return status;
}

/* A finished run is made longer: its files become the first segments, under names that stay when
 * the longer run's files take their places. */
static enum status adopt_output(struct checkpoint *cp, struct error *err)
{
    if (cp->segment_count == 0 || cp->segment[0].name[0] != '\0')
        return STATUS_OK;
    checkpoint_segment_name(0, cp->segment[0].name);
    enum status status =
        checkpoint_folder_adopt(&cp->folder, cp->setup->output, cp->segment[0].name, err);
    return status ? status : checkpoint_adopt_traces(cp, err);
}

enum status checkpoint_write(struct checkpoint *cp, struct engine *engine,
                             struct raster_writer *raster, struct output_traces *traces,
                             struct error *err)
{
    double start = clock_seconds();
    if (cp->saved && cp->safe_step == engine_steps_done(engine))
        return STATUS_OK;
    enum status status = adopt_output(cp, err);
    if (!status)
        status = cut_segment(cp, raster, err);
    if (!status)
        status = checkpoint_cut_traces(cp, traces, err);
    if (!status)
        status = write_file(cp, engine, raster, err);
    if (status)
        return status;
    cp->saved = true;
    cp->safe_step = engine_steps_done(engine);
    cp->last_at = clock_seconds();
    cp->last_seconds = cp->last_at - start;
    cp->seconds += cp->last_seconds;
    cp->written++;
    return STATUS_OK;
}

/* ---- the end */

/* The list of segments becomes the output alone. */
static enum status list_output(struct checkpoint *cp, uint64_t checksum, struct error *err)
{
    struct stat info;
    struct sim_segment output = {.checksum = checksum};
    if (stat(cp->setup->output, &info) != 0)
        return error_set(err, STATUS_OUTPUT, "cannot find %s, which has just been written: %s",
                         cp->setup->output, strerror(errno));
    output.bytes = (uint64_t)info.st_size;
    uint64_t *chunks = checkpoint_add_segment(cp, &output);
    if (!chunks)
        return no_memory(err);
    for (size_t s = 0; s + 1 < cp->segment_count; s++)
        for (size_t i = 0; i < cp->recorded_count; i++)
            chunks[i] += cp->chunks[s * cp->recorded_count + i];
    memmove(cp->chunks, chunks, cp->recorded_count * sizeof *chunks);
    cp->segment[0] = output;
    cp->segment_count = 1;
    return STATUS_OK;
}

static enum status settle(struct checkpoint *cp, struct engine *engine,
                          const struct raster_writer *raster, uint64_t checksum,
                          const struct output_traces *traces, struct error *err)
{
    const struct config *config = cp->setup->config;
    bool ended =
        engine_steps_done(engine) == config->steps || engine_limit_met(engine).limit != LIMIT_NONE;
    if (ended && !config->checkpoint_keep) /* one that is joined before can still go on */
        return checkpoint_folder_remove(&cp->folder, err);
    cp->replaces = 0;
    enum status status = list_output(cp, checksum, err);
    if (!status)
        status = checkpoint_settle_traces(cp, traces, err);
    if (!status)
        status = write_file(cp, engine, raster, err);
    if (!status) /* it names segments that go now */
        status = checkpoint_folder_forget_previous(&cp->folder, err);
    return status ? status : checkpoint_folder_clean(&cp->folder, is_listed, cp, err);
}

enum status checkpoint_settle(struct checkpoint *cp, struct engine *engine,
                              struct raster_writer *raster, uint64_t checksum,
                              const struct output_traces *traces, struct error *err)
{
    struct error why;
    if (!settle(cp, engine, raster, checksum, traces, &why))
        return STATUS_OK;
    return error_set(err, why.status,
                     "%s is complete, but its checkpoint cannot be put in order: %s",
                     cp->setup->output, why.text);
}

bool checkpoint_is_settled(const struct checkpoint *cp, uint64_t done)
{
    return cp->saved && cp->safe_step == done && cp->segment_count == 1 &&
           cp->segment[0].name[0] == '\0';
}

void checkpoint_explain(const struct checkpoint *cp, struct error *err)
{
    const struct config *config = cp->setup->config;
    if (!cp->saved) {
        error_set(err, err->status, "%s; there was no checkpoint yet, nothing is saved", err->text);
        return;
    }
    error_set(err, err->status,
              "%s; all up to %.10g ms of %.10g ms is safe in %s, go on from there with: %s",
              err->text, decimal_times_steps(config->dt, cp->safe_step),
              decimal_times_steps(config->dt, config->steps), cp->folder.path,
              cp->setup->resume_command);
}
