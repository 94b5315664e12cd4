/* A population from its description: memory, drives, neurons. */
#include "population/population_open.h"

#include "base/digest.h"
#include "base/memory.h"
#include "neuron/models.h"
#include "population/population_build.h"
#include "population/population_plan.h"

#include <stdio.h>
#include <string.h>

static enum status refused(struct error *err, const struct population *p, uint64_t bytes)
{
    return error_no_memory(err, "for population %s: %.3g GB refused", p->description->name,
                           (double)bytes * 1e-9);
}

static bool allocate_drive(const struct population *p, struct drive *drive, bool membrane)
{
    uint64_t bytes = p->padded * p->real_bytes;
    bool good = true;
    if (drive_needs_coefficients(drive, membrane))
        good &= (drive->coefficient.data = memory_alloc(bytes)) != NULL;
    if (drive_needs_amplitudes(drive))
        good &= (drive->amplitude.data = memory_alloc(bytes)) != NULL;
    if (drive_needs_values(drive))
        good &= (drive->value =
                     memory_alloc(drive_values(drive, p->padded) * sizeof *drive->value)) != NULL;
    if (drive->type->remembers && drive->has_row)
        good &= (drive->z = memory_alloc(bytes)) != NULL;
    return good;
}

static enum status allocate(struct population *p, const struct neuron_source *source,
                            struct error *err)
{
    uint64_t bytes = p->padded * p->real_bytes;
    bool failed = false;
    for (size_t k = 0; k < model_state_count(p->model); k++)
        failed |= !(p->state[k] = memory_alloc(bytes));
    for (size_t k = 0; k < model_field_count(p->model); k++)
        if (population_needs_field(source, p->model, k))
            failed |= !(p->field[k].data = memory_alloc(bytes));
    for (size_t d = 0; d < p->drive_count; d++)
        failed |= !allocate_drive(p, &p->drives[d], source->membrane_varies);
    if (source->drawn >> POPULATION_T_REF & 1)
        failed |= !(p->refractory = memory_alloc(p->padded * sizeof(uint32_t)));
    return failed ? refused(err, p, bytes) : STATUS_OK;
}

static enum status allocate_queue(struct population *p, struct error *err)
{
    if (p->longest == 0)
        return STATUS_OK;
    uint64_t heads = p->tiles * (p->longest + 1);
    p->queue_next = memory_alloc(p->padded * QUEUE_BYTES);
    p->queue_head = memory_alloc(heads * QUEUE_BYTES);
    if (!p->queue_next || !p->queue_head)
        return refused(err, p, heads * QUEUE_BYTES);
    memset(p->queue_head, 0xff, heads * QUEUE_BYTES); /* QUEUE_END */
    return STATUS_OK;
}

static void describe(struct population *p, const struct config *config, size_t population,
                     const struct population_settings *settings)
{
    const struct population_config *description = &config->population[population];
    *p = (struct population){
        .config = config,
        .description = description,
        .model = model_of(description),
        .kernels = settings->kernels,
        .first_id = settings->first_id,
        .size = settings->neurons > 0 ? settings->neurons : description->size - settings->first_id,
        .stream = fnv1a64_continue(fnv1a64("population."), description->name),
        .tile = settings->tile,
        .spikes_most = population_spikes_most(config, population),
        .bridges = description->value[POPULATION_CROSSING].integer == CROSSING_BRIDGE,
        .crossing =
            draw_stream_key(description->seed, "population.", description->name, "crossing"),
        .has_floor = description->value[POPULATION_V_MIN].present,
    };
    p->padded = population_padded(p->size);
    p->tiles = (p->padded + p->tile - 1) / p->tile;
}

