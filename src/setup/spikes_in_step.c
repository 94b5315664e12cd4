#include "setup/spikes_in_step.h"

#include "base/memory.h"

#include <string.h>

enum status spikes_in_step_open(struct spikes_in_step *out, uint64_t neurons, struct error *err)
{
    *out = (struct spikes_in_step){
        .neurons = neurons,
        .step = memory_alloc(neurons * sizeof *out->step),
        .count = memory_alloc(neurons * sizeof *out->count),
    };
    if (!out->step || !out->count)
        return error_no_memory(err, "to count the spikes of %llu neurons",
                               (unsigned long long)neurons);
    memset(out->step, 0, neurons * sizeof *out->step);
    memset(out->count, 0, neurons * sizeof *out->count);
    return STATUS_OK;
}

void spikes_in_step_close(struct spikes_in_step *spikes)
{
    memory_free(spikes->step, spikes->neurons * sizeof *spikes->step);
    memory_free(spikes->count, spikes->neurons * sizeof *spikes->count);
    *spikes = (struct spikes_in_step){.neurons = 0};
}

uint32_t spikes_in_step_add(struct spikes_in_step *spikes, uint64_t id, uint64_t step)
{
    uint32_t *count = &spikes->count[id];
    *count = spikes->step[id] == step ? *count + 1 : 1;
    spikes->step[id] = step;
    spikes->most = *count > spikes->most ? *count : spikes->most;
    return *count;
}
