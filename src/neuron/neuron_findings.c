#include "neuron/neuron_findings.h"

#include "base/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add_to_digest(struct findings *findings, const struct neuron_rows *rows)
{
    for (unsigned keys = rows->source->drawn; keys;) {
        int key = neuron_next_key(&keys);
        uint64_t hash = rows->source->name_hash[key], sum = 0, bits;
        for (size_t i = 0; i < rows->count; i++) {
            memcpy(&bits, &rows->value[key][i], sizeof bits);
            sum += mix64(bits ^ mix64((rows->first + i) ^ hash));
        }
        findings->digest += sum;
    }
}

/* Is a value that the schema wants on one side of V_th there? */
static bool is_on_its_side(const struct key *schema, double value, double threshold)
{
    return schema->side == 0 || (value - threshold) * schema->side > 0;
}

/* Reversal potentials, which are models' own. */
static void check_sides(struct findings *findings, const struct neuron_source *source,
                        const double *value, uint64_t id)
{
    for (int key = POPULATION_KEYS; key < config_population_key_count(source->population); key++) {
        const struct key *schema = config_population_key(source->population, key);
        if (!is_on_its_side(schema, value[key], value[POPULATION_V_TH]))
            finding_add(&findings->of[schema->side > 0 ? FINDING_EXCITES_BELOW_THRESHOLD
                                                       : FINDING_INHIBITS_ABOVE_THRESHOLD],
                        id, value[key]);
    }
}

/* What is to be said of one neuron. */
static void check_neuron(struct findings *findings, const struct neuron_source *source,
                         const struct neuron *neuron, uint64_t id)
{
    const double *v = neuron->value;
    double dt = source->config->dt_ms;
    bool sound = true;
    for (unsigned keys = source->drawn; keys;) {
        int key = neuron_next_key(&keys);
        if (!finding_in_range(source->range[key], v[key])) {
            finding_add(&findings->of[key], id, v[key]);
            sound = false;
        }
    }
    if (!sound || source->population->model->source_only)
        return; /* nothing more can be said of this neuron */
    if (v[POPULATION_V_RESET] >= v[POPULATION_V_TH])
        finding_add(&findings->of[FINDING_RESET_ABOVE_THRESHOLD], id, v[POPULATION_V_RESET]);
    if ((source->given >> POPULATION_V_MIN & 1) && v[POPULATION_V_MIN] > v[POPULATION_V_RESET])
        finding_add(&findings->of[FINDING_FLOOR_ABOVE_RESET], id, v[POPULATION_V_MIN]);
    if (neuron->tau_m < dt)
        finding_add(&findings->of[FINDING_TAU_BELOW_DT], id, neuron->tau_m);
    else if (neuron->tau_m < 10.0 * dt)
        finding_add(&findings->of[FINDING_TAU_BELOW_10_DT], id, neuron->tau_m);
    if (v[POPULATION_V_M] >= v[POPULATION_V_TH])
        finding_add(&findings->of[FINDING_STARTS_ABOVE_THRESHOLD], id, v[POPULATION_V_M]);
    check_sides(findings, source, v, id);
}

static bool all_on_their_sides(const struct neuron_rows *rows)
{
    const struct population_config *p = rows->source->population;
    unsigned good = 1;
    for (int key = POPULATION_KEYS; key < config_population_key_count(p); key++)
        for (size_t i = 0; i < rows->count && config_population_key(p, key)->side != 0; i++)
            good &= is_on_its_side(config_population_key(p, key), rows->value[key][i],
                                   rows->value[POPULATION_V_TH][i]);
    return good;
}

/* Whether check_neuron would say nothing of any of the neurons, found out in fewer operations. */
static bool nothing_to_say(const struct neuron_rows *rows)
{
    const struct neuron_source *source = rows->source;
    const double dt = source->config->dt_ms;
    bool floor = source->given >> POPULATION_V_MIN & 1;
    const double *V_M = rows->value[POPULATION_V_M], *V_th = rows->value[POPULATION_V_TH],
                 *V_reset = rows->value[POPULATION_V_RESET],
                 *V_min = rows->value[floor ? POPULATION_V_MIN : POPULATION_V_RESET];
    unsigned good = 1;
    for (unsigned keys = source->drawn; keys;) {
        int key = neuron_next_key(&keys);
        struct finding_range range = source->range[key];
        for (size_t i = 0; i < rows->count; i++)
            good &= finding_in_range(range, rows->value[key][i]);
    }
    for (size_t i = 0; i < rows->count && !source->population->model->source_only; i++)
        good &= (V_reset[i] < V_th[i]) & (V_M[i] < V_th[i]) & (V_min[i] <= V_reset[i]) &
                (rows->tau_m[i] >= 10.0 * dt);
    return good && all_on_their_sides(rows);
}

void findings_check(struct findings *findings, const struct neuron_rows *rows)
{
    add_to_digest(findings, rows);
    if (nothing_to_say(rows))
        return;
    for (size_t i = 0; i < rows->count; i++) {
        struct neuron neuron;
        neuron_rows_get(rows, i, &neuron);
        check_neuron(findings, rows->source, &neuron, rows->first + i);
    }
}

