/* A frequency counted in steps: the phase of step k is exact however large k is, because frequency
 * and dt are exact decimals and their product is a fraction. */
#ifndef MEGALIF_CYCLE_H
#define MEGALIF_CYCLE_H

#include "base/decimal.h"

#include <stdint.h>

/* frequency dt = turns / steps in lowest terms: after `steps` steps all values come again. */
struct cycle {
    uint64_t turns; /* < steps */
    uint64_t steps; /* 1 .. 10^18 */
};

/* frequency >= 0 in Hz, dt > 0 in ms. NULL, or what is wrong with the frequency: above 1 / (2 dt),
 * or with so many digits that frequency dt needs more than 18 decimals. */
const char *cycle_init(struct cycle *cycle, struct decimal frequency, struct decimal dt);

/* sin(2 pi (frequency k dt + phase / 360)) at step k; absolute error <= 2^-49. Pure. */
double cycle_sin(const struct cycle *cycle, uint64_t step, double phase_degrees);

#endif
