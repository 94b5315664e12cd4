/* The spikes of the last steps, by population and step: those whose arrivals are still under way.
 * One thread appends between two blocks, any number read within. */
#ifndef MEGALIF_HISTORY_H
#define MEGALIF_HISTORY_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Of one step: ids in the population, ascending; several times where a neuron spiked so often. */
struct step_spikes {
    uint32_t *ids;
    size_t count, room;
};

struct history {
    size_t populations;
    size_t slots;               /* steps there is room for */
    struct step_spikes *spikes; /* [populations][slots]: of step s at s modulo slots */
};

/* STATUS_MEMORY; history_close in any case. */
enum status history_open(struct history *out, size_t populations, size_t slots, struct error *err);
void history_close(struct history *history);

/* Room for `count` ids of a step, which replaces what stood in its slot. STATUS_MEMORY. */
enum status history_resize(struct history *history, size_t population, uint64_t step, size_t count,
                           struct error *err);

static inline struct step_spikes *history_at(const struct history *history, size_t population,
                                             uint64_t step)
{
    return &history->spikes[population * history->slots + step % history->slots];
}

#endif
