/* Parameters of many neurons at once: a row for each of their values. What all neurons share is
 * there, too, so that loops need not ask. */
#ifndef MEGALIF_NEURON_ROWS_H
#define MEGALIF_NEURON_ROWS_H

#include "neuron/neuron_draw.h"

enum { NEURON_ROWS = 128 }; /* neurons at once */

struct neuron_rows {
    const struct neuron_source *source;
    const struct kernels *kernels;
    uint64_t first; /* id of neuron 0 */
    size_t count;   /* <= NEURON_ROWS; what lies behind is of no neuron */
    double value[POPULATION_KEYS_MOST][NEURON_ROWS];
    double tau_m[NEURON_ROWS], resistance[NEURON_ROWS];
    double decay[NEURON_ROWS], forgotten[NEURON_ROWS]; /* struct membrane_step's */
};

/* For neurons of a source, which must outlive the rows; kernels draw them (any: all give the same
 * bits). */
void neuron_rows_begin(struct neuron_rows *rows, const struct neuron_source *source,
                       const struct kernels *kernels);

/* The values of neurons first, first + 1 ... */
void neuron_rows_draw(struct neuron_rows *rows, uint64_t first, size_t count);

/* Neuron i < rows->count by itself: what neuron_draw gives, and its step. */
void neuron_rows_get(const struct neuron_rows *rows, size_t i, struct neuron *neuron);

/* The values of one key alone for neurons first, first + 1 ...: value[count]. */
void neuron_read_key(double *value, size_t count, const struct neuron_source *source, int key,
                     uint64_t first, const struct kernels *kernels);

#endif
