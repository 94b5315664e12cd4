/* The leaky integrate-and-fire neuron: a membrane and a threshold, nothing else. */
#include "neuron/model.h"

static size_t step(const struct model_step *s)
{
    return s->kernels->step(&(struct step_arguments){.u = s->state[MODEL_U],
                                                     .e = s->field[MODEL_DECAY],
                                                     .d = s->d,
                                                     .jump = s->jump,
                                                     .noise = s->noise,
                                                     .count = s->count,
                                                     .group = s->group,
                                                     .crossed = s->crossed});
}

const struct model model_lif = {
    .type = {.name = "lif", .help = "leaky integrate and fire", .weight = DIMENSION_VOLTAGE},
    .leaps = true,
    .step = step,
};
