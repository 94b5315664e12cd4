/* After (8): neurons that have spiked, parked until their refractory period is over. */
#include "population/tile_park.h"

enum { COPIED = LEAP_SLACK }; /* ids that are there to be read and written beyond a list */

/* Refractory for the same number of steps, neurons are released in the order they spiked in. */
static bool released_in_order(const struct tile_run *r, uint64_t step)
{
    return !r->p->refractory && step - r->begin > r->p->refractory_steps;
}

size_t tile_release(struct tile_run *r, uint64_t step, uint16_t *ids)
{
    size_t count = 0;
    if (!r->head)
        return 0;
    if (released_in_order(r, step)) {
        count = r->spikes[step - r->begin - r->p->refractory_steps - 1];
        const uint16_t *from = r->ids + r->released;
        memcpy(ids, from, COPIED * sizeof *ids); /* mostly enough, and no branch */
        for (size_t i = COPIED; i < count; i++)
            ids[i] = from[i];
        r->released += count;
        return count;
    }
    uint16_t *head = &r->head[step % r->slots];
    for (uint16_t id = *head; id != QUEUE_END; id = r->next[id])
        ids[count++] = id;
    *head = QUEUE_END;
    return count;
}

static void enqueue(struct tile_run *r, uint64_t step, const uint16_t *ids, size_t count)
{
    uint16_t *head = &r->head[step % r->slots], first = *head;
    for (size_t i = 0; i < count; i++) {
        r->next[ids[i]] = first;
        first = ids[i];
    }
    *head = first;
}

static void park_all(struct tile_run *r, const uint16_t *ids, size_t count)
{
    const uint32_t parked32 = PARKED_BITS_32;
    const uint64_t parked64 = PARKED_BITS_64;
    void *u = r->state[MODEL_U];
    if (r->p->real_bytes == sizeof(float))
        for (size_t i = 0; i < count; i++)
            memcpy((float *)u + ids[i], &parked32, sizeof parked32);
    else
        for (size_t i = 0; i < count; i++)
            memcpy((double *)u + ids[i], &parked64, sizeof parked64);
}

static void park_each(struct tile_run *r, uint64_t step, const uint16_t *ids, size_t count)
{
    const struct population *p = r->p;
    for (size_t i = 0; i < count; i++) {
        uint64_t steps = p->refractory ? p->refractory[r->first + ids[i]] : 0;
        if (steps == 0) {
            tile_reset(r, ids[i]);
            continue;
        }
        park_all(r, ids + i, 1);
        enqueue(r, step + steps + 1, ids + i, 1);
    }
}

void tile_park(struct tile_run *r, uint64_t step, const uint32_t *count, size_t steps)
{
    const struct population *p = r->p;
    const uint16_t *ids = r->ids + r->total;
    bool alike = !p->refractory && p->refractory_steps > 0;
    size_t sum = 0;
    for (size_t k = 0; k < steps; sum += count[k++]) {
        uint64_t release = step + k + p->refractory_steps + 1;
        if (!alike)
            park_each(r, step + k, ids + sum, count[k]);
        if (alike && release >= r->end)
            enqueue(r, release, ids + sum, count[k]);
    }
    if (alike)
        park_all(r, ids, sum);
}
