/* The pilot: opens the sample and its files, steps, and reads off the rates. */
#include "sim/sim_pilot.h"

#include "base/clock.h"
#include "engine/engine_plan.h"
#include "setup/setup.h"
#include "sim/sim_sample.h"

#include <stdlib.h>
#include <string.h>

enum { NEURONS = 2048, THREAD_NEURONS = 65536, BLOCK = 128, PIECES_MOST = 64 };
static const double longest_ms = 200.0, longest_s = 0.3, piece_s = 0.01;

struct pilot {
    const struct setup *setup;
    struct sim_sample sample;
    struct engine *engine;
    struct feed_rows *feed;  /* rows of the whole config's inputs; NULL: there are none */
    struct input_rows *rows; /* [sample.config.input_count]: those of the sample, BLOCK at most */
    size_t real_bytes;
};

/* ---- the rows of inputs that read a file ---- */

static enum status open_rows(struct pilot *p, struct error *err)
{
    struct setup_files files = {NULL, 0};
    struct messages errors = {NULL, 0}, told = {NULL, 0};
    enum status status = feed_rows_open(&p->feed, p->setup->config, &files, &errors, &told);
    if (status)
        error_set(err, status, "%s",
                  errors.count > 0 ? errors.line[0] : "not enough memory for a pilot run");
    setup_files_free(&files);
    messages_free(&errors);
    messages_free(&told);
    if (!status && p->feed)
        p->rows = config_alloc(&p->sample.store, p->sample.config.input_count, sizeof *p->rows);
    if (!status && p->feed && !p->rows)
        status = error_no_memory(err, "for a pilot run");
    return status;
}

/* Room for what a sampled target takes out of the rows; others are read where they lie. */
static enum status open_columns(struct pilot *p, struct error *err)
{
    const struct input_rows *whole = feed_rows_list(p->feed);
    for (size_t i = 0; p->rows && i < p->sample.config.input_count; i++) {
        const struct target *target = p->sample.config.input[i].target;
        const struct sample_origin *origin = &p->sample.origin[i];
        size_t columns = (size_t)(target->end - target->begin);
        p->rows[i] = whole[origin->input];
        if (!p->rows[i].per_neuron || !origin->part)
            continue;
        p->rows[i].stride = columns;
        p->rows[i].data = config_alloc(&p->sample.store, BLOCK * columns, p->real_bytes);
        if (!p->rows[i].data)
            return error_no_memory(err, "for a pilot run");
    }
    return STATUS_OK;
}

/* The sampled columns of the rows of some steps. */
static void take_columns(struct pilot *p, size_t input, const struct input_rows *whole,
                         uint64_t step, uint64_t steps)
{
    struct input_rows *rows = &p->rows[input];
    const size_t real = p->real_bytes, next = whole->stride * real;
    for (uint64_t c = 0; c < rows->stride; c++) {
        const char *from = (const char *)whole->data + (step - whole->first) * next +
                           sim_sample_column(&p->sample, input, c) * real;
        char *to = (char *)rows->data + c * real;
        for (uint64_t k = 0; k < steps; k++, from += next, to += rows->stride * real)
            memcpy(to, from, real);
    }
    rows->first = step;
    rows->steps = steps;
}

/* Makes rows ready from `step` on, for *steps steps at most; then *steps is for how many. */
static enum status next_rows(struct pilot *p, uint64_t step, uint64_t *steps, struct error *err)
{
    const struct input_rows *whole = feed_rows_list(p->feed);
    enum status status = feed_rows_next(p->feed, step, *steps, steps, err);
    for (size_t i = 0; !status && p->rows && i < p->sample.config.input_count; i++) {
        const struct sample_origin *origin = &p->sample.origin[i];
        const struct input_rows *from = &whole[origin->input];
        if (from->per_neuron && origin->part) {
            take_columns(p, i, from, step, *steps);
            continue;
        }
        p->rows[i] = *from;
        if (from->per_neuron)
            p->rows[i].data = (const char *)from->data + origin->first_column * p->real_bytes;
    }
    return status;
}

/* ---- the run ---- */

static enum status open_engine(struct pilot *p, struct error *err)
{
    struct engine_settings settings = p->setup->settings;
    struct messages ignored = {NULL, 0};
    if (p->setup->config->projection_count > 0) /* threads meet as often as in the network */
        settings.block = (size_t)engine_plan_network(p->setup->config, &settings).block;
    if (p->feed &&
        !(settings.block > 0 && settings.block < BLOCK)) /* which has rows for no more steps */
        settings.block = BLOCK;
    settings.record = false;
    settings.trace_bytes = 0;
    settings.rows = p->rows;
    settings.fed = feed_rows_sources(p->feed); /* these are in the sample as they are */
    settings.watch = NULL;
    settings.comm = NULL; /* each rank for itself */
    enum status status =
        engine_open(&p->engine, &p->sample.config, &settings, &ignored, &ignored, err);
    messages_free(&ignored);
    return status;
}

