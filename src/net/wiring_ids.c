#include "net/wiring_ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const end_name[] = {"source", "target"};

static bool has(const struct wiring_ids *ids, size_t population)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->list[i].population == population)
            return true;
    return false;
}

static size_t find(const struct config *config, const char *name)
{
    for (size_t i = 0; name && i < config->population_count; i++)
        if (strcmp(config->population[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

enum status wiring_ids_open(struct wiring_ids *ids, const struct config *config,
                            const struct projection_config *projection, enum wiring_end end,
                            const char *population, struct error *err)
{
    bool source = end == WIRING_SOURCE;
    *ids = (struct wiring_ids){config, source ? projection->source : projection->target,
                               source ? projection->source_count : projection->target_count,
                               find(config, population)};
    if (ids->population == SIZE_MAX || has(ids, ids->population))
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "the %ss of the edges are of population %s (node_population), which is not "
                     "among the %ss of the projection",
                     end_name[end], population, end_name[end]);
}

uint64_t wiring_ids_place(const struct wiring_ids *ids, uint64_t id)
{
    uint64_t place = 0, base = 0; /* base: the id of the population's first neuron */
    for (size_t i = 0; i < ids->count; i++) {
        const struct target *range = &ids->list[i];
        bool meant = ids->population == SIZE_MAX || ids->population == range->population;
        if (meant && id >= base + range->begin && id < base + range->end)
            return place + (id - base - range->begin);
        place += range->end - range->begin;
        bool last = i + 1 == ids->count || ids->list[i + 1].population != range->population;
        if (last && ids->population == SIZE_MAX)
            base += ids->config->population[range->population].size;
    }
    return UINT64_MAX;
}

/* The largest id there can be. */
static uint64_t last_id(const struct wiring_ids *ids)
{
    uint64_t base = 0, last = 0;
    for (size_t i = 0; i < ids->count; i++) {
        const struct target *range = &ids->list[i];
        if (ids->population != SIZE_MAX && ids->population != range->population)
            continue;
        last = base + range->end - 1;
        if (i + 1 < ids->count && ids->list[i + 1].population != range->population &&
            ids->population == SIZE_MAX)
            base += ids->config->population[range->population].size;
    }
    return last;
}

void wiring_ids_refuse(const struct wiring_ids *ids, enum wiring_end end, uint64_t id, char *text,
                       size_t size)
{
    uint64_t last = last_id(ids);
    if (id > last)
        snprintf(text, size,
                 "%s %" PRIu64 " is not there; the largest id that the projection's %ss have is "
                 "%" PRIu64,
                 end_name[end], id, end_name[end], last);
    else
        snprintf(text, size, "%s %" PRIu64 " is not in the slices that are the projection's %ss",
                 end_name[end], id, end_name[end]);
}
