/* What traces see of a tile: of single steps, and of the steps within a leap, where no u is kept.
 * There the few chosen neurons go the same way once more, with the leap's own arithmetic. */
#include "population/tile_look.h"

#include "population/trace.h"

#include <math.h>

uint64_t tile_next_look(const struct tile_run *r, uint64_t step)
{
    uint64_t next = VALUE_FOREVER;
    for (size_t t = 0; t < r->p->trace_count; t++) {
        uint64_t own = trace_next_in_tile(&r->p->traces[t], r->tile, step);
        next = own < next ? own : next;
    }
    return next;
}

void tile_look(struct tile_run *r, uint64_t step, struct field d,
               const struct field jump[RECEPTORS_MOST])
{
    const struct trace_view view = {.tile = r->tile,
                                    .first_id = r->first_id,
                                    .real_bytes = r->p->real_bytes,
                                    .state = r->state,
                                    .drift = d,
                                    .jump = {jump[RECEPTOR_EX], jump[RECEPTOR_IN]}};
    r->look = VALUE_FOREVER;
    for (size_t t = 0; t < r->p->trace_count; t++) {
        uint64_t next = trace_take(&r->p->traces[t], &view, step);
        r->look = next < r->look ? next : r->look;
    }
}

bool tile_can_follow(const struct tile_run *r)
{
    for (size_t t = 0; t < r->p->trace_count; t++) {
        const struct trace *trace = &r->p->traces[t];
        uint64_t chosen = trace->in_tile[r->tile + 1] - trace->in_tile[r->tile];
        if (trace_is_of_u(trace) && chosen > FOLLOW_MOST)
            return false;
    }
    return true;
}

static double real_at(const struct tile_run *r, const void *array, size_t i)
{
    return r->p->real_bytes == sizeof(float) ? (double)((const float *)array)[i]
                                             : ((const double *)array)[i];
}

static double field_at(const struct tile_run *r, struct field field, size_t i)
{
    return field.data ? real_at(r, field.data, i) : field.value;
}

/* Neuron i of the path before step k of the leap; NaN: parked. */
static void set_path(struct tile_run *r, uint8_t k, size_t i, double u)
{
    struct tile_follow_scratch *s = r->scratch->follow;
    if (r->p->real_bytes == sizeof(float))
        ((float *)s->path)[k * (size_t)FOLLOW_ROOM + i] = (float)u;
    else
        s->path[k][i] = u;
}

/* Its u after one more step, as the kernels have it. */
static double step_once(const struct tile_run *r, size_t id, double u)
{
    double e = field_at(r, r->field[MODEL_DECAY], id), d = field_at(r, r->drift, id);
    if (r->p->real_bytes == sizeof(float))
        return (double)((float)u + fmaf((float)-e, (float)u, (float)d));
    return u + fma(-e, u, d);
}

/* A parked neuron: the leap may release it, and it may cross again. */
static void follow_parked(struct tile_run *r, size_t i, size_t released)
{
    const struct tile_leap_scratch *leap = &r->scratch->leap;
    const uint16_t id = r->scratch->follow->ids[i];
    size_t at = 0;
    while (at < released && leap->released[at] != id)
        at++;
    if (at == released)
        return;
    double u = field_at(r, r->field[MODEL_RESET], id);
    for (uint8_t k = leap->since[at]; k < LEAP_STEPS; k++) {
        set_path(r, k, i, u);
        u = step_once(r, id, u);
        u = signbit(u) ? u : (double)NAN;
    }
}

/* The path of a trace's chosen neurons through the leap. */
static void follow(struct tile_run *r, const struct trace *trace, const void *from, size_t released)
{
    struct tile_follow_scratch *s = r->scratch->follow;
    const uint64_t begin = trace->in_tile[r->tile];
    const size_t count = (size_t)(trace->in_tile[r->tile + 1] - begin);
    for (size_t i = 0; i < count; i++)
        s->ids[i] = (uint16_t)(trace->ids[begin + i] - r->first_id);
    memset(s->ids + count, 0, LEAP_SLACK * sizeof *s->ids);
    r->p->kernels->replay(&(struct replay_arguments){.ids = s->ids,
                                                     .count = count,
                                                     .start = {from, 0.0},
                                                     .e = r->field[MODEL_DECAY],
                                                     .d = r->drift,
                                                     .u = s->u,
                                                     .below = s->below,
                                                     .path = s->path,
                                                     .stride = FOLLOW_ROOM});
    for (size_t i = 0; i < count; i++)
        if (isnan(real_at(r, s->path, i)))
            follow_parked(r, i, released);
        else
            for (uint8_t k = s->below[i]; ++k < LEAP_STEPS;)
                set_path(r, k, i, (double)NAN);
}

void tile_follow(struct tile_run *r, uint64_t step, const void *from, size_t released)
{
    void *state[MODEL_STATES_MOST] = {[MODEL_U] = (void *)from}; /* a leap has no other */
    const struct trace_view view = {.tile = r->tile,
                                    .first_id = r->first_id,
                                    .real_bytes = r->p->real_bytes,
                                    .state = state,
                                    .drift = r->drift};
    const struct trace_path path = {r->scratch->follow->path, FOLLOW_ROOM, LEAP_STEPS};
    r->look = VALUE_FOREVER;
    for (size_t t = 0; t < r->p->trace_count; t++) {
        struct trace *trace = &r->p->traces[t];
        uint64_t look = trace_next_in_tile(trace, r->tile, step);
        if (trace_is_of_u(trace) && look < step + LEAP_STEPS) {
            follow(r, trace, from, released);
            look = trace_take_path(trace, &view, &path, step, look);
        }
        while (look < step + LEAP_STEPS)
            look = trace_take(trace, &view, look);
        r->look = look < r->look ? look : r->look;
    }
}
