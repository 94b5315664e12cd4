/* What the steps of a tile share: its part of the population's arrays, rows, targets. */
#include "population/tile_run.h"

#include <math.h>

bool tile_overlap(const struct tile_run *r, const struct drive *drive, size_t *begin, size_t *end)
{
    uint64_t last = r->first_id + r->count, lo = drive->begin, hi = drive->end;
    if (drive->whole)
        hi = last; /* padding does no harm, and a whole row is simpler */
    if (hi <= r->first_id || lo >= last)
        return false;
    *begin = lo > r->first_id ? (size_t)(lo - r->first_id) : 0;
    *end = hi < last ? (size_t)(hi - r->first_id) : r->count;
    return true;
}

double tile_fma(const struct tile_run *r, double a, double b, double c)
{
    return r->p->real_bytes == sizeof(float) ? (double)fmaf((float)a, (float)b, (float)c)
                                             : fma(a, b, c);
}

void tile_fill_row(const struct tile_run *r, void *row, double value, size_t begin, size_t end)
{
    tile_zero(r, row, 0, r->count);
    for (size_t i = begin; i < end; i++)
        if (r->p->real_bytes == sizeof(float))
            ((float *)row)[i] = (float)value;
        else
            ((double *)row)[i] = value;
}

uint64_t tile_next_change(const struct drive *drive, uint64_t step, uint64_t until)
{
    if (step < drive->input->start_step)
        return drive->input->start_step;
    if (step >= drive->input->stop_step)
        return VALUE_FOREVER;
    return until < drive->input->stop_step ? until : drive->input->stop_step;
}
