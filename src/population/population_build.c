#include "population/population_build.h"

#include "base/float_env.h"

#include <omp.h>
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
        memcpy((float *)p->u + i, &bits32, sizeof bits32);
    else
        memcpy((double *)p->u + i, &bits64, sizeof bits64);
}

/* The coefficients of some neurons, in double. */
struct coefficients {
    double u[NEURON_ROWS], decay[NEURON_ROWS], bias[NEURON_ROWS], gain[NEURON_ROWS],
        reset[NEURON_ROWS], floor[NEURON_ROWS], bridge[NEURON_ROWS];
};

static void compute_coefficients(struct coefficients *restrict c,
                                 const struct neuron_rows *restrict rows)
{
    const double dt_ms = rows->source->config->dt_ms;
    const double(*v)[NEURON_ROWS] = rows->value;
    for (size_t i = 0; i < rows->count; i++) {
        double e = rows->decay[i], R = rows->resistance[i], V_th = v[POPULATION_V_TH][i];
        double free = v[POPULATION_E_L][i] - V_th + R * v[POPULATION_I_E][i];
        c->u[i] = v[POPULATION_V_M][i] - V_th;
        c->decay[i] = e;
        c->bias[i] = e * free;
        c->gain[i] = e * R;
        c->reset[i] = v[POPULATION_V_RESET][i] - V_th;
        c->floor[i] = v[POPULATION_V_MIN][i] - V_th;
        c->bridge[i] = rows->tau_m[i] * rows->forgotten[i] / dt_ms;
    }
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
                        uint64_t first, size_t count)
{
    uint64_t begin = drive->begin, end = drive->end, behind = first + count;
    if (drive->cells > 0) {
        begin = first;
        end = behind;
    }
    a->end = end <= first ? 0 : end < behind ? (size_t)(end - first) : count;
    a->begin = begin <= first ? 0 : begin < behind ? (size_t)(begin - first) : count;
    for (size_t k = 0; k < drive->input->type->key_count && a->begin < a->end; k++)
        input_read_key(a->value[k] + a->begin, a->end - a->begin, &drive->source, k,
                       first + a->begin, p->kernels);
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
            coefficient = drive->type->coefficient(drive, &neuron, value);
        }
    }
    store_array(p, &drive->coefficient, first + i, coefficient);
    store_array(p, &drive->amplitude, first + i, amplitude);
    if (drive->value)
        drive->value[first + i] = own;
}

static void store_drives(struct population *p, const struct neuron_rows *rows, uint64_t first)
{
    struct acting acting;
    for (size_t d = 0; d < p->drive_count; d++) {
        const struct drive *drive = &p->drives[d];
        if (!drive->coefficient.data && !drive->amplitude.data && !drive->value)
            continue;
        find_acting(&acting, p, drive, first, rows->count);
        for (size_t i = 0; i < rows->count; i++)
            store_drive(p, drive, rows, first, i, &acting);
    }
}

/* Which field of a population each coefficient is. */
enum { COEFFICIENTS = 6 };
struct stored {
    struct field *field;
    const double *value;
};
static void fields_of(struct stored stored[COEFFICIENTS], struct population *p,
                      const struct coefficients *c)
{
    const struct stored all[COEFFICIENTS] = {{&p->decay, c->decay}, {&p->bias, c->bias},
                                             {&p->gain, c->gain},   {&p->reset, c->reset},
                                             {&p->floor, c->floor}, {&p->bridge, c->bridge}};
    memcpy(stored, all, sizeof all);
}

static void store_rows(struct population *p, const struct neuron_rows *rows, uint64_t first)
{
    struct coefficients c;
    struct stored stored[COEFFICIENTS];
    compute_coefficients(&c, rows);
    fields_of(stored, p, &c);
    set_reals(p->u, p->real_bytes, first, rows->count, c.u);
    for (int k = 0; k < COEFFICIENTS; k++)
        if (stored[k].field->data)
            set_reals((void *)stored[k].field->data, p->real_bytes, first, rows->count,
                      stored[k].value);
    store_drives(p, rows, first);
}

/* Fields that are the same for all neurons take their value from neuron 0. */
static void store_common(struct population *p, const struct neuron_source *source)
{
    struct neuron_rows rows;
    struct coefficients c;
    struct stored stored[COEFFICIENTS];
    struct neuron n;
    neuron_rows_begin(&rows, source, p->kernels);
    neuron_rows_draw(&rows, 0, 1);
    neuron_rows_get(&rows, 0, &n);
    compute_coefficients(&c, &rows);
    fields_of(stored, p, &c);
    for (int k = 0; k < COEFFICIENTS; k++)
        if (!stored[k].field->data)
            stored[k].field->value = to_real(p, stored[k].value[0]);
    p->refractory_steps = p->refractory ? 0 : source->population->t_ref_steps;
    for (size_t d = 0; d < p->drive_count; d++) {
        struct drive *drive = &p->drives[d];
        double value[INPUT_KEYS_MOST];
        if (!drive->has_row || !drive->type->coefficient || drive->coefficient.data)
            continue;
        input_draw(value, &drive->source, drive->source.target->begin);
        drive->coefficient.value = to_real(p, drive->type->coefficient(drive, &n, value));
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
        neuron_rows_draw(&rows, i, count);
        findings_check(findings, &rows);
        store_refractory(p, &rows, i, span);
        if (p->u)
            store_rows(p, &rows, i);
    }
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

void population_build(struct population *p, const struct neuron_source *source, int threads,
                      struct findings *findings)
{
    memset(findings, 0, sizeof *findings);
    if (p->u)
        store_common(p, source);
    draw_all(p, source, threads, findings);
    if (p->u)
        store_padding(p);
    p->parameters_digest = findings->digest;
}
