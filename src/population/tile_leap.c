/* Many steps in one pass over a tile whose drift stays the same: neurons are loaded and stored once
 * for LEAP_STEPS steps, and only those that crossed or were released meanwhile are looked at step
 * by step. Bit for bit what single steps give; docs/performance.md says why that is so. */
#include "population/tile_leap.h"

#include "population/tile_look.h"
#include "population/tile_park.h"

/* Does any spike arrive in the steps of a leap? */
static bool arrives(const struct tile_run *r, uint64_t step)
{
    bool any = false;
    for (uint64_t k = step - r->begin; r->arrivals && k < step - r->begin + LEAP_STEPS; k++)
        any |= arrivals_any(r->arrivals, k, RECEPTOR_EX);
    return any;
}

bool tile_can_leap(const struct tile_run *r, uint64_t step)
{
    const struct population *p = r->p;
    const uint64_t past = step + LEAP_STEPS;
    if (!p->leaps || step == p->set_step || past > r->end || past > r->drift_until ||
        (past > r->look && !r->follows) || arrives(r, step))
        return false;
    for (size_t d = 0; d < p->drive_count; d++)
        if (p->drives[d].has_row && p->drives[d].input->start_step < past &&
            step < p->drives[d].input->stop_step)
            return false;
    return true;
}

/* Zeros behind the ids: a kernel reads whole vectors of them. */
static void pad(uint16_t *ids, uint8_t *at, size_t count)
{
    memset(ids + count, 0, LEAP_SLACK * sizeof *ids);
    memset(at + count, 0, LEAP_SLACK * sizeof *at);
}

/* The neurons released in the leap's steps, with the step. */
static size_t take_released(struct tile_run *r, uint64_t step, uint16_t *ids, uint8_t *since)
{
    size_t count = 0;
    for (uint8_t k = 0; k < LEAP_STEPS; k++) {
        size_t released = tile_release(r, step + k, ids + count);
        memset(since + count, k, LEAP_SLACK); /* mostly enough, and no branch */
        for (size_t i = LEAP_SLACK; i < released; i++)
            since[count + i] = k;
        count += released;
    }
    return count;
}

/* Released neurons get the u they have at the end; those that have crossed again are added to the
 * spikes. */
static size_t settle_released(struct tile_run *r, size_t count, size_t spikes)
{
    const struct tile_leap_scratch *s = &r->scratch->leap;
    for (size_t i = 0; i < count; i++) {
        uint16_t id = s->released[i];
        if (s->below[i] < LEAP_STEPS) {
            s->spiked[spikes] = id;
            s->at[spikes++] = s->below[i];
        } else if (r->p->real_bytes == sizeof(float)) {
            ((float *)r->state[MODEL_U])[id] = ((const float *)s->u)[i];
        } else {
            ((double *)r->state[MODEL_U])[id] = ((const double *)s->u)[i];
        }
    }
    return spikes;
}

/* Spikes into ids, step after step; within a step they keep the order of the list. Parts of the
 * list have counters of their own: each spike must wait for the one before it in the same counter.
 */
static void put_in_order(const struct tile_leap_scratch *s, size_t spikes, uint16_t *ids,
                         uint32_t count[LEAP_STEPS])
{
    enum { PARTS = 4 };
    const uint16_t *spiked = s->spiked;
    const uint8_t *at = s->at;
    const size_t part = spikes / PARTS, whole = part * PARTS;
    uint32_t next[PARTS][LEAP_STEPS] = {{0}}, sum = 0;
    for (size_t i = 0; i < part; i++)
        for (size_t p = 0; p < PARTS; p++)
            next[p][at[p * part + i]]++;
    for (size_t i = whole; i < spikes; i++)
        next[PARTS - 1][at[i]]++;
    for (size_t k = 0; k < LEAP_STEPS; k++) {
        const uint32_t before = sum;
        for (size_t p = 0; p < PARTS; p++) {
            const uint32_t own = next[p][k];
            next[p][k] = sum;
            sum += own;
        }
        count[k] = sum - before;
    }
    for (size_t i = 0; i < part; i++)
        for (size_t p = 0; p < PARTS; p++)
            ids[next[p][at[p * part + i]]++] = spiked[p * part + i];
    for (size_t i = whole; i < spikes; i++)
        ids[next[PARTS - 1][at[i]]++] = spiked[i];
}

/* By a bit for each neuron of the tile: linear however many there are. */
static void sort_ids(const struct tile_run *r, uint16_t *ids, size_t count)
{
    uint64_t *bits = r->scratch->crossed;
    size_t words = r->count / 64, sorted = 0;
    memset(bits, 0, words * sizeof *bits);
    for (size_t i = 0; i < count; i++)
        bits[ids[i] / 64] |= UINT64_C(1) << ids[i] % 64;
    for (size_t i = 0; i < words; i++)
        for (uint64_t word = bits[i]; word; word &= word - 1)
            ids[sorted++] = (uint16_t)(i * 64 + (size_t)__builtin_ctzll(word));
}

void tile_leap(struct tile_run *r, uint64_t step)
{
    const struct tile_leap_scratch *s = &r->scratch->leap;
    const void *from = r->state[MODEL_U];
    void *to = r->state[MODEL_U] == r->home ? s->elsewhere : r->home;
    size_t released = take_released(r, step, s->released, s->since);
    pad(s->released, s->since, released);
    if (r->look < step + LEAP_STEPS)
        tile_follow(r, step, from, released);

    size_t crossed = r->p->kernels->leap(&(struct leap_arguments){
        from, to, r->field[MODEL_DECAY], r->drift, r->count, r->scratch->crossed, s->spiked});
    size_t spikes = crossed;
    pad(s->spiked, s->at, crossed);
    r->state[MODEL_U] = to;

    r->p->kernels->replay(&(struct replay_arguments){.ids = s->spiked,
                                                     .count = crossed,
                                                     .start = {from, 0.0},
                                                     .e = r->field[MODEL_DECAY],
                                                     .d = r->drift,
                                                     .u = s->u,
                                                     .below = s->at});
    r->p->kernels->replay(&(struct replay_arguments){.ids = s->released,
                                                     .since = s->since,
                                                     .count = released,
                                                     .start = r->field[MODEL_RESET],
                                                     .e = r->field[MODEL_DECAY],
                                                     .d = r->drift,
                                                     .u = s->u,
                                                     .below = s->below});
    spikes = settle_released(r, released, spikes);

    uint16_t *ids = r->ids + r->total;
    uint32_t *count = r->spikes + (step - r->begin);
    put_in_order(s, spikes, ids, count);
    tile_park(r, step, count, LEAP_STEPS);
    for (size_t k = 0; spikes > crossed && k < LEAP_STEPS; ids += count[k++])
        sort_ids(r, ids, count[k]);
    r->total += spikes;
}
