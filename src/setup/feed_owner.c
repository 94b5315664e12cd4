#include "setup/feed_owner.h"

#include "drive/drive.h"

#include <stdio.h>
#include <string.h>

struct feed_owner feed_owner_of_input(const struct config *config, size_t index)
{
    const struct input_config *input = &config->input[index];
    struct feed_owner owner = {
        .config = config,
        .keys = input->keys,
        .value = input->value,
        .key_count = input->type->key_count,
        .start_step = input->start_step,
        .stop_step = input->stop_step,
        .spikes = input->type == &drive_spikes.input,
    };
    snprintf(owner.section, sizeof owner.section, "input.%s", input->name);
    for (size_t t = 0; t < input->target_count; t++)
        owner.columns += input->target[t].end - input->target[t].begin;
    return owner;
}

struct feed_owner feed_owner_of_population(const struct config *config, size_t index)
{
    const struct population_config *p = &config->population[index];
    struct feed_owner owner = {
        .config = config,
        .keys = p->model->keys,
        .value = p->value + POPULATION_KEYS,
        .key_count = p->model->key_count,
        .columns = p->size,
        .spikes = true,
        .source = true,
    };
    snprintf(owner.section, sizeof owner.section, "population.%s", p->name);
    owner.start_step = feed_owner_value(&owner, "start")->integer;
    owner.stop_step = feed_owner_value(&owner, "stop")->integer;
    return owner;
}

const struct value *feed_owner_value(const struct feed_owner *owner, const char *key)
{
    for (size_t i = 0; i < owner->key_count; i++)
        if (strcmp(owner->keys[i].name, key) == 0)
            return owner->value[i].present ? &owner->value[i] : NULL;
    return NULL;
}

const char *feed_owner_text(const struct feed_owner *owner, const char *key)
{
    const struct value *value = feed_owner_value(owner, key);
    return value ? value->text : NULL;
}

void feed_owner_tell(const struct feed_owner *owner, struct messages *to, const char *text)
{
    char where[600];
    config_where(owner->config, owner->section, "file", feed_owner_value(owner, "file"), where,
                 sizeof where);
    messages_add(to, "%s: %s", where, text);
}