/* Of each population so many neurons at most. */
static enum status open_pilot(struct pilot *p, const struct setup *setup, uint64_t most,
                              struct error *err)
{
    uint64_t steps = (uint64_t)(longest_ms / setup->config->dt_ms) + 1;
    *p = (struct pilot){.setup = setup};
    p->real_bytes = setup->config->precision == PRECISION_DOUBLE ? sizeof(double) : sizeof(float);
    enum status status = sim_sample_open(&p->sample, setup->config, most, steps, err);
    if (!status)
        status = open_rows(p, err);
    if (!status)
        status = open_columns(p, err);
    return status ? status : open_engine(p, err);
}

static void close_pilot(struct pilot *p)
{
    engine_close(p->engine);
    feed_rows_close(p->feed);
    sim_sample_close(&p->sample);
}

static enum status step_block(struct pilot *p, struct error *err)
{
    const uint64_t done = engine_steps_done(p->engine), left = p->sample.config.steps - done;
    const uint64_t block = engine_block(p->engine);
    uint64_t ready = left < block ? left : block;
    enum status status = next_rows(p, done, &ready, err);
    if (!status)
        engine_advance(p->engine, ready);
    return status;
}

static enum status step(struct pilot *p, struct error *err)
{
    const double start = clock_seconds();
    enum status status = step_block(p, err);
    while (!status && engine_steps_done(p->engine) < p->sample.config.steps &&
           clock_seconds() - start < longest_s)
        status = step_block(p, err);
    return status;
}

enum status sim_pilot_run(const struct setup *setup, double *rate_Hz, double *model_ms,
                          struct error *err)
{
    struct pilot p;
    enum status status = open_pilot(&p, setup, NEURONS, err);
    if (!status)
        status = step(&p, err);
    if (!status)
        *model_ms = (double)engine_steps_done(p.engine) * setup->config->dt_ms;
    for (size_t i = 0; !status && i < setup->config->population_count; i++)
        rate_Hz[i] = (double)engine_totals(p.engine, i)->digest.spikes /
                     (double)p.sample.config.population[i].size / *model_ms * 1e3;
    close_pilot(&p);
    return status;
}

static uint64_t neurons_of(const struct config *config)
{
    uint64_t neurons = 0;
    for (size_t i = 0; i < config->population_count; i++)
        neurons += config->population[i].size;
    return neurons;
}

/* Seconds a step, through pieces of the time that is left. */
static enum status time_pieces(struct pilot *p, double *piece, size_t *count, struct error *err)
{
    const double begin = clock_seconds();
    enum status status = STATUS_OK;
    for (*count = 0; !status && *count < PIECES_MOST && clock_seconds() < begin + longest_s;) {
        const double start = clock_seconds();
        const uint64_t first = engine_steps_done(p->engine);
        while (!status && engine_steps_done(p->engine) < p->sample.config.steps &&
               clock_seconds() < start + piece_s)
            status = step_block(p, err);
        const uint64_t steps = engine_steps_done(p->engine) - first;
        if (steps == 0)
            break;
        piece[(*count)++] = (clock_seconds() - start) / (double)steps;
    }
    return status;
}

static int by_size(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The first block begins with all that is cold: it counts only where there is no other. Of the
 * others the median, of two the faster one: a moment in which something else had the processors
 * does not count. */
static enum status time_steps(struct pilot *p, double *seconds, struct error *err)
{
    double piece[PIECES_MOST];
    size_t pieces = 0;
    const double start = clock_seconds();
    enum status status = step_block(p, err);
    *seconds = (clock_seconds() - start) / (double)engine_steps_done(p->engine);
    if (!status)
        status = time_pieces(p, piece, &pieces, err);
    qsort(piece, pieces, sizeof *piece, by_size);
    if (pieces > 0)
        *seconds = piece[(pieces - 1) / 2];
    return status;
}

enum status sim_pilot_time(const struct setup *setup, double *step_s, struct error *err)
{
    const struct config *config = setup->config;
    uint64_t most =
        (uint64_t)THREAD_NEURONS * (uint64_t)setup->settings.threads / config->population_count;
    struct pilot p;
    enum status status = open_pilot(&p, setup, most > NEURONS ? most : NEURONS, err);
    if (!status)
        status = time_steps(&p, step_s, err);
    if (!status)
        *step_s *= (double)neurons_of(config) / (double)neurons_of(&p.sample.config);
    close_pilot(&p);
    return status;
}
