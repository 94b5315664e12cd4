/* Runs a config given as text through the engine and keeps all that comes out. */
#ifndef MEGALIF_TESTS_ENGINE_HELPERS_H
#define MEGALIF_TESTS_ENGINE_HELPERS_H

#include "base/decimal.h"
#include "config/read.h"
#include "engine/engine.h"
#include "engine/selection.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_POPULATIONS = 2 };

struct raster {
    size_t rows, room;
    uint64_t *id, *step;
    double *time;
};

struct outcome {
    struct config *config;
    struct engine *engine;
    struct raster raster[MOST_POPULATIONS];
};

/* How to run: the engine's settings, and how many rows to read at a time (0: a block's at once). */
struct how {
    enum isa isa;
    int threads;
    size_t tile, block;
    bool silent; /* record nothing */
    bool whole;  /* read all spikes of each block, recorded or not */
    size_t piece;
};

static inline struct how plainly(void)
{
    return (struct how){.isa = kernels_best_isa(), .threads = 1};
}

/* changes, ending with NULL (or NULL): "section.key=value", or a section of its own, "[...". */
static inline struct config *read_config(const char *text, const char *const *changes)
{
    static char whole[1 << 16];
    const char *overrides[16];
    size_t count = 0, length = (size_t)snprintf(whole, sizeof whole, "%s", text);
    struct messages errors = {NULL, 0};
    struct config *config;
    for (; changes && *changes; changes++) {
        if (**changes == '[')
            length += (size_t)snprintf(whole + length, sizeof whole - length, "%s", *changes);
        else
            overrides[count++] = *changes;
    }
    assert_true(length < sizeof whole && count <= 16);
    if (config_read_text(whole, length, "test.ini", overrides, count, &drive_config_types, &config,
                         &errors))
        fail_msg("%s", errors.line[0]);
    return config;
}

static inline void raster_room(struct raster *r, size_t rows)
{
    if (r->rows + rows <= r->room)
        return;
    r->room = 2 * (r->rows + rows);
    r->id = realloc(r->id, r->room * sizeof *r->id);
    r->step = realloc(r->step, r->room * sizeof *r->step);
    r->time = realloc(r->time, r->room * sizeof *r->time);
    assert_true(r->id && r->step && r->time);
}

static inline void read_block(struct outcome *o, size_t population, size_t piece)
{
    struct raster *r = &o->raster[population];
    uint64_t rows = engine_block_rows(o->engine, population);
    raster_room(r, (size_t)rows);
    for (uint64_t done = 0; done < rows;) {
        size_t count = (size_t)(rows - done);
        if (piece > 0 && count > piece)
            count = piece;
        engine_read_rows(o->engine, population, done, count, r->id + r->rows, r->time + r->rows);
        for (size_t i = r->rows; i < r->rows + count; i++)
            r->step[i] = (uint64_t)llround(r->time[i] / o->config->dt_ms);
        r->rows += count;
        done += count;
    }
}

/* All spikes of the present block, as engine_spikes has them. */
static inline void read_spikes(struct outcome *o, size_t population)
{
    struct raster *r = &o->raster[population];
    const struct block *b = engine_spikes(o->engine, population);
    assert_non_null(b);
    for (size_t k = 0; k < b->steps; k++)
        for (uint64_t t = 0; t < b->tiles; t++) {
            const uint16_t *ids = b->ids[t] + b->position[t * b->room + k];
            uint32_t count = b->count[t * b->room + k];
            raster_room(r, count);
            for (uint32_t i = 0; i < count; i++, r->rows++) {
                r->id[r->rows] = t * b->tile + ids[i];
                r->step[r->rows] = b->first_step + k + 1;
                r->time[r->rows] = decimal_times_steps(o->config->dt, r->step[r->rows]);
            }
        }
}

static inline struct outcome simulate(const char *text, const char *const *changes, struct how how)
{
    struct outcome o = {.config = read_config(text, changes)};
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    const struct engine_settings settings = {.isa = how.isa,
                                             .threads = how.threads,
                                             .tile = how.tile,
                                             .block = how.block,
                                             .record = !how.silent};
    if (engine_open(&o.engine, o.config, &settings, &errors, &warnings, &err))
        fail_msg("%s %s", err.text, errors.count > 0 ? errors.line[0] : "");
    messages_free(&warnings);
    while (engine_steps_done(o.engine) < o.config->steps) {
        if (engine_advance(o.engine, o.config->steps - engine_steps_done(o.engine)) == 0)
            break; /* a limit has ended it */
        for (size_t i = 0; how.whole && i < o.config->population_count; i++)
            read_spikes(&o, i);
        for (size_t i = 0; !how.silent && !how.whole && i < o.config->population_count; i++)
            read_block(&o, i, how.piece);
    }
    return o;
}

static inline void end(struct outcome *o)
{
    engine_close(o->engine);
    config_free(o->config);
    for (size_t i = 0; i < MOST_POPULATIONS; i++) {
        free(o->raster[i].id);
        free(o->raster[i].step);
        free(o->raster[i].time);
    }
}

static inline void assert_same_digest(const struct outcome *a, const struct outcome *b)
{
    struct digest one = engine_digest(a->engine), other = engine_digest(b->engine);
    assert_memory_equal(&one, &other, sizeof one);
}

/* V of every neuron at the end, to the last bit: it holds what all steps have done. */
static inline void assert_same_potentials(const struct outcome *a, const struct outcome *b)
{
    for (size_t p = 0; p < a->config->population_count; p++) {
        uint64_t size = a->config->population[p].size;
        double *one = malloc(size * sizeof *one), *other = malloc(size * sizeof *other);
        assert_true(one && other);
        population_read_V(engine_population(a->engine, p), 0, size, one);
        population_read_V(engine_population(b->engine, p), 0, size, other);
        assert_memory_equal(one, other, size * sizeof *one);
        free(one);
        free(other);
    }
}

static inline void assert_same_raster(const struct raster *a, const struct raster *b)
{
    assert_int_equal(a->rows, b->rows);
    if (a->rows == 0)
        return;
    assert_memory_equal(a->id, b->id, a->rows * sizeof *a->id);
    assert_memory_equal(a->time, b->time, a->rows * sizeof *a->time);
}

/* The spikes of ids for which keep(id, context) holds, in steps (after, until]. */
typedef bool keep_id(uint64_t id, const void *context);

static inline struct raster filtered(const struct raster *all, keep_id *keep, const void *context,
                                     uint64_t after, uint64_t until)
{
    struct raster r = {0, 0, NULL, NULL, NULL};
    raster_room(&r, all->rows + 1);
    for (size_t i = 0; i < all->rows; i++) {
        if (!keep(all->id[i], context) || all->step[i] <= after || all->step[i] > until)
            continue;
        r.id[r.rows] = all->id[i];
        r.step[r.rows] = all->step[i];
        r.time[r.rows++] = all->time[i];
    }
    return r;
}

static inline void raster_free(struct raster *r)
{
    free(r->id);
    free(r->step);
    free(r->time);
}

#endif
