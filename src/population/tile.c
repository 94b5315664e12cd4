/* A tile through a block: in leaps where it can, else step by step. */
#include "population/tile.h"

#include "neuron/models.h"
#include "population/tile_bridge.h"
#include "population/tile_drift.h"
#include "population/tile_leap.h"
#include "population/tile_look.h"
#include "population/tile_park.h"
#include "population/tile_rows.h"
#include "population/tile_source.h"

uint64_t tile_most_spikes(size_t tile, uint64_t steps, uint64_t shortest_refractory, uint32_t most)
{
    uint64_t each = (steps + shortest_refractory) / (shortest_refractory + 1);
    return (uint64_t)tile * each * most;
}

/* The listed crossings, ascending. */
static uint32_t take_spikes(const struct tile_run *r, size_t listed, uint16_t *ids)
{
    uint32_t spikes = 0;
    for (size_t i = 0; i < listed; i++)
        for (uint64_t word = r->scratch->crossed[i]; word; word &= word - 1)
            ids[spikes++] = (uint16_t)(r->scratch->group[i] * 64 + __builtin_ctzll(word));
    return spikes;
}

static void start(struct tile_run *r, struct population *p, uint64_t tile,
                  struct tile_scratch *scratch)
{
    uint64_t first = tile * p->tile;
    *r = (struct tile_run){.p = p,
                           .scratch = scratch,
                           .tile = tile,
                           .first = first,
                           .first_id = population_tile_id(p, tile)};
    r->count = (size_t)(p->padded - first < p->tile ? p->padded - first : p->tile);
    for (size_t k = 0; k < model_field_count(p->model); k++)
        r->field[k] = tile_field(r, p->field[k]);
    for (size_t k = 0; k < model_state_count(p->model); k++)
        r->state[k] = (char *)p->state[k] + first * p->real_bytes;
    r->home = r->state[MODEL_U];
    r->slots = p->longest + 1;
    r->head = p->queue_head ? p->queue_head + tile * r->slots : NULL;
    r->next = p->queue_next ? p->queue_next + first : NULL;
}

/* Neurons whose refractory period is over start at V_reset. */
static void release(struct tile_run *r, uint64_t step)
{
    uint16_t *ids = r->scratch->leap.released;
    size_t released = tile_release(r, step, ids);
    for (size_t i = 0; i < released; i++)
        tile_reset(r, ids[i]);
}

/* One step, numbered as in docs/numerics.md; (1) to (3), the drift, hold until a current changes.
 */
static void advance_step(struct tile_run *r, uint64_t step)
{
    const struct population *p = r->p;
    struct tile_scratch *scratch = r->scratch;
    struct noise noise;
    struct field d;
    release(r, step);
    if (p->bridges)
        tile_before_bridge(r, step);
    bool made_in_step = tile_gather_noise(r, step, &d, &noise); /* (4) */
    struct field jump[RECEPTORS_MOST] = {{NULL, 0.0}, {NULL, 0.0}};
    for (enum receptor i = RECEPTOR_EX; i < p->model->receptors; i++)
        jump[i] = tile_gather_jumps(r, step, i); /* J of (6) */
    if (step == r->look)
        tile_look(r, step, d, jump);
    const struct model_step arguments = {
        .kernels = p->kernels,
        .count = r->count,
        .field = r->field,
        .state = r->state,
        .d = d,
        .d_row = scratch->noisy,
        .jump = {jump[RECEPTOR_EX].data, jump[RECEPTOR_IN].data},
        .noise = made_in_step ? &noise : NULL,
        .group = scratch->group,
        .crossed = scratch->crossed,
    };
    size_t listed = p->model->step(&arguments); /* the last of (4), (5), u + J, signs of (8) */
    if (p->has_floor)
        p->kernels->clamp(r->state[MODEL_U], r->field[MODEL_FLOOR],
                          r->count); /* (7): V_min < V_th, so no sign changes */
    if (p->bridges)
        listed = tile_bridge(r, step);
    uint32_t *spikes = &r->spikes[step - r->begin];
    *spikes = take_spikes(r, listed, r->ids + r->total); /* (8) */
    if (p->model->spiked)
        p->model->spiked(&arguments, r->ids + r->total, *spikes);
    tile_park(r, step, spikes, 1);
    r->total += *spikes;
}

size_t tile_advance(struct population *p, uint64_t tile, uint64_t first_step, size_t steps,
                    const struct arrivals *arrivals, struct tile_scratch *scratch, uint16_t *ids,
                    uint32_t *count)
{
    struct tile_run r;
    if (p->model->generator)
        return tile_source_advance(p, tile, first_step, steps, scratch, ids, count);
    start(&r, p, tile, scratch);
    r.begin = first_step;
    r.end = first_step + steps;
    r.ids = ids;
    r.spikes = count;
    r.arrivals = arrivals && arrivals->sum ? arrivals : NULL;
    r.look = tile_next_look(&r, r.begin);
    r.follows = tile_can_follow(&r);
    for (size_t i = 0; r.next && i < r.count; i += 64 / sizeof *r.next)
        __builtin_prefetch(r.next + i);
    for (uint64_t step = r.begin; step < r.end;) {
        if (step >= r.drift_until)
            tile_update_drift(&r, step);
        if (tile_can_leap(&r, step)) {
            tile_leap(&r, step);
            step += LEAP_STEPS;
        } else {
            advance_step(&r, step++);
        }
    }
    if (r.state[MODEL_U] != r.home)
        memcpy(r.home, r.state[MODEL_U], r.count * p->real_bytes);
    return r.total;
}
