/* A model for tests of what models bring: LIF with a current w that each spike raises by b and that
 * decays with tau_w, tau_w dw/dt = -w; -w acts on the membrane. Own keys, coefficients, state,
 * recordables. */
#ifndef MEGALIF_TESTS_ADAPTING_H
#define MEGALIF_TESTS_ADAPTING_H

#include "drive/drive.h"
#include "neuron/models.h"
#include "neuron/neuron_rows.h"

enum { ADAPTING_TAU_W = POPULATION_KEYS, ADAPTING_B, ADAPTING_NOTE, ADAPTING_END };
enum { ADAPTING_GAIN = MODEL_OWN_FIELDS, ADAPTING_FORGETS, ADAPTING_JUMP };
enum { ADAPTING_W = MODEL_OWN_STATES };

static const struct key adapting_keys[] = {
    [ADAPTING_TAU_W - POPULATION_KEYS] = {.name = "tau_w",
                                          .kind = VALUE_DISTRIBUTION,
                                          .dimension = DIMENSION_TIME,
                                          .fallback = "100 ms",
                                          .least = 1e-3,
                                          .most = 1e6,
                                          .positive = true,
                                          .help = "the time constant of w"},
    [ADAPTING_B - POPULATION_KEYS] = {.name = "b",
                                      .kind = VALUE_DISTRIBUTION,
                                      .dimension = DIMENSION_CURRENT,
                                      .required = true,
                                      .least = 0,
                                      .most = 1e6,
                                      .help = "what a spike adds to w"},
    [ADAPTING_NOTE - POPULATION_KEYS] = {.name = "note",
                                         .kind = VALUE_WORD,
                                         .words = "weak|strong",
                                         .help = "whether b is weak or strong"},
};

static void adapting_check(const struct population_config *population,
                           void (*report)(void *context, int key, const char *text), void *context)
{
    const struct value *v = population->value;
    if (v[ADAPTING_NOTE].given && v[ADAPTING_NOTE].integer == 0 &&
        v[ADAPTING_B].number.parameter[0] > 1e3)
        report(context, ADAPTING_B, "is not weak; leave the note out");
    if (v[POPULATION_TAU_M].number.parameter[0] > v[ADAPTING_TAU_W].number.parameter[0])
        report(context, -1, "w is faster than V; make tau_w longer");
}

static bool adapting_gain_varies(const struct neuron_source *source)
{
    return source->membrane_varies;
}

static bool adapting_forgets_varies(const struct neuron_source *source)
{
    return source->drawn >> ADAPTING_TAU_W & 1;
}

static bool adapting_jump_varies(const struct neuron_source *source)
{
    return source->drawn >> ADAPTING_B & 1;
}

static void adapting_gain(double *value, const struct neuron_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = -rows->decay[i] * rows->resistance[i];
}

static void adapting_forgets(double *value, const struct neuron_rows *rows)
{
    const struct config *config = rows->source->config;
    for (size_t i = 0; i < rows->count; i++) {
        double tau_w = rows->value[ADAPTING_TAU_W][i];
        value[i] = -membrane_step_of(config->method, config->dt_ms, tau_w).decay;
    }
}

static void adapting_jump(double *value, const struct neuron_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        value[i] = rows->value[ADAPTING_B][i];
}

static const struct model_coefficient adapting_coefficient[] = {
    [ADAPTING_GAIN - MODEL_OWN_FIELDS] = {"gain of w, -e R", false, adapting_gain_varies,
                                          adapting_gain},
    [ADAPTING_FORGETS -
        MODEL_OWN_FIELDS] = {"decay of w", false, adapting_forgets_varies, adapting_forgets},
    [ADAPTING_JUMP -
        MODEL_OWN_FIELDS] = {"jump of w, b", false, adapting_jump_varies, adapting_jump},
};

static const struct model_state adapting_state[] = {
    [ADAPTING_W - MODEL_OWN_STATES] = {"w", "current w", NULL},
};

static const struct recordable adapting_recordables[] = {
    {"w", DIMENSION_CURRENT}, {"jumps", DIMENSION_CURRENT}, {"w_V", DIMENSION_VOLTAGE}};

static struct model_shown adapting_voltage(const struct neuron *neuron)
{
    return (struct model_shown){neuron->resistance, neuron->value[ADAPTING_B], 0.0};
}

/* As in adapting_recordables: w; again, in place of all models' jumps; R w + b. */
static const struct model_recordable adapting_recordable[] = {
    {MODEL_FROM_STATE, ADAPTING_W, 0, NULL},
    {MODEL_FROM_STATE, ADAPTING_W, 0, NULL},
    {MODEL_FROM_STATE, ADAPTING_W, 0, adapting_voltage},
};

static size_t adapting_step(const struct model_step *s)
{
    const struct field w = {s->state[ADAPTING_W], 0.0};
    s->kernels->accumulate(s->d_row, s->d, s->field[ADAPTING_GAIN], w, s->count);
    s->kernels->accumulate(s->state[ADAPTING_W], w, s->field[ADAPTING_FORGETS], w, s->count);
    return s->kernels->step(&(struct step_arguments){.u = s->state[MODEL_U],
                                                     .e = s->field[MODEL_DECAY],
                                                     .d = {s->d_row, 0.0},
                                                     .jump = s->jump[RECEPTOR_EX],
                                                     .noise = s->noise,
                                                     .count = s->count,
                                                     .group = s->group,
                                                     .crossed = s->crossed});
}

static void adapting_spiked(const struct model_step *s, const uint16_t *ids, size_t count)
{
    const struct field b = s->field[ADAPTING_JUMP];
    for (size_t i = 0; i < count; i++) {
        if (s->kernels->bits == 32)
            ((float *)s->state[ADAPTING_W])[ids[i]] +=
                b.data ? ((const float *)b.data)[ids[i]] : (float)b.value;
        else
            ((double *)s->state[ADAPTING_W])[ids[i]] +=
                b.data ? ((const double *)b.data)[ids[i]] : b.value;
    }
}

static const struct model model_adapting = {
    .type = {.name = "adapting",
             .help = "integrate and fire with adaptation",
             .weight = DIMENSION_VOLTAGE,
             .keys = adapting_keys,
             .key_count = ADAPTING_END - POPULATION_KEYS,
             .recordables = adapting_recordables,
             .recordable_count = 3,
             .check = adapting_check},
    .coefficient = adapting_coefficient,
    .coefficient_count = sizeof adapting_coefficient / sizeof *adapting_coefficient,
    .state = adapting_state,
    .state_count = sizeof adapting_state / sizeof *adapting_state,
    .recordable = adapting_recordable,
    .receptors = 1,
    .makes_noise = true,
    .step = adapting_step,
    .spiked = adapting_spiked,
};

/* The program's inputs, lif and this. */
static const struct model_type *const adapting_models[] = {&model_lif.type, &model_adapting.type};

static inline struct config_types adapting_types(void)
{
    return (struct config_types){drive_config_types.input, drive_config_types.input_count,
                                 adapting_models, 2};
}

#endif
