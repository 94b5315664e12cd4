/* crossing = bridge: how strong the white noise of each neuron is, and which of them have crossed
 * the threshold within a step (docs/numerics.md). */
#include "population/tile_bridge.h"

/* sum = fma(a, a, sum), a the coefficient in begin ... end - 1 and 0 elsewhere. */
static void add_square(struct tile_run *r, struct field *sum, struct field a, size_t begin,
                       size_t end)
{
    bool all = begin == 0 && end == r->count;
    if (all && !sum->data && !a.data) {
        sum->value = tile_fma(r, a.value, a.value, sum->value);
        return;
    }
    if (!all && !a.data) {
        tile_fill_row(r, r->scratch->row, a.value, begin, end);
        a.data = r->scratch->row;
    }
    r->p->kernels->accumulate(r->scratch->strength, *sum, a, a, r->count);
    sum->data = r->scratch->strength;
}

/* k / sum; where there is no noise, so large that only a touch of the threshold counts. */
static double strength_of(double k, double sum)
{
    return sum > 0.0 ? k / sum : 1e30;
}

static void divide_squares(struct tile_run *r, struct field k)
{
    float *single = r->scratch->strength;
    double *full = r->scratch->strength;
    for (size_t i = 0; i < r->count; i++)
        if (r->p->real_bytes == sizeof(float))
            single[i] = (float)strength_of(k.data ? (double)((const float *)k.data)[i] : k.value,
                                           (double)single[i]);
        else
            full[i] = strength_of(k.data ? ((const double *)k.data)[i] : k.value, full[i]);
}

/* tau_m / (sigma_V^2 dt) of the white noise that is active: the sum of its squared coefficients is
 * sigma_V^2 (1 - P^2). */
static void update_strength(struct tile_run *r, uint64_t step)
{
    const struct population *p = r->p;
    struct field sum = {NULL, 0.0}, k = r->field[MODEL_BRIDGE];
    r->strength_until = VALUE_FOREVER;
    for (size_t d = 0; d < p->drive_count; d++) {
        const struct drive *drive = &p->drives[d];
        size_t begin, end;
        if (!drive->diffuses || !tile_overlap(r, drive, &begin, &end))
            continue;
        uint64_t next = tile_next_change(drive, step, VALUE_FOREVER);
        r->strength_until = next < r->strength_until ? next : r->strength_until;
        if (drive_active(drive, step))
            add_square(r, &sum, tile_field(r, drive->coefficient), begin, end);
    }
    if (k.data && !sum.data) {
        r->p->kernels->accumulate(r->scratch->strength, sum, (struct field){NULL, 0.0},
                                  (struct field){NULL, 0.0}, r->count);
        sum.data = r->scratch->strength;
    }
    if (sum.data)
        divide_squares(r, k);
    else
        sum.value = strength_of(k.value, sum.value);
    r->strength = sum;
}

void tile_before_bridge(struct tile_run *r, uint64_t step)
{
    if (step >= r->strength_until)
        update_strength(r, step);
    memcpy(r->scratch->before, r->state[MODEL_U], r->count * r->p->real_bytes);
}

size_t tile_bridge(struct tile_run *r, uint64_t step)
{
    const struct bridge_arguments arguments = {
        .before = r->scratch->before,
        .u = r->state[MODEL_U],
        .c = r->strength,
        .count = r->count,
        .key = r->p->crossing,
        .step = step,
        .first_id = r->first_id,
        .group = r->scratch->group,
        .crossed = r->scratch->crossed,
    };
    return r->p->kernels->bridge(&arguments);
}
