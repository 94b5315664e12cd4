/* [projection.NAME]: who is connected to whom, how strongly, and what of it cannot be. */
#include "config/read_projection.h"

#include "config/read_targets.h"
#include "config/weight.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DELAY_STEPS_MOST = 65535 }; /* between two segments of a neuron's synapses: 16 bits */

/* A projection on its way from a section. */
struct draft {
    struct reading *reading;
    struct ini_section *section;
    struct projection_config *out;
    uint64_t overlap; /* neurons that are both sources and targets */
};

static struct place place_of(const struct draft *draft, enum projection_key key)
{
    struct place place =
        config_value_place(draft->section, &config_projection_keys[key], &draft->out->value[key]);
    place.fallback = false; /* also said of keys that are missing */
    return place;
}

/* ---- who */

static bool read_list(struct draft *draft, enum projection_key key, struct target **list,
                      size_t *count, uint64_t *neurons)
{
    const struct value *value = &draft->out->value[key];
    struct parser parser = {.store = draft->reading->store,
                            .errors = &draft->reading->errors,
                            .place = place_of(draft, key)};
    bool good = value->present &&
                (key == PROJECTION_SOURCE
                     ? config_read_populations(draft->reading, &parser, value->text, list, count)
                     : config_read_targets(draft->reading, &parser, value->text, list, count));
    *neurons = 0;
    for (size_t i = 0; good && i < *count; i++)
        *neurons += (*list)[i].end - (*list)[i].begin;
    return good;
}

static uint64_t common(struct target a, struct target b)
{
    uint64_t begin = a.begin > b.begin ? a.begin : b.begin;
    uint64_t end = a.end < b.end ? a.end : b.end;
    return a.population == b.population && begin < end ? end - begin : 0;
}

static bool read_lists(struct draft *draft)
{
    struct projection_config *out = draft->out;
    bool good =
        read_list(draft, PROJECTION_SOURCE, &out->source, &out->source_count, &out->sources);
    good &= read_list(draft, PROJECTION_TARGET, &out->target, &out->target_count, &out->targets);
    for (size_t s = 0; good && s < out->source_count; s++)
        for (size_t t = 0; t < out->target_count; t++)
            draft->overlap += common(out->source[s], out->target[t]);
    return good;
}

/* The weight's key in the unit of the targets' models, which must be the same. */
static bool find_weight(struct draft *draft)
{
    struct projection_config *out = draft->out;
    const struct key *found = &config_projection_keys[PROJECTION_WEIGHT];
    struct place place = place_of(draft, PROJECTION_TARGET);
    out->weight = *found;
    found = config_weight_keys(draft->reading, &place, out->target, out->target_count, found, 1);
    if (found)
        out->weight = *found;
    return found != NULL;
}

/* ---- keys that go with a rule */

static const struct rule_keys {
    enum projection_key key;
    enum projection_rule rule;
    bool required;
} rule_keys[] = {
    {PROJECTION_INDEGREE, RULE_FIXED_INDEGREE, true},
    {PROJECTION_OUTDEGREE, RULE_FIXED_OUTDEGREE, true},
    {PROJECTION_N, RULE_FIXED_TOTAL_NUMBER, true},
    {PROJECTION_P, RULE_PAIRWISE_BERNOULLI, true},
    {PROJECTION_AVG, RULE_PAIRWISE_POISSON, true},
    {PROJECTION_FILE, RULE_FILE, true},
    {PROJECTION_EDGES, RULE_FILE, false},
    {PROJECTION_TYPES, RULE_FILE, false},
};

static bool check_rule_keys(struct draft *draft)
{
    struct projection_config *out = draft->out;
    bool good = true;
    for (size_t i = 0; i < sizeof rule_keys / sizeof *rule_keys; i++) {
        const struct rule_keys *k = &rule_keys[i];
        const struct key *key = &config_projection_keys[k->key];
        struct place place = place_of(draft, k->key);
        bool given = out->value[k->key].given, own = k->rule == out->rule;
        if (given == own || (own && !k->required))
            continue;
        good = false;
        if (own)
            config_report(&draft->reading->errors, &place, "the key is missing; it is %s",
                          key->help);
        else
            config_report(&draft->reading->errors, &place,
                          "not a key of rule = %s; leave it out, or choose the rule it goes with",
                          out->value[PROJECTION_RULE].text);
    }
    return good;
}

