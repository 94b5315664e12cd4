#include "neuron/neuron_rows.h"

#include <string.h>

void neuron_read_key(double *value, size_t count, const struct neuron_source *source, int key,
                     uint64_t first, const struct kernels *kernels)
{
    const struct draw_place place = neuron_place(source->population, first);
    draw_row(value, count, &source->population->value[key].number, source->key[key], &place,
             kernels);
}

static void derive(struct neuron_rows *rows)
{
    const struct config *config = rows->source->config;
    struct neuron n = {.tau_m = 0};
    for (size_t i = 0; i < rows->count; i++) {
        for (unsigned keys = membrane_keys(rows->source->population->membrane); keys;) {
            int key = neuron_next_key(&keys);
            n.value[key] = rows->value[key][i];
        }
        membrane_derive(&n, rows->source->population->membrane);
        n.step = membrane_step_of(config->method, config->dt_ms, n.tau_m);
        rows->tau_m[i] = n.tau_m;
        rows->resistance[i] = n.resistance;
        rows->decay[i] = n.step.decay;
        rows->forgotten[i] = n.step.forgotten;
    }
}

/* What does not differ between neurons is written once. */
void neuron_rows_begin(struct neuron_rows *rows, const struct neuron_source *source,
                       const struct kernels *kernels)
{
    memset(rows, 0, sizeof *rows);
    rows->source = source;
    rows->kernels = kernels;
    rows->count = 1;
    for (unsigned keys = source->given & ~source->drawn; keys;) {
        int key = neuron_next_key(&keys);
        for (size_t i = 0; i < NEURON_ROWS; i++)
            rows->value[key][i] = source->population->value[key].number.parameter[0];
    }
    if (!(source->given >> POPULATION_V_M & 1))
        memcpy(rows->value[POPULATION_V_M], rows->value[POPULATION_E_L],
               sizeof rows->value[POPULATION_V_M]);
    if (source->membrane_varies || source->population->model->source_only)
        return;
    derive(rows);
    for (size_t i = 1; i < NEURON_ROWS; i++) {
        rows->tau_m[i] = rows->tau_m[0];
        rows->resistance[i] = rows->resistance[0];
        rows->decay[i] = rows->decay[0];
        rows->forgotten[i] = rows->forgotten[0];
    }
}

void neuron_rows_draw(struct neuron_rows *rows, uint64_t first, size_t count)
{
    const struct neuron_source *source = rows->source;
    rows->first = first;
    rows->count = count;
    for (unsigned keys = source->drawn; keys;) {
        int key = neuron_next_key(&keys);
        neuron_read_key(rows->value[key], count, source, key, first, rows->kernels);
    }
    if (!(source->given >> POPULATION_V_M & 1) && source->drawn >> POPULATION_E_L & 1)
        memcpy(rows->value[POPULATION_V_M], rows->value[POPULATION_E_L], count * sizeof(double));
    if (source->membrane_varies)
        derive(rows);
}

void neuron_rows_get(const struct neuron_rows *rows, size_t i, struct neuron *neuron)
{
    for (int key = 0; key < config_population_key_count(rows->source->population); key++)
        neuron->value[key] = rows->value[key][i];
    neuron->tau_m = rows->tau_m[i];
    neuron->resistance = rows->resistance[i];
    neuron->step = (struct membrane_step){rows->decay[i], rows->forgotten[i]};
}
