#include "population/population_build.h"

#include "base/float_env.h"
#include "base/team.h"
#include "neuron/models.h"

#include <pthread.h>
#include <string.h>

/* Neurons first ... first + count - 1 of an array of reals. */
static void set_reals(void *array, size_t real_bytes, uint64_t first, size_t count,
                      const double *value)
{
    if (real_bytes == sizeof(float)) {
        float *restrict to = (float *)array + first;
        for (size_t i = 0; i < count; i++)
            to[i] = (float)value[i];
    } else {
        memcpy((double *)array + first, value, count * sizeof *value);
    }
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
        memcpy((float *)p->state[MODEL_U] + i, &bits32, sizeof bits32);
    else
        memcpy((double *)p->state[MODEL_U] + i, &bits64, sizeof bits64);
}

static void store_array(const struct population *p, const struct field *field, uint64_t i,
                        double value)
{
    if (field->data)
        set_reals((void *)field->data, p->real_bytes, i, 1, &value);
}

/* Where a drive acts on some neurons, and the numbers of its input's keys there. */
struct acting {
    size_t begin, end;
    double value[INPUT_KEYS_MOST][NEURON_ROWS];
};

static void find_acting(struct acting *a, const struct population *p, const struct drive *drive,
                        uint64_t first_id, size_t count)
{
    const uint64_t begin = drive->begin, end = drive->end, behind = first_id + count;
    a->end = end <= first_id ? 0 : end < behind ? (size_t)(end - first_id) : count;
    a->begin = begin <= first_id ? 0 : begin < behind ? (size_t)(begin - first_id) : count;
    for (size_t k = 0; k < drive->input->type->key_count && a->begin < a->end; k++)
        input_read_key(a->value[k] + a->begin, a->end - a->begin, &drive->source, k,
                       first_id + a->begin, p->kernels);
}

/* What one drive keeps of neuron i of some: 0 where it does not act. */
static void store_drive(const struct population *p, const struct drive *drive,
                        const struct neuron_rows *rows, uint64_t first, size_t i,
                        const struct acting *a)
{
    double coefficient = 0.0, amplitude = 0.0, own = 0.0;
    if (i >= a->begin && i < a->end) {
        double value[INPUT_KEYS_MOST];
        struct neuron neuron;
        for (size_t k = 0; k < drive->input->type->key_count; k++) {
            value[k] = a->value[k][i];
            amplitude += drive->source.drawn & drive->type->current_keys & 1u << k ? value[k] : 0.0;
            own += drive->source.drawn & drive->type->fill_keys & 1u << k ? value[k] : 0.0;
        }
        if (drive->coefficient.data) {
            neuron_rows_get(rows, i, &neuron);
            coefficient = drive_coefficient(drive, &neuron, value);
        }
    }
    store_array(p, &drive->coefficient, first + i, coefficient);
    store_array(p, &drive->amplitude, first + i, amplitude);
    if (drive->value && drive->cells == 0)
        drive->value[first + i] = own;
}

static void store_drives(struct population *p, const struct neuron_rows *rows, uint64_t first)
{
    struct acting acting;
    for (size_t d = 0; d < p->drive_count; d++) {
        const struct drive *drive = &p->drives[d];
        if (!drive->coefficient.data && !drive->amplitude.data &&
            (!drive->value || drive->cells > 0))
            continue;
        find_acting(&acting, p, drive, p->first_id + first, rows->count);
        for (size_t i = 0; i < rows->count; i++)
            store_drive(p, drive, rows, first, i, &acting);
    }
}

static void store_state(struct population *p, const struct neuron_rows *rows, uint64_t first)
{
    double value[NEURON_ROWS] = {0};
    for (size_t k = 0; k < model_state_count(p->model); k++) {
        const struct model_state *state = model_state_at(p->model, k);
        if (state->begin)
            state->begin(value, rows);
        else
            memset(value, 0, sizeof value);
        set_reals(p->state[k], p->real_bytes, first, rows->count, value);
    }
}

static void store_fields(struct population *p, const struct neuron_rows *rows, uint64_t first)
{
    double value[NEURON_ROWS];
    for (size_t k = 0; k < model_field_count(p->model); k++)
        if (p->field[k].data) {
            model_coefficient_at(p->model, k)->compute(value, rows);
            set_reals((void *)p->field[k].data, p->real_bytes, first, rows->count, value);
        }
}

static void store_rows(struct population *p, const struct neuron_rows *rows, uint64_t first)
{
    store_state(p, rows, first);
    store_fields(p, rows, first);
    store_drives(p, rows, first);
}

/* Fields that are the same for all neurons take their value from neuron 0. */
static void store_common(struct population *p, const struct neuron_source *source)
{
    struct neuron_rows rows;
    double coefficient[NEURON_ROWS];
    struct neuron n;
    neuron_rows_begin(&rows, source, p->kernels);
    neuron_rows_draw(&rows, 0, 1);
    neuron_rows_get(&rows, 0, &n);
    for (size_t k = 0; k < model_field_count(p->model); k++)
        if (!p->field[k].data) {
            model_coefficient_at(p->model, k)->compute(coefficient, &rows);
            p->field[k].value = to_real(p, coefficient[0]);
        }
    p->refractory_steps = p->refractory ? 0 : source->population->t_ref_steps;
    for (size_t d = 0; d < p->drive_count; d++) {
        struct drive *drive = &p->drives[d];
        double value[INPUT_KEYS_MOST];
        if (!drive->has_row || !drive->type->coefficient || drive->coefficient.data)
            continue;
        input_draw(value, &drive->source, drive->source.target->begin);
        drive->coefficient.value = to_real(p, drive_coefficient(drive, &n, value));
    }
}

