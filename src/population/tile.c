#include "population/tile.h"

#include "base/memory.h"
#include "population/tile_run.h"
#include "population/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GROUP = 64,
    COPIED = LEAP_SLACK, /* ids that are there to be read and written beyond a list */
    CELLS_MORE = 2 * TILE_ALIGN * sizeof(double)
};

static uint64_t leap_bytes(size_t tile)
{
    size_t room = tile + LEAP_SLACK;
    return room * (2 * sizeof(double) + 2 * sizeof(uint16_t) + 3 * sizeof(uint8_t));
}

/* One allocation, widest elements first. */
static bool open_leap(struct tile_leap_scratch *s, size_t tile)
{
    size_t room = tile + LEAP_SLACK;
    s->elsewhere = memory_alloc(leap_bytes(tile));
    if (!s->elsewhere)
        return false;
    s->u = (double *)s->elsewhere + room;
    s->released = (uint16_t *)((double *)s->u + room);
    s->spiked = s->released + room;
    s->below = (uint8_t *)(s->spiked + room);
    s->at = s->below + room;
    s->since = s->at + room;
    return true;
}

uint64_t tile_scratch_bytes(size_t tile, size_t drive_count)
{
    return tile * sizeof(double) * (6 + drive_count) + (tile + 2 * TILE_ALIGN) * sizeof(double) +
           tile / GROUP * (sizeof(uint16_t) + sizeof(uint64_t)) + leap_bytes(tile) +
           sizeof(struct tile_follow_scratch);
}

enum status tile_scratch_open(struct tile_scratch *s, size_t tile, size_t drive_count,
                              struct error *err)
{
    size_t bytes = tile * sizeof(double);
    *s = (struct tile_scratch){.tile = tile};
    s->drift = memory_alloc(bytes);
    s->noisy = memory_alloc(bytes);
    s->jump = memory_alloc(bytes);
    s->row = memory_alloc(bytes);
    s->before = memory_alloc(bytes);
    s->strength = memory_alloc(bytes);
    s->cells = memory_alloc(bytes + CELLS_MORE);
    s->group = memory_alloc(tile / GROUP * sizeof *s->group);
    s->crossed = memory_alloc(tile / GROUP * sizeof *s->crossed);
    s->follow = memory_alloc(sizeof *s->follow);
    s->held = calloc(drive_count + 1, sizeof *s->held);
    bool failed = !s->drift || !s->noisy || !s->jump || !s->row || !s->before || !s->strength ||
                  !s->cells || !s->group || !s->crossed || !s->follow || !s->held;
    for (; !failed && s->held_count < drive_count; s->held_count++)
        failed = !(s->held[s->held_count] = memory_alloc(bytes));
    failed = failed || !open_leap(&s->leap, tile);
    return failed ? error_set(err, STATUS_MEMORY, "no memory for a thread's working space")
                  : STATUS_OK;
}

void tile_scratch_close(struct tile_scratch *s)
{
    size_t bytes = s->tile * sizeof(double);
    memory_free(s->drift, bytes);
    memory_free(s->noisy, bytes);
    memory_free(s->jump, bytes);
    memory_free(s->row, bytes);
    memory_free(s->before, bytes);
    memory_free(s->strength, bytes);
    memory_free(s->cells, bytes + CELLS_MORE);
    memory_free(s->group, s->tile / GROUP * sizeof *s->group);
    memory_free(s->crossed, s->tile / GROUP * sizeof *s->crossed);
    for (size_t i = 0; i < s->held_count; i++)
        memory_free(s->held[i], bytes);
    free(s->held);
    memory_free(s->follow, sizeof *s->follow);
    memory_free(s->leap.elsewhere, leap_bytes(s->tile));
    memset(s, 0, sizeof *s);
}

uint64_t tile_most_spikes(size_t tile, uint64_t steps, uint64_t shortest_refractory)
{
    uint64_t each = (steps + shortest_refractory) / (shortest_refractory + 1);
    return (uint64_t)tile * each;
}

/* The part of a population's field that belongs to the tile. */
struct field tile_field(const struct tile_run *r, struct field field)
{
    if (field.data)
        field.data = (const char *)field.data + r->first * r->p->real_bytes;
    return field;
}

/* The drive's targets within the tile, relative to it; false: none. */
bool tile_overlap(const struct tile_run *r, const struct drive *drive, size_t *begin, size_t *end)
{
    uint64_t last = r->first + r->count, lo = drive->begin, hi = drive->end;
    if (drive->whole)
        hi = last; /* padding does no harm, and a whole row is simpler */
    if (hi <= r->first || lo >= last)
        return false;
    *begin = lo > r->first ? (size_t)(lo - r->first) : 0;
    *end = hi < last ? (size_t)(hi - r->first) : r->count;
    return true;
}