/* What a file has is not drawn, so nothing of it can be left out. */
static bool check_file_keys(struct draft *draft)
{
    struct projection_config *out = draft->out;
    bool good = true;
    for (enum projection_key key = PROJECTION_AUTAPSES; key <= PROJECTION_MULTAPSES; key++) {
        if (out->rule != RULE_FILE || out->value[key].integer)
            continue;
        struct place place = place_of(draft, key);
        config_report(&draft->reading->errors, &place,
                      "the edges of a file are all connected as they stand there; leave it out");
        good = false;
    }
    return good;
}

/* A file may say weights and delays, or leave them to the config. */
static bool check_synapse_keys(struct draft *draft)
{
    struct projection_config *out = draft->out;
    bool good = true;
    for (enum projection_key key = PROJECTION_WEIGHT; key <= PROJECTION_DELAY; key++) {
        if (out->value[key].present || out->rule == RULE_FILE)
            continue;
        struct place place = place_of(draft, key);
        config_report(&draft->reading->errors, &place, "the key is missing; it is %s",
                      config_projection_keys[key].help);
        good = false;
    }
    return good;
}

/* ---- degrees */

/* How many different sources a target may have, at least. */
static uint64_t sources_of_each(const struct draft *draft)
{
    return draft->out->sources - (!draft->out->autapses && draft->overlap > 0);
}

static uint64_t targets_of_each(const struct draft *draft)
{
    return draft->out->targets - (!draft->out->autapses && draft->overlap > 0);
}

static void check_degree(struct draft *draft, enum projection_key key, uint64_t possible,
                         const char *whose)
{
    struct projection_config *out = draft->out;
    uint64_t degree = out->value[key].integer;
    if (degree == 0 || possible >= degree || (out->multapses && possible > 0))
        return;
    struct place place = place_of(draft, key);
    config_report(&draft->reading->errors, &place,
                  "%" PRIu64 " different %s for each neuron, and there are %" PRIu64
                  "; write at most %" PRIu64 "%s",
                  degree, whose, possible, possible,
                  possible > 0 ? ", or allow_multapses = yes" : "");
}

/* N without multapses: at most one for each pair. */
static void check_total(struct draft *draft)
{
    struct projection_config *out = draft->out;
    unsigned __int128 pairs = (unsigned __int128)out->sources * out->targets;
    uint64_t N = out->value[PROJECTION_N].integer;
    pairs -= out->autapses ? 0 : draft->overlap;
    if (N == 0 || pairs >= N || (out->multapses && pairs > 0))
        return;
    struct place place = place_of(draft, PROJECTION_N);
    config_report(&draft->reading->errors, &place,
                  "more than the %" PRIu64 " pairs there are; write at most %" PRIu64 "%s",
                  (uint64_t)pairs, (uint64_t)pairs, pairs > 0 ? ", or allow_multapses = yes" : "");
}

static void check_one_to_one(struct draft *draft)
{
    struct projection_config *out = draft->out;
    if (out->sources == out->targets)
        return;
    struct place place = place_of(draft, PROJECTION_RULE);
    config_report(&draft->reading->errors, &place,
                  "%" PRIu64 " sources and %" PRIu64
                  " targets; one_to_one needs as many of both: choose slices",
                  out->sources, out->targets);
}

/* A Poisson number of synapses of one pair may be two. */
static void check_poisson(struct draft *draft)
{
    struct place place = place_of(draft, PROJECTION_MULTAPSES);
    if (!draft->out->multapses)
        config_report(&draft->reading->errors, &place,
                      "pairwise_poisson makes multapses; write yes, or rule = pairwise_bernoulli");
}

/* A population whose size is wrong has no neurons: that has been told already. */
static void check_degrees(struct draft *draft)
{
    if (draft->out->sources == 0 || draft->out->targets == 0)
        return;
    switch (draft->out->rule) {
    case RULE_ONE_TO_ONE:
        check_one_to_one(draft);
        break;
    case RULE_FIXED_INDEGREE:
        check_degree(draft, PROJECTION_INDEGREE, sources_of_each(draft), "sources");
        break;
    case RULE_FIXED_OUTDEGREE:
        check_degree(draft, PROJECTION_OUTDEGREE, targets_of_each(draft), "targets");
        break;
    case RULE_FIXED_TOTAL_NUMBER:
        check_total(draft);
        break;
    case RULE_PAIRWISE_POISSON:
        check_poisson(draft);
        break;
    default:
        break;
    }
}

