#include "model/tile.h"

#include "base/memory.h"
#include "model/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUP = 64, CELLS_MORE = 2 * TILE_ALIGN * sizeof(double) };

/* A tile on its way through a block. */
struct run {
    struct population *p;
    struct tile_scratch *scratch;
    uint64_t first; /* neuron */
    size_t count;   /* neurons, padding included */
    void *u;
    uint16_t *head, *next; /* the tile's queue */
    uint64_t slots, slot;  /* of the ring: longest + 1; the current step's */
    struct field decay, bias, gain, reset, floor, drift;
    uint64_t drift_until; /* first step for which drift may be another */
    uint64_t look;        /* next step in which a trace wants values */
};

uint64_t tile_scratch_bytes(size_t tile, size_t drive_count)
{
    return tile * sizeof(double) * (4 + drive_count) + (tile + 2 * TILE_ALIGN) * sizeof(double) +
           tile / GROUP * (sizeof(uint16_t) + sizeof(uint64_t));
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
    s->cells = memory_alloc(bytes + CELLS_MORE);
    s->group = memory_alloc(tile / GROUP * sizeof *s->group);
    s->crossed = memory_alloc(tile / GROUP * sizeof *s->crossed);
    s->held = calloc(drive_count + 1, sizeof *s->held);
    bool failed = !s->drift || !s->noisy || !s->jump || !s->row || !s->cells || !s->group ||
                  !s->crossed || !s->held;
    for (; !failed && s->held_count < drive_count; s->held_count++)
        failed = !(s->held[s->held_count] = memory_alloc(bytes));
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
    memory_free(s->cells, bytes + CELLS_MORE);
    memory_free(s->group, s->tile / GROUP * sizeof *s->group);
    memory_free(s->crossed, s->tile / GROUP * sizeof *s->crossed);
    for (size_t i = 0; i < s->held_count; i++)
        memory_free(s->held[i], bytes);
    free(s->held);
    memset(s, 0, sizeof *s);
}

uint64_t tile_most_spikes(size_t tile, uint64_t steps, uint64_t shortest_refractory)
{
    uint64_t each = (steps + shortest_refractory) / (shortest_refractory + 1);
    return (uint64_t)tile * each;
}

/* The part of a population's field that belongs to the tile. */
static struct field of_tile(const struct run *r, struct field field)
{
    if (field.data)
        field.data = (const char *)field.data + r->first * r->p->real_bytes;
    return field;
}

/* The drive's targets within the tile, relative to it; false: none. */
static bool overlap(const struct run *r, const struct drive *drive, size_t *begin, size_t *end)
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

static void zero(const struct run *r, void *row, size_t begin, size_t end)
{
    memset((char *)row + begin * r->p->real_bytes, 0, (end - begin) * r->p->real_bytes);
}

static double real_fma(const struct run *r, double a, double b, double c)
{
    return r->p->real_bytes == sizeof(float) ? (double)fmaf((float)a, (float)b, (float)c)
                                             : fma(a, b, c);
}

static void fill_row(const struct run *r, void *row, double value, size_t begin, size_t end)
{
    zero(r, row, 0, r->count);
    for (size_t i = begin; i < end; i++)
        if (r->p->real_bytes == sizeof(float))
            ((float *)row)[i] = (float)value;
        else
            ((double *)row)[i] = value;
}

/* drift = fma(coefficient, value, drift) for neurons begin ... end - 1 of the tile. */
static void add_current(struct run *r, struct field coefficient, double value, size_t begin,
                        size_t end)
{
    struct field row = {NULL, value};
    bool all = begin == 0 && end == r->count;
    if (all && !r->drift.data && !coefficient.data) {
        r->drift.value = real_fma(r, coefficient.value, value, r->drift.value);
        return;
    }
    if (!all) {
        fill_row(r, r->scratch->row, value, begin, end);
        row.data = r->scratch->row;
    }
    r->p->kernels->accumulate(r->scratch->drift, r->drift, coefficient, row, r->count);
    r->drift.data = r->scratch->drift;
}