/* Refractory steps of some neurons: stores them, and widens the span they lie in. */
static void store_refractory(struct population *p, const struct neuron_rows *rows, uint64_t first,
                             uint64_t span[2])
{
    struct neuron neuron = {.tau_m = 0};
    bool vary = rows->source->drawn >> POPULATION_T_REF & 1;
    for (size_t i = 0; i < (vary ? rows->count : 1); i++) {
        neuron.value[POPULATION_T_REF] = rows->value[POPULATION_T_REF][i];
        uint64_t steps = neuron_refractory_steps(&neuron, rows->source);
        span[0] = steps < span[0] ? steps : span[0];
        span[1] = steps > span[1] ? steps : span[1];
        if (p->refractory)
            p->refractory[first + i] = (uint32_t)steps;
    }
}

/* Draws [begin, end); stores them when p has arrays. */
static void draw_range(struct population *p, const struct neuron_source *source, uint64_t begin,
                       uint64_t end, struct findings *findings, uint64_t span[2])
{
    struct neuron_rows rows;
    neuron_rows_begin(&rows, source, p->kernels);
    for (uint64_t i = begin; i < end; i += rows.count) {
        size_t count = end - i < NEURON_ROWS ? (size_t)(end - i) : NEURON_ROWS;
        neuron_rows_draw(&rows, p->first_id + i, count);
        findings_check(findings, &rows);
        store_refractory(p, &rows, i, span);
        if (p->generator.value)
            memcpy(p->generator.value + i, rows.value[p->model->generator->drawn_key],
                   count * sizeof *p->generator.value);
        if (p->state[MODEL_U])
            store_rows(p, &rows, i);
    }
}

struct drawing {
    struct population *population;
    const struct neuron_source *source;
    pthread_mutex_t lock; /* of what follows */
    struct findings *findings;
    uint64_t shortest, longest; /* refractory steps */
};

static void draw_part(void *context, int part, int parts)
{
    struct drawing *d = context;
    struct population *p = d->population;
    struct findings own;
    uint64_t begin, end, span[2] = {UINT64_MAX, 0};
    WITH_OWN_FLOAT_ENV(env);
    memset(&own, 0, sizeof own);
    population_share(p, part, parts, &begin, &end);
    begin *= p->tile;
    end *= p->tile;
    draw_range(p, d->source, begin, end < p->size ? end : p->size, &own, span);
    pthread_mutex_lock(&d->lock);
    d->shortest = span[0] < d->shortest ? span[0] : d->shortest;
    d->longest = span[1] > d->longest ? span[1] : d->longest;
    findings_merge(d->findings, &own);
    pthread_mutex_unlock(&d->lock);
}

/* Draws all neurons, each tile by the thread that steps it: first touch places the memory. One tile
 * is not worth waking others for. */
static void draw_all(struct population *p, const struct neuron_source *source, int threads,
                     struct findings *findings)
{
    struct drawing d = {.population = p,
                        .source = source,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .findings = findings,
                        .shortest = UINT64_MAX};
    team_run(p->tiles > 1 ? threads : 1, draw_part, &d);
    pthread_mutex_destroy(&d.lock);
    p->shortest = p->size > 0 ? d.shortest : 0;
    p->leaps = p->model->leaps && d.shortest >= LEAP_STEPS - 1 &&
               p->config->method == METHOD_EXACT && !p->has_floor && !p->bridges;
    p->longest = d.longest;
}

/* Padding is parked, with coefficients of 0: nothing but its own NaN ever meets it. */
static void store_padding(struct population *p)
{
    const double nothing = 0.0;
    for (uint64_t i = p->size; i < p->padded; i++) {
        park(p, i);
        for (size_t k = MODEL_OWN_STATES; k < model_state_count(p->model); k++)
            set_reals(p->state[k], p->real_bytes, i, 1, &nothing);
        for (size_t k = 0; k < model_field_count(p->model); k++)
            store_array(p, &p->field[k], i, nothing);
        for (size_t d = 0; d < p->drive_count; d++) {
            store_array(p, &p->drives[d].coefficient, i, nothing);
            store_array(p, &p->drives[d].amplitude, i, nothing);
            if (p->drives[d].value && p->drives[d].cells == 0)
                p->drives[d].value[i] = nothing;
        }
    }
}

/* What all copies of a cell have in common, of all cells: whichever of their copies are here. */
static void store_shared(struct population *p)
{
    for (size_t d = 0; d < p->drive_count; d++) {
        const struct drive *drive = &p->drives[d];
        if (!drive->value || drive->cells == 0)
            continue;
        memset(drive->value, 0, drive_values(drive, p->padded) * sizeof *drive->value);
        for (size_t k = 0; k < drive->input->type->key_count; k++)
            if (drive->source.drawn & drive->type->fill_keys & 1u << k)
                input_read_key(drive->value, drive->cells, &drive->source, k, 0, p->kernels);
    }
}

void population_build(struct population *p, const struct neuron_source *source, int threads,
                      struct findings *findings)
{
    memset(findings, 0, sizeof *findings);
    if (p->state[MODEL_U]) {
        store_common(p, source);
        store_shared(p);
    }
    draw_all(p, source, threads, findings);
    if (p->state[MODEL_U])
        store_padding(p);
    p->parameters_digest = findings->digest;
}
