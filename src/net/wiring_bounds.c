#include "net/wiring_bounds.h"

#include "net/wiring_file.h"
#include "net/wiring_values.h"
#include "neuron/draw.h"

#include <math.h>

static double least(double a, double b)
{
    return a < b ? a : b;
}

static uint64_t common(struct target a, struct target b)
{
    uint64_t begin = a.begin > b.begin ? a.begin : b.begin;
    uint64_t end = a.end < b.end ? a.end : b.end;
    return a.population == b.population && begin < end ? end - begin : 0;
}

/* Pairs of a neuron and itself that must not connect. */
static double forbidden(const struct projection_config *p)
{
    uint64_t count = 0;
    for (size_t t = 0; t < p->target_count && !p->autapses; t++)
        for (size_t s = 0; s < p->source_count; s++)
            count += common(p->target[t], p->source[s]);
    return (double)count;
}

/* Of one_to_one: places where both lists have the same neuron. */
static double forbidden_places(const struct projection_config *p)
{
    uint64_t count = 0, target_place = 0;
    for (size_t t = 0; t < p->target_count && !p->autapses; t++) {
        uint64_t source_place = 0;
        for (size_t s = 0; s < p->source_count; s++) {
            if (p->target[t].begin - target_place == p->source[s].begin - source_place)
                count += common(p->target[t], p->source[s]);
            source_place += p->source[s].end - p->source[s].begin;
        }
        target_place += p->target[t].end - p->target[t].begin;
    }
    return (double)count;
}

double wiring_expected_count(const struct projection_config *p)
{
    const double sources = (double)p->sources, targets = (double)p->targets;
    switch (p->rule) {
    case RULE_ONE_TO_ONE:
        return targets - forbidden_places(p);
    case RULE_FIXED_INDEGREE:
        return targets * (double)p->value[PROJECTION_INDEGREE].integer;
    case RULE_FIXED_OUTDEGREE:
        return sources * (double)p->value[PROJECTION_OUTDEGREE].integer;
    case RULE_FIXED_TOTAL_NUMBER:
        return (double)p->value[PROJECTION_N].integer;
    case RULE_PAIRWISE_BERNOULLI:
        return (sources * targets - forbidden(p)) * p->value[PROJECTION_P].number.parameter[0];
    case RULE_PAIRWISE_POISSON:
        return (sources * targets - forbidden(p)) * p->value[PROJECTION_AVG].number.parameter[0];
    case RULE_FILE:
        return (double)p->edges->edges;
    default:
        return sources * targets - forbidden(p);
    }
}

/* A bound of a drawn delay in steps; a constant goes to its nearest step exactly. */
static uint32_t delay_bound(const struct config *config, const struct projection_config *p,
                            bool greatest)
{
    const struct value *delay = &p->value[PROJECTION_DELAY];
    double lo, hi;
    if (!delay->present)
        return greatest ? p->edges->greatest_delay : p->edges->least_delay;
    if (delay->number.kind == DISTRIBUTION_CONSTANT) {
        uint64_t steps = decimal_nearest_multiple(delay->exact, config->dt);
        return steps > 1 ? (uint32_t)least((double)steps, UINT32_MAX) : 1;
    }
    draw_bounds(&delay->number, &lo, &hi);
    return wiring_delay_steps(greatest ? hi : lo, config->dt_ms);
}

uint32_t wiring_least_delay(const struct config *config, const struct projection_config *projection)
{
    return delay_bound(config, projection, false);
}

uint32_t wiring_greatest_delay(const struct config *config,
                               const struct projection_config *projection)
{
    return delay_bound(config, projection, true);
}

/* Of drawn weights, each times the number of synapses that the file says. */
static void scale_bounds(const struct wiring_file *file, double *least, double *most)
{
    const double few = file->least_weight, many = file->greatest_weight;
    *least = fmin(*least * few, *least * many);
    *most = fmax(*most * few, *most * many);
}

void wiring_weight_bounds(const struct projection_config *projection, double *least, double *most)
{
    const struct value *weight = &projection->value[PROJECTION_WEIGHT];
    const struct wiring_file *file = projection->edges;
    if (weight->present)
        draw_bounds(&weight->number, least, most);
    if (weight->present && file)
        scale_bounds(file, least, most);
    if (!weight->present) {
        *least = file->least_weight;
        *most = file->greatest_weight;
    }
}

double wiring_greatest_weight(const struct projection_config *projection)
{
    double lo, hi;
    wiring_weight_bounds(projection, &lo, &hi);
    return fmax(fabs(lo), fabs(hi));
}

static double likely_bound(double mean)
{
    return mean + 12 * sqrt(mean) + 24;
}

/* The largest mean in-degree that a target has: one that is no source has most. */
static double greatest_mean(const struct projection_config *p)
{
    const double sources = (double)p->sources, targets = (double)p->targets, no = forbidden(p);
    switch (p->rule) {
    case RULE_FIXED_OUTDEGREE:
        return wiring_expected_count(p) / fmax(targets - (no > 0), 1);
    case RULE_FIXED_TOTAL_NUMBER:
        return wiring_expected_count(p) / fmax(targets - no / sources, 1);
    case RULE_PAIRWISE_BERNOULLI:
        return sources * p->value[PROJECTION_P].number.parameter[0];
    default:
        return sources * p->value[PROJECTION_AVG].number.parameter[0];
    }
}

double wiring_greatest_indegree(const struct projection_config *p)
{
    const double sources = (double)p->sources;
    switch (p->rule) {
    case RULE_ONE_TO_ONE:
        return 1;
    case RULE_ALL_TO_ALL:
        return sources;
    case RULE_FILE:
        return (double)p->edges->greatest_indegree;
    case RULE_FIXED_INDEGREE:
        return (double)p->value[PROJECTION_INDEGREE].integer;
    case RULE_FIXED_TOTAL_NUMBER:
    case RULE_FIXED_OUTDEGREE:
        return least(p->multapses ? wiring_expected_count(p) : sources,
                     likely_bound(greatest_mean(p)));
    case RULE_PAIRWISE_BERNOULLI:
        return least(sources, likely_bound(greatest_mean(p)));
    default:
        return likely_bound(greatest_mean(p));
    }
}
