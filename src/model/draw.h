/* Values of neurons drawn from distributions: pure functions of (seed, stream, id). */
#ifndef MEGALIF_MODEL_DRAW_H
#define MEGALIF_MODEL_DRAW_H

#include "config/value.h"
#include "kernel/philox.h"

/* The value of neuron id < size, in the distribution's unit. NaN only where normal_clipped found no
 * value inside its range in 65,536 draws. One Philox call a try: counter group = id, draw = try,
 * step = 0. Pure, thread-safe. */
double draw_value(const struct distribution *distribution, struct philox_key key, uint64_t id,
                  uint64_t size);

/* The key of the stream named KIND NAME, or KIND NAME/DETAIL where detail is not NULL:
 * "population.exc/V_m", "input.background/exc", "record.some". */
struct philox_key draw_stream_key(uint64_t seed, const char *kind, const char *name,
                                  const char *detail);

#endif
