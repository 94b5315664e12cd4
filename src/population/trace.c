#include "population/trace.h"

#include "base/float_env.h"
#include "base/memory.h"
#include "base/team.h"
#include "neuron/models.h"
#include "neuron/neuron_draw.h"

#include <math.h>
#include <string.h>

uint64_t trace_bytes(uint64_t count, uint64_t tiles, size_t rows, size_t value_bytes)
{
    return count * (sizeof(uint64_t) + sizeof(struct model_shown)) +
           (tiles + 1) * sizeof(uint64_t) + rows * count * value_bytes;
}

/* How the model shows what it has of neuron id. */
static struct model_shown show(const struct model_recordable *recordable,
                               const struct neuron_source *source, uint64_t id)
{
    struct neuron n = {.tau_m = 0};
    if (!recordable->shown)
        return (struct model_shown){1.0, 0.0, 0.0};
    neuron_draw(&n, source, id);
    n.step = membrane_step_of(source->config->method, source->config->dt_ms, n.tau_m);
    return recordable->shown(&n);
}

struct showing {
    struct trace *trace;
    const struct neuron_source *source;
    const uint64_t *ids;
};

static void show_part(void *context, int part, int parts)
{
    const struct showing *s = context;
    struct trace *trace = s->trace;
    const uint64_t end = team_begin(trace->count, part + 1, parts);
    WITH_OWN_FLOAT_ENV(env);
    for (uint64_t i = team_begin(trace->count, part, parts); i < end; i++) {
        trace->ids[i] = s->ids[i];
        trace->neuron[i] = show(trace->recordable, s->source, s->ids[i]);
    }
}

enum status trace_open(struct trace *out, const struct record_config *record,
                       const struct neuron_source *source, const uint64_t *ids, uint64_t count,
                       uint64_t first_id, size_t tile, uint64_t tiles, size_t rows,
                       size_t value_bytes, int threads, struct error *err)
{
    *out = (struct trace){
        .recordable = model_recordable_of(model_of(source->population), record->trace->name),
        .start = record->start_step,
        .stop = record->stop_step,
        .interval = record->interval_steps,
        .count = count,
        .ids = memory_alloc(count * sizeof *out->ids),
        .neuron = memory_alloc(count * sizeof *out->neuron),
        .tiles = tiles,
        .in_tile = memory_alloc((tiles + 1) * sizeof *out->in_tile),
        .most = rows,
        .value_bytes = value_bytes,
        .values = memory_alloc(rows * count * value_bytes),
    };
    if (!out->in_tile || (count > 0 && (!out->ids || !out->neuron || (rows > 0 && !out->values))))
        return error_no_memory(err, "for the recorder %s", record->name);
    enum { WORTH_THREADS = 16384 };
    struct showing showing = {out, source, ids};
    team_run(count > WORTH_THREADS ? threads : 1, show_part, &showing);
    uint64_t n = 0;
    for (uint64_t t = 0; t <= tiles; t++) {
        while (n < count && ids[n] < first_id + t * tile)
            n++;
        out->in_tile[t] = n;
    }
    return STATUS_OK;
}

void trace_close(struct trace *trace)
{
    memory_free(trace->ids, trace->count * sizeof *trace->ids);
    memory_free(trace->neuron, trace->count * sizeof *trace->neuron);
    memory_free(trace->in_tile, (trace->tiles + 1) * sizeof *trace->in_tile);
    memory_free(trace->values, trace->most * trace->count * trace->value_bytes);
    memset(trace, 0, sizeof *trace);
}

uint64_t trace_rows_before(const struct trace *trace, uint64_t step)
{
    uint64_t end = step < trace->stop ? step : trace->stop;
    return end > trace->start ? (end - trace->start - 1) / trace->interval + 1 : 0;
}

void trace_begin(struct trace *trace, uint64_t step)
{
    trace->from = step;
    trace->first_row = trace_rows_before(trace, step);
}

uint64_t trace_next(const struct trace *trace, uint64_t step)
{
    step = step > trace->from ? step : trace->from;
    uint64_t next = trace->start + trace_rows_before(trace, step) * trace->interval;
    return step < trace->stop && next < trace->stop ? next : VALUE_FOREVER;
}

uint64_t trace_next_in_tile(const struct trace *trace, uint64_t tile, uint64_t step)
{
    return trace->in_tile[tile] < trace->in_tile[tile + 1] ? trace_next(trace, step)
                                                           : VALUE_FOREVER;
}

