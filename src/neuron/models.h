/* Which model a population has, and all that the model's tables and the membrane's list. */
#ifndef MEGALIF_MODELS_H
#define MEGALIF_MODELS_H

#include "neuron/model.h"

/* All models, for config_read. */
#define MODEL_COUNT(name) +1
enum { MODEL_TYPES = MODELS(MODEL_COUNT) };
extern const struct model_type *const model_types[MODEL_TYPES];

/* The model of a population. */
const struct model *model_of(const struct population_config *population);

/* All coefficients and all states of a model, the membrane's first; of one that is only a source
 * none. */
size_t model_field_count(const struct model *model);
const struct model_coefficient *model_coefficient_at(const struct model *model, size_t field);
size_t model_state_count(const struct model *model);
const struct model_state *model_state_at(const struct model *model, size_t state);

/* How a model's neurons show a recordable that the config found in it. */
const struct model_recordable *model_recordable_of(const struct model *model, const char *name);

#endif
