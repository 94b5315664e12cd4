/* Parameters of many neurons at once: a row for each of their values. What all neurons share is
 * there, too, so that loops need not ask. */
#ifndef MEGALIF_NEURON_ROWS_H
#define MEGALIF_NEURON_ROWS_H

#include "neuron/neuron_draw.h"

enum { NEURON_ROWS = 128 }; /* neurons at once */

struct neuron_rows {
    const struct neuron_source *source;
    const struct kernels *kernels;
    uint64_t first, stride; /* neuron i has id first + i stride */
    size_t count;           /* <= NEURON_ROWS; what lies behind is of no neuron */
    double value[POPULATION_KEYS][NEURON_ROWS];
    double tau_m[NEURON_ROWS], resistance[NEURON_ROWS];
    double decay[NEURON_ROWS], forgotten[NEURON_ROWS]; /* struct membrane_step's */
};

/* For neurons of a source, which must outlive the rows; kernels draw them (any: all give the same
 * bits). */
void neuron_rows_begin(struct neuron_rows *rows, const struct neuron_source *source,
                       const struct kernels *kernels);

/* The values of neurons first, first + stride ... */
void neuron_rows_draw(struct neuron_rows *rows, uint64_t first, uint64_t stride, size_t count);

static inline uint64_t neuron_rows_id(const struct neuron_rows *rows, size_t i)
{
    return rows->first + i * rows->stride;
}

/* Neuron i < rows->count by itself: what neuron_draw gives, and its step. */
void neuron_rows_get(const struct neuron_rows *rows, size_t i, struct neuron *neuron);

/* The values of one key alone for neurons first, first + stride ...: value[count]. */
void neuron_read_key(double *value, size_t count, const struct neuron_source *source, int key,
                     uint64_t first, uint64_t stride, const struct kernels *kernels);

#endif