static void zero(const struct tile_run *r, void *row, size_t begin, size_t end)
{
    memset((char *)row + begin * r->p->real_bytes, 0, (end - begin) * r->p->real_bytes);
}

double tile_fma(const struct tile_run *r, double a, double b, double c)
{
    return r->p->real_bytes == sizeof(float) ? (double)fmaf((float)a, (float)b, (float)c)
                                             : fma(a, b, c);
}

void tile_fill_row(const struct tile_run *r, void *row, double value, size_t begin, size_t end)
{
    zero(r, row, 0, r->count);
    for (size_t i = begin; i < end; i++)
        if (r->p->real_bytes == sizeof(float))
            ((float *)row)[i] = (float)value;
        else
            ((double *)row)[i] = value;
}

/* drift = fma(coefficient, value, drift) for neurons begin ... end - 1 of the tile. */
static void add_current(struct tile_run *r, struct field coefficient, double value, size_t begin,
                        size_t end)
{
    struct field row = {NULL, value};
    bool all = begin == 0 && end == r->count;
    if (all && !r->drift.data && !coefficient.data) {
        r->drift.value = tile_fma(r, coefficient.value, value, r->drift.value);
        return;
    }
    if (!all) {
        tile_fill_row(r, r->scratch->row, value, begin, end);
        row.data = r->scratch->row;
    }
    r->p->kernels->accumulate(r->scratch->drift, r->drift, coefficient, row, r->count);
    r->drift.data = r->scratch->drift;
}

/* drift = fma(coefficient, I, drift) with I = amplitude value for each neuron: 0 outside the
 * targets, as the amplitude is. */
static void add_amplitudes(struct tile_run *r, struct field coefficient, const struct drive *drive,
                           double value)
{
    const struct kernels *kernels = r->p->kernels;
    const struct field zero = {NULL, 0.0}, factor = {NULL, value};
    kernels->accumulate(r->scratch->row, zero, factor, tile_field(r, drive->amplitude), r->count);
    const struct field row = {r->scratch->row, 0.0};
    kernels->accumulate(r->scratch->drift, r->drift, coefficient, row, r->count);
    r->drift.data = r->scratch->drift;
}

/* First step after `step` at which the drive starts, stops or changes. */
uint64_t tile_next_change(const struct drive *drive, uint64_t step, uint64_t until)
{
    if (step < drive->input->start_step)
        return drive->input->start_step;
    if (step >= drive->input->stop_step)
        return VALUE_FOREVER;
    return until < drive->input->stop_step ? until : drive->input->stop_step;
}

static double current_at(const struct drive *drive, uint64_t step, uint64_t *until)
{
    uint64_t changes = VALUE_FOREVER;
    double value = drive_active(drive, step) ? drive->type->current(drive, step, &changes) : 0.0;
    uint64_t next = tile_next_change(drive, step, changes);
    *until = next < *until ? next : *until;
    return value;
}

/* One current for the whole population: added up in double in name order, rounded once. */
static bool is_common(const struct drive *drive)
{
    return drive->whole && !drive->potential && !drive->amplitude.data;
}

