/* What a program changes in an engine between two blocks: checked, and counted for the file. Where
 * an error is returned, nothing has changed. One thread, which owns the engine. */
#ifndef MEGALIF_ENGINE_CHANGE_H
#define MEGALIF_ENGINE_CHANGE_H

#include "engine/engine.h"

/* Neurons of a population: begin <= end <= size. */
struct change_range {
    size_t population;
    uint64_t begin, end;
    bool same; /* one number is given for all of them: of currents */
};

/* How many numbers are given for them. */
static inline uint64_t change_numbers(const struct change_range *range)
{
    return range->same && range->end > range->begin ? 1 : range->end - range->begin;
}

/* Spikes of the last step done, as of network.h: ids ascending. STATUS_CONFIG, STATUS_MEMORY. */
enum status change_inject(struct engine *engine, size_t population, const uint64_t *ids,
                          size_t count, struct error *err);

/* Membrane potentials in mV; refractory neurons keep theirs. STATUS_CONFIG: they have none, or a
 * value cannot be. */
enum status change_V_m(struct engine *engine, const struct change_range *range, const double *V_m,
                       struct error *err);

/* The currents in pA of an input of type external. STATUS_CONFIG: there is none of this name, it
 * does not act on all of the neurons, or a value cannot be. */
enum status change_current(struct engine *engine, const char *input,
                           const struct change_range *range, const double *current,
                           struct error *err);

/* Likewise the rates in Hz of an input of type poisson with rate_most; input NULL: of the neurons
 * themselves, of model poisson with rate_most. */
enum status change_rate(struct engine *engine, const char *input, const struct change_range *range,
                        const double *rate, struct error *err);

/* How many values have been set, over restarts. */
const struct engine_changes *change_counts(const struct engine *engine);

#endif