/* Where x of the chosen neurons stands: by their numbers in the tile, or one behind the other; and
 * how many reals further at the next look. */
struct source {
    struct field x, more; /* what is added to x */
    const uint64_t *ids;  /* NULL: one behind the other */
    uint64_t first;       /* the number, or place, that is at the beginning */
    size_t stride;
};

static inline __attribute__((always_inline)) double value_at(struct field field, size_t i,
                                                             int single)
{
    return !field.data ? field.value
           : single    ? (double)((const float *)field.data)[i]
                       : ((const double *)field.data)[i];
}

/* Values of the chosen neurons [begin, end) in `rows` rows, to[rows][count]. The flags are
 * constants at every call, so that each combination is a loop of its own. */
static inline __attribute__((always_inline)) void
take_values(const struct trace *trace, const struct source *from, uint64_t begin, uint64_t end,
            void *to, size_t rows, int single_x, int single_value)
{
    const uint64_t count = trace->count;
    for (uint64_t n = begin; n < end; n++) {
        const struct model_shown neuron = trace->neuron[n];
        const uint64_t i = (from->ids ? from->ids[n] : n) - from->first;
        for (size_t row = 0; row < rows; row++) {
            const size_t at = i + row * from->stride;
            double x = value_at(from->x, at, single_x);
            if (from->more.data)
                x += value_at(from->more, at, single_x);
            const double value = isnan(x) ? neuron.parked : x * neuron.times + neuron.add;
            if (single_value)
                ((float *)to)[row * count + n] = (float)value;
            else
                ((double *)to)[row * count + n] = value;
        }
    }
}

/* A tile's part of `rows` rows, the first of which is that of `look`. */
static void take_rows(const struct trace *t, const struct trace_view *view,
                      const struct source *from, uint64_t look, size_t rows)
{
    const uint64_t begin = t->in_tile[view->tile], end = t->in_tile[view->tile + 1];
    const uint64_t row = (look - t->start) / t->interval - t->first_row;
    void *to = (char *)t->values + row * t->count * t->value_bytes;
    const bool single_x = view->real_bytes == sizeof(float);
    if (t->value_bytes == sizeof(double) && single_x)
        take_values(t, from, begin, end, to, rows, 1, 0);
    else if (t->value_bytes == sizeof(double))
        take_values(t, from, begin, end, to, rows, 0, 0);
    else if (single_x)
        take_values(t, from, begin, end, to, rows, 1, 1);
    else
        take_values(t, from, begin, end, to, rows, 0, 1);
}

static uint64_t within(const struct trace *trace, uint64_t look)
{
    return look < trace->stop ? look : VALUE_FOREVER;
}

/* What it shows of a tile: a field, or the sum of two. */
static struct source source_of(const struct trace *trace, const struct trace_view *view)
{
    const struct model_recordable *of = trace->recordable;
    struct source from = {.ids = trace->ids, .first = view->first_id};
    switch (of->from) {
    case MODEL_FROM_STATE:
        from.x.data = view->state[of->state];
        from.more.data = of->other > 0 ? view->state[of->other] : NULL;
        break;
    case MODEL_FROM_DRIFT:
        from.x = view->drift;
        break;
    case MODEL_FROM_JUMPS:
        from.x = view->jump[RECEPTOR_EX];
        from.more = view->jump[RECEPTOR_IN];
        break;
    }
    return from;
}

uint64_t trace_take(struct trace *trace, const struct trace_view *view, uint64_t step)
{
    const struct source from = source_of(trace, view);
    const uint64_t look = trace_next_in_tile(trace, view->tile, step);
    if (look != step)
        return look;
    take_rows(trace, view, &from, look, 1);
    return within(trace, look + trace->interval);
}

uint64_t trace_take_path(struct trace *trace, const struct trace_view *view,
                         const struct trace_path *path, uint64_t step, uint64_t look)
{
    const size_t first = (size_t)(look - step) * path->stride;
    const struct source from = {{(const char *)path->x + first * view->real_bytes, 0.0},
                                {NULL, 0.0},
                                NULL,
                                trace->in_tile[view->tile],
                                (size_t)trace->interval * path->stride};
    uint64_t next = look;
    size_t rows = 0;
    for (; next < step + path->steps && next < trace->stop; next += trace->interval)
        rows++;
    take_rows(trace, view, &from, look, rows);
    return within(trace, next);
}
