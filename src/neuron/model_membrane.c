/* The membrane's coefficients, as docs/numerics.md has them: computed in double from each neuron's
 * parameters. */
#include "neuron/model_membrane.h"

#include "neuron/neuron_rows.h"

#include <math.h>

static bool any_drawn(const struct neuron_source *source, unsigned keys)
{
    return (source->drawn & keys) != 0;
}

/* tau_m differs: in some membranes a key of its own, in the others both keys make it. */
static bool tau_varies(const struct neuron_source *source)
{
    unsigned keys = membrane_keys(source->population->membrane);
    return any_drawn(source, keys >> POPULATION_TAU_M & 1 ? 1u << POPULATION_TAU_M : keys);
}

static bool bias_varies(const struct neuron_source *source)
{
    const struct distribution *current = &source->population->value[POPULATION_I_E].number;
    bool no_current =
        current->kind == DISTRIBUTION_CONSTANT && fpclassify(current->parameter[0]) == FP_ZERO;
    return tau_varies(source) || (source->membrane_varies && !no_current) ||
           any_drawn(source, 1u << POPULATION_E_L | 1u << POPULATION_V_TH | 1u << POPULATION_I_E);
}

static bool gain_varies(const struct neuron_source *source)
{
    return source->membrane_varies;
}

static bool reset_varies(const struct neuron_source *source)
{
    return any_drawn(source, 1u << POPULATION_V_RESET | 1u << POPULATION_V_TH);
}

static bool floor_varies(const struct neuron_source *source)
{
    return (source->given >> POPULATION_V_MIN & 1) &&
           any_drawn(source, 1u << POPULATION_V_MIN | 1u << POPULATION_V_TH);
}

static bool bridge_varies(const struct neuron_source *source)
{
    return tau_varies(source) &&
           source->population->value[POPULATION_CROSSING].integer == CROSSING_BRIDGE;
}

static void bias(double *restrict value, const struct neuron_rows *restrict rows)
{
    const double(*v)[NEURON_ROWS] = rows->value;
    for (size_t i = 0; i < rows->count; i++) {
        double R = rows->resistance[i];
        double free = v[POPULATION_E_L][i] - v[POPULATION_V_TH][i] + R * v[POPULATION_I_E][i];
        value[i] = rows->decay[i] * free;
    }
}

static void decay(double *restrict value, const struct neuron_rows *restrict rows)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->decay[i];
}

static void gain(double *restrict value, const struct neuron_rows *restrict rows)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->decay[i] * rows->resistance[i];
}

/* A potential above threshold, in mV. */
static void above_threshold(double *restrict value, const struct neuron_rows *restrict rows,
                            enum population_key potential)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->value[potential][i] - rows->value[POPULATION_V_TH][i];
}

static void reset(double *restrict value, const struct neuron_rows *restrict rows)
{
    above_threshold(value, rows, POPULATION_V_RESET);
}

static void lower_bound(double *restrict value, const struct neuron_rows *restrict rows)
{
    above_threshold(value, rows, POPULATION_V_MIN);
}

static void bridge(double *restrict value, const struct neuron_rows *restrict rows)
{
    const double dt_ms = rows->source->config->dt_ms;
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->tau_m[i] * rows->forgotten[i] / dt_ms;
}

static void initial_u(double *restrict value, const struct neuron_rows *restrict rows)
{
    above_threshold(value, rows, POPULATION_V_M);
}

const struct model_coefficient model_membrane_coefficient[MODEL_OWN_FIELDS] = {
    [MODEL_BIAS] = {"drift e (E_L - V_th + R I_e)", false, bias_varies, bias},
    [MODEL_DECAY] = {"decay e", false, tau_varies, decay},
    [MODEL_GAIN] = {"gain e R", true, gain_varies, gain},
    [MODEL_RESET] = {"reset V_reset - V_th", false, reset_varies, reset},
    [MODEL_FLOOR] = {"lower bound V_min - V_th", false, floor_varies, lower_bound},
    [MODEL_BRIDGE] = {"bridge tau_m (1 - P^2) / dt", false, bridge_varies, bridge},
};

const struct model_state model_membrane_state[MODEL_OWN_STATES] = {
    [MODEL_U] = {"u", "membrane potential u", initial_u},
};

static struct model_shown potential(const struct neuron *neuron)
{
    const double *v = neuron->value;
    return (struct model_shown){1.0, v[POPULATION_V_TH], v[POPULATION_V_RESET]};
}

/* R I = drift / e - (E_L - V_th). */
static struct model_shown current(const struct neuron *neuron)
{
    const double R = neuron->resistance;
    return (struct model_shown){
        1.0 / (neuron->step.decay * R),
        (neuron->value[POPULATION_V_TH] - neuron->value[POPULATION_E_L]) / R, 0.0};
}

const struct model_recordable model_membrane_recordable[CONFIG_RECORDABLES] = {
    {MODEL_FROM_STATE, MODEL_U, 0, potential}, /* V_m */
    {MODEL_FROM_DRIFT, 0, 0, current},         /* I */
    {MODEL_FROM_JUMPS, 0, 0, NULL},            /* jumps */
};