/* The drive's row for the tile at a step, zero outside its targets. */
static void *row_of(struct tile_run *r, size_t d, uint64_t step, uint64_t block_start, size_t begin,
                    size_t end)
{
    const struct drive *drive = &r->p->drives[d];
    bool holds = drive->hold > 1;
    void *row = holds ? r->scratch->held[d] : r->scratch->row;
    if (holds && step % drive->hold != 0 && step != block_start && step != drive->input->start_step)
        return row;
    size_t lo = begin / TILE_ALIGN * TILE_ALIGN;
    size_t hi = (end + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN;
    zero(r, row, 0, lo);
    drive_fill(drive, r->p->kernels, (char *)row + lo * r->p->real_bytes, hi - lo, step,
               r->first + lo, r->scratch->cells);
    zero(r, row, lo, begin);
    zero(r, row, end, r->count);
    return row;
}

/* A current for each neuron, anew in every step. */
static void add_current_row(struct tile_run *r, size_t d, uint64_t step, size_t begin, size_t end)
{
    const struct drive *drive = &r->p->drives[d];
    uint64_t next = tile_next_change(drive, step, step + 1);
    r->drift_until = next < r->drift_until ? next : r->drift_until;
    if (!drive_active(drive, step))
        return;
    const struct field row = {row_of(r, d, step, step, begin, end), 0.0};
    r->p->kernels->accumulate(r->scratch->drift, r->drift, r->gain, row, r->count);
    r->drift.data = r->scratch->drift;
}

static void update_drift(struct tile_run *r, uint64_t step)
{
    const struct population *p = r->p;
    double common = 0.0;
    r->drift = r->bias;
    r->drift_until = VALUE_FOREVER;
    for (size_t d = 0; d < p->drive_count; d++)
        if (p->drives[d].has_current && is_common(&p->drives[d]))
            common += current_at(&p->drives[d], step, &r->drift_until);
    if (fpclassify(common) != FP_ZERO)
        add_current(r, r->gain, common, 0, r->count);
    for (size_t d = 0; d < p->drive_count; d++) {
        const struct drive *drive = &p->drives[d];
        size_t begin, end;
        if (drive->has_row && drive->type->row == ROW_CURRENT &&
            tile_overlap(r, drive, &begin, &end)) {
            add_current_row(r, d, step, begin, end);
            continue;
        }
        if (!drive->has_current || is_common(drive) || !tile_overlap(r, drive, &begin, &end))
            continue;
        double value = current_at(drive, step, &r->drift_until);
        struct field coefficient = drive->potential ? r->decay : r->gain;
        if (fpclassify(value) == FP_ZERO)
            continue;
        if (drive->amplitude.data)
            add_amplitudes(r, coefficient, drive, value);
        else
            add_current(r, coefficient, value, begin, end);
    }
}

/* The drive's memory after this step's row, which is overwritten; 0 outside the targets, as the row
 * is. */
static const void *remember(struct tile_run *r, const struct drive *drive, void *row, uint64_t step)
{
    void *z = (char *)drive->z + r->first * r->p->real_bytes;
    const struct field zero = {NULL, 0.0}, one = {NULL, 1.0}, first = {NULL, drive->first},
                       forgets = {NULL, -drive->forgets}, xi = {row, 0.0}, state = {z, 0.0};
    if (step == drive->input->start_step) {
        r->p->kernels->accumulate(z, zero, first, xi, r->count);
    } else {
        r->p->kernels->accumulate(row, xi, forgets, state, r->count);
        r->p->kernels->accumulate(z, state, one, xi, r->count);
    }
    return z;
}

/* onto = fma(coefficient, row, onto) for a drive; NULL: none. */
static struct field add_row(struct tile_run *r, const struct drive *drive, struct field onto,
                            void *to, uint64_t step)
{
    size_t begin, end;
    if (!drive || !tile_overlap(r, drive, &begin, &end))
        return onto;
    void *xi = row_of(r, (size_t)(drive - r->p->drives), step, r->begin, begin, end);
    struct field row = {drive->type->remembers ? remember(r, drive, xi, step) : xi, 0.0};
    r->p->kernels->accumulate(to, onto, tile_field(r, drive->coefficient), row, r->count);
    return (struct field){to, 0.0};
}

/* add_row for every active drive of a kind, in name order, but for the last one, which is returned;
 * NULL: none is active. */
static const struct drive *add_rows_but_last(struct tile_run *r, enum drive_row kind,
                                             struct field *onto, void *to, uint64_t step)
{
    const struct population *p = r->p;
    const struct drive *last = NULL;
    for (size_t d = 0; d < p->drive_count; d++) {
        const struct drive *drive = &p->drives[d];
        if (!drive->has_row || drive->type->row != kind || !drive_active(drive, step))
            continue;
        *onto = add_row(r, last, *onto, to, step);
        last = drive;
    }
    return last;
}

/* Can the step's kernel make this drive's noise itself? */
static bool is_made_in_step(const struct drive *drive, uint64_t step)
{
    bool begins = drive->type->remembers && step == drive->input->start_step;
    return drive->independent && drive->whole && drive->hold <= 1 && drive->cells == 0 && !begins;
}

static struct noise noise_of(const struct tile_run *r, const struct drive *drive, uint64_t step)
{
    return (struct noise){
        .key = drive->key,
        .step = step,
        .first_id = r->first,
        .c = tile_field(r, drive->coefficient),
        .z = drive->type->remembers ? (char *)drive->z + r->first * r->p->real_bytes : NULL,
        .forgets = drive->forgets,
    };
}

static inline uint64_t reset_bits(const struct tile_run *r, size_t i)
{
    uint64_t bits = 0;
    if (r->p->real_bytes == sizeof(float)) {
        float value = r->reset.data ? ((const float *)r->reset.data)[i] : (float)r->reset.value;
        memcpy(&bits, &value, sizeof value);
    } else {
        double value = r->reset.data ? ((const double *)r->reset.data)[i] : r->reset.value;
        memcpy(&bits, &value, sizeof value);
    }
    return bits;
}

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
    void *u = r->u;
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
            tile_set_u(r, ids[i], reset_bits(r, ids[i]));
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

/* The listed crossings, ascending. */
static uint32_t take_spikes(const struct tile_run *r, size_t listed, uint16_t *ids)
{
    uint32_t spikes = 0;
    for (size_t i = 0; i < listed; i++)
        for (uint64_t word = r->scratch->crossed[i]; word; word &= word - 1)
            ids[spikes++] = (uint16_t)(r->scratch->group[i] * GROUP + __builtin_ctzll(word));
    return spikes;
}

static void start(struct tile_run *r, struct population *p, uint64_t tile,
                  struct tile_scratch *scratch)
{
    uint64_t first = tile * p->tile;
    *r = (struct tile_run){.p = p, .scratch = scratch, .tile = tile, .first = first};
    r->count = (size_t)(p->padded - first < p->tile ? p->padded - first : p->tile);
    r->u = r->home = (char *)p->u + first * p->real_bytes;
    r->slots = p->longest + 1;
    r->head = p->queue_head ? p->queue_head + tile * r->slots : NULL;
    r->next = p->queue_next ? p->queue_next + first : NULL;
    r->decay = tile_field(r, p->decay);
    r->bias = tile_field(r, p->bias);
    r->gain = tile_field(r, p->gain);
    r->reset = tile_field(r, p->reset);
    r->floor = tile_field(r, p->floor);
}

static void advance_step(struct tile_run *r, uint64_t step)
{
    const struct tile_scratch *scratch = r->scratch;
    uint16_t *ids = scratch->leap.released;
    size_t released = tile_release(r, step, ids);
    for (size_t i = 0; i < released; i++)
        tile_set_u(r, ids[i], reset_bits(r, ids[i]));
    if (r->p->bridges)
        tile_before_bridge(r, step);
    struct field d = r->drift, jump = {NULL, 0.0};
    struct noise noise;
    const struct drive *last = add_rows_but_last(r, ROW_NOISE, &d, scratch->noisy, step);
    bool made =
        last && step != r->look && r->p->kernels->makes_noise && is_made_in_step(last, step);
    if (made)
        noise = noise_of(r, last, step);
    else
        d = add_row(r, last, d, scratch->noisy, step);
    last = add_rows_but_last(r, ROW_JUMPS, &jump, scratch->jump, step);
    jump = add_row(r, last, jump, scratch->jump, step);
    if (step == r->look)
        tile_look(r, step, d, jump);
    const struct step_arguments arguments = {
        .u = r->u,
        .e = r->decay,
        .d = d,
        .jump = jump.data,
        .noise = made ? &noise : NULL,
        .count = r->count,
        .group = scratch->group,
        .crossed = scratch->crossed,
    };
    size_t listed = r->p->kernels->step(&arguments);
    if (r->p->has_floor)
        r->p->kernels->clamp(r->u, r->floor, r->count);
    if (r->p->bridges)
        listed = tile_bridge(r, step);
    uint32_t *spikes = &r->spikes[step - r->begin];
    *spikes = take_spikes(r, listed, r->ids + r->total);
    tile_park(r, step, spikes, 1);
    r->total += *spikes;
}

size_t tile_advance(struct population *p, uint64_t tile, uint64_t first_step, size_t steps,
                    struct tile_scratch *scratch, uint16_t *ids, uint32_t *count)
{
    struct tile_run r;
    start(&r, p, tile, scratch);
    r.begin = first_step;
    r.end = first_step + steps;
    r.ids = ids;
    r.spikes = count;
    r.look = tile_next_look(&r, r.begin);
    r.follows = tile_can_follow(&r);
    for (size_t i = 0; r.next && i < r.count; i += 64 / sizeof *r.next)
        __builtin_prefetch(r.next + i);
    for (uint64_t step = r.begin; step < r.end;) {
        if (step >= r.drift_until)
            update_drift(&r, step);
        if (tile_can_leap(&r, step)) {
            tile_leap(&r, step);
            step += LEAP_STEPS;
        } else {
            advance_step(&r, step++);
        }
    }
    if (r.u != r.home)
        memcpy(r.home, r.u, r.count * p->real_bytes);
    return r.total;
}
