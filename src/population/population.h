/* A population of neurons of one model as a structure of arrays: one array per state or coefficient
 * that differs between neurons, none for those that do not. Padded with parked neurons to whole
 * tiles' alignment; built in parallel, each tile by the thread that will step it. */
#ifndef MEGALIF_POPULATION_H
#define MEGALIF_POPULATION_H

#include "drive/drive.h"
#include "neuron/generator.h"
#include "neuron/model.h"

struct trace;

struct population_settings {
    const struct kernels *kernels; /* decides the precision, too */
    size_t tile;                   /* neurons in a tile: a multiple of TILE_ALIGN, <= TILE_MOST */
    int threads;
    const struct input_rows *rows; /* for the drives, see drives_open; may be NULL */
    const struct input_rows *fed;  /* [config->population_count]: numbers of spikes of those that
                                      are fed (generator.h); may be NULL when none is */
    uint64_t first_id; /* of a part of the population: a multiple of TILE_ALIGN, or its size */
    uint64_t neurons;  /* of that part; 0: all from first_id on */
};

struct population {
    const struct config *config;
    const struct population_config *description;
    const struct kernels *kernels;
    uint64_t first_id;          /* neuron i of the arrays is the population's neuron first_id + i */
    uint64_t size;              /* neurons */
    uint64_t padded;            /* elements of every array */
    uint64_t stream;            /* of its digest keys */
    uint64_t parameters_digest; /* of all values drawn for its neurons */
    size_t tile;
    uint64_t tiles;
    size_t real_bytes;

    const struct model *model;
    struct field field[MODEL_FIELDS_MOST]; /* the model's coefficients */
    void *state[MODEL_STATES_MOST];        /* its state: real[padded] each */
    bool bridges;                          /* crossing = bridge */
    struct philox_key crossing;            /* stream population.NAME/crossing */
    bool has_floor;                        /* V_min is given */
    uint32_t *refractory;                  /* steps[padded], or NULL: refractory_steps for all */
    uint64_t refractory_steps;             /* when all are the same */
    uint64_t shortest, longest;            /* refractory steps of any neuron */
    uint32_t spikes_most;                  /* that a neuron can have in a step */
    bool leaps;                            /* tile_leap.c may step it */
    uint64_t set_step; /* before which V_m was set last: u may be above threshold */

    /* Parked neurons by the step that releases them: per tile a ring of longest + 1 lists. */
    uint16_t *queue_head; /* [tiles][longest + 1]: first neuron of the tile, or QUEUE_END */
    uint16_t *queue_next; /* [padded] */

    struct generator generator;   /* of a population that is only a source, which has no arrays */
    const struct input_rows *fed; /* what it gets from outside; NULL: nothing */

    struct drive *drives; /* in name order */
    size_t drive_count;

    struct trace *traces; /* that look at its neurons; the engine's */
    size_t trace_count;
};

/* The id of a tile's first neuron. */
static inline uint64_t population_tile_id(const struct population *population, uint64_t tile)
{
    return population->first_id + tile * population->tile;
}

#define QUEUE_END UINT16_MAX
enum { QUEUE_BYTES = sizeof(uint16_t) };

void population_close(struct population *population);

/* The tiles [*begin, *end) that thread `thread` of `threads` builds and steps. */
void population_share(const struct population *population, int thread, int threads, uint64_t *begin,
                      uint64_t *end);

/* Membrane potentials (mV) of neurons begin ... end - 1; refractory ones show V_reset. */
void population_read_V(const struct population *population, uint64_t begin, uint64_t end,
                       double *V);

/* Least and greatest C_m (pF), tau_m (ms), g_L (nS), R_m (MOhm), and rheobase, (V_th - E_L) / R_m
 * (pA), over (a sample of) the neurons. */
enum { MEMBRANE_RHEOBASE = 4, MEMBRANE_FACTS };
void population_membrane_range(const struct config *config, size_t population,
                               double least[MEMBRANE_FACTS], double most[MEMBRANE_FACTS]);

/* Of C_m (pF), tau_m (ms), g_L (nS), R_m (MOhm) the one of a key, as derived from the two that are
 * given, of neurons begin ... end - 1. */
void population_read_membrane(const struct config *config, size_t population, int key,
                              uint64_t begin, uint64_t end, double *values);

/* Value of one distribution key for neurons begin ... end - 1, in the key's unit, as drawn. */
void population_read_parameter(const struct config *config, size_t population, int key,
                               uint64_t begin, uint64_t end, double *values);

#endif
