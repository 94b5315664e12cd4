/* Opens a network, answers what it takes, and delivers. */
#include "net/net.h"

#include "base/clock.h"
#include "base/memory.h"
#include "net/net_build.h"
#include "net/net_survey.h"
#include "net/tally.h"
#include "net/wiring_bounds.h"
#include <limits.h>
#include <math.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_BYTES = 1 << 19 /* of a cell's sums: half of a second-level cache */
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

size_t net_block_most(const struct config *config, struct part part, int threads)
{
    size_t most = ROWS_BYTES / (net_cell_mean(config, part, threads) * sum_bytes_of(config));
    return most > 1 ? most : 1;
}

static uint64_t whole_bytes(double bytes)
{
    return bytes < 0x1p62 ? (uint64_t)bytes : UINT64_C(1) << 62;
}

/* At 100 Hz, in lists that grow by doubling: who has spiked within so many steps, and how far each
 * of their lists has been delivered. */
static double under_way_bytes(const struct config *config, const struct net_survey *survey,
                              double sources, const struct net_settings *settings)
{
    const double most_per_ms = 0.1, list_bytes = 2 * sizeof(uint32_t);
    const double flight_bytes = 2 * (sizeof(struct in_flight) + 2 * sizeof(uint32_t));
    double steps = survey->greatest + (double)(settings->block + settings->memory);
    double spikes = sources * most_per_ms * config->dt_ms;
    double flights = survey->least < survey->greatest ? survey->greatest * survey->tables : 0;
    return spikes * (steps * list_bytes + flights * flight_bytes);
}

/* May the synapses of both lie in one table? Bitmaps do not. */
static bool may_share(const struct net_survey *a, const struct net_survey *b)
{
    bool delays = a->least < a->greatest && b->least < b->greatest;
    bool delay = a->least == b->least && a->greatest == b->greatest;
    return a == b ||
           (a->storage == STORAGE_LISTS && b->storage == STORAGE_LISTS && a->kind == b->kind &&
            (delays || delay) && (a->kind != SYNAPSE_TARGET || a->weight == b->weight));
}

/* Of a thread that makes the largest table. */
static double working_bytes(const struct net_survey *survey, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t j = 0; j < count; j++)
            sum += may_share(&survey[i], &survey[j]) ? survey[j].working_bytes : 0;
        most = fmax(most, sum);
    }
    return most;
}

static void plan_surveyed(struct memory_plan *plan, const struct config *config,
                          const struct net_settings *settings, const struct net_survey *survey)
{
    const size_t cells = net_cell_count(config, settings->part, settings->tile, settings->threads);
    const size_t targets =
        cells > 0 ? net_cell_largest(config, settings->part, settings->tile, cells) : 0;
    const bool known = targets > 0 || part_neurons(config, settings->part) == 0;
    double bytes = 0, under_way = 0, tables = 0, kept = 0;
    for (size_t i = 0; i < config->projection_count; i++) {
        bytes += survey[i].bytes;
        tables += survey[i].tables;
        kept += survey[i].kept_bytes;
        under_way +=
            under_way_bytes(config, &survey[i], (double)config->projection[i].sources, settings);
    }
    double working = working_bytes(survey, config->projection_count);
    memory_plan_add(plan, "synapses", whole_bytes(bytes));
    memory_plan_add(plan, "making synapses",
                    whole_bytes(kept + working * fmin(tables, settings->threads)));
    memory_plan_add(plan, "spikes under way, at 100 Hz", whole_bytes(under_way));
    memory_plan_add(plan, "sums of arrivals",
                    known ? (uint64_t)settings->threads *
                                (settings->block * RECEPTORS_MOST * targets * sum_bytes_of(config) +
                                 tally_bytes(targets))
                          : UINT64_C(1) << 62);
}

/* More synapses than can be counted; or no memory even to look, which is refused likewise. */
static double refused_bytes(const struct projection_config *projection)
{
    double bytes = wiring_expected_count(projection) * sizeof(uint64_t);
    return bytes > 0x1p50 ? bytes : 0x1p62;
}

void net_plan(struct memory_plan *plan, const struct config *config,
              const struct net_settings *settings)
{
    const size_t count = config->projection_count;
    if (count == 0)
        return;
    struct net_survey *survey = calloc(count, sizeof *survey);
    for (size_t i = 0; survey && i < count; i++)
        if (net_survey(&survey[i], config, i, settings, NULL))
            survey[i].bytes = refused_bytes(&config->projection[i]);
    if (survey)
        plan_surveyed(plan, config, settings, survey);
    else
        memory_plan_add(plan, "synapses", UINT64_C(1) << 62);
    free(survey);
}

