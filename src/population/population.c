/* What is asked of a population that has been opened: whose tiles are whose, potentials,
 * parameters; and its end. */
#include "population/population.h"

#include "base/memory.h"
#include "neuron/neuron_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double get_real(const void *array, size_t real_bytes, uint64_t i)
{
    return real_bytes == sizeof(float) ? (double)((const float *)array)[i]
                                       : ((const double *)array)[i];
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

static void close_generator(struct population *p)
{
    if (p->model && p->model->generator && p->model->generator->close)
        p->model->generator->close(&p->generator);
    memory_free(p->generator.value, p->padded * sizeof *p->generator.value);
}

void population_close(struct population *p)
{
    uint64_t bytes = p->padded * p->real_bytes;
    close_generator(p);
    for (size_t k = 0; k < MODEL_FIELDS_MOST; k++)
        memory_free((void *)p->field[k].data, bytes);
    for (size_t k = 0; k < MODEL_STATES_MOST; k++)
        memory_free(p->state[k], bytes);
    memory_free(p->refractory, p->padded * sizeof(uint32_t));
    memory_free(p->queue_next, p->padded * QUEUE_BYTES);
    memory_free(p->queue_head, p->tiles * (p->longest + 1) * QUEUE_BYTES);
    for (size_t d = 0; d < p->drive_count; d++) {
        memory_free((void *)p->drives[d].coefficient.data, bytes);
        memory_free(p->drives[d].z, bytes);
        memory_free((void *)p->drives[d].amplitude.data, bytes);
        memory_free(p->drives[d].value, drive_values(&p->drives[d], p->padded) * sizeof(double));
    }
    drives_close(p->drives, p->drive_count);
    memset(p, 0, sizeof *p);
}

/* Draws two keys and nothing else: programs read single neurons after every step. */
void population_read_V(const struct population *p, uint64_t begin, uint64_t end, double *V)
{
    struct neuron_source source;
    double V_th[NEURON_ROWS], V_reset[NEURON_ROWS];
    neuron_source_init(&source, p->config, (size_t)(p->description - p->config->population));
    for (uint64_t first = begin; first < end; first += NEURON_ROWS) {
        size_t count = end - first < NEURON_ROWS ? (size_t)(end - first) : NEURON_ROWS;
        neuron_read_key(V_th, count, &source, POPULATION_V_TH, p->first_id + first, p->kernels);
        neuron_read_key(V_reset, count, &source, POPULATION_V_RESET, p->first_id + first,
                        p->kernels);
        for (size_t i = 0; i < count; i++) {
            double u = get_real(p->state[MODEL_U], p->real_bytes, first + i);
            V[first + i - begin] = isnan(u) ? V_reset[i] : u + V_th[i];
        }
    }
}

void population_read_parameter(const struct config *config, size_t population, int key,
                               uint64_t begin, uint64_t end, double *values)
{
    struct neuron_source source;
    neuron_source_init(&source, config, population);
    neuron_read_key(values, (size_t)(end - begin), &source, key, begin,
                    kernels_for(kernels_best_isa(), 32));
}

static double membrane_fact(const struct neuron *n, int key)
{
    switch (key) {
    case POPULATION_C_M:
        return n->tau_m / n->resistance;
    case POPULATION_TAU_M:
        return n->tau_m;
    case POPULATION_G_L:
        return 1.0 / n->resistance;
    default:
        return n->resistance * 1e3;
    }
}

void population_read_membrane(const struct config *config, size_t population, int key,
                              uint64_t begin, uint64_t end, double *values)
{
    struct neuron_source source;
    struct neuron n = {.tau_m = 0};
    neuron_source_init(&source, config, population);
    for (uint64_t id = begin; id < end; id++) {
        neuron_draw(&n, &source, id);
        values[id - begin] = membrane_fact(&n, key);
    }
}

void population_membrane_range(const struct config *config, size_t population,
                               double least[MEMBRANE_FACTS], double most[MEMBRANE_FACTS])
{
    enum { SAMPLE = 1000 };
    struct neuron_source source;
    struct neuron n = {.tau_m = 0};
    neuron_source_init(&source, config, population);
    uint64_t size = source.population->size, each = (size + SAMPLE - 1) / SAMPLE;
    for (uint64_t id = 0; id < size; id += each) {
        neuron_draw(&n, &source, id);
        const double facts[MEMBRANE_FACTS] = {
            membrane_fact(&n, POPULATION_C_M), membrane_fact(&n, POPULATION_TAU_M),
            membrane_fact(&n, POPULATION_G_L), membrane_fact(&n, POPULATION_R_M),
            (n.value[POPULATION_V_TH] - n.value[POPULATION_E_L]) / n.resistance};
        for (int f = 0; f < MEMBRANE_FACTS; f++) {
            least[f] = id == 0 ? facts[f] : fmin(least[f], facts[f]);
            most[f] = id == 0 ? facts[f] : fmax(most[f], facts[f]);
        }
    }
}
