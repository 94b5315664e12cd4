#include "model/trace.h"

#include "base/memory.h"
#include "model/neuron_draw.h"

#include <math.h>
#include <string.h>

uint64_t trace_bytes(uint64_t count, uint64_t tiles, size_t rows)
{
    return count * (sizeof(uint64_t) + sizeof(struct trace_neuron)) +
           (tiles + 1) * sizeof(uint64_t) + rows * count * sizeof(double);
}

static struct trace_neuron describe(enum record_what what, const struct neuron_source *source,
                                    uint64_t id)
{
    struct neuron n = {.tau_m = 0};
    neuron_draw(&n, source, id);
    const double V_th = n.value[POPULATION_V_TH];
    if (what == RECORD_V_M)
        return (struct trace_neuron){1.0, V_th, n.value[POPULATION_V_RESET]};
    if (what == RECORD_JUMPS)
        return (struct trace_neuron){1.0, 0.0, 0.0};
    const struct membrane_step step =
        membrane_step_of(source->config->method, source->config->dt_ms, n.tau_m);
    return (struct trace_neuron){1.0 / (step.decay * n.resistance),
                                 (V_th - n.value[POPULATION_E_L]) / n.resistance, 0.0};
}

enum status trace_open(struct trace *out, const struct record_config *record,
                       const struct neuron_source *source, const uint64_t *ids, uint64_t count,
                       size_t tile, uint64_t tiles, size_t rows, int threads, struct error *err)
{
    *out = (struct trace){
        .what = record->what,
        .start = record->start_step,
        .stop = record->stop_step,
        .interval = record->interval_steps,
        .count = count,
        .ids = memory_alloc(count * sizeof *out->ids),
        .neuron = memory_alloc(count * sizeof *out->neuron),
        .tiles = tiles,
        .in_tile = memory_alloc((tiles + 1) * sizeof *out->in_tile),
        .most = rows,
        .values = memory_alloc(rows * count * sizeof *out->values),
    };
    if (!out->in_tile || (count > 0 && (!out->ids || !out->neuron || (rows > 0 && !out->values))))
        return error_set(err, STATUS_MEMORY, "no memory for the recorder %s", record->name);
    enum { WORTH_THREADS = 16384 };
#pragma omp parallel for num_threads(threads) schedule(static) if (count > WORTH_THREADS)
    for (uint64_t i = 0; i < count; i++) {
        out->ids[i] = ids[i];
        out->neuron[i] = describe(record->what, source, ids[i]);
    }
    uint64_t n = 0;
    for (uint64_t t = 0; t <= tiles; t++) {
        while (n < count && ids[n] < t * tile)
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
    memory_free(trace->values, trace->most * trace->count * sizeof *trace->values);
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

static double shown(const struct trace_neuron *neuron, double value)
{
    return isnan(value) ? neuron->parked : value * neuron->times + neuron->add;
}

/* Where x of a chosen neuron stands: by its number in the tile, or by its place among the chosen.
 */
struct source {
    struct field x;
    const uint64_t *ids; /* NULL: by place */
    uint64_t first;
};

static inline uint64_t place_of(const struct source *from, uint64_t n)
{
    return from->ids ? from->ids[n] - from->first : n - from->first;
}

/* Values of the neurons [begin, end) of the trace: a row's part. */
static void take_row(const struct trace *trace, const struct source *from, size_t real_bytes,
                     uint64_t begin, uint64_t end, double *row)
{
    const struct trace_neuron *neuron = trace->neuron;
    const float *single = real_bytes == sizeof(float) ? from->x.data : NULL;
    const double *full = real_bytes == sizeof(float) ? NULL : from->x.data;
    if (single)
        for (uint64_t n = begin; n < end; n++)
            row[n] = shown(&neuron[n], (double)single[place_of(from, n)]);
    else if (full)
        for (uint64_t n = begin; n < end; n++)
            row[n] = shown(&neuron[n], full[place_of(from, n)]);
    else
        for (uint64_t n = begin; n < end; n++)
            row[n] = shown(&neuron[n], from->x.value);
}

/* Takes a row in its step; returns the next step that has one. */
static uint64_t take(struct trace *trace, const struct source *from, uint64_t tile,
                     size_t real_bytes, uint64_t step)
{
    const uint64_t begin = trace->in_tile[tile], end = trace->in_tile[tile + 1];
    if (begin == end || step < trace->from || step < trace->start || step >= trace->stop)
        return trace_next_in_tile(trace, tile, step + 1);
    const uint64_t since = step - trace->start, index = since / trace->interval;
    const uint64_t next = trace->start + (index + 1) * trace->interval;
    if (index * trace->interval == since)
        take_row(trace, from, real_bytes, begin, end,
                 trace->values + (index - trace->first_row) * trace->count);
    return next < trace->stop ? next : VALUE_FOREVER;
}

uint64_t trace_take(struct trace *trace, const struct trace_view *view, uint64_t step)
{
    const struct field x = trace->what == RECORD_V_M ? view->u
                           : trace->what == RECORD_I ? view->drift
                                                     : view->jump;
    const struct source from = {x, trace->ids, view->first};
    return take(trace, &from, view->tile, view->real_bytes, step);
}

uint64_t trace_put(struct trace *trace, const struct trace_view *view, const void *x, uint64_t step)
{
    const struct source from = {{x, 0.0}, NULL, trace->in_tile[view->tile]};
    return take(trace, &from, view->tile, view->real_bytes, step);
}
