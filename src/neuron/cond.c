/* What iaf_cond_exp and iaf_cond_alpha share. */
#include "neuron/cond.h"

#include <stdio.h>

enum { RATE = MODEL_OWN_FIELDS, LEAK, PER_NS, DRIVING_EX, DRIVING_IN, DECAY_EX, DECAY_IN };
enum { G_EX = MODEL_OWN_STATES, G_IN, FEED_EX, FEED_IN };

#define REVERSAL(which, words, usual, of_threshold)                                                \
    {                                                                                              \
        .name = "E_" which, .kind = VALUE_DISTRIBUTION, .dimension = DIMENSION_VOLTAGE,            \
        .fallback = usual, .least = -1e4, .most = 1e4, .help = words, .side = of_threshold         \
    }

const struct key cond_keys[COND_KEYS - POPULATION_KEYS] = {
    SYNAPSE_TAU("ex", "time constant of excitatory conductances", "0.2 ms", .dt_least = true),
    SYNAPSE_TAU("in", "time constant of inhibitory conductances", "2 ms", .dt_least = true),
    REVERSAL("ex", "reversal potential of excitatory conductances", "0 mV", 1),
    REVERSAL("in", "reversal potential of inhibitory conductances", "-85 mV", -1),
};

static bool membrane_varies(const struct neuron_source *source)
{
    return source->membrane_varies;
}

static bool driving_ex_varies(const struct neuron_source *source)
{
    return synapse_draws(source, COND_E_EX) || synapse_draws(source, POPULATION_V_TH);
}

static bool driving_in_varies(const struct neuron_source *source)
{
    return synapse_draws(source, COND_E_IN) || synapse_draws(source, POPULATION_V_TH);
}

static bool decay_ex_varies(const struct neuron_source *source)
{
    return synapse_draws(source, SYNAPSE_TAU_EX);
}

static bool decay_in_varies(const struct neuron_source *source)
{
    return synapse_draws(source, SYNAPSE_TAU_IN);
}

static void leak(double *restrict value, const struct neuron_rows *restrict rows)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->source->config->dt_ms / rows->tau_m[i];
}

static void rate(double *restrict value, const struct neuron_rows *restrict rows)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->source->config->dt_ms / rows->tau_m[i] / rows->decay[i];
}

static void per_nS(double *restrict value, const struct neuron_rows *restrict rows)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->source->config->dt_ms / rows->tau_m[i] * rows->resistance[i];
}

/* From a reversal potential to the threshold. */
static void driving(double *restrict value, const struct neuron_rows *restrict rows, int reversal)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->value[POPULATION_V_TH][i] - rows->value[reversal][i];
}

static void driving_ex(double *value, const struct neuron_rows *rows)
{
    driving(value, rows, COND_E_EX);
}

static void driving_in(double *value, const struct neuron_rows *rows)
{
    driving(value, rows, COND_E_IN);
}

static void decay(double *restrict value, const struct neuron_rows *restrict rows, int tau)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->source->config->dt_ms / rows->value[tau][i];
}

static void decay_ex(double *value, const struct neuron_rows *rows)
{
    decay(value, rows, SYNAPSE_TAU_EX);
}

static void decay_in(double *value, const struct neuron_rows *rows)
{
    decay(value, rows, SYNAPSE_TAU_IN);
}

const struct model_coefficient cond_coefficient[COND_COEFFICIENTS] = {
    {"slope dt / (tau_m e)", false, membrane_varies, rate},
    {"leak dt / tau_m", false, membrane_varies, leak},
    {"slope of conductances dt / C_m", false, membrane_varies, per_nS},
    {"driving V_th - E_ex", false, driving_ex_varies, driving_ex},
    {"driving V_th - E_in", false, driving_in_varies, driving_in},
    {"decay of g_ex", false, decay_ex_varies, decay_ex},
    {"decay of g_in", false, decay_in_varies, decay_in},
};

const struct model_state cond_state[COND_ALPHA_STATES] = {
    {"g_ex", "excitatory conductances g_ex", NULL},
    {"g_in", "inhibitory conductances g_in", NULL},
    {"dg_ex", "what feeds g_ex", NULL},
    {"dg_in", "what feeds g_in", NULL},
};

const struct recordable cond_recordables[COND_RECORDABLES] = {{"g_ex", DIMENSION_CONDUCTANCE},
                                                              {"g_in", DIMENSION_CONDUCTANCE},
                                                              {"jumps", DIMENSION_CONDUCTANCE}};

const struct model_recordable cond_recordable[COND_RECORDABLES] = {
    {MODEL_FROM_STATE, G_EX, 0, NULL},
    {MODEL_FROM_STATE, G_IN, 0, NULL},
    {MODEL_FROM_JUMPS, 0, 0, NULL},
};

/* Runge and Kutta's step is good, and stable, where nothing is faster than it. */
void cond_check(const struct population_config *population,
                void (*report)(void *context, int key, const char *text), void *context)
{
    const struct config *config = population->config;
    if (config->method == METHOD_EULER)
        report(context, POPULATION_MODEL,
               "has no forward Euler; take method = exact, or a model with currents");
    for (int key = SYNAPSE_TAU_EX; key <= SYNAPSE_TAU_IN; key++) {
        const struct distribution *tau = &population->value[key].number;
        char text[160];
        if (tau->kind != DISTRIBUTION_CONSTANT || tau->parameter[0] >= config->dt_ms)
            continue;
        snprintf(text, sizeof text, "%.6g ms is below dt = %.6g ms; use a smaller dt",
                 tau->parameter[0], config->dt_ms);
        report(context, key, text);
    }
}

static struct cond_receptor receptor_of(const struct model_step *s, enum receptor r, bool alpha)
{
    return (struct cond_receptor){.conductance = s->state[G_EX + r],
                                  .feed = alpha ? s->state[FEED_EX + r] : NULL,
                                  .jump = s->jump[r],
                                  .driving = s->field[DRIVING_EX + r],
                                  .decay = s->field[DECAY_EX + r]};
}

static size_t step(const struct model_step *s, bool alpha)
{
    return s->kernels->step_cond(&(struct cond_arguments){
        .u = s->state[MODEL_U],
        .d = s->d,
        .rate = s->field[RATE],
        .leak = s->field[LEAK],
        .per_nS = s->field[PER_NS],
        .receptor = {receptor_of(s, RECEPTOR_EX, alpha), receptor_of(s, RECEPTOR_IN, alpha)},
        .count = s->count,
        .group = s->group,
        .crossed = s->crossed});
}

size_t cond_step_exp(const struct model_step *s)
{
    return step(s, false);
}

size_t cond_step_alpha(const struct model_step *s)
{
    return step(s, true);
}
