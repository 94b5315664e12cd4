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

static void signs_of(const struct config *config, size_t population, const char *of[2])
{
    for (size_t i = 0; i < config->projection_count; i++) {
        const struct projection_config *p = &config->projection[i];
        double least, most;
        wiring_weight_bounds(p, &least, &most);
        for (size_t s = 0; s < p->source_count; s++) {
            if (p->source[s].population != population)
                continue;
            of[0] = most > 0 && !of[0] ? p->name : of[0];
            of[1] = least < 0 && !of[1] ? p->name : of[1];
        }
    }
}

static void warn_of_signs(const struct config *config, struct messages *warnings)
{
    for (size_t i = 0; i < config->population_count; i++) {
        const char *of[2] = {NULL, NULL};
        signs_of(config, i, of);
        if (of[0] && of[1])
            messages_add(warnings,
                         "population %s has synapses of both signs (Dale's law): weights of "
                         "[projection.%s] are positive, of [projection.%s] negative",
                         config->population[i].name, of[0], of[1]);
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
