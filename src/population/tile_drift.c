/* (1) to (3) of a step: the drift, made anew only in steps in which a current may change. */
#include "population/tile_drift.h"

#include "population/tile_rows.h"

#include <math.h>

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

/* A current for each neuron, anew in every step. */
static void add_current_row(struct tile_run *r, size_t d, uint64_t step, size_t begin, size_t end)
{
    const struct drive *drive = &r->p->drives[d];
    uint64_t next = tile_next_change(drive, step, step + 1);
    r->drift_until = next < r->drift_until ? next : r->drift_until;
    if (!drive_active(drive, step))
        return;
    const struct field row = {tile_row_of(r, d, step, step, begin, end), 0.0};
    r->p->kernels->accumulate(r->scratch->drift, r->drift, r->field[MODEL_GAIN], row, r->count);
    r->drift.data = r->scratch->drift;
}

void tile_update_drift(struct tile_run *r, uint64_t step)
{
    const struct population *p = r->p;
    double common = 0.0;
    r->drift = r->field[MODEL_BIAS];
    r->drift_until = VALUE_FOREVER;
    for (size_t d = 0; d < p->drive_count; d++)
        if (p->drives[d].has_current && is_common(&p->drives[d]))
            common += current_at(&p->drives[d], step, &r->drift_until);
    if (fpclassify(common) != FP_ZERO)
        add_current(r, r->field[MODEL_GAIN], common, 0, r->count);
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
        struct field coefficient = drive->potential ? r->field[MODEL_DECAY] : r->field[MODEL_GAIN];
        if (fpclassify(value) == FP_ZERO)
            continue;
        if (drive->amplitude.data && !drive->same)
            add_amplitudes(r, coefficient, drive, value);
        else
            add_current(r, coefficient, drive->same ? value * drive->amplitude.value : value, begin,
                        end);
    }
}
