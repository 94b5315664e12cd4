/* The models there are, and what all of them have. */
#include "neuron/models.h"

#include "neuron/model_membrane.h"

#define MODEL_TYPE(name) &model_##name.type,
const struct model_type *const model_types[MODEL_TYPES] = {MODELS(MODEL_TYPE)};

const struct model *model_of(const struct population_config *population)
{
    return (const struct model *)population->model; /* its first member */
}

size_t model_field_count(const struct model *model)
{
    return model->generator ? 0 : MODEL_OWN_FIELDS + model->coefficient_count;
}

const struct model_coefficient *model_coefficient_at(const struct model *model, size_t field)
{
    return field < MODEL_OWN_FIELDS ? &model_membrane_coefficient[field]
                                    : &model->coefficient[field - MODEL_OWN_FIELDS];
}

size_t model_state_count(const struct model *model)
{
    return model->generator ? 0 : MODEL_OWN_STATES + model->state_count;
}

const struct model_state *model_state_at(const struct model *model, size_t state)
{
    return state < MODEL_OWN_STATES ? &model_membrane_state[state]
                                    : &model->state[state - MODEL_OWN_STATES];
}

const struct model_recordable *model_recordable_of(const struct model *model, const char *name)
{
    const struct recordable *found = config_find_recordable(&model->type, name);
    for (size_t i = 0; i < model->type.recordable_count; i++)
        if (found == &model->type.recordables[i])
            return &model->recordable[i];
    return &model_membrane_recordable[found - config_recordables];
}