void findings_merge(struct findings *into, const struct findings *part)
{
    into->digest += part->digest;
    for (int i = 0; i < FINDINGS; i++)
        finding_merge(&into->of[i], &part->of[i]);
}

static void add_line(struct messages *to, const struct neuron_source *source, int key,
                     const char *text)
{
    char section[320], where[600];
    const struct population_config *p = source->population;
    snprintf(section, sizeof section, "population.%s", p->name);
    config_where(source->config, section, config_population_key(p, key)->name, &p->value[key],
                 where, sizeof where);
    messages_add(to, "%s: %s", where, text);
}

/* Two keys of a neuron must keep an order: what is wrong with the one of `key`. */
static void report_order(const struct finding *f, const struct neuron_source *source, int key,
                         const char *wrong, struct messages *errors)
{
    char text[300];
    if (f->count == 0)
        return;
    snprintf(text, sizeof text,
             "%s in %" PRIu64 " of %" PRIu64 " neurons, the first neuron %" PRIu64
             ": %.6g mV; keep the two apart, e.g. with uniform or normal_clipped",
             wrong, f->count, source->population->size, f->first_id, f->value);
    add_line(errors, source, key, text);
}

static int tau_key(const struct neuron_source *source)
{
    return source->given >> POPULATION_TAU_M & 1 ? POPULATION_TAU_M : POPULATION_C_M;
}

static void report_tau(const struct finding *f, const struct neuron_source *source,
                       const char *text_after, struct messages *to)
{
    char text[300];
    snprintf(text, sizeof text,
             "the membrane time constant of %" PRIu64 " of %" PRIu64
             " neurons is %s, the first in neuron %" PRIu64 ": %.6g ms; use a smaller dt",
             f->count, source->population->size, text_after, f->first_id, f->value);
    add_line(to, source, tau_key(source), text);
}

/* A reversal potential on the wrong side of V_th: what comes of that. */
static void report_side(const struct finding *f, const struct neuron_source *source, int side,
                        const char *text_after, struct messages *warnings)
{
    char text[300];
    int key = POPULATION_KEYS;
    if (f->count == 0)
        return;
    while (config_population_key(source->population, key)->side != side)
        key++;
    snprintf(text, sizeof text,
             "of %" PRIu64 " of %" PRIu64 " neurons is %s, the first in neuron %" PRIu64
             ": %.6g mV",
             f->count, source->population->size, text_after, f->first_id, f->value);
    add_line(warnings, source, key, text);
}

static void warn_of_sides(const struct findings *findings, const struct neuron_source *source,
                          struct messages *warnings)
{
    report_side(&findings->of[FINDING_EXCITES_BELOW_THRESHOLD], source, 1,
                "not above V_th, so that excitatory conductances keep them from firing", warnings);
    report_side(&findings->of[FINDING_INHIBITS_ABOVE_THRESHOLD], source, -1,
                "not below V_th, so that inhibitory conductances make them fire", warnings);
}

enum status findings_report(const struct findings *findings, const struct neuron_source *source,
                            struct messages *errors, struct messages *warnings)
{
    const struct population_config *p = source->population;
    const struct finding *of = findings->of;
    size_t before = errors->count;
    char text[300];
    snprintf(text, sizeof text, "population.%s", p->name);
    for (int key = 0; key < config_population_key_count(p); key++) {
        const struct key *schema = config_population_key(p, key);
        finding_report_range(&of[key], source->range[key], source->config, text, schema,
                             &p->value[key], p->size, errors);
    }
    report_order(&of[FINDING_RESET_ABOVE_THRESHOLD], source, POPULATION_V_RESET,
                 "is not below V_th", errors);
    report_order(&of[FINDING_FLOOR_ABOVE_RESET], source, POPULATION_V_MIN, "is above V_reset",
                 errors);
    if (of[FINDING_TAU_BELOW_DT].count > 0)
        report_tau(&of[FINDING_TAU_BELOW_DT], source, "below dt", errors);
    if (errors->count > before)
        return STATUS_CONFIG;
    bool membrane_drawn = source->drawn & membrane_keys(source->population->membrane);
    if (of[FINDING_TAU_BELOW_10_DT].count > 0 && membrane_drawn) /* else the config has said so */
        report_tau(&of[FINDING_TAU_BELOW_10_DT], source, "below 10 dt", warnings);
    if (of[FINDING_STARTS_ABOVE_THRESHOLD].count > 0) {
        const struct finding *f = &of[FINDING_STARTS_ABOVE_THRESHOLD];
        snprintf(text, sizeof text,
                 "%" PRIu64 " of %" PRIu64
                 " neurons start at or above V_th, the first neuron %" PRIu64
                 " at %.6g mV; they fire in the first step if still there",
                 f->count, source->population->size, f->first_id, f->value);
        add_line(warnings, source, POPULATION_V_M, text);
    }
    warn_of_sides(findings, source, warnings);
    return STATUS_OK;
}
