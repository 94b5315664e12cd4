/* The most spikes that any neuron of a file has in one step. */
#ifndef MEGALIF_SPIKES_IN_STEP_H
#define MEGALIF_SPIKES_IN_STEP_H

#include "base/error.h"

#include <stdint.h>

struct spikes_in_step {
    uint64_t neurons;
    uint64_t *step;  /* [neurons]: of its last spike */
    uint32_t *count; /* [neurons]: spikes in that step */
    uint32_t most;
};

/* STATUS_MEMORY on failure; spikes_in_step_close in any case. */
enum status spikes_in_step_open(struct spikes_in_step *out, uint64_t neurons, struct error *err);
void spikes_in_step_close(struct spikes_in_step *spikes);

/* Spikes come in the order of their steps; returns how many of the step its neuron has so far. */
uint32_t spikes_in_step_add(struct spikes_in_step *spikes, uint64_t id, uint64_t step);

#endif
