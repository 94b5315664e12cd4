#include "neuron/poisson_rates.h"

#include <stdlib.h>
#include <string.h>

enum status poisson_rates_open(struct poisson_rates *rates, size_t slot_count,
                               const struct poisson_levels *levels, struct error *err)
{
    *rates = (struct poisson_rates){.slot_count = slot_count, .levels = *levels};
    rates->slot = calloc(poisson_rates_slots(rates), sizeof *rates->slot);
    rates->mean = calloc(poisson_rates_slots(rates), sizeof *rates->mean);
    if (rates->slot && rates->mean)
        return STATUS_OK;
    return error_no_memory(err, "for %zu rates", poisson_rates_slots(rates));
}

size_t poisson_rates_slots(const struct poisson_rates *rates)
{
    return rates->levels.count * rates->slot_count;
}

/* The table of an earlier slot of the level with the same mean, or NULL. */
static struct poisson_table *shared_table(const struct poisson_rates *rates, size_t slot)
{
    for (size_t i = slot - slot % rates->slot_count; i < slot; i++)
        if (memcmp(&rates->mean[i], &rates->mean[slot], sizeof *rates->mean) == 0)
            return rates->slot[i];
    return NULL;
}

void poisson_rates_close(struct poisson_rates *rates)
{
    for (size_t i = rates->slot && rates->mean ? poisson_rates_slots(rates) : 0; i-- > 0;)
        if (!shared_table(rates, i))
            poisson_table_close(rates->slot[i]);
    free(rates->slot);
    free(rates->mean);
    *rates = (struct poisson_rates){.slot_count = 0};
}

enum status poisson_rates_tabulate(struct poisson_rates *rates, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < poisson_rates_slots(rates) && !status; i++) {
        if (!(rates->mean[i] > 0.0))
            continue;
        rates->slot[i] = shared_table(rates, i);
        if (!rates->slot[i])
            status = poisson_table_open(&rates->slot[i], rates->mean[i], err);
    }
    return status;
}

uint32_t poisson_rates_most(const struct poisson_rates *rates)
{
    uint32_t most = 0;
    for (size_t i = 0; i < poisson_rates_slots(rates); i++)
        if (rates->slot[i] && rates->slot[i]->counts.length > most)
            most = rates->slot[i]->counts.length;
    return most;
}

/* What a kernel makes for TILE_ALIGN neurons. */
union block_row {
    __attribute__((aligned(64))) float single[TILE_ALIGN];
    double full[TILE_ALIGN];
};

/* What 128 neurons with rates of their own have in a step. */
struct drawn {
    double mean[TILE_ALIGN];   /* events a step, by their own rates */
    uint8_t level[TILE_ALIGN]; /* whose table a neuron takes */
    uint32_t events[TILE_ALIGN];
};

static void find_levels(const struct poisson_levels *levels, const double *rate, double dt_ms,
                        struct drawn *d, size_t *lowest, size_t *highest)
{
    *lowest = levels->count;
    *highest = 0;
    for (size_t i = 0; i < TILE_ALIGN; i++) {
        d->mean[i] = rate[i] * dt_ms * 1e-3;
        size_t level = poisson_level_of(levels, d->mean[i]);
        d->level[i] = (uint8_t)level;
        d->events[i] = 0;
        *lowest = level < *lowest ? level : *lowest;
        *highest = level > *highest ? level : *highest;
    }
}

/* The events of the neurons of one level, of its mean. */
static void count_level(const struct poisson_rates *rates, const struct kernels *kernels,
                        size_t level, const struct poisson_row *of, uint64_t first_id,
                        struct drawn *d)
{
    const struct poisson_table *table = rates->slot[level * rates->slot_count + of->slot];
    union block_row row;
    memset(&row, 0, sizeof row);
    if (table)
        kernels->counts(&row, TILE_ALIGN, &table->counts, of->key, of->step, first_id);
    for (size_t i = 0; i < TILE_ALIGN; i++) { /* no branch: levels are in no order */
        int32_t n = kernels->bits == 32 ? (int32_t)row.single[i] : (int32_t)row.full[i];
        d->events[i] |= (uint32_t)n & (0u - (uint32_t)(d->level[i] == level));
    }
}

/* Leaves of each neuron's events those that its own mean keeps. */
static void thin(const struct poisson_levels *levels, const struct kernels *kernels,
                 const struct poisson_row *of, uint64_t group, struct drawn *d)
{
    uint32_t kept[2][16][4]; /* the bits that decide */
    uint8_t some[TILE_ALIGN];
    size_t count = 0;
    for (uint16_t draw = 0; draw < 2; draw++)
        kernels->philox16(kept[draw], of->key, of->step, group, 9 + draw);
    for (size_t i = 0; i < TILE_ALIGN; i++) { /* no branch: no one could foretell it */
        some[count] = (uint8_t)i;
        count += d->events[i] > 0;
    }
    for (size_t k = 0; k < count; k++) {
        unsigned i = some[k], l = i % 16, slot = i / 16; /* as in docs/numerics.md */
        const struct poisson_place place = {of->key, of->step, group + l, slot};
        d->events[i] = poisson_thin(d->events[i], d->mean[i] / levels->mean[d->level[i]],
                                    kept[slot / 4][l][slot % 4], &place);
    }
}

/* As kernels.counts, with a rate for each neuron: from its level's table, thinned. */
static void fill_drawn(const struct poisson_rates *rates, const struct kernels *kernels,
                       const struct poisson_row *of, void *row, size_t count)
{
    for (size_t first = 0; first < count; first += TILE_ALIGN) {
        struct drawn d;
        size_t lowest, highest;
        uint64_t id = of->first_id + first;
        find_levels(&rates->levels, of->rate + first, of->dt_ms, &d, &lowest, &highest);
        for (size_t level = lowest; level <= highest; level++)
            count_level(rates, kernels, level, of, id, &d);
        thin(&rates->levels, kernels, of, id / TILE_ALIGN * 16, &d);
        for (size_t i = 0; i < TILE_ALIGN && kernels->bits == 32; i++)
            ((float *)row)[first + i] = (float)d.events[i];
        for (size_t i = 0; i < TILE_ALIGN && kernels->bits == 64; i++)
            ((double *)row)[first + i] = d.events[i];
    }
}

void poisson_rates_fill(const struct poisson_rates *rates, const struct kernels *kernels,
                        const struct poisson_row *of, void *row, size_t count)
{
    const struct poisson_table *table = rates->slot[of->slot];
    if (of->rate)
        fill_drawn(rates, kernels, of, row, count);
    else if (table)
        kernels->counts(row, count, &table->counts, of->key, of->step, of->first_id);
    else
        memset(row, 0, count * (size_t)kernels->bits / 8);
}
