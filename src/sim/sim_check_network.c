#include "sim/sim_check_network.h"

#include "base/decimal.h"
#include "engine/engine_plan.h"
#include "net/net_survey.h"
#include "net/wiring_bounds.h"
#include "sim/sim_estimate.h"
#include "sim/sim_network_time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double rounding_most = 1e-3; /* of weights, that is not worth a word */

/* ---- Dale's law */

/* Whether two projections have a source of this population in common. */
static bool share(const struct projection_config *a, const struct projection_config *b,
                  size_t population)
{
    for (size_t i = 0; i < a->source_count; i++)
        for (size_t j = 0; j < b->source_count; j++)
            if (a->source[i].population == population && b->source[j].population == population &&
                a->source[i].begin < b->source[j].end && b->source[j].begin < a->source[i].end)
                return true;
    return false;
}

/* Whether some weights have this sign. A file with both may give each source one of its own. */
static bool has_sign(const struct projection_config *p, int sign)
{
    double least, most;
    wiring_weight_bounds(p, &least, &most);
    if (p->edges && least < 0 && most > 0)
        return false;
    return sign > 0 ? most > 0 : least < 0;
}

/* The first projection from `p` on that has a source in a population, and weights of a sign. */
static const struct projection_config *
next_of(const struct config *config, const struct projection_config *p, size_t population, int sign)
{
    for (; p < config->projection + config->projection_count; p++)
        for (size_t s = 0; s < p->source_count; s++)
            if (p->source[s].population == population && has_sign(p, sign))
                return p;
    return NULL;
}

/* A projection that excites and one that inhibits, or the same, from one slice of a population. */
static bool signs_of(const struct config *config, size_t population,
                     const struct projection_config *of[2])
{
    const struct projection_config *const all = config->projection;
    const struct projection_config *const inhibits = next_of(config, all, population, -1);
    for (of[0] = all; inhibits && (of[0] = next_of(config, of[0], population, 1)); of[0]++)
        for (of[1] = inhibits; (of[1] = next_of(config, of[1], population, -1)); of[1]++)
            if (share(of[0], of[1], population))
                return true;
    return false;
}

static void warn_of_signs(const struct config *config, struct messages *warnings)
{
    for (size_t i = 0; i < config->population_count; i++) {
        const struct projection_config *of[2];
        if (signs_of(config, i, of))
            messages_add(warnings,
                         "population %s has neurons with synapses of both signs (Dale's law): "
                         "weights of [projection.%s] are positive, of [projection.%s] negative",
                         config->population[i].name, of[0]->name, of[1]->name);
    }
}

/* ---- projections */

static void warn_of_rounding(const struct projection_config *p, const struct net_survey *survey,
                             struct messages *warnings)
{
    if (survey->rounding > rounding_most)
        messages_add(
            warnings,
            "[projection.%s] weight: rounding changes weights by %.2g of their size (rms); "
            "write %s",
            p->name, survey->rounding,
            survey->wide_helps ? "weight_bits = 32" : "precision = double");
}

static bool describe(const struct config *config, const struct net_survey *survey,
                     const struct projection_config *p, struct mlif_projection_check *out)
{
    static const int target[] = {16, 16, 32, 32}, weight[] = {0, 16, 32, 64};
    const bool lists = survey->storage == STORAGE_LISTS;
    *out = (struct mlif_projection_check){
        .name = strdup(p->name),
        .rule = strdup(p->value[PROJECTION_RULE].text),
        .storage = storage_word(survey->storage),
        .target_bits = lists ? target[survey->kind] : 0,
        .weight_bits = lists ? weight[survey->kind] : 0,
        .synapses = survey->synapses,
        .exact = survey->exact,
        .bytes = survey->bytes,
        .delay_ms = {decimal_times_steps(config->dt, survey->least),
                     decimal_times_steps(config->dt, survey->greatest)},
        .indegree = survey->indegree,
        .indegree_most = survey->indegree_most,
        .outdegree = survey->outdegree,
        .rounding = {survey->rounding, survey->rounding_most},
    };
    return out->name && out->rule;
}

/* Arrivals in a second of model time. */
static double events_of(const struct projection_config *p, double outdegree,
                        const struct mlif_check_report *report)
{
    double events = 0;
    for (size_t s = 0; s < p->source_count; s++)
        events += (double)(p->source[s].end - p->source[s].begin) * outdegree *
                  report->population[p->source[s].population].rate_Hz;
    return events;
}

enum status sim_check_network(const struct setup *setup, struct mlif_check_report *report,
                              struct messages *warnings, struct error *err)
{
    const struct config *config = setup->config;
    const struct net_settings settings = engine_plan_network(config, &setup->settings);
    struct sim_network_time speed;
    enum status status = sim_network_measure(setup, &speed, err);
    report->block_ms = (double)settings.block * config->dt_ms;
    report->projections = calloc(config->projection_count + 1, sizeof *report->projections);
    if (!report->projections)
        return error_no_memory(err, "for the report");
    for (size_t i = 0; i < config->projection_count && !status; i++) {
        const struct projection_config *p = &config->projection[i];
        struct net_survey survey;
        status = net_survey(&survey, config, i, &settings, err);
        if (status)
            break;
        report->projection_count++;
        if (!describe(config, &survey, p, &report->projections[i]))
            return error_no_memory(err, "for the report");
        warn_of_rounding(p, &survey, warnings);
        report->synapses += survey.synapses;
        report->synapse_bytes += survey.bytes;
        report->synapses_s +=
            isfinite(speed.synapse_s) && survey.storage != STORAGE_PROCEDURAL
                ? speed.synapse_s * survey.synapses / fmin(settings.threads, survey.tables)
                : speed.busy * net_survey_seconds(&survey, settings.threads);
        const double events = events_of(p, survey.outdegree, report);
        report->events_per_model_s += events;
        report->arrivals_s += events * survey.event_s * speed.busy * (double)config->steps *
                              config->dt_ms * 1e-3 / settings.threads;
    }
    warn_of_signs(config, warnings);
    return status;
}
