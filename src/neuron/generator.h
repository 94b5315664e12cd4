/* Populations that are only sources of spikes: in place of membranes and steps a model of them has
 * a generator, which says how many spikes each neuron has in a step. More than one are so many
 * spikes of that step. */
#ifndef MEGALIF_GENERATOR_H
#define MEGALIF_GENERATOR_H

#include "config/config.h"
#include "kernel/kernel.h"

/* The first keys of every such model; its own follow. */
enum generator_key { GENERATOR_START = POPULATION_KEYS, GENERATOR_STOP, GENERATOR_KEYS };
#define GENERATOR_TIMES                                                                            \
    [GENERATOR_START - POPULATION_KEYS] = {.name = "start",                                        \
                                           .kind = VALUE_TIME,                                     \
                                           .dimension = DIMENSION_TIME,                            \
                                           .fallback = "0 ms",                                     \
                                           .least = 0,                                             \
                                           .most = 1e18,                                           \
                                           .help = "the time from which there are spikes"},        \
                       [GENERATOR_STOP -                                                           \
                           POPULATION_KEYS] = {.name = "stop",                                     \
                                               .kind = VALUE_TIME,                                 \
                                               .dimension = DIMENSION_TIME,                        \
                                               .fallback = "inf",                                  \
                                               .least = 0,                                         \
                                               .most = 1e18,                                       \
                                               .words = "inf",                                     \
                                               .help = "the time at which they end, or inf"}

/* The generator of a population. */
struct generator {
    const struct population_config *population;
    struct philox_key key; /* stream population.NAME/spikes */
    uint64_t start, stop;  /* there are spikes in step k when start <= k < stop */
    double *value;         /* [padded]: the type's drawn key, from neuron first_id on; NULL: none */
    uint64_t first_id;
    void *state; /* the type's own */
};

struct generator_type {
    int drawn_key; /* whose drawn numbers are to be in generator.value; 0: none */

    /* The largest number that the drawn key may have in any neuron. */
    double (*most_value)(const struct population_config *population);

    /* A program may set the drawn key's numbers while the run goes on; NULL: it never may. */
    bool (*settable)(const struct population_config *population);

    /* The most spikes that a neuron can have in a step, known before anything is opened. */
    uint32_t (*most)(const struct population_config *population);

    /* Prepares generator->state. STATUS_MEMORY; the caller calls close in any case. */
    enum status (*open)(struct generator *generator, struct error *err);
    void (*close)(struct generator *generator);
    uint64_t (*bytes)(const struct population_config *population); /* that open takes */

    /* NULL where the model is fed: then rows from outside (drive/input_rows.h) hold the numbers.
     * Fills row[count] with the numbers of spikes, as reals, of neurons first_id ... in an active
     * step; both are multiples of TILE_ALIGN. Pure: any thread may call it for any step. */
    void (*fill)(const struct generator *generator, const struct kernels *kernels, void *row,
                 size_t count, uint64_t step, uint64_t first_id);
};

/* For the checks of such models: start and stop. */
void generator_check_times(const struct population_config *population,
                           void (*report)(void *context, int key, const char *text), void *context);

/* May a program set the numbers of the type's drawn key? */
bool generator_settable(const struct generator_type *type,
                        const struct population_config *population);

/* Has each neuron a number of its own, drawn or to be set? */
bool generator_has_values(const struct generator_type *type,
                          const struct population_config *population);

static inline bool generator_active(const struct generator *generator, uint64_t step)
{
    return step >= generator->start && step < generator->stop;
}

#endif
