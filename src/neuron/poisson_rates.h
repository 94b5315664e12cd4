/* Numbers of Poisson events of many neurons in a step, at rates that are known beforehand: a table
 * for each. Neurons with a rate of their own take theirs from tables of greater rates, thinned
 * (poisson_thin.h). */
#ifndef MEGALIF_POISSON_RATES_H
#define MEGALIF_POISSON_RATES_H

#include "neuron/poisson_table.h"
#include "neuron/poisson_thin.h"

/* The most events in a step that a table is made for. */
#define POISSON_EVENTS_MOST 1e3

/* Each slot is a rate that comes: a step has one of them. Where neurons have rates of their own,
 * there are as many slots again for each level. */
struct poisson_rates {
    size_t slot_count;
    struct poisson_levels levels; /* of events a step; else one level */
    struct poisson_table **slot;  /* NULL: no events; equal rates share a table */
    double *mean;                 /* of each slot: events a step */
};

/* Room for so many slots of each level, whose means the caller sets: that of slot s of level l is
 * mean[l * slot_count + s]. STATUS_MEMORY on failure; poisson_rates_close in any case. */
enum status poisson_rates_open(struct poisson_rates *out, size_t slot_count,
                               const struct poisson_levels *levels, struct error *err);
void poisson_rates_close(struct poisson_rates *rates);

/* All slots of all levels. */
size_t poisson_rates_slots(const struct poisson_rates *rates);

/* Makes the tables of the means, none above POISSON_EVENTS_MOST. STATUS_MEMORY. */
enum status poisson_rates_tabulate(struct poisson_rates *rates, struct error *err);

/* The most events that any neuron can have in a step. */
uint32_t poisson_rates_most(const struct poisson_rates *rates);

/* Which events, and whose: neurons first_id, a multiple of TILE_ALIGN, and those behind it. */
struct poisson_row {
    struct philox_key key;
    uint64_t step, first_id;
    size_t slot;        /* the step's */
    const double *rate; /* [count] Hz, of each neuron; NULL: the slot's mean for all */
    double dt_ms;       /* with rates: of a step */
};

/* row[count] = numbers of events as reals; count is a multiple of TILE_ALIGN. Pure, thread-safe. */
void poisson_rates_fill(const struct poisson_rates *rates, const struct kernels *kernels,
                        const struct poisson_row *of, void *row, size_t count);

#endif
