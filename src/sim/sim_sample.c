/* From a config to one of fewer neurons: sizes, targets and lists of drawn values. */
#include "sim/sim_sample.h"

#include "drive/input_draw.h"
#include "neuron/neuron_rows.h"

#include <string.h>

/* Neuron j of n has the parameters of one of the ids [j size / n, (j + 1) size / n). Which of them
 * differs from j to j by the golden section, or all might be copies of the same few cells. */
static uint64_t id_of(uint64_t j, uint64_t n, uint64_t size)
{
    const uint32_t golden = UINT32_C(2654435769); /* 2^32 / 1.618... */
    uint64_t low = j * size / n, wide = (j + 1) * size / n - low;
    return low + (uint64_t)((unsigned __int128)wide * (uint32_t)(golden * (uint32_t)j) >> 32);
}

static struct distribution list_of(const double *list, uint64_t count)
{
    return (struct distribution){.kind = DISTRIBUTION_FILE, .list = list, .count = count};
}

static void sample_population(struct sim_sample *s, size_t population, uint64_t most)
{
    const struct kernels *kernels = kernels_for(kernels_best_isa(), 32);
    struct population_config *p = &s->config.population[population];
    uint64_t size = p->size;
    struct neuron_source source;
    if (size <= most || p->model->fed)
        return;
    neuron_source_init(&source, s->whole, population);
    for (unsigned keys = source.drawn; keys;) {
        int key = neuron_next_key(&keys);
        double *list = config_alloc(&s->store, most, sizeof *list);
        for (uint64_t j = 0; list && j < most; j++)
            neuron_read_key(list + j, 1, &source, key, id_of(j, most, size), kernels);
        p->value[key].number = list_of(list, most);
    }
    p->size = p->cells = most;
    p->copies = 1;
}

/* The id whose numbers neuron j of the only target of an input of the sample has. */
static uint64_t id_in_target(const struct sim_sample *s, size_t input, uint64_t j)
{
    const struct target *target = s->config.input[input].target, *whole = s->origin[input].target;
    uint64_t id = id_of(target->begin + j, s->config.population[target->population].size,
                        s->whole->population[target->population].size);
    return id < whole->begin ? whole->begin : id < whole->end ? id : whole->end - 1;
}

/* The numbers that an input gives single neurons. */
static void sample_values(struct sim_sample *s, size_t input)
{
    const struct kernels *kernels = kernels_for(kernels_best_isa(), 32);
    const struct sample_origin *origin = &s->origin[input];
    struct input_config *in = &s->config.input[input];
    uint64_t count = in->target->end - in->target->begin;
    struct input_source source;
    struct value *value = config_alloc(&s->store, in->type->key_count, sizeof *value);
    if (!value)
        return;
    memcpy(value, in->value, in->type->key_count * sizeof *value);
    in->value = value;
    input_source_init(&source, s->whole, &s->whole->input[origin->input], origin->target);
    for (size_t k = 0; k < in->type->key_count; k++) {
        if (!(source.drawn >> k & 1))
            continue;
        double *list = config_alloc(&s->store, count, sizeof *list);
        for (uint64_t j = 0; list && j < count; j++)
            input_read_key(list + j, 1, &source, k, id_in_target(s, input, j), kernels);
        value[k].number = list_of(list, count);
    }
}

/* A target of an input becomes an input of its own under the same name, so that it draws the same.
 */
static void sample_target(struct sim_sample *s, size_t input, const struct target *target,
                          uint64_t first_column)
{
    size_t index = s->config.input_count++;
    struct input_config *in = &s->config.input[index];
    uint64_t n = s->config.population[target->population].size;
    uint64_t size = s->whole->population[target->population].size;
    s->origin[index] = (struct sample_origin){input, target, first_column, n < size};
    *in = s->whole->input[input];
    in->config = &s->config;
    in->target_count = 1;
    in->target = config_alloc(&s->store, 1, sizeof *in->target);
    if (!in->target)
        return;
    *in->target = (struct target){target->population, target->begin * n / size,
                                  (target->end * n + size - 1) / size};
    if (n < size)
        sample_values(s, index);
}

static void sample_inputs(struct sim_sample *s)
{
    size_t targets = 0;
    for (size_t i = 0; i < s->whole->input_count; i++)
        targets += s->whole->input[i].target_count;
    s->config.input_count = 0;
    s->config.input = config_alloc(&s->store, targets, sizeof *s->config.input);
    s->origin = config_alloc(&s->store, targets, sizeof *s->origin);
    for (size_t i = 0; i < s->whole->input_count && !s->store.failed; i++) {
        const struct input_config *input = &s->whole->input[i];
        uint64_t column = 0;
        for (size_t t = 0; t < input->target_count; t++) {
            sample_target(s, i, &input->target[t], column);
            column += input->target[t].end - input->target[t].begin;
        }
    }
}

enum status sim_sample_open(struct sim_sample *out, const struct config *config, uint64_t most,
                            uint64_t steps, struct error *err)
{
    size_t populations = config->population_count;
    *out = (struct sim_sample){.config = *config, .whole = config};
    out->config.projection_count = 0; /* a part of a network is another network */
    struct config *c = &out->config;
    c->steps = steps < config->steps ? steps : config->steps;
    c->warmup_steps = 0;
    c->max_rate.present = false;
    c->stop_after_spikes = 0;
    c->record_count = 0;
    c->population = config_alloc(&out->store, populations, sizeof *c->population);
    if (c->population)
        memcpy(c->population, config->population, populations * sizeof *c->population);
    for (size_t i = 0; c->population && i < populations; i++)
        sample_population(out, i, most);
    if (!out->store.failed)
        sample_inputs(out);
    return out->store.failed ? error_no_memory(err, "for a pilot run") : STATUS_OK;
}

void sim_sample_close(struct sim_sample *sample)
{
    config_store_free(&sample->store);
    memset(sample, 0, sizeof *sample);
}

uint64_t sim_sample_column(const struct sim_sample *sample, size_t input, uint64_t column)
{
    const struct sample_origin *origin = &sample->origin[input];
    return origin->first_column + id_in_target(sample, input, column) - origin->target->begin;
}
