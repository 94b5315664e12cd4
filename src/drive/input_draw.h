/* The numbers of an input's keys for each neuron: drawn where the config gives a distribution. */
#ifndef MEGALIF_INPUT_DRAW_H
#define MEGALIF_INPUT_DRAW_H

#include "kernel/philox.h"
#include "neuron/finding.h"

enum { INPUT_KEYS_MOST = 16 }; /* that an input type has */

/* Everything needed to draw for any neuron of one target; immutable, shared by threads. */
struct input_source {
    const struct input_config *input;
    const struct target *target;
    const struct population_config *population;
    unsigned drawn;                         /* bit per key that varies between neurons */
    unsigned settable;                      /* of these: that a program may set */
    struct philox_key key[INPUT_KEYS_MOST]; /* stream input.NAME/POPULATION/KEY */
};

void input_source_init(struct input_source *source, const struct config *config,
                       const struct input_config *input, const struct target *target);

/* value[k] for all keys of the type: drawn, or the constant (0 for what is no number). id is in the
 * target. */
void input_draw(double *value, const struct input_source *source, uint64_t id);

/* value[i] = what input_draw has as value[key] for neuron first + i; all of them are in the target.
 * Any kernels give the same bits. */
void input_read_key(double *value, size_t count, const struct input_source *source, size_t key,
                    uint64_t first, const struct kernels *kernels);

/* Draws and checks what all inputs of a population have drawn: values out of range are
 * STATUS_CONFIG, one line each in `errors`. *digest += of all drawn values. `most` gives the
 * largest value that an input's key may have (it lies in the key's range). Uses `threads` OpenMP
 * threads. */
typedef double input_limit(const struct input_config *input, int key);
enum status input_draws_check(const struct config *config, size_t population, int threads,
                              input_limit *most, struct messages *errors, uint64_t *digest);

/* Key `key` of one input for neurons begin ... end - 1 of a population, in the key's unit; NaN
 * outside its targets. */
void input_draws_read(const struct config *config, const struct input_config *input,
                      size_t population, int key, uint64_t begin, uint64_t end, double *values);

/* May a program set the numbers of this key between two steps? Then each neuron has its own. */
bool input_settable(const struct input_config *input, size_t key);

/* Whether the input gives such neurons numbers of their own, and acts on the population. */
bool input_draws_key(const struct input_config *input, size_t population, int key);

#endif
