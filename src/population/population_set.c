#include "population/population_set.h"

#include "neuron/neuron_rows.h"
#include "population/part.h"

#include <math.h>
#include <string.h>

static bool is_parked(const struct population *p, uint64_t i)
{
    const void *u = p->state[MODEL_U];
    return p->real_bytes == sizeof(float) ? isnan(((const float *)u)[i])
                                          : isnan(((const double *)u)[i]);
}

static void set_real(void *array, size_t real_bytes, uint64_t i, double value)
{
    if (real_bytes == sizeof(float))
        ((float *)array)[i] = (float)value;
    else
        ((double *)array)[i] = value;
}

/* Neurons of the range whose refractory time is over: step `step` would release them. */
static void release_due(struct population *p, uint64_t step, uint64_t begin, uint64_t end)
{
    const uint64_t slots = p->longest + 1;
    for (uint64_t tile = begin / p->tile; p->queue_head && tile * p->tile < end; tile++) {
        uint16_t *next = p->queue_next + tile * p->tile;
        uint16_t *link = &p->queue_head[tile * slots + step % slots];
        while (*link != QUEUE_END) {
            const uint64_t neuron = tile * p->tile + *link;
            const bool due = neuron >= begin && neuron < end;
            if (!due) {
                link = &next[*link];
                continue;
            }
            set_real(p->state[MODEL_U], p->real_bytes, neuron, 0.0); /* parked no more */
            *link = next[*link];
        }
    }
}

/* Neurons begin ... end - 1 of the arrays, the number of the first of them in `values`. */
struct own {
    uint64_t begin, end, skip;
};

/* Of the neurons with the ids begin ... end - 1 those that are here. */
static struct own own_of(const struct population *p, uint64_t begin, uint64_t end)
{
    const struct part_range here =
        part_range_within((struct part_range){p->first_id, p->size}, begin, end);
    const uint64_t first = here.first - p->first_id;
    if (here.neurons == 0)
        return (struct own){0, 0, 0};
    return (struct own){first, first + here.neurons, here.first - begin};
}

void population_set_V(struct population *p, uint64_t step, uint64_t begin, uint64_t end,
                      const double *V)
{
    const struct own own = own_of(p, begin, end);
    struct neuron_source source;
    double V_th[NEURON_ROWS];
    p->set_step = step;
    release_due(p, step, own.begin, own.end);
    neuron_source_init(&source, p->config, (size_t)(p->description - p->config->population));
    for (uint64_t first = own.begin; first < own.end; first += NEURON_ROWS) {
        const size_t left = (size_t)(own.end - first);
        const size_t count = left < NEURON_ROWS ? left : NEURON_ROWS;
        const double *set = V + own.skip + (first - own.begin);
        neuron_read_key(V_th, count, &source, POPULATION_V_TH, p->first_id + first, p->kernels);
        for (size_t i = 0; i < count; i++)
            if (!is_parked(p, first + i))
                set_real(p->state[MODEL_U], p->real_bytes, first + i, set[i] - V_th[i]);
    }
}

/* amplitude[i] = current[i], or one for all. */
static void set_amplitudes(const struct population *p, const struct drive *drive,
                           const struct own *own, const double *current, bool same)
{
    const size_t count = (size_t)(own->end - own->begin);
    float *single = (float *)drive->amplitude.data + own->begin;
    double *full = (double *)drive->amplitude.data + own->begin;
    if (p->real_bytes == sizeof(float))
        for (size_t i = 0; i < count; i++)
            single[i] = (float)current[same ? 0 : i];
    else
        for (size_t i = 0; i < count; i++)
            full[i] = current[same ? 0 : i];
}

static void settle_drive(const struct population *p, const struct drive *drive)
{
    const struct own own = own_of(p, drive->begin, drive->end);
    if (drive->same && own.begin < own.end)
        set_amplitudes(p, drive, &own, &drive->amplitude.value, true);
}

void population_settle_drives(struct population *p)
{
    for (size_t d = 0; d < p->drive_count; d++)
        settle_drive(p, &p->drives[d]);
}

/* One for all targets is only noted. */
static void set_current(struct population *p, struct drive *drive, const struct own *own,
                        const double *current, bool same, bool all)
{
    if (same && all) {
        drive->amplitude.value =
            p->real_bytes == sizeof(float) ? (double)(float)*current : *current;
        drive->same = true;
        return;
    }
    settle_drive(p, drive);
    drive->same = false;
    set_amplitudes(p, drive, own, current, same);
}

void population_set_drive(struct population *p, struct drive *drive, uint64_t begin, uint64_t end,
                          const double *value, bool same)
{
    const uint64_t first = begin > drive->begin ? begin : drive->begin;
    const uint64_t last = end < drive->end ? end : drive->end;
    const struct own own = own_of(p, first, last);
    const bool all = begin <= drive->begin && end >= drive->end;
    if (first >= last)
        return;
    const double *set = same ? value : value + (first - begin) + own.skip;
    if (!drive_sets_values(drive))
        set_current(p, drive, &own, set, same, all);
    else if (own.begin < own.end)
        memcpy(drive->value + own.begin, set, (own.end - own.begin) * sizeof *set);
}

void population_set_generator(struct population *p, uint64_t begin, uint64_t end,
                              const double *value)
{
    const struct own own = own_of(p, begin, end);
    if (own.begin < own.end)
        memcpy(p->generator.value + own.begin, value + own.skip,
               (own.end - own.begin) * sizeof *value);
}