enum status net_open(struct net **out, const struct config *config,
                     const struct net_settings *settings, struct error *err)
{
    struct net_delays delays;
    const double start = clock_seconds();
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
    return net->made[projection];
}

size_t net_cells(const struct net *net)
{
    return net->cells;
}

const struct net_cell *net_cell_at(const struct net *net, size_t cell)
{
    return &net->target[cell].cell;
}

enum status net_scratch_open(struct net_scratch *scratch, const struct net *net, struct error *err)
{
    const size_t rows = net->settings.block * RECEPTORS_MOST;
    size_t targets = 0;
    for (size_t c = 0; c < net->cells; c++)
        targets = net->target[c].cell.targets > targets ? net->target[c].cell.targets : targets;
    scratch->bytes = rows * targets * (size_t)net->sum_bytes;
    scratch->sum = memory_alloc(scratch->bytes);
    scratch->any = calloc(rows, sizeof *scratch->any);
    scratch->count_bytes = tally_bytes(targets);
    scratch->count = scratch->count_bytes > 0 ? memory_alloc(scratch->count_bytes) : NULL;
    const bool counts = scratch->count || scratch->count_bytes == 0;
    if (scratch->count)
        memset(scratch->count, 0, scratch->count_bytes);
    return scratch->sum && scratch->any && counts ? STATUS_OK
                                                  : error_no_memory(err, "for sums of arrivals");
}

void net_scratch_close(struct net_scratch *scratch)
{
    memory_free(scratch->sum, scratch->bytes);
    memory_free(scratch->count, scratch->count_bytes);
    free(scratch->any);
    memset(scratch, 0, sizeof *scratch);
}

/* Those sums of a step that any table adds to: nobody reads others. */
static void clear_sums(const struct delivery *d, char *sum)
{
    const size_t row = d->targets * (size_t)d->sum_bytes;
    bool cleared[RECEPTORS_MOST] = {false, false};
    for (size_t t = 0; t < d->tables; t++) {
        const enum receptor receptor = d->table[t].receptor;
        if (!cleared[receptor])
            memset(sum + receptor * row, 0, row);
        cleared[receptor] = true;
    }
}

void net_deliver(struct net *net, size_t cell, uint64_t first, size_t steps,
                 struct net_scratch *scratch)
{
    struct net_target *target = &net->target[cell];
    const struct delivery delivery = {.table = net->table + target->first,
                                      .tables = target->tables,
                                      .history = &net->history,
                                      .targets = target->cell.targets,
                                      .sum_bytes = net->sum_bytes,
                                      .kernels = net->settings.kernels,
                                      .count = scratch->count};
    const size_t step_bytes = RECEPTORS_MOST * delivery.targets * (size_t)net->sum_bytes;
    for (size_t k = 0; k < steps; k++) {
        uint64_t events[RECEPTORS_MOST] = {0, 0};
        char *sum = (char *)scratch->sum + k * step_bytes;
        clear_sums(&delivery, sum);
        enum status status =
            deliver(&delivery, &target->flights, first + k, first, sum, events, NULL);
        for (enum receptor r = RECEPTOR_EX; r < RECEPTORS_MOST; r++)
            scratch->any[k * RECEPTORS_MOST + r] = events[r] > 0;
        scratch->events += events[RECEPTOR_EX] + events[RECEPTOR_IN];
        if (status)
            atomic_store(&net->failed, (int)status);
    }
}

struct arrivals net_arrivals(const struct net *net, size_t cell, const struct net_member *member,
                             uint64_t tile, const struct net_scratch *scratch)
{
    const size_t at = member->offset + (size_t)(tile - member->begin) * net->settings.tile;
    struct arrivals arrivals = {.sum = (const char *)scratch->sum + at * (size_t)net->sum_bytes,
                                .any = scratch->any,
                                .count = net->target[cell].cell.targets,
                                .receptors = RECEPTORS_MOST};
    for (enum receptor r = RECEPTOR_EX; r < RECEPTORS_MOST; r++)
        if (net->grid.sum[2 * member->population + r] > INT_MIN)
            arrivals.unit[r] = ldexp(1.0, net->grid.sum[2 * member->population + r]);
    return arrivals;
}

enum status net_failure(const struct net *net, struct error *err)
{
    enum status status = (enum status)atomic_load(&((struct net *)net)->failed);
    return status ? error_no_memory(err, "for spikes under way") : STATUS_OK;
}
