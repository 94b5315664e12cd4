#include "model/population.h"

#include "base/digest.h"
#include "base/float_env.h"
#include "base/memory.h"
#include "model/population_shape.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

static void set_real(void *array, size_t real_bytes, uint64_t i, double value)
{
    if (real_bytes == sizeof(float))
        ((float *)array)[i] = (float)value;
    else
        ((double *)array)[i] = value;
}

static double get_real(const void *array, size_t real_bytes, uint64_t i)
{
    return real_bytes == sizeof(float) ? (double)((const float *)array)[i]
                                       : ((const double *)array)[i];
}

static double to_real(const struct population *p, double value)
{
    return p->real_bytes == sizeof(float) ? (double)(float)value : value;
}

static void park(struct population *p, uint64_t i)
{
    const uint32_t bits32 = PARKED_BITS_32;
    const uint64_t bits64 = PARKED_BITS_64;
    if (p->real_bytes == sizeof(float))
        memcpy((float *)p->u + i, &bits32, sizeof bits32);
    else
        memcpy((double *)p->u + i, &bits64, sizeof bits64);
}

/* The coefficients of one neuron, in double. */
struct coefficients {
    double u, decay, bias, gain, reset, floor, bridge;
};

static struct coefficients coefficients_of(const struct neuron *n, double dt_ms)
{
    const double *v = n->value;
    double e = n->step.decay;
    double free = v[POPULATION_E_L] - v[POPULATION_V_TH] + n->resistance * v[POPULATION_I_E];
    return (struct coefficients){
        .u = v[POPULATION_V_M] - v[POPULATION_V_TH],
        .decay = e,
        .bias = e * free,
        .gain = e * n->resistance,
        .reset = v[POPULATION_V_RESET] - v[POPULATION_V_TH],
        .floor = v[POPULATION_V_MIN] - v[POPULATION_V_TH],
        .bridge = n->tau_m * n->step.forgotten / dt_ms,
    };
}

static void set_field(const struct population *p, struct field *field, uint64_t i, double value)
{
    if (field->data)
        set_real((void *)field->data, p->real_bytes, i, value);
    else
        field->value = to_real(p, value);
}

static void store_array(const struct population *p, const struct field *field, uint64_t i,
                        double value)
{
    if (field->data)
        set_real((void *)field->data, p->real_bytes, i, value);
}

/* What one drive keeps of neuron i: 0 where it does not act. */
static void store_drive(const struct population *p, const struct drive *drive,
                        const struct neuron *n, uint64_t i)
{
    double value[INPUT_KEYS_MOST], coefficient = 0.0, amplitude = 0.0, own = 0.0;
    const struct target *target = drive->source.target;
    if ((i >= drive->begin && i < drive->end) || drive->cells > 0) {
        uint64_t id = i * p->stride; /* of a pilot: perhaps beside a narrow target */
        if (drive->cells == 0)
            id = id < target->begin ? target->begin : id < target->end ? id : target->end - 1;
        input_draw(value, &drive->source, id);
        coefficient = drive->coefficient.data ? drive->type->coefficient(drive, n, value) : 0.0;
        for (size_t k = 0; k < drive->input->type->key_count; k++) {
            amplitude += drive->source.drawn & drive->type->current_keys & 1u << k ? value[k] : 0.0;
            own += drive->source.drawn & drive->type->fill_keys & 1u << k ? value[k] : 0.0;
        }
    }
    store_array(p, &drive->coefficient, i, coefficient);
    store_array(p, &drive->amplitude, i, amplitude);
    if (drive->value)
        drive->value[i] = own;
}

static void store_neuron(struct population *p, const struct neuron_source *source,
                         const struct neuron *n, uint64_t i)
{
    struct coefficients c = coefficients_of(n, p->config->dt_ms);
    set_real(p->u, p->real_bytes, i, c.u);
    store_array(p, &p->decay, i, c.decay);
    store_array(p, &p->bias, i, c.bias);
    store_array(p, &p->gain, i, c.gain);
    store_array(p, &p->reset, i, c.reset);
    store_array(p, &p->floor, i, c.floor);
    store_array(p, &p->bridge, i, c.bridge);
    if (p->refractory)
        p->refractory[i] = (uint32_t)neuron_refractory_steps(n, source);
    for (size_t d = 0; d < p->drive_count; d++)
        if (p->drives[d].coefficient.data || p->drives[d].amplitude.data || p->drives[d].value)
            store_drive(p, &p->drives[d], n, i);
}

