#include "net/connectivity.h"

#include "base/decimal.h"
#include "net/wiring_bounds.h"

#include <stdlib.h>

/* Of the list of sources, with the key of each with the target. */
static bool open_ranges(struct connectivity *out, const struct config *config,
                        const struct projection_config *projection, size_t target)
{
    uint64_t place = 0;
    out->range = calloc(projection->source_count, sizeof *out->range);
    out->ranges = projection->source_count;
    for (size_t s = 0; out->range && s < out->ranges; s++) {
        const struct target *source = &projection->source[s];
        uint64_t key = connectivity_key(config->population[source->population].name,
                                        config->population[target].name);
        out->range[s] = (struct connectivity_range){place, source->begin, key};
        place += source->end - source->begin;
    }
    return out->range != NULL;
}

static bool open_delays(struct connectivity *out, const struct config *config,
                        const struct projection_config *projection)
{
    uint32_t greatest = wiring_greatest_delay(config, projection);
    out->least = wiring_least_delay(config, projection);
    size_t count = (size_t)(greatest - out->least) + 1;
    out->delay = calloc(count, sizeof *out->delay);
    for (size_t i = 0; out->delay && i < count; i++)
        out->delay[i] = decimal_times_steps(config->dt, out->least + i);
    return out->delay != NULL;
}

enum status connectivity_open(struct connectivity *out, const struct config *config,
                              size_t projection, size_t target, struct error *err)
{
    const struct projection_config *p = &config->projection[projection];
    *out = (struct connectivity){.range = NULL};
    if (open_ranges(out, config, p, target) && open_delays(out, config, p))
        return STATUS_OK;
    return error_no_memory(err, "for a digest of the connectivity");
}

void connectivity_close(struct connectivity *c)
{
    free(c->range);
    free(c->delay);
    memset(c, 0, sizeof *c);
}
