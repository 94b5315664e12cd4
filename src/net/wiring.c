#include "net/wiring.h"

#include "base/float_env.h"
#include "net/rule_file.h"
#include "net/rule_indegree.h"
#include "net/rule_outdegree.h"
#include "net/rule_pairs.h"
#include "net/rule_total.h"
#include "net/wiring_bounds.h"
#include "net/wiring_lists.h"
#include "net/wiring_writer.h"
#include "neuron/draw.h"

#include <stdlib.h>

static const struct wiring_rule *const rules[] = {
    [RULE_ONE_TO_ONE] = &rule_one_to_one,
    [RULE_ALL_TO_ALL] = &rule_all_to_all,
    [RULE_FIXED_INDEGREE] = &rule_fixed_indegree,
    [RULE_FIXED_OUTDEGREE] = &rule_fixed_outdegree,
    [RULE_FIXED_TOTAL_NUMBER] = &rule_fixed_total_number,
    [RULE_PAIRWISE_BERNOULLI] = &rule_pairwise_bernoulli,
    [RULE_PAIRWISE_POISSON] = &rule_pairwise_poisson,
    [RULE_FILE] = &rule_file,
};

static struct philox_key stream(const struct projection_config *projection, const char *detail)
{
    return draw_stream_key(projection->seed, "projection.", projection->name, detail);
}

static void settle_values(struct wiring *wiring)
{
    const struct projection_config *p = wiring->projection;
    double most;
    wiring_weight_bounds(p, &wiring->weight, &most);
    wiring->weight_is_constant = wiring->weight == most;
    wiring->delay_steps = wiring_least_delay(wiring->config, p);
    wiring->delay_is_constant = wiring->delay_steps == wiring_greatest_delay(wiring->config, p);
}

static void settle_streams(struct wiring *wiring)
{
    const struct projection_config *p = wiring->projection;
    wiring->source_key = stream(p, "source");
    wiring->target_key = stream(p, "target");
    wiring->count_key = stream(p, "count");
    wiring->weight_key = stream(p, "weight");
    wiring->delay_key = stream(p, "delay");
}

/* Synapses are numbered with 48 bits in a tile, pairs with 63 in all. */
static enum status check_size(const struct wiring *wiring, struct error *err)
{
    double synapses = wiring_expected_count(wiring->projection);
    double pairs = (double)wiring->sources * (double)wiring->targets;
    if (synapses > 0x1p48 || pairs > 0x1p62)
        return error_set(err, STATUS_MEMORY,
                         "not enough memory: [projection.%s] has %.3g synapses of %.3g pairs; at "
                         "most 2^48 of 2^62 can be had",
                         wiring->projection->name, synapses, pairs);
    if (wiring->tile_first && synapses > 0x1p34 * (double)wiring->sources)
        return error_set(err, STATUS_MEMORY,
                         "not enough memory: [projection.%s] has %.3g synapses from each source; "
                         "at most 2^34 can be had",
                         wiring->projection->name, synapses / (double)wiring->sources);
    return STATUS_OK;
}

static enum status settle(struct wiring *wiring, struct error *err)
{
    const struct projection_config *p = wiring->projection;
    wiring->rule = rules[p->rule];
    wiring->sources = p->sources;
    wiring->targets = p->targets;
    settle_streams(wiring);
    settle_values(wiring);
    if (!wiring_tiles_open(wiring) || (!p->autapses && !wiring_lists_overlap(wiring)))
        return error_no_memory(err, "for the sources and targets of [projection.%s]", p->name);
    enum status status = check_size(wiring, err);
    if (status == STATUS_OK && wiring->rule->open)
        wiring->rule->open(wiring);
    return status;
}

enum status wiring_open(struct wiring **out, const struct config *config, size_t projection,
                        const struct kernels *kernels, struct error *err)
{
    WITH_OWN_FLOAT_ENV(env);
    struct wiring *wiring = calloc(1, sizeof *wiring);
    *out = NULL;
    if (!wiring)
        return error_no_memory(err, NULL);
    wiring->config = config;
    wiring->projection = &config->projection[projection];
    wiring->kernels = kernels_for(kernels->isa, 32);
    enum status status = settle(wiring, err);
    if (status != STATUS_OK) {
        wiring_close(wiring);
        return status;
    }
    *out = wiring;
    return STATUS_OK;
}

void wiring_prepare(struct wiring *wiring)
{
    WITH_OWN_FLOAT_ENV(env);
    if (wiring->rule->prepare && !wiring->shares)
        wiring->rule->prepare(wiring);
}

void wiring_unprepare(struct wiring *wiring)
{
    free(wiring->shares);
    wiring->shares = NULL;
}

void wiring_close(struct wiring *wiring)
{
    if (!wiring)
        return;
    free(wiring->overlap);
    free(wiring->tile_first);
    free(wiring->shares);
    free(wiring);
}

const struct kernels *wiring_kernels(const struct wiring *wiring)
{
    return wiring->kernels;
}

uint64_t wiring_sources(const struct wiring *wiring)
{
    return wiring->sources;
}

uint64_t wiring_targets(const struct wiring *wiring)
{
    return wiring->targets;
}

bool wiring_weight_is_constant(const struct wiring *wiring, double *weight)
{
    *weight = wiring->weight;
    return wiring->weight_is_constant;
}

bool wiring_delay_is_constant(const struct wiring *wiring, uint32_t *steps)
{
    *steps = wiring->delay_steps;
    return wiring->delay_is_constant;
}

uint64_t wiring_tile_count(const struct wiring *wiring, uint64_t tile)
{
    WITH_OWN_FLOAT_ENV(env);
    return wiring->rule->count(wiring, tile);
}

enum status wiring_draw(const struct wiring *wiring, uint64_t tile, enum wiring_what what,
                        wiring_sink *sink, void *context, struct error *err)
{
    WITH_OWN_FLOAT_ENV(env);
    struct wiring_writer writer;
    wiring_writer_open(&writer, wiring, tile, what, sink, context);
    enum status status = wiring->rule->draw(&writer, err);
    if (status == STATUS_OK)
        wiring_writer_flush(&writer);
    return status;
}