/* What makes the spikes of a population that is only a source. */
static enum status open_generator(struct population *p, const struct input_rows *fed,
                                  struct error *err)
{
    const struct generator_type *type = p->model->generator;
    const struct population_config *description = p->description;
    p->generator = (struct generator){
        .population = description,
        .key = draw_stream_key(description->seed, "population.", description->name, "spikes"),
        .start = description->value[GENERATOR_START].integer,
        .stop = description->value[GENERATOR_STOP].integer,
        .first_id = p->first_id,
    };
    p->fed = p->model->type.fed && fed ? &fed[description - p->config->population] : NULL;
    if (p->model->type.fed && !p->fed)
        return error_set(err, STATUS_CONFIG, "population %s reads a file, which nobody has opened",
                         description->name);
    if (generator_has_values(type, description)) {
        uint64_t bytes = p->padded * sizeof *p->generator.value;
        p->generator.value = memory_alloc(bytes);
        if (!p->generator.value)
            return refused(err, p, bytes);
        memset(p->generator.value, 0, bytes); /* padding is silent */
    }
    return type->open ? type->open(&p->generator, err) : STATUS_OK;
}

/* What is wrong with drawn numbers that only the model knows the limits of. */
static void source_init(struct neuron_source *source, const struct config *config,
                        size_t population)
{
    neuron_source_init(source, config, population);
    const struct generator_type *type = model_of(source->population)->generator;
    if (type && source->drawn >> type->drawn_key & 1)
        source->range[type->drawn_key].most = type->most_value(source->population);
}

/* A bridge where nothing diffuses. */
static void warn_of_crossing(const struct config *config, size_t population,
                             struct messages *warnings)
{
    const struct population_config *p = &config->population[population];
    const struct value *crossing = &p->value[POPULATION_CROSSING];
    char section[128], where[600];
    if (crossing->integer != CROSSING_BRIDGE || drives_diffuse(config, population))
        return;
    snprintf(section, sizeof section, "population.%s", p->name);
    config_where(config, section, "crossing", crossing, where, sizeof where);
    messages_add(
        warnings,
        "%s: no white_noise without hold acts on the population, so bridge changes nothing", where);
}

enum status population_draw(struct population *p, const struct config *config, size_t population,
                            const struct population_settings *settings, struct findings *findings,
                            struct error *err)
{
    struct neuron_source source;
    source_init(&source, config, population);
    describe(p, config, population, settings);
    p->real_bytes = (size_t)settings->kernels->bits / 8;
    enum status status =
        drives_open(&p->drives, &p->drive_count, config, population, settings->rows, err);
    for (size_t d = 0; d < p->drive_count; d++)
        p->drives[d].first_id = p->drives[d].cells > 0 ? 0 : p->first_id;
    if (!status && p->model->generator)
        status = open_generator(p, settings->fed, err);
    status = status ? status : allocate(p, &source, err);
    if (!status)
        population_build(p, &source, settings->threads, findings);
    return status;
}

enum status population_check(struct population *p, int threads, const struct findings *findings,
                             struct messages *errors, struct messages *warnings, struct error *err)
{
    const size_t population = (size_t)(p->description - p->config->population);
    struct neuron_source source;
    source_init(&source, p->config, population);
    enum status status = findings_report(findings, &source, errors, warnings);
    warn_of_crossing(p->config, population, warnings);
    p->parameters_digest = findings->digest;
    if (input_draws_check(p->config, population, threads, drive_most, errors,
                          &p->parameters_digest))
        status = STATUS_CONFIG;
    return status ? status : allocate_queue(p, err);
}

enum status population_open(struct population *p, const struct config *config, size_t population,
                            const struct population_settings *settings, struct messages *errors,
                            struct messages *warnings, struct error *err)
{
    struct findings findings;
    enum status status = population_draw(p, config, population, settings, &findings, err);
    return status ? status
                  : population_check(p, settings->threads, &findings, errors, warnings, err);
}

enum status population_survey(const struct config *config, size_t population, int threads,
                              struct messages *errors, struct messages *warnings)
{
    struct neuron_source source;
    struct findings findings;
    struct population p;
    const struct population_settings settings = {
        .kernels = kernels_for(kernels_best_isa(), 32), .tile = TILE_MOST, .threads = threads};
    source_init(&source, config, population);
    describe(&p, config, population, &settings);
    population_build(&p, &source, threads, &findings);
    enum status status = findings_report(&findings, &source, errors, warnings);
    warn_of_crossing(config, population, warnings);
    enum status inputs =
        input_draws_check(config, population, threads, drive_most, errors, &findings.digest);
    return status ? status : inputs;
}
