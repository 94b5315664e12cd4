/* (4) and (6) of a step: rows with a number for each neuron, summed in name order. */
#include "population/tile_rows.h"

void *tile_row_of(struct tile_run *r, size_t d, uint64_t step, uint64_t block_start, size_t begin,
                  size_t end)
{
    const struct drive *drive = &r->p->drives[d];
    bool holds = drive->hold > 1;
    void *row = holds ? r->scratch->held[d] : r->scratch->row;
    if (holds && step % drive->hold != 0 && step != block_start && step != drive->input->start_step)
        return row;
    size_t lo = begin / TILE_ALIGN * TILE_ALIGN;
    size_t hi = (end + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN;
    tile_zero(r, row, 0, lo);
    drive_fill(drive, r->p->kernels, (char *)row + lo * r->p->real_bytes, hi - lo, step,
               r->first_id + lo, r->scratch->cells);
    tile_zero(r, row, lo, begin);
    tile_zero(r, row, end, r->count);
    return row;
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

/* onto = fma(coefficient, row, onto) for a drive. */
static struct field add_row(struct tile_run *r, const struct drive *drive, struct field onto,
                            void *to, uint64_t step)
{
    size_t begin, end;
    if (!tile_overlap(r, drive, &begin, &end))
        return onto;
    void *xi = tile_row_of(r, (size_t)(drive - r->p->drives), step, r->begin, begin, end);
    struct field row = {drive->type->remembers ? remember(r, drive, xi, step) : xi, 0.0};
    r->p->kernels->accumulate(to, onto, tile_field(r, drive->coefficient), row, r->count);
    return (struct field){to, 0.0};
}

/* The first drive from `drive` on that has a row of a kind and acts in a step; NULL: none. */
static const struct drive *next_row(const struct tile_run *r, const struct drive *drive,
                                    enum drive_row kind, uint64_t step)
{
    for (const struct drive *end = r->p->drives + r->p->drive_count; drive < end; drive++)
        if (drive->has_row && drive->type->row == kind && drive_active(drive, step))
            return drive;
    return NULL;
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
        .first_id = r->first_id,
        .c = tile_field(r, drive->coefficient),
        .z = drive->type->remembers ? (char *)drive->z + r->first * r->p->real_bytes : NULL,
        .forgets = drive->forgets,
    };
}

bool tile_gather_noise(struct tile_run *r, uint64_t step, struct field *d, struct noise *noise)
{
    const struct drive *drive = next_row(r, r->p->drives, ROW_NOISE, step), *next;
    for (*d = r->drift; drive; drive = next) {
        next = next_row(r, drive + 1, ROW_NOISE, step);
        if (!next && step != r->look && r->p->model->makes_noise && is_made_in_step(drive, step)) {
            *noise = noise_of(r, drive, step);
            return true;
        }
        *d = add_row(r, drive, *d, r->scratch->noisy, step);
    }
    return false;
}

/* Jumps by counts that the kernel makes itself; false: the drive's are none such in this step. */
static bool events_of(const struct tile_run *r, const struct drive *drive, uint64_t step,
                      struct events *events)
{
    if (!drive->type->counts || !drive->whole || drive->cells > 0)
        return false;
    *events = (struct events){.table = drive->type->counts(drive, step),
                              .key = drive->key,
                              .step = step,
                              .first_id = r->first_id,
                              .c = tile_field(r, drive->coefficient)};
    return events->table != NULL;
}

/* As add_row, of jumps; counts go into them as they are drawn. */
static struct field add_jumps(struct tile_run *r, const struct drive *drive, struct field jump,
                              void *to, uint64_t step)
{
    struct events events;
    if (!events_of(r, drive, step, &events))
        return add_row(r, drive, jump, to, step);
    r->p->kernels->jumps(to, jump, &events, r->count);
    return (struct field){to, 0.0};
}

/* What spikes bring comes last, all of them in one sum. */
static struct field add_arrivals(struct tile_run *r, uint64_t step, enum receptor receptor,
                                 struct field jump)
{
    const struct arrivals *arrivals = r->arrivals;
    void *to = r->scratch->jump[receptor];
    if (!arrivals || !arrivals_any(arrivals, step - r->begin, receptor))
        return jump;
    const void *sum = arrivals_row(arrivals, step - r->begin, receptor, r->p->real_bytes);
    r->p->kernels->add_sums(to, jump, sum, arrivals->unit[receptor], r->count);
    return (struct field){to, 0.0};
}

struct field tile_gather_jumps(struct tile_run *r, uint64_t step, enum receptor receptor)
{
    struct field jump = {NULL, 0.0};
    const struct drive *drive = next_row(r, r->p->drives, ROW_JUMPS, step);
    for (; drive; drive = next_row(r, drive + 1, ROW_JUMPS, step))
        if (drive->receptor == receptor)
            jump = add_jumps(r, drive, jump, r->scratch->jump[receptor], step);
    return add_arrivals(r, step, receptor, jump);
}