/* Fields that are the same for all neurons take their value from neuron 0. */
static void store_common(struct population *p, const struct neuron_source *source)
{
    struct neuron n = {.tau_m = 0};
    neuron_draw(&n, source, 0);
    n.step = membrane_step_of(p->config->method, p->config->dt_ms, n.tau_m);
    struct coefficients c = coefficients_of(&n, p->config->dt_ms);
    if (!p->decay.data)
        set_field(p, &p->decay, 0, c.decay);
    if (!p->bias.data)
        set_field(p, &p->bias, 0, c.bias);
    if (!p->gain.data)
        set_field(p, &p->gain, 0, c.gain);
    if (!p->reset.data)
        set_field(p, &p->reset, 0, c.reset);
    if (!p->floor.data)
        set_field(p, &p->floor, 0, c.floor);
    if (!p->bridge.data)
        set_field(p, &p->bridge, 0, c.bridge);
    p->refractory_steps = p->refractory ? 0 : source->population->t_ref_steps;
    for (size_t d = 0; d < p->drive_count; d++) {
        struct drive *drive = &p->drives[d];
        double value[INPUT_KEYS_MOST];
        if (!drive->has_row || !drive->type->coefficient || drive->coefficient.data)
            continue;
        input_draw(value, &drive->source, drive->source.target->begin);
        set_field(p, &drive->coefficient, 0, drive->type->coefficient(drive, &n, value));
    }
}

/* Draws [begin, end); stores them when p has arrays. */
static void draw_range(struct population *p, const struct neuron_source *source, uint64_t begin,
                       uint64_t end, struct findings *findings, uint64_t span[2])
{
    const bool steps_vary = source->membrane_varies;
    struct neuron_words words = {.kernels = kernels_for(kernels_best_isa(), 32)};
    struct neuron n = {.tau_m = 0};
    for (uint64_t i = begin; i < end; i++) {
        uint64_t id = i * p->stride;
        if (i == begin)
            neuron_draw(&n, source, id);
        else
            neuron_redraw(&n, source, id, &words);
        if (steps_vary || i == begin)
            n.step = membrane_step_of(p->config->method, p->config->dt_ms, n.tau_m);
        findings_check(findings, source, &n, id);
        uint64_t steps = neuron_refractory_steps(&n, source);
        span[0] = steps < span[0] ? steps : span[0];
        span[1] = steps > span[1] ? steps : span[1];
        if (p->u)
            store_neuron(p, source, &n, i);
    }
}

void population_share(const struct population *p, int thread, int threads, uint64_t *begin,
                      uint64_t *end)
{
    /* Populations of few tiles start with another thread each, so that many of them share evenly.
     */
    size_t index = (size_t)(p->description - p->config->population);
    uint64_t n = (uint64_t)threads, t = ((uint64_t)thread + index) % n;
    uint64_t each = p->tiles / n, rest = p->tiles % n;
    *begin = each * t + (t < rest ? t : rest);
    *end = *begin + each + (t < rest);
}

/* Draws all neurons, each tile by the thread that steps it: first touch places the memory. */
static void draw_all(struct population *p, const struct neuron_source *source, int threads,
                     struct findings *findings)
{
    uint64_t shortest = UINT64_MAX, longest = 0;
#pragma omp parallel num_threads(threads) reduction(min : shortest) reduction(max : longest)
    {
        WITH_OWN_FLOAT_ENV(env);
        struct findings own;
        uint64_t begin, end, span[2] = {UINT64_MAX, 0};
        memset(&own, 0, sizeof own);
        population_share(p, omp_get_thread_num(), omp_get_num_threads(), &begin, &end);
        begin *= p->tile;
        end *= p->tile;
        draw_range(p, source, begin, end < p->size ? end : p->size, &own, span);
        shortest = span[0];
        longest = span[1];
#pragma omp critical(megalif_findings)
        findings_merge(findings, &own);
    }
    p->shortest = shortest;
    p->leaps = shortest >= LEAP_STEPS - 1 && p->config->method == METHOD_EXACT && !p->has_floor &&
               !p->bridges;
    p->longest = longest;
}

/* Padding is parked, with coefficients of 0: nothing but its own NaN ever meets it. */
static void store_padding(struct population *p)
{
    for (uint64_t i = p->size; i < p->padded; i++) {
        park(p, i);
        store_array(p, &p->decay, i, 0.0);
        store_array(p, &p->bias, i, 0.0);
        store_array(p, &p->gain, i, 0.0);
        store_array(p, &p->reset, i, 0.0);
        store_array(p, &p->floor, i, 0.0);
        store_array(p, &p->bridge, i, 0.0);
        for (size_t d = 0; d < p->drive_count; d++) {
            store_array(p, &p->drives[d].coefficient, i, 0.0);
            store_array(p, &p->drives[d].amplitude, i, 0.0);
            if (p->drives[d].value)
                p->drives[d].value[i] = 0.0;
        }
    }
}

