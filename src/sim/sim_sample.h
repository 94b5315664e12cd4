/* A smaller config without projections that stands for another one: of each population at most so
 * many neurons, which have the parameters of neurons spread over all its ids. A pilot runs it. */
#ifndef MEGALIF_SIM_SAMPLE_H
#define MEGALIF_SIM_SAMPLE_H

#include "config/config.h"
#include "config/store.h"

/* What an input of the sample stands for. */
struct sample_origin {
    size_t input;                /* of the whole config */
    const struct target *target; /* of that input: an input of the sample has one target */
    uint64_t first_column;       /* target neurons of that input before this target */
    bool part;                   /* not all neurons of the target are in the sample */
};

struct sim_sample {
    struct config config;         /* without recorders, limits and warmup */
    struct sample_origin *origin; /* [config.input_count] */
    const struct config *whole;   /* what it stands for */
    struct store store;
};

/* Samples the first `steps` steps of a config, and at most `most` (<= 2^15) neurons of each
 * population. A population that is not larger, or is fed from a file, stays as it is, to the bit.
 * In a larger one every key that is drawn becomes the list of what the neurons of the sample have
 * drawn: so laws, files, linspaces over ids or targets and levels over copies stay what they are.
 * What copies share of their input is shared no more. A target keeps its part of the population,
 * and one neuron at least. Opens no file. `config` must outlive the sample, and *out must stay
 * where it is. STATUS_MEMORY on failure; sim_sample_close in any case. */
enum status sim_sample_open(struct sim_sample *out, const struct config *config, uint64_t most,
                            uint64_t steps, struct error *err);
void sim_sample_close(struct sim_sample *sample);

/* For neuron target->begin + column of an input of the sample: its column in the rows that the
 * whole config's input reads from a file. */
uint64_t sim_sample_column(const struct sim_sample *sample, size_t input, uint64_t column);

#endif
