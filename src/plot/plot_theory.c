/* The stationary rate of a population under constant currents and white noise. */
#include "plot/plot_theory.h"

#include "config/read.h"
#include "drive/input_draw.h"
#include "neuron/models.h"
#include "plot/plot_config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct value *value_of(const struct input_config *input, const char *key)
{
    static const struct value absent;
    for (size_t i = 0; i < input->type->key_count; i++)
        if (strcmp(input->keys[i].name, key) == 0)
            return &input->value[i];
    return &absent;
}

static double number(const struct input_config *input, const char *key)
{
    return value_of(input, key)->number.parameter[0];
}

static bool is_type(const struct input_config *input, const char *name)
{
    return strcmp(input->type->name, name) == 0;
}

/* The target that is all of the population, or NULL; *any: some of its neurons are targets. */
static const struct target *whole_target(const struct input_config *input, size_t population,
                                         bool *any)
{
    const struct target *whole = NULL;
    for (size_t t = 0; t < input->target_count; t++) {
        const struct target *target = &input->target[t];
        *any |= target->population == population;
        if (target->population == population && target->begin == 0 &&
            target->end == input->config->population[population].size)
            whole = target;
    }
    return whole;
}

/* Constant from warmup to the end, and of a kind whose mean and variance are known. */
static bool is_steady(const struct input_config *input)
{
    const struct config *config = input->config;
    if (input->start_step > config->warmup_steps || input->stop_step < config->steps)
        return false;
    if (is_type(input, "dc"))
        return true;
    return is_type(input, "white_noise") && !value_of(input, "hold")->given &&
           !(number(input, "correlation") > 0.0);
}

/* Its share of the free potential's variance, mV^2. */
static double variance(const struct input_config *input, const struct neuron *neuron)
{
    double dt = input->config->dt_ms, tau = neuron->tau_m;
    if (!is_type(input, "white_noise"))
        return 0.0;
    if (value_of(input, "sigma_V")->given)
        return pow(number(input, "sigma_V"), 2);
    if (value_of(input, "sigma_I")->given)
        return pow(number(input, "sigma_I") * neuron->resistance / tau, 2) * tau / 2;
    return pow(neuron->resistance * number(input, "std"), 2) * tanh(dt / (2 * tau));
}

/* A key's number for one neuron, drawn or constant. */
static double own_number(const struct input_config *input, const double *value, const char *key)
{
    const struct value *of_key = value_of(input, key);
    return of_key->present ? value[of_key - input->value] : 0.0;
}

static double mean_current(const struct plot_theory *t, const struct input_config *input,
                           const struct target *target, const struct neuron *neuron, uint64_t id)
{
    struct input_source source;
    double value[INPUT_KEYS_MOST];
    input_source_init(&source, t->config, input, target);
    input_draw(value, &source, id);
    if (is_type(input, "dc"))
        return own_number(input, value, "amplitude");
    return own_number(input, value, "mean") +
           own_number(input, value, "mean_V") / neuron->resistance;
}

/* The strength of noise is the same for all neurons. */
static bool same_strength(const struct input_config *input)
{
    return value_of(input, "std")->number.kind == DISTRIBUTION_CONSTANT &&
           value_of(input, "sigma_V")->number.kind == DISTRIBUTION_CONSTANT &&
           value_of(input, "sigma_I")->number.kind == DISTRIBUTION_CONSTANT;
}

/* All that decides the rate beside I_e and V_m is the same for all neurons. */
static bool all_alike(const struct neuron_source *source)
{
    return !(source->drawn & ~(1u << POPULATION_I_E | 1u << POPULATION_V_M)) &&
           !(source->given >> POPULATION_V_MIN & 1);
}

void plot_theory_open(struct plot_theory *t, const struct config *config, size_t population)
{
    memset(t, 0, sizeof *t);
    t->config = config;
    t->population = population;
    if (config->population[population].model->source_only)
        return; /* no current makes its spikes */
    t->steady = true;
    neuron_source_init(&t->source, config, population);
    neuron_draw(&t->neuron, &t->source, 0);
    double sum = 0.0;
    bool alike = all_alike(&t->source) && config->method == METHOD_EXACT &&
                 model_of(t->source.population) == &model_lif;
    for (size_t i = 0; i < config->input_count; i++) {
        bool any = false, all = whole_target(&config->input[i], population, &any);
        if (!any)
            continue;
        t->steady &= all && is_steady(&config->input[i]);
        alike &= same_strength(&config->input[i]);
        sum += variance(&config->input[i], &t->neuron);
    }
    t->known = t->steady && alike;
    t->sigma = sqrt(sum);
    t->bridge =
        config->population[population].value[POPULATION_CROSSING].integer == CROSSING_BRIDGE;
}

