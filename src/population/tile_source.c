#include "population/tile_source.h"

#include <string.h>

enum { AT_ONCE = 64 }; /* bytes of a row that are looked at together */

static bool is_zero(const char *bytes)
{
    uint64_t word[AT_ONCE / sizeof(uint64_t)], any = 0;
    memcpy(word, bytes, sizeof word);
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        any |= word[i];
    return any == 0;
}

static uint32_t number_at(const char *row, size_t real_bytes, size_t i)
{
    return real_bytes == sizeof(float) ? (uint32_t)((const float *)(const void *)row)[i]
                                       : (uint32_t)((const double *)(const void *)row)[i];
}

/* The ids of neurons begin ... end - 1, each as often as the row says; returns how many. */
static uint32_t list_some(const char *row, size_t real_bytes, size_t begin, size_t end,
                          uint16_t *ids)
{
    uint32_t spikes = 0;
    for (size_t i = begin; i < end; i++)
        for (uint32_t n = number_at(row, real_bytes, i); n > 0; n--)
            ids[spikes++] = (uint16_t)i;
    return spikes;
}

/* Most neurons have none, and whole groups of them are passed over. */
static uint32_t list_spikes(const char *row, size_t real_bytes, size_t neurons, uint16_t *ids)
{
    const size_t group = AT_ONCE / real_bytes;
    uint32_t spikes = 0;
    size_t i = 0;
    for (; i + group <= neurons; i += group)
        if (!is_zero(row + i * real_bytes))
            spikes += list_some(row, real_bytes, i, i + group, ids + spikes);
    return spikes + list_some(row, real_bytes, i, neurons, ids + spikes);
}

/* How many spikes each neuron from first_id on has in a step. */
static const char *row_of(const struct population *p, uint64_t step, uint64_t first_id,
                          size_t padded, struct tile_scratch *scratch)
{
    const struct input_rows *rows = p->fed;
    if (rows)
        return (const char *)rows->data +
               ((step - rows->first) * rows->stride + first_id) * p->real_bytes;
    p->model->generator->fill(&p->generator, p->kernels, scratch->row, padded, step, first_id);
    return scratch->row;
}

size_t tile_source_advance(const struct population *p, uint64_t tile, uint64_t first_step,
                           size_t steps, struct tile_scratch *scratch, uint16_t *ids,
                           uint32_t *count)
{
    const uint64_t first = tile * p->tile, first_id = population_tile_id(p, tile);
    const size_t neurons = (size_t)(p->size - first < p->tile ? p->size - first : p->tile);
    const size_t padded = (size_t)(p->padded - first < p->tile ? p->padded - first : p->tile);
    size_t total = 0;
    for (size_t k = 0; k < steps; k++) {
        count[k] = 0;
        if (!generator_active(&p->generator, first_step + k))
            continue;
        const char *row = row_of(p, first_step + k, first_id, padded, scratch);
        count[k] = list_spikes(row, p->real_bytes, neurons, ids + total);
        total += count[k];
    }
    return total;
}
