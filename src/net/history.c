/* A ring of steps, each with its own list. */
#include "net/history.h"

#include <stdlib.h>
#include <string.h>

enum status history_open(struct history *out, size_t populations, size_t slots, struct error *err)
{
    *out = (struct history){.populations = populations, .slots = slots};
    out->spikes = calloc(populations * slots, sizeof *out->spikes);
    return out->spikes ? STATUS_OK : error_no_memory(err, "for spikes under way");
}

void history_close(struct history *history)
{
    for (size_t i = 0; history->spikes && i < history->populations * history->slots; i++)
        free(history->spikes[i].ids);
    free(history->spikes);
    memset(history, 0, sizeof *history);
}

enum status history_resize(struct history *history, size_t population, uint64_t step, size_t count,
                           struct error *err)
{
    struct step_spikes *spikes = history_at(history, population, step);
    if (count > spikes->room) {
        size_t room = count + count / 2;
        uint32_t *ids = realloc(spikes->ids, room * sizeof *ids);
        if (!ids)
            return error_no_memory(err, "for %zu spikes under way", count);
        spikes->ids = ids;
        spikes->room = room;
    }
    spikes->count = count;
    return STATUS_OK;
}