/* ---- weights and delays */

/* The least and the greatest value that a distribution can have; false: it has no bounds. */
static bool bounds_of(const struct distribution *d, double *least, double *most)
{
    const double *p = d->parameter;
    switch (d->kind) {
    case DISTRIBUTION_CONSTANT:
        *least = *most = p[0];
        return true;
    case DISTRIBUTION_UNIFORM:
        *least = p[0];
        *most = p[1];
        return true;
    case DISTRIBUTION_NORMAL_CLIPPED:
        *least = p[2];
        *most = p[3];
        return true;
    case DISTRIBUTION_LOGNORMAL: /* of the sign of its median */
        *least = *most = p[0];
        return true;
    case DISTRIBUTION_CHOICE:
        *least = *most = d->list[0];
        for (size_t i = 1; i < d->count; i++) {
            *least = d->list[i] < *least ? d->list[i] : *least;
            *most = d->list[i] > *most ? d->list[i] : *most;
        }
        return true;
    default:
        return false;
    }
}

/* Values along ids have no meaning for synapses. */
static bool check_kind(struct draft *draft, enum projection_key key)
{
    enum distribution_kind kind = draft->out->value[key].number.kind;
    if (kind != DISTRIBUTION_LINSPACE && kind != DISTRIBUTION_LEVELS && kind != DISTRIBUTION_FILE)
        return true;
    struct place place = place_of(draft, key);
    config_report(&draft->reading->errors, &place,
                  "linspace, levels and file give values to neurons, not to synapses; draw them, "
                  "such as normal(1.5, 0.5), or read the edges from a file by rule = file");
    return false;
}

/* Excitatory and inhibitory synapses are mostly meant to be told apart. */
static void check_signs(struct draft *draft)
{
    struct projection_config *out = draft->out;
    const struct value *weight = &out->value[PROJECTION_WEIGHT];
    double least = -1, most = 1;
    if (!weight->present || out->both_signs || !check_kind(draft, PROJECTION_WEIGHT))
        return;
    bool bounded = bounds_of(&weight->number, &least, &most);
    if (least >= 0 || most <= 0)
        return;
    struct place place = place_of(draft, PROJECTION_WEIGHT);
    config_report(&draft->reading->errors, &place,
                  "weights of both signs%s; write allow_both_signs = yes if that is meant, or %s",
                  bounded ? "" : " (a normal distribution has no bounds)",
                  bounded ? "bounds of one sign" : "normal_clipped(mean, sd, lo, hi)");
}

/* A constant goes to the nearest step; a drawn delay, too, and from half a step on that is one. */
static void check_delay(struct draft *draft)
{
    const struct value *delay = &draft->out->value[PROJECTION_DELAY];
    if (!draft->reading->dt || !delay->present || !check_kind(draft, PROJECTION_DELAY))
        return;
    const double dt = draft->reading->config->dt_ms;
    bool constant = delay->number.kind == DISTRIBUTION_CONSTANT;
    double least = 0, most = 0, limit = constant ? dt : dt / 2;
    struct place place = place_of(draft, PROJECTION_DELAY);
    if (!bounds_of(&delay->number, &least, &most))
        config_report(&draft->reading->errors, &place,
                      "a normal distribution has negative delays, too; write "
                      "normal_clipped(mean, sd, %g, hi)",
                      dt);
    else if (least < limit * (1 - 1e-12))
        config_report(&draft->reading->errors, &place,
                      "%g ms is below %s = %g ms; no spike arrives before the next step: write at "
                      "least %g ms",
                      least, constant ? "dt" : "dt / 2", limit, limit);
    else if (most > DELAY_STEPS_MOST * dt)
        config_report(&draft->reading->errors, &place, "%g ms is more than %d steps of dt", most,
                      DELAY_STEPS_MOST);
}

