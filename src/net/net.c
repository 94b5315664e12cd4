/* Opens a network, answers what it takes, and delivers. */
#include "net/net.h"

#include "base/clock.h"
#include "base/memory.h"
#include "net/net_build.h"
#include "net/wiring_bounds.h"
#include <limits.h>
#include <math.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_BYTES = 1 << 19, /* of a tile's sums: half of a second-level cache */
    DRAWN_BYTES = 40      /* working space for a synapse while lists are made */
};

bool net_delays(const struct config *config, struct net_delays *delays)
{
    *delays = (struct net_delays){UINT32_MAX, 0};
    for (size_t i = 0; i < config->projection_count; i++) {
        uint32_t least = wiring_least_delay(config, &config->projection[i]);
        uint32_t greatest = wiring_greatest_delay(config, &config->projection[i]);
        delays->least = least < delays->least ? least : delays->least;
        delays->greatest = greatest > delays->greatest ? greatest : delays->greatest;
    }
    return config->projection_count > 0;
}

bool net_is_source(const struct config *config, size_t population)
{
    for (size_t i = 0; i < config->projection_count; i++)
        for (size_t s = 0; s < config->projection[i].source_count; s++)
            if (config->projection[i].source[s].population == population)
                return true;
    return false;
}

static size_t sum_bytes_of(const struct config *config)
{
    return config->precision == PRECISION_DOUBLE ? sizeof(int64_t) : sizeof(int32_t);
}

size_t net_block_most(const struct config *config, size_t tile)
{
    size_t most = ROWS_BYTES / (tile * sum_bytes_of(config));
    return most > 1 ? most : 1;
}

static bool is_constant(const struct value *value)
{
    return value->present && value->number.kind == DISTRIBUTION_CONSTANT;
}

/* Of one synapse, heads of segments left out. */
static double bytes_of(const struct config *config, const struct projection_config *projection)
{
    if (is_constant(&projection->value[PROJECTION_WEIGHT]))
        return sizeof(uint16_t);
    if (config->precision == PRECISION_DOUBLE)
        return 3 * sizeof(uint32_t);
    return (weight_is_wide(projection) ? 2 : 1) * sizeof(uint32_t);
}

void net_plan(struct memory_plan *plan, const struct config *config,
              const struct net_settings *settings)
{
    struct net_delays delays;
    double bytes = 0, largest = 0;
    if (!net_delays(config, &delays))
        return;
    for (size_t i = 0; i < config->projection_count; i++) {
        const struct projection_config *p = &config->projection[i];
        double count = wiring_expected_count(p),
               tiles = ((double)p->targets + (double)settings->tile - 1) / (double)settings->tile;
        double part = tiles > 1 ? count / tiles : count;
        bytes += count * bytes_of(config, p) + tiles * (double)p->sources * sizeof(uint32_t);
        largest = part > largest ? part : largest;
    }
    memory_plan_add(plan, "synapses", (uint64_t)bytes);
    memory_plan_add(plan, "making synapses",
                    (uint64_t)(largest * DRAWN_BYTES) * (uint64_t)settings->threads);
    memory_plan_add(plan, "sums of arrivals",
                    (uint64_t)settings->threads * settings->block * RECEPTORS_MOST *
                        settings->tile * sum_bytes_of(config));
}

enum status net_open(struct net **out, const struct config *config,
                     const struct net_settings *settings, struct error *err)
{
    struct net_delays delays;
    double start = clock_seconds();
    *out = NULL;
    if (!net_delays(config, &delays))
        return STATUS_OK;
    struct net *net = calloc(1, sizeof *net);
    if (!net)
        return error_no_memory(err, "for the network");
    net->config = config;
    net->settings = *settings;
    net->sum_bytes = (int)sum_bytes_of(config);
    enum status status = history_open(&net->history, config->population_count,
                                      delays.greatest + settings->block + settings->memory, err);
    if (!status)
        status = weight_grid_open(&net->grid, config, err);
    if (!status)
        status = net_build(net, err);
    net->build_s = clock_seconds() - start;
    if (status)
        net_close(net);
    else
        *out = net;
    return status;
}

void net_close(struct net *net)
{
    if (!net)
        return;
    net_build_close(net);
    weight_grid_close(&net->grid);
    history_close(&net->history);
    free(net);
}

struct history *net_history(struct net *net)
{
    return &net->history;
}

double net_build_seconds(const struct net *net)
{
    return net->build_s;
}

struct net_facts net_projection(const struct net *net, size_t projection)
{
    return net->projection[projection].made;
}

enum status net_scratch_open(struct net_scratch *scratch, const struct net *net, struct error *err)
{
    size_t rows = net->settings.block * RECEPTORS_MOST;
    scratch->bytes = rows * net->settings.tile * (size_t)net->sum_bytes;
    scratch->sum = memory_alloc(scratch->bytes);
    scratch->any = calloc(rows, sizeof *scratch->any);
    scratch->rows = rows;
    return scratch->sum && scratch->any ? STATUS_OK : error_no_memory(err, "for sums of arrivals");
}

void net_scratch_close(struct net_scratch *scratch)
{
    memory_free(scratch->sum, scratch->bytes);
    free(scratch->any);
    memset(scratch, 0, sizeof *scratch);
}

/* One table's arrivals in all steps of a block. */
static enum status deliver_table(struct net *net, struct net_table *table, uint64_t first,
                                 size_t steps, struct net_scratch *scratch,
                                 const struct arrivals *to)
{
    const struct delivery delivery = {
        .synapses = &table->synapses,
        .range = net->projection[table->projection].range,
        .ranges = net->config->projection[table->projection].source_count,
        .history = &net->history,
        .sum_bytes = net->sum_bytes,
    };
    enum status status = STATUS_OK;
    for (size_t k = 0; k < steps && !status; k++) {
        size_t row = k * to->receptors + table->receptor;
        void *sum = (char *)scratch->sum + row * to->count * (size_t)net->sum_bytes;
        uint64_t events = 0;
        status = deliver(&delivery, &table->flights, first + k, first, sum, &events, NULL);
        scratch->any[row] |= events > 0;
        scratch->events += events;
    }
    return status;
}

struct arrivals net_deliver(struct net *net, size_t population, uint64_t tile, uint64_t first,
                            size_t steps, struct net_scratch *scratch)
{
    const struct model *model = (const struct model *)net->config->population[population].model;
    struct arrivals arrivals = {.count = net->settings.tile, .receptors = model->receptors};
    size_t begin = net->of_tile[population][tile], end = net->of_tile[population][tile + 1];
    size_t rows = steps * arrivals.receptors;
    if (begin == end)
        return arrivals;
    for (enum receptor r = RECEPTOR_EX; r < arrivals.receptors; r++)
        if (net->grid.sum[2 * population + r] > INT_MIN)
            arrivals.unit[r] = ldexp(1.0, net->grid.sum[2 * population + r]);
    memset(scratch->sum, 0, rows * arrivals.count * (size_t)net->sum_bytes);
    memset(scratch->any, 0, rows * sizeof *scratch->any);
    for (size_t i = begin; i < end; i++) {
        enum status status = deliver_table(net, &net->table[i], first, steps, scratch, &arrivals);
        if (status)
            atomic_store(&net->failed, (int)status);
    }
    arrivals.sum = scratch->sum;
    arrivals.any = scratch->any;
    return arrivals;
}

enum status net_failure(const struct net *net, struct error *err)
{
    enum status status = (enum status)atomic_load(&((struct net *)net)->failed);
    return status ? error_no_memory(err, "for spikes under way") : STATUS_OK;
}