double plot_theory_current(const struct plot_theory *t, uint64_t id)
{
    struct neuron neuron;
    bool any;
    memset(&neuron, 0, sizeof neuron);
    neuron_draw(&neuron, &t->source, id);
    double current = neuron.value[POPULATION_I_E];
    for (size_t i = 0; i < t->config->input_count; i++) {
        const struct input_config *input = &t->config->input[i];
        const struct target *target = whole_target(input, t->population, &any);
        if (target)
            current += mean_current(t, input, target, &neuron, id);
    }
    return current;
}

bool plot_theory_uniform(const struct plot_theory *t)
{
    bool any, uniform = !(t->source.drawn >> POPULATION_I_E & 1);
    for (size_t i = 0; i < t->config->input_count; i++) {
        const struct input_config *input = &t->config->input[i];
        for (size_t k = 0; whole_target(input, t->population, &any) && k < input->type->key_count;
             k++)
            uniform &= input->keys[k].kind != VALUE_DISTRIBUTION ||
                       input->value[k].number.kind == DISTRIBUTION_CONSTANT;
    }
    return uniform;
}

/* e^(x^2) (1 + erf x), also far below 0. */
static double siegert_integrand(double x)
{
    if (x < -20) /* asymptotically */
        return (1 - 0.5 / (x * x)) / (-x * sqrt(M_PI));
    return exp(x * x) * erfc(-x);
}

/* By Simpson's rule. */
static double siegert_integral(double from, double to)
{
    enum { HALVES = 250 };
    double step = (to - from) / (2 * HALVES), sum = siegert_integrand(from) + siegert_integrand(to);
    for (int i = 1; i < 2 * HALVES; i++)
        sum += (i % 2 ? 4 : 2) * siegert_integrand(from + i * step);
    return sum * step / 3;
}

/* Mean interval in ms; `raised`: by how much the threshold is, mV. */
static double interval(const struct plot_theory *t, double current, double raised)
{
    const double *v = t->neuron.value;
    double free_V = v[POPULATION_E_L] + t->neuron.resistance * current, tau = t->neuron.tau_m;
    double threshold = v[POPULATION_V_TH] + raised, scale = t->sigma * sqrt(2);
    double reset = v[POPULATION_V_RESET], t_ref = v[POPULATION_T_REF];
    if (!(t->sigma > 0))
        return free_V > threshold ? t_ref + tau * log((free_V - reset) / (free_V - threshold))
                                  : INFINITY;
    if ((threshold - free_V) / scale > 26) /* beyond what doubles hold */
        return INFINITY;
    return t_ref + tau * sqrt(M_PI) *
                       siegert_integral((reset - free_V) / scale, (threshold - free_V) / scale);
}

bool plot_theory_has_grid(const struct plot_theory *t)
{
    return t->sigma > 0 && !t->bridge;
}

double plot_theory_rate(const struct plot_theory *t, double current)
{
    double late = plot_theory_has_grid(t) ? 0.0 : 0.5 * t->config->dt_ms;
    return 1e3 / (interval(t, current, 0.0) + late);
}

double plot_theory_grid_rate(const struct plot_theory *t, double current)
{
    double raised = 0.5826 * t->sigma * sqrt(2 * t->config->dt_ms / t->neuron.tau_m);
    return 1e3 / interval(t, current, raised);
}

double plot_theory_nearest(const struct plot_theory *t, double current)
{
    return plot_theory_has_grid(t) ? plot_theory_grid_rate(t, current)
                                   : plot_theory_rate(t, current);
}

const char *plot_theory_name(const struct plot_theory *t)
{
    return t->sigma > 0 ? "Siegert" : "closed form";
}

bool plot_theory_of_text(const char *text, const char *set, const char *population,
                         struct plot_theory_rates *rates)
{
    struct config *config = plot_parse_config(text, set);
    size_t place = plot_config_place(config, population);
    struct plot_theory theory = {.known = false};
    if (place != SIZE_MAX)
        plot_theory_open(&theory, config, place);
    bool known = theory.known && plot_theory_uniform(&theory);
    if (known) {
        double current = plot_theory_current(&theory, 0);
        rates->rate = plot_theory_rate(&theory, current);
        rates->grid = plot_theory_has_grid(&theory) ? plot_theory_grid_rate(&theory, current) : NAN;
        rates->name = plot_theory_name(&theory);
    }
    config_free(config);
    return known && isfinite(rates->rate);
}
