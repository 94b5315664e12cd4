/* What acts on neurons from outside step by step: the currents of a file, the spikes of a file, and
 * what a network or another rank would send. Whoever owns the rows sets them before each block;
 * model and engine only read them. */
#ifndef MEGALIF_INPUT_ROWS_H
#define MEGALIF_INPUT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rows of one input: one for each step. */
struct input_rows {
    bool per_neuron;  /* a number for each target neuron, in the order of the input's targets; else
                         one for all of them */
    const void *data; /* real[steps][stride] in the run's precision; double[steps] if one for all */
    size_t stride;    /* numbers from one row to the next */
    uint64_t first;   /* step in which the first row acts */
    uint64_t steps;   /* how many rows there are */
};

#endif
