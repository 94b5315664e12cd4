#include "config/advice.h"

#include "config/keys.h"
#include "config/names.h"

#include <stdio.h>
#include <string.h>

/* In a projection's section: what others say of a synapse, and we elsewhere or otherwise. */
static const struct {
    const char *theirs, *said;
} synapse_words[] = {
#define BY_SIGN "the sign of weight chooses the receptor: excitatory above 0, inhibitory below"
    {"receptor_type", BY_SIGN},  {"receptor", BY_SIGN},      {"synapse_type", BY_SIGN},
#define BY_MODEL                                                                                   \
    "what a spike does is the model of its target, such as model = iaf_psc_exp in "                \
    "[population.NAME]; weight and delay stand here"
    {"synapse_model", BY_MODEL}, {"syn_model", BY_MODEL},    {"syn_spec", BY_MODEL},
    {"psc", BY_MODEL},           {"on_pre", BY_MODEL},
#define BY_POPULATION                                                                              \
    "it belongs into the targets' [population.NAME], as tau_syn_ex and tau_syn_in of model = "     \
    "iaf_psc_exp, iaf_psc_alpha, iaf_cond_exp or iaf_cond_alpha"
    {"tau_syn", BY_POPULATION},  {"tau_psc", BY_POPULATION}, {"tau_decay", BY_POPULATION},
};

static bool is_in(const char *section, const char *prefix)
{
    return strncmp(section, prefix, strlen(prefix)) == 0;
}

static bool has_key(const struct key *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (config_is_same_word(keys[i].name, name))
            return true;
    return false;
}

/* "iaf_psc_exp, iaf_psc_alpha": the models with a key of their own; "": none. */
static const char *models_with(const struct config_types *types, const char *key, char *text,
                               size_t size)
{
    size_t used = 0;
    *text = '\0';
    for (size_t m = 0; m < types->model_count; m++) {
        const struct model_type *model = types->model[m];
        if (has_key(model->keys, model->key_count, key) && used < size)
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", model->name);
    }
    return text;
}

static const char *of_synapses(const char *key)
{
    for (size_t i = 0; i < sizeof synapse_words / sizeof *synapse_words; i++)
        if (config_is_same_word(synapse_words[i].theirs, key))
            return synapse_words[i].said;
    return NULL;
}

/* Where one of our keys belongs that is unknown in the section. */
static const char *place_of(const struct config_types *types, const char *section, const char *key,
                            char *hint, size_t size)
{
    char models[200];
    bool population = is_in(section, "population."), projection = is_in(section, "projection.");
    bool own = *models_with(types, key, models, sizeof models) != '\0';
    if (own && population)
        snprintf(hint, size, "%s is a key of model = %s", key, models);
    else if (own && projection)
        snprintf(hint, size, "%s belongs into the targets' [population.NAME], with model = %s", key,
                 models);
    else if (projection && has_key(config_population_keys, POPULATION_KEYS, key))
        snprintf(hint, size, "%s belongs into [population.NAME]", key);
    else if (population && has_key(config_projection_keys, PROJECTION_KEYS, key))
        snprintf(hint, size,
                 "%s belongs into a [projection.NAME], which connects populations by source and "
                 "target",
                 key);
    else
        return NULL;
    return hint;
}

const char *config_advise(const struct config_types *types, const char *section, const char *key,
                          char *hint, size_t size)
{
    const char *said = is_in(section, "projection.") ? of_synapses(key) : NULL;
    const char *ours = config_our_word(key);
    if (said)
        return said;
    said = place_of(types, section, key, hint, size);
    return said || !ours ? said : place_of(types, section, ours, hint, size);
}

const char *config_advise_section(const char *name)
{
    static const struct {
        const char *theirs, *ours;
    } sections[] = {
        {"synapses", "projection."},   {"synapse", "projection."}, {"connections", "projection."},
        {"connection", "projection."}, {"connect", "projection."}, {"edges", "projection."},
        {"neurons", "population."},    {"neuron", "population."},  {"neurongroup", "population."},
        {"nodes", "population."},      {"cells", "population."},   {"group", "population."},
        {"stimulus", "input."},        {"stimuli", "input."},      {"generator", "input."},
        {"device", "input."},          {"monitor", "record."},     {"recorder", "record."},
    };
    char kind[32];
    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(name, "."), name);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (config_is_same_word(sections[i].theirs, kind))
            return sections[i].ours;
    return NULL;
}