/* ---- how synapses are kept */

/* The first key that has not one constant, or none. */
static enum projection_key drawn_key(const struct projection_config *projection)
{
    enum projection_key key = PROJECTION_WEIGHT;
    while (key <= PROJECTION_DELAY && projection->value[key].number.kind == DISTRIBUTION_CONSTANT)
        key++;
    return key;
}

/* A bit can say that there is a synapse, and nothing more, nor can a number that is drawn anew. */
static void check_storage(struct draft *draft)
{
    const struct projection_config *out = draft->out;
    const enum projection_key drawn = drawn_key(out);
    const bool bitmaps = out->storage == STORAGE_BITMAPS;
    struct place place = place_of(draft, PROJECTION_STORAGE);
    if (!bitmaps && out->storage != STORAGE_PROCEDURAL)
        return;
    if (!bitmaps && out->rule != RULE_FIXED_OUTDEGREE)
        config_report(&draft->reading->errors, &place,
                      "only synapses of rule = fixed_outdegree can be drawn anew for each spike; "
                      "write automatic, or take that rule");
    else if (!bitmaps && !out->multapses)
        config_report(&draft->reading->errors, &place,
                      "synapses without multapses are drawn with regard to others, not anew for "
                      "each spike; write automatic, or allow_multapses = yes");
    else if (out->rule == RULE_FILE)
        config_report(&draft->reading->errors, &place,
                      "the synapses of a file are kept as lists; leave it out");
    else if (drawn <= PROJECTION_DELAY)
        config_report(&draft->reading->errors, &place,
                      "%s are for synapses of one weight and one delay, and %s is drawn; write "
                      "lists, or a constant %s",
                      bitmaps ? "bitmaps" : "procedural ones", config_projection_keys[drawn].name,
                      config_projection_keys[drawn].name);
}

/* The key of weights is known once the targets are. */
static bool read_weight(struct draft *draft)
{
    return find_weight(draft) &&
           config_read_keys(draft->reading, draft->section, &draft->out->weight, 1,
                            &draft->out->value[PROJECTION_WEIGHT]);
}

static bool read_keys(struct draft *draft)
{
    struct value *value = draft->out->value;
    const struct key *keys = config_projection_keys;
    bool good = config_read_keys(draft->reading, draft->section, keys, PROJECTION_WEIGHT, value);
    good &= config_read_keys(draft->reading, draft->section, keys + PROJECTION_DELAY,
                             PROJECTION_KEYS - PROJECTION_DELAY, value + PROJECTION_DELAY);
    return good;
}

static void settle_keys(struct draft *draft)
{
    struct projection_config *out = draft->out;
    const struct value *value = out->value;
    out->rule = (enum projection_rule)value[PROJECTION_RULE].integer;
    out->autapses = value[PROJECTION_AUTAPSES].integer;
    out->multapses = value[PROJECTION_MULTAPSES].integer;
    out->both_signs = value[PROJECTION_SIGNS].integer;
    out->storage = (enum projection_storage)value[PROJECTION_STORAGE].integer;
    out->seed = config_seed(draft->reading, &value[PROJECTION_SEED]);
    out->seed_given = value[PROJECTION_SEED].given;
}

void config_read_projection(struct reading *reading, struct ini_section *section,
                            struct projection_config *out)
{
    const char *name = strchr(section->name, '.') + 1;
    struct draft draft = {.reading = reading, .section = section, .out = out};
    out->name = config_copy(reading->store, name, strlen(name));
    out->line = section->line;
    bool good = read_keys(&draft);
    bool lists = read_lists(&draft);
    bool weight = lists && read_weight(&draft);
    if (!weight && config_ini_entry(section, "weight"))
        config_ini_entry(section, "weight")->used = true; /* its unit is not known */
    config_report_unknown(reading, section, config_projection_keys, PROJECTION_KEYS, NULL, 0);
    settle_keys(&draft);
    if (!good || !lists || !weight)
        return;
    good = check_rule_keys(&draft);
    good &= check_file_keys(&draft);
    good &= check_synapse_keys(&draft); /* all errors together */
    if (good) {
        check_degrees(&draft);
        check_signs(&draft);
        check_delay(&draft);
        check_storage(&draft);
    }
}