static enum status no_memory(struct error *err, const struct population *p, uint64_t bytes)
{
    return error_set(err, STATUS_MEMORY, "no memory for population %s: %.3g GB refused",
                     p->description->name, (double)bytes * 1e-9);
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
        good &= (drive->value = memory_alloc(p->padded * sizeof *drive->value)) != NULL;
    if (drive->type->remembers && drive->has_row)
        good &= (drive->z = memory_alloc(bytes)) != NULL;
    return good;
}

static enum status allocate(struct population *p, struct population_shape shape, bool targeted,
                            struct error *err)
{
    uint64_t bytes = p->padded * p->real_bytes;
    bool failed = !(p->u = memory_alloc(bytes));
    struct {
        struct field *field;
        bool wanted;
    } fields[] = {{&p->decay, shape.decay},           {&p->bias, shape.bias},
                  {&p->gain, shape.gain && targeted}, {&p->reset, shape.reset},
                  {&p->floor, shape.floor},           {&p->bridge, shape.bridge}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (fields[i].wanted && !(fields[i].field->data = memory_alloc(bytes)))
            failed = true;
    for (size_t d = 0; d < p->drive_count; d++)
        failed |= !allocate_drive(p, &p->drives[d], shape.coefficient);
    if (shape.refractory && !(p->refractory = memory_alloc(p->padded * sizeof(uint32_t))))
        failed = true;
    return failed ? no_memory(err, p, bytes) : STATUS_OK;
}

static enum status allocate_queue(struct population *p, struct error *err)
{
    if (p->longest == 0)
        return STATUS_OK;
    uint64_t heads = p->tiles * (p->longest + 1);
    p->queue_next = memory_alloc(p->padded * QUEUE_BYTES);
    p->queue_head = memory_alloc(heads * QUEUE_BYTES);
    if (!p->queue_next || !p->queue_head)
        return no_memory(err, p, heads * QUEUE_BYTES);
    memset(p->queue_head, 0xff, heads * QUEUE_BYTES); /* QUEUE_END */
    return STATUS_OK;
}

static void describe(struct population *p, const struct config *config, size_t population,
                     const struct population_settings *settings)
{
    const struct population_config *description = &config->population[population];
    uint64_t stride = population_stride(description->size, settings->most_neurons);
    *p = (struct population){
        .config = config,
        .description = description,
        .kernels = settings->kernels,
        .size = description->size / stride,
        .stride = stride,
        .stream = fnv1a64_continue(fnv1a64("population."), description->name),
        .tile = settings->tile,
        .bridges = description->value[POPULATION_CROSSING].integer == CROSSING_BRIDGE,
        .crossing =
            draw_stream_key(description->seed, "population.", description->name, "crossing"),
        .has_floor = description->value[POPULATION_V_MIN].present,
    };
    p->padded = population_padded(p->size);
    p->tiles = (p->padded + p->tile - 1) / p->tile;
}

/* A pilot's neurons stand for `stride` ids each, its slices too. */
static void scale_targets(struct population *p)
{
    for (size_t d = 0; d < p->drive_count; d++) {
        p->drives[d].stride = p->stride;
        p->drives[d].begin /= p->stride;
        p->drives[d].cells = p->stride == 1 ? p->drives[d].cells : 0;
        p->drives[d].end = (p->drives[d].end + p->stride - 1) / p->stride;
    }
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

enum status population_open(struct population *p, const struct config *config, size_t population,
                            const struct population_settings *settings, struct messages *errors,
                            struct messages *warnings, struct error *err)
{
    struct neuron_source source;
    struct findings findings;
    memset(&findings, 0, sizeof findings);
    neuron_source_init(&source, config, population);
    describe(p, config, population, settings);
    p->real_bytes = (size_t)settings->kernels->bits / 8;
    enum status status =
        drives_open(&p->drives, &p->drive_count, config, population, settings->rows, err);
    scale_targets(p);
    if (!status)
        status = allocate(p, population_shape_of(&source),
                          population_target_count(config, population) > 0, err);
    if (status)
        return status;
    store_common(p, &source);
    draw_all(p, &source, settings->threads, &findings);
    store_padding(p);
    p->parameters_digest = findings.digest;
    status = findings_report(&findings, &source, errors, warnings);
    warn_of_crossing(config, population, warnings);
    if (p->stride == 1 && input_draws_check(config, population, settings->threads, drive_most,
                                            errors, &p->parameters_digest))
        status = STATUS_CONFIG;
    return status ? status : allocate_queue(p, err);
}

enum status population_survey(const struct config *config, size_t population, int threads,
                              struct messages *errors, struct messages *warnings, struct error *err)
{
    struct neuron_source source;
    struct findings findings;
    struct population p;
    const struct population_settings settings = {.tile = TILE_MOST, .threads = threads};
    (void)err;
    memset(&findings, 0, sizeof findings);
    neuron_source_init(&source, config, population);
    describe(&p, config, population, &settings);
    draw_all(&p, &source, threads, &findings);
    enum status status = findings_report(&findings, &source, errors, warnings);
    warn_of_crossing(config, population, warnings);
    enum status inputs =
        input_draws_check(config, population, threads, drive_most, errors, &findings.digest);
    return status ? status : inputs;
}

enum { STATE_ARRAYS = 3 }; /* beside the memories of drives */

size_t population_state_count(const struct population *p)
{
    size_t count = STATE_ARRAYS;
    for (size_t d = 0; d < p->drive_count; d++)
        count += p->drives[d].z != NULL;
    return count;
}

struct state_array population_state(const struct population *p, size_t index)
{
    uint64_t reals = p->padded * p->real_bytes;
    const struct state_array array[STATE_ARRAYS] = {
        {p->u, reals},
        {p->queue_next, p->queue_next ? p->padded * QUEUE_BYTES : 0},
        {p->queue_head, p->queue_head ? p->tiles * (p->longest + 1) * QUEUE_BYTES : 0}};
    if (index < STATE_ARRAYS)
        return array[index];
    index -= STATE_ARRAYS;
    for (size_t d = 0; d < p->drive_count; d++)
        if (p->drives[d].z && index-- == 0)
            return (struct state_array){p->drives[d].z, reals};
    return (struct state_array){NULL, 0};
}

void population_close(struct population *p)
{
    uint64_t bytes = p->padded * p->real_bytes;
    memory_free(p->u, bytes);
    memory_free((void *)p->decay.data, bytes);
    memory_free((void *)p->bias.data, bytes);
    memory_free((void *)p->gain.data, bytes);
    memory_free((void *)p->reset.data, bytes);
    memory_free((void *)p->floor.data, bytes);
    memory_free((void *)p->bridge.data, bytes);
    memory_free(p->refractory, p->padded * sizeof(uint32_t));
    memory_free(p->queue_next, p->padded * QUEUE_BYTES);
    memory_free(p->queue_head, p->tiles * (p->longest + 1) * QUEUE_BYTES);
    for (size_t d = 0; d < p->drive_count; d++) {
        memory_free((void *)p->drives[d].coefficient.data, bytes);
        memory_free(p->drives[d].z, bytes);
        memory_free((void *)p->drives[d].amplitude.data, bytes);
        memory_free(p->drives[d].value, p->padded * sizeof(double));
    }
    drives_close(p->drives, p->drive_count);
    memset(p, 0, sizeof *p);
}

void population_read_V(const struct population *p, uint64_t begin, uint64_t end, double *V)
{
    struct neuron_source source;
    struct neuron n = {.tau_m = 0};
    neuron_source_init(&source, p->config, (size_t)(p->description - p->config->population));
    for (uint64_t i = begin; i < end; i++) {
        double u = get_real(p->u, p->real_bytes, i);
        neuron_draw(&n, &source, i * p->stride);
        V[i - begin] = isnan(u) ? n.value[POPULATION_V_RESET] : u + n.value[POPULATION_V_TH];
    }
}

void population_read_parameter(const struct config *config, size_t population,
                               enum population_key key, uint64_t begin, uint64_t end,
                               double *values)
{
    struct neuron_source source;
    struct neuron n = {.tau_m = 0};
    neuron_source_init(&source, config, population);
    for (uint64_t id = begin; id < end; id++) {
        neuron_draw(&n, &source, id);
        values[id - begin] = n.value[key];
    }
}

void population_membrane_range(const struct config *config, size_t population,
                               double least[MEMBRANE_FACTS], double most[MEMBRANE_FACTS])
{
    enum { SAMPLE = 1000 };
    struct neuron_source source;
    struct neuron n = {.tau_m = 0};
    neuron_source_init(&source, config, population);
    uint64_t stride = population_stride(source.population->size, SAMPLE);
    for (uint64_t id = 0; id < source.population->size; id += stride) {
        neuron_draw(&n, &source, id);
        const double facts[MEMBRANE_FACTS] = {
            n.tau_m / n.resistance, n.tau_m, 1.0 / n.resistance, n.resistance * 1e3,
            (n.value[POPULATION_V_TH] - n.value[POPULATION_E_L]) / n.resistance};
        for (int f = 0; f < MEMBRANE_FACTS; f++) {
            least[f] = id == 0 ? facts[f] : fmin(least[f], facts[f]);
            most[f] = id == 0 ? facts[f] : fmax(most[f], facts[f]);
        }
    }
}
