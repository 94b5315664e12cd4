/* The leaky integrate-and-fire neuron: a membrane and a threshold, nothing else. */
#include "neuron/model.h"

static size_t step(const struct model_step *s)
{
    return s->kernels->step(&(struct step_arguments){.u = s->state[MODEL_U],
                                                     .e = s->field[MODEL_DECAY],
                                                     .d = s->d,
                                                     .jump = s->jump[RECEPTOR_EX],
                                                     .noise = s->noise,
                                                     .count = s->count,
                                                     .group = s->group,
                                                     .crossed = s->crossed});
}

const struct model model_lif = {
    .type = {.name = "lif",
             .also = "iaf_psc_delta",
             .help = "leaky integrate and fire, with jumps of V",
             .weight = DIMENSION_VOLTAGE},
    .receptors = 1,
    .leaps = true,
    .makes_noise = true,
    .step = step,
};
