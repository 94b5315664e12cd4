/* Populations that are only sources have the spikes of the run: drawn or read here once more, step
 * by step, as population/tile_source.c does. */
#include "emit/emit_sources.h"

#include "base/memory.h"
#include "emit/emit_inputs.h"
#include "emit/emit_text.h"
#include "neuron/generator.h"
#include "neuron/models.h"
#include "neuron/neuron_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The spikes of one population. */
struct replay {
    struct emit_model *model;
    const struct population_config *population;
    const struct kernels *kernels;
    struct generator generator;
    size_t real_bytes, padded;
    void *row;           /* real[padded]: how many spikes each neuron has in a step */
    double *steps, *ids; /* of each spike: the step's number, the neuron */
    uint64_t count, room;
};

static enum status no_memory(const struct replay *r, struct error *err)
{
    return error_no_memory(err, "for the spikes of %s", r->population->name);
}

static enum status too_many(const struct replay *r, struct error *err)
{
    return error_set(err, STATUS_CONFIG,
                     "%s:%d: [population.%s] --emit %s: the populations that are only sources have "
                     "more than %d spikes, which is what a script replays; use fewer neurons or a "
                     "shorter duration (--set)",
                     r->model->config->file, r->population->line, r->population->name,
                     r->model->simulator, EMIT_REALISED_MOST);
}

static bool make_room(struct replay *r)
{
    if (r->count < r->room)
        return true;
    uint64_t room = 2 * r->room + 1024;
    double *steps = realloc(r->steps, room * sizeof *steps);
    r->steps = steps ? steps : r->steps;
    double *ids = realloc(r->ids, room * sizeof *ids);
    r->ids = ids ? ids : r->ids;
    if (!steps || !ids)
        return false;
    r->room = room;
    return true;
}

/* A step ends at the time of its number. */
static enum status add_spikes(struct replay *r, uint64_t step, uint64_t id, uint32_t spikes,
                              struct error *err)
{
    for (; spikes > 0; spikes--) {
        if (r->model->replayed++ >= EMIT_REALISED_MOST)
            return too_many(r, err);
        if (!make_room(r))
            return no_memory(r, err);
        r->steps[r->count] = (double)(step + 1);
        r->ids[r->count++] = (double)id;
    }
    return STATUS_OK;
}

/* How many spikes each neuron has in a step. */
static enum status row_of(struct replay *r, uint64_t step, const char **row, struct error *err)
{
    const struct model *model = model_of(r->population);
    *row = r->row;
    if (!model->type.fed) {
        model->generator->fill(&r->generator, r->kernels, r->row, r->padded, step, 0);
        return STATUS_OK;
    }
    enum status status = emit_inputs_ready(r->model, step, err);
    const struct input_rows *rows =
        &feed_rows_sources(r->model->rows)[r->population - r->model->config->population];
    if (!status)
        *row = (const char *)rows->data + (step - rows->first) * rows->stride * r->real_bytes;
    return status;
}

static uint32_t number_at(const char *row, size_t real_bytes, uint64_t i)
{
    return real_bytes == sizeof(float) ? (uint32_t)((const float *)(const void *)row)[i]
                                       : (uint32_t)((const double *)(const void *)row)[i];
}

static enum status collect(struct replay *r, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint64_t step = 0; step < r->model->config->steps && !status; step++) {
        const char *row;
        if (!generator_active(&r->generator, step))
            continue;
        status = row_of(r, step, &row, err);
        for (uint64_t id = 0; id < r->population->size && !status; id++)
            status = add_spikes(r, step, id, number_at(row, r->real_bytes, id), err);
    }
    return status;
}

/* As a population opens it. */
static enum status open_generator(struct replay *r, struct error *err)
{
    const struct population_config *p = r->population;
    const struct generator_type *type = model_of(p)->generator;
    r->row = memory_alloc(r->padded * r->real_bytes);
    r->generator = (struct generator){
        .population = p,
        .key = draw_stream_key(p->seed, "population.", p->name, "spikes"),
        .start = p->value[GENERATOR_START].integer,
        .stop = p->value[GENERATOR_STOP].integer,
    };
    if (!r->row || !make_room(r))
        return no_memory(r, err);
    if (generator_has_values(type, p)) {
        struct neuron_source source;
        if (!(r->generator.value = calloc(r->padded, sizeof *r->generator.value)))
            return no_memory(r, err);
        neuron_source_init(&source, r->model->config, (size_t)(p - r->model->config->population));
        neuron_read_key(r->generator.value, p->size, &source, type->drawn_key, 0, r->kernels);
    }
    return type->open ? type->open(&r->generator, err) : STATUS_OK;
}

static void close_generator(struct replay *r)
{
    const struct generator_type *type = model_of(r->population)->generator;
    if (type->close)
        type->close(&r->generator);
    free(r->generator.value);
    memory_free(r->row, r->padded * r->real_bytes);
}

static enum status write_spikes(struct replay *r, struct error *err)
{
    const char *name = r->population->name;
    fprintf(r->model->out, "    \"%s\": {\n        \"size\": %" PRIu64 ",\n", name,
            r->population->size);
    enum status status = emit_text_array(r->model, name, "steps", r->steps, r->count, 0, err);
    r->steps = NULL;
    if (!status) {
        status = emit_text_array(r->model, name, "ids", r->ids, r->count, 0, err);
        r->ids = NULL;
    }
    fputs("    },\n", r->model->out);
    return status;
}

static enum status emit_source(struct emit_model *model, const struct population_config *p,
                               struct error *err)
{
    bool floats = model->config->precision == PRECISION_SINGLE;
    struct replay r = {.model = model,
                       .population = p,
                       .kernels = kernels_for(kernels_best_isa(), floats ? 32 : 64),
                       .real_bytes = floats ? sizeof(float) : sizeof(double),
                       .padded = (size_t)((p->size + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN)};
    enum status status = open_generator(&r, err);
    if (!status)
        status = collect(&r, err);
    close_generator(&r);
    if (!status)
        status = write_spikes(&r, err);
    free(r.steps);
    free(r.ids);
    return status;
}

enum status emit_sources(struct emit_model *model, struct error *err)
{
    enum status status = STATUS_OK;
    fputs("\n# spikes of populations that are only sources: a step's number and a neuron for each\n"
          "SOURCES = {\n",
          model->out);
    for (size_t i = 0; i < model->config->population_count && !status; i++)
        if (model->config->population[i].model->source_only)
            status = emit_source(model, &model->config->population[i], err);
    fputs("}\n", model->out);
    return status;
}
