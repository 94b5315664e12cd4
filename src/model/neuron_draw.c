#include "model/neuron_draw.h"

#include "base/digest.h"
#include "model/draw.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_distribution_key(int key)
{
    return config_population_keys[key].kind == VALUE_DISTRIBUTION;
}

void neuron_source_init(struct neuron_source *source, const struct config *config,
                        size_t population)
{
    const struct population_config *p = &config->population[population];
    unsigned membrane = membrane_keys(p->membrane);
    unsigned membranes =
        1u << POPULATION_C_M | 1u << POPULATION_TAU_M | 1u << POPULATION_G_L | 1u << POPULATION_R_M;
    *source = (struct neuron_source){.config = config, .population = p};
    for (int key = 0; key < POPULATION_KEYS; key++) {
        unsigned bit = 1u << key;
        if (!is_distribution_key(key) || !p->value[key].present || (membranes & ~membrane & bit))
            continue;
        source->given |= bit;
        if (p->value[key].number.kind == DISTRIBUTION_CONSTANT)
            continue;
        source->drawn |= bit;
        source->name_hash[key] = fnv1a64(config_population_keys[key].name);
        source->key[key] =
            draw_stream_key(p->seed, "population.", p->name, config_population_keys[key].name);
        source->range[key] = finding_range_of(&config_population_keys[key]);
    }
    source->membrane_varies = (source->drawn & membrane) != 0;
}

struct draw_place neuron_place(const struct population_config *population, uint64_t id)
{
    uint64_t cells = population->cells, copy = population->copies > 1 ? id / cells : 0;
    uint64_t cell = id - copy * cells;
    return (struct draw_place){cell, cell, cells, copy, population->copies};
}

/* The keys of a set, each once: the lowest of what is left. */
static int next_key(unsigned *keys)
{
    int key = __builtin_ctz(*keys);
    *keys &= *keys - 1;
    return key;
}

static void finish_draw(struct neuron *neuron, const struct neuron_source *source)
{
    if (!(source->given >> POPULATION_V_M & 1))
        neuron->value[POPULATION_V_M] = neuron->value[POPULATION_E_L];
}

void neuron_draw(struct neuron *neuron, const struct neuron_source *source, uint64_t id)
{
    const struct population_config *p = source->population;
    const struct draw_place place = neuron_place(p, id);
    for (unsigned keys = source->given; keys;) {
        int key = next_key(&keys);
        neuron->value[key] = draw_value(&p->value[key].number, source->key[key], place);
    }
    finish_draw(neuron, source);
    membrane_derive(neuron, p->membrane);
}

/* Words for the 16 indices from a multiple of 16 on. */
static void fetch_words(struct neuron_words *words, const struct neuron_source *source,
                        uint64_t index)
{
    words->first = index / NEURON_WORDS * NEURON_WORDS;
    words->ready = true;
    for (unsigned keys = source->drawn; keys;) {
        int key = next_key(&keys);
        if (draw_takes_words(&source->population->value[key].number))
            words->kernels->philox16(words->word[key], source->key[key], 0, words->first, 0);
    }
}

void neuron_redraw(struct neuron *neuron, const struct neuron_source *source, uint64_t id,
                   struct neuron_words *words)
{
    const struct population_config *p = source->population;
    const struct draw_place place = neuron_place(p, id);
    if (!words->ready || place.index - words->first >= NEURON_WORDS)
        fetch_words(words, source, place.index);
    for (unsigned keys = source->drawn; keys;) {
        int key = next_key(&keys);
        neuron->value[key] = draw_value_of_words(&p->value[key].number, source->key[key], &place,
                                                 words->word[key][place.index - words->first]);
    }
    finish_draw(neuron, source);
    if (source->membrane_varies)
        membrane_derive(neuron, p->membrane);
}

uint64_t neuron_refractory_steps(const struct neuron *neuron, const struct neuron_source *source)
{
    if (!(source->drawn >> POPULATION_T_REF & 1))
        return source->population->t_ref_steps;
    double steps = floor(neuron->value[POPULATION_T_REF] / source->config->dt_ms + 0.5);
    return steps > 0.0 ? (uint64_t)fmin(steps, UINT32_MAX) : 0; /* out of range: found elsewhere */
}

static void add_to_digest(struct findings *findings, const struct neuron_source *source,
                          const struct neuron *neuron, uint64_t id)
{
    for (unsigned keys = source->drawn; keys;) {
        int key = next_key(&keys);
        uint64_t bits;
        memcpy(&bits, &neuron->value[key], sizeof bits);
        findings->digest += mix64(bits ^ mix64(id ^ source->name_hash[key]));
    }
}

void findings_check(struct findings *findings, const struct neuron_source *source,
                    const struct neuron *neuron, uint64_t id)
{
    const double *v = neuron->value;
    double dt = source->config->dt_ms;
    double most_t_ref = dt * UINT32_MAX; /* its steps are kept in 32 bits */
    bool sound = true;
    add_to_digest(findings, source, neuron, id);
    for (unsigned keys = source->drawn; keys;) {
        int key = next_key(&keys);
        if (!finding_in_range(source->range[key], v[key]) ||
            (key == POPULATION_T_REF && v[key] > most_t_ref)) {
            finding_add(&findings->of[key], id, v[key]);
            sound = false;
        }
    }
    if (!sound)
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
    config_where(source->config, section, config_population_keys[key].name, &p->value[key], where,
                 sizeof where);
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

enum status findings_report(const struct findings *findings, const struct neuron_source *source,
                            struct messages *errors, struct messages *warnings)
{
    const struct finding *of = findings->of;
    size_t before = errors->count;
    char text[300];
    snprintf(text, sizeof text, "population.%s", source->population->name);
    for (int key = 0; key < POPULATION_KEYS; key++)
        finding_report_range(&of[key], finding_range_of(&config_population_keys[key]),
                             source->config, text, &config_population_keys[key],
                             &source->population->value[key], source->population->size, errors);
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
    return STATUS_OK;
}