/* drift = fma(coefficient, I, drift) with I = amplitude value for each neuron: 0 outside the
 * targets, as the amplitude is. */
static void add_amplitudes(struct run *r, struct field coefficient, const struct drive *drive,
                           double value)
{
    const struct kernels *kernels = r->p->kernels;
    const struct field zero = {NULL, 0.0}, factor = {NULL, value};
    kernels->accumulate(r->scratch->row, zero, factor, of_tile(r, drive->amplitude), r->count);
    const struct field row = {r->scratch->row, 0.0};
    kernels->accumulate(r->scratch->drift, r->drift, coefficient, row, r->count);
    r->drift.data = r->scratch->drift;
}

/* First step after `step` at which the drive starts, stops or changes. */
static uint64_t next_change(const struct drive *drive, uint64_t step, uint64_t until)
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
    uint64_t next = next_change(drive, step, changes);
    *until = next < *until ? next : *until;
    return value;
}

/* One current for the whole population: added up in double in name order, rounded once. */
static bool is_common(const struct drive *drive)
{
    return drive->whole && !drive->potential && !drive->amplitude.data;
}

/* The drive's row for the tile at a step, zero outside its targets. */
static void *row_of(struct run *r, size_t d, uint64_t step, uint64_t block_start, size_t begin,
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
static void add_current_row(struct run *r, size_t d, uint64_t step, size_t begin, size_t end)
{
    const struct drive *drive = &r->p->drives[d];
    uint64_t next = next_change(drive, step, step + 1);
    r->drift_until = next < r->drift_until ? next : r->drift_until;
    if (!drive_active(drive, step))
        return;
    const struct field row = {row_of(r, d, step, step, begin, end), 0.0};
    r->p->kernels->accumulate(r->scratch->drift, r->drift, r->gain, row, r->count);
    r->drift.data = r->scratch->drift;
}

static void update_drift(struct run *r, uint64_t step)
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
        if (drive->has_row && drive->type->row == ROW_CURRENT && overlap(r, drive, &begin, &end)) {
            add_current_row(r, d, step, begin, end);
            continue;
        }
        if (!drive->has_current || is_common(drive) || !overlap(r, drive, &begin, &end))
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
static const void *remember(struct run *r, const struct drive *drive, void *row, uint64_t step)
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

/* onto = fma(coefficient, row, onto) for every active drive of a kind, in name order. */
static struct field add_rows(struct run *r, enum drive_row kind, struct field onto, void *to,
                             uint64_t step, uint64_t block_start)
{
    const struct population *p = r->p;
    for (size_t d = 0; d < p->drive_count; d++) {
        const struct drive *drive = &p->drives[d];
        size_t begin, end;
        if (!drive->has_row || drive->type->row != kind || !drive_active(drive, step) ||
            !overlap(r, drive, &begin, &end))
            continue;
        void *xi = row_of(r, d, step, block_start, begin, end);
        struct field row = {drive->type->remembers ? remember(r, drive, xi, step) : xi, 0.0};
        p->kernels->accumulate(to, onto, of_tile(r, drive->coefficient), row, r->count);
        onto.data = to;
    }
    return onto;
}

static inline void set_u(struct run *r, size_t i, uint64_t bits)
{
    if (r->p->real_bytes == sizeof(float)) {
        uint32_t low = (uint32_t)bits;
        memcpy((float *)r->u + i, &low, sizeof low);
    } else {
        memcpy((double *)r->u + i, &bits, sizeof bits);
    }
}

static inline uint64_t reset_bits(const struct run *r, size_t i)
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

/* Neurons whose refractory period ends before this step start it at V_reset. */
static void release(struct run *r)
{
    uint16_t id = r->head[r->slot];
    r->head[r->slot] = QUEUE_END;
    while (id != QUEUE_END) {
        set_u(r, id, reset_bits(r, id));
        id = r->next[id];
    }
}

/* A neuron has spiked: it is parked until its refractory period is over. */
static inline void park_or_reset(struct run *r, uint16_t id)
{
    const struct population *p = r->p;
    uint64_t steps = p->refractory ? p->refractory[r->first + id] : p->refractory_steps;
    if (steps == 0) {
        set_u(r, id, reset_bits(r, id));
        return;
    }
    uint64_t slot = r->slot + steps + 1;
    slot -= slot >= r->slots ? r->slots : 0;
    r->next[id] = r->head[slot];
    r->head[slot] = id;
    set_u(r, id, r->p->real_bytes == sizeof(float) ? PARKED_BITS_32 : PARKED_BITS_64);
}

static size_t take_spikes(struct run *r, size_t listed, uint16_t *ids)
{
    size_t spikes = 0;
    for (size_t i = 0; i < listed; i++) {
        uint64_t word = r->scratch->crossed[i];
        for (; word; word &= word - 1) {
            uint16_t id = (uint16_t)(r->scratch->group[i] * GROUP + __builtin_ctzll(word));
            ids[spikes++] = id;
            park_or_reset(r, id);
        }
    }
    return spikes;
}

static void start(struct run *r, struct population *p, uint64_t tile, uint64_t first_step,
                  struct tile_scratch *scratch)
{
    uint64_t first = tile * p->tile;
    *r = (struct run){.p = p, .scratch = scratch, .first = first};
    r->count = (size_t)(p->padded - first < p->tile ? p->padded - first : p->tile);
    r->u = (char *)p->u + first * p->real_bytes;
    r->slots = p->longest + 1;
    r->slot = first_step % r->slots;
    r->head = p->queue_head ? p->queue_head + tile * r->slots : NULL;
    r->next = p->queue_next ? p->queue_next + first : NULL;
    r->decay = of_tile(r, p->decay);
    r->bias = of_tile(r, p->bias);
    r->gain = of_tile(r, p->gain);
    r->reset = of_tile(r, p->reset);
    r->floor = of_tile(r, p->floor);
}

/* The first look of any trace in `step` or later. */
static uint64_t next_look(const struct population *p, uint64_t step)
{
    uint64_t next = VALUE_FOREVER;
    for (size_t t = 0; t < p->trace_count; t++) {
        uint64_t own = trace_next(&p->traces[t], step);
        next = own < next ? own : next;
    }
    return next;
}

/* Shows the traces what the neurons are about to make of this step. */
static void look(struct run *r, uint64_t tile, uint64_t step, struct field d, struct field jump)
{
    const struct trace_view view = {tile, r->first, r->p->real_bytes, {r->u, 0.0}, d, jump};
    for (size_t t = 0; t < r->p->trace_count; t++)
        trace_take(&r->p->traces[t], &view, step);
    r->look = next_look(r->p, step + 1);
}

size_t tile_advance(struct population *p, uint64_t tile, uint64_t first_step, size_t steps,
                    struct tile_scratch *scratch, uint16_t *ids, uint32_t *count)
{
    struct run r;
    size_t total = 0;
    start(&r, p, tile, first_step, scratch);
    r.look = next_look(p, first_step);
    for (uint64_t step = first_step; step < first_step + steps; step++) {
        if (r.head)
            release(&r);
        if (step >= r.drift_until)
            update_drift(&r, step);
        struct field d = add_rows(&r, ROW_NOISE, r.drift, scratch->noisy, step, first_step);
        struct field jump = {NULL, 0.0};
        jump = add_rows(&r, ROW_JUMPS, jump, scratch->jump, step, first_step);
        if (step == r.look)
            look(&r, tile, step, d, jump);
        const struct step_arguments arguments = {
            r.u, r.decay, d, jump.data, r.count, scratch->group, scratch->crossed};
        size_t listed = p->kernels->step(&arguments);
        if (p->has_floor)
            p->kernels->clamp(r.u, r.floor, r.count);
        size_t spikes = take_spikes(&r, listed, ids + total);
        count[step - first_step] = (uint32_t)spikes;
        total += spikes;
        r.slot = r.slot + 1 == r.slots ? 0 : r.slot + 1;
    }
    return total;
}
