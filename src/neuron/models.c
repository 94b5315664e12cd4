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
    return MODEL_OWN_FIELDS + model->coefficient_count;
}

const struct model_coefficient *model_coefficient_at(const struct model *model, size_t field)
{
    return field < MODEL_OWN_FIELDS ? &model_membrane_coefficient[field]
                                    : &model->coefficient[field - MODEL_OWN_FIELDS];
}

size_t model_state_count(const struct model *model)
{
    return MODEL_OWN_STATES + model->state_count;
}

const struct model_state *model_state_at(const struct model *model, size_t state)
{
    return state < MODEL_OWN_STATES ? &model_membrane_state[state]
                                    : &model->state[state - MODEL_OWN_STATES];
}

static const struct model_recordable *find(const struct model_recordable *list, size_t count,
                                           enum record_what what)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].what == what)
            return &list[i];
    return NULL;
}

const struct model_recordable *model_recordable_of(const struct model *model, enum record_what what)
{
    const struct model_recordable *own = find(model->recordable, model->recordable_count, what);
    return own ? own : find(model_membrane_recordable, MODEL_MEMBRANE_RECORDABLES, what);
}
