#include "net/connectivity.h"

#include "base/decimal.h"
#include "net/wiring_bounds.h"

#include <stdlib.h>

/* The population of the sources from place `source` on. */
static size_t population_at(const struct projection_config *projection, uint64_t source)
{
    const struct target *range = projection->source;
    for (; source >= range->end - range->begin; range++)
        source -= range->end - range->begin;
    return range->population;
}

enum status connectivity_open(struct connectivity *out, const struct config *config,
                              size_t projection, uint64_t source, size_t target, struct error *err)
{
    const struct projection_config *p = &config->projection[projection];
    const size_t population = population_at(p, source);
    out->key =
        connectivity_key(config->population[population].name, config->population[target].name);
    out->least = wiring_least_delay(config, p);
    size_t count = (size_t)(wiring_greatest_delay(config, p) - out->least) + 1;
    out->delay = calloc(count, sizeof *out->delay);
    out->target = malloc(WIRING_TILE_MOST * sizeof *out->target);
    if (!out->delay || !out->target)
        return error_no_memory(err, "for a digest of the connectivity");
    for (size_t i = 0; i < count; i++)
        out->delay[i] = mix64(connectivity_bits(decimal_times_steps(config->dt, out->least + i)));
    return STATUS_OK;
}

void connectivity_close(struct connectivity *c)
{
    free(c->delay);
    free(c->target);
    *c = (struct connectivity){0};
}

void connectivity_tile(struct connectivity *c, uint64_t first, uint64_t end, uint64_t id)
{
    for (uint64_t target = first; target < end; target++)
        c->target[target] = mix64(c->key ^ mix64(id + (target - first)));
}
