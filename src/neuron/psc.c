/* What iaf_psc_exp and iaf_psc_alpha share. */
#include "neuron/psc.h"

enum {
    FORGETS_EX = MODEL_OWN_FIELDS,
    FORGETS_IN,
    BY_CURRENT_EX,
    BY_CURRENT_IN,
    BY_FEED_EX,
    BY_FEED_IN,
    FEEDS_EX,
    FEEDS_IN
};
enum { I_EX = MODEL_OWN_STATES, I_IN, FEED_EX, FEED_IN };

const struct key psc_keys[SYNAPSE_KEYS - POPULATION_KEYS] = {
    SYNAPSE_TAU("ex", "time constant of excitatory currents", "2 ms", ),
    SYNAPSE_TAU("in", "time constant of inhibitory currents", "2 ms", ),
};

static bool ex_varies(const struct neuron_source *source)
{
    return synapse_draws(source, SYNAPSE_TAU_EX);
}

static bool in_varies(const struct neuron_source *source)
{
    return synapse_draws(source, SYNAPSE_TAU_IN);
}

static bool ex_on_V_varies(const struct neuron_source *source)
{
    return source->membrane_varies || ex_varies(source);
}

static bool in_on_V_varies(const struct neuron_source *source)
{
    return source->membrane_varies || in_varies(source);
}

static void forgets(double *restrict value, const struct neuron_rows *restrict rows, int tau)
{
    const struct config *config = rows->source->config;
    for (size_t i = 0; i < rows->count; i++)
        value[i] = membrane_step_of(config->method, config->dt_ms, rows->value[tau][i]).decay;
}

/* A propagator of each neuron. */
static void propagate(double *restrict value, const struct neuron_rows *restrict rows, int tau,
                      double (*of)(const struct synapse_of *))
{
    const struct config *config = rows->source->config;
    for (size_t i = 0; i < rows->count; i++) {
        const double tau_m = rows->tau_m[i];
        value[i] = of(&(struct synapse_of){config->method, config->dt_ms, rows->value[tau][i],
                                           tau_m, tau_m / rows->resistance[i]});
    }
}

static void forgets_ex(double *value, const struct neuron_rows *rows)
{
    forgets(value, rows, SYNAPSE_TAU_EX);
}

static void forgets_in(double *value, const struct neuron_rows *rows)
{
    forgets(value, rows, SYNAPSE_TAU_IN);
}

static void by_current_ex(double *value, const struct neuron_rows *rows)
{
    propagate(value, rows, SYNAPSE_TAU_EX, synapse_by_current);
}

static void by_current_in(double *value, const struct neuron_rows *rows)
{
    propagate(value, rows, SYNAPSE_TAU_IN, synapse_by_current);
}

static void by_feed_ex(double *value, const struct neuron_rows *rows)
{
    propagate(value, rows, SYNAPSE_TAU_EX, synapse_by_feed);
}

static void by_feed_in(double *value, const struct neuron_rows *rows)
{
    propagate(value, rows, SYNAPSE_TAU_IN, synapse_by_feed);
}

static void feeds_ex(double *value, const struct neuron_rows *rows)
{
    propagate(value, rows, SYNAPSE_TAU_EX, synapse_feeds);
}

static void feeds_in(double *value, const struct neuron_rows *rows)
{
    propagate(value, rows, SYNAPSE_TAU_IN, synapse_feeds);
}

const struct model_coefficient psc_coefficient[PSC_ALPHA_COEFFICIENTS] = {
    {"decay of I_syn_ex", false, ex_varies, forgets_ex},
    {"decay of I_syn_in", false, in_varies, forgets_in},
    {"gain of I_syn_ex", false, ex_on_V_varies, by_current_ex},
    {"gain of I_syn_in", false, in_on_V_varies, by_current_in},
    {"gain of the rise of I_syn_ex", false, ex_on_V_varies, by_feed_ex},
    {"gain of the rise of I_syn_in", false, in_on_V_varies, by_feed_in},
    {"rise of I_syn_ex", false, ex_varies, feeds_ex},
    {"rise of I_syn_in", false, in_varies, feeds_in},
};

const struct model_state psc_state[PSC_ALPHA_STATES] = {
    {"I_syn_ex", "excitatory currents I_syn_ex", NULL},
    {"I_syn_in", "inhibitory currents I_syn_in", NULL},
    {"dI_syn_ex", "what feeds I_syn_ex", NULL},
    {"dI_syn_in", "what feeds I_syn_in", NULL},
};

const struct recordable psc_recordables[PSC_RECORDABLES] = {{"I_syn", DIMENSION_CURRENT},
                                                            {"I_syn_ex", DIMENSION_CURRENT},
                                                            {"I_syn_in", DIMENSION_CURRENT},
                                                            {"jumps", DIMENSION_CURRENT}};

const struct model_recordable psc_recordable[PSC_RECORDABLES] = {
    {MODEL_FROM_STATE, I_EX, I_IN, NULL},
    {MODEL_FROM_STATE, I_EX, 0, NULL},
    {MODEL_FROM_STATE, I_IN, 0, NULL},
    {MODEL_FROM_JUMPS, 0, 0, NULL},
};

static struct psc_receptor receptor_of(const struct model_step *s, enum receptor r, bool alpha)
{
    struct psc_receptor receptor = {.current = s->state[I_EX + r],
                                    .jump = s->jump[r],
                                    .by_current = s->field[BY_CURRENT_EX + r],
                                    .forgets = s->field[FORGETS_EX + r]};
    if (alpha) {
        receptor.feed = s->state[FEED_EX + r];
        receptor.by_feed = s->field[BY_FEED_EX + r];
        receptor.feeds = s->field[FEEDS_EX + r];
    }
    return receptor;
}

static size_t step(const struct model_step *s, bool alpha)
{
    return s->kernels->step_psc(&(struct psc_arguments){
        .u = s->state[MODEL_U],
        .e = s->field[MODEL_DECAY],
        .d = s->d,
        .receptor = {receptor_of(s, RECEPTOR_EX, alpha), receptor_of(s, RECEPTOR_IN, alpha)},
        .count = s->count,
        .group = s->group,
        .crossed = s->crossed});
}

size_t psc_step_exp(const struct model_step *s)
{
    return step(s, false);
}

size_t psc_step_alpha(const struct model_step *s)
{
    return step(s, true);
}
