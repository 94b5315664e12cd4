/* Values of neurons drawn from distributions: pure functions of (seed, stream, id). */
#ifndef MEGALIF_DRAW_H
#define MEGALIF_DRAW_H

#include "config/value.h"
#include "kernel/philox.h"

/* Where a value stands among those of its kind. */
struct draw_place {
    uint64_t index;               /* of its random numbers: the cell, or the id without copies */
    uint64_t position, positions; /* along a linspace; position < positions */
    uint64_t copy, copies;        /* along levels; copy < copies */
};

/* The value at a place, in the distribution's unit. NaN only where normal_clipped found no value
 * inside its range in 65,536 draws, or a file has not been read. One Philox call a try: counter
 * group = index, draw = try, step = 0. Pure, thread-safe. */
double draw_value(const struct distribution *distribution, struct philox_key key,
                  const struct draw_place *place);

/* The same for `count` places one after the other from *first on: value[count]. Behind the last
 * position of a copy stands the first of the next. Many times faster than one by one; any kernels
 * give the same bits. */
void draw_row(double *value, size_t count, const struct distribution *distribution,
              struct philox_key key, const struct draw_place *first, const struct kernels *kernels);

/* No value lies outside [*lo, *hi]; of those without bounds none does with a chance of more than
 * 1e-15 (8 standard deviations). */
void draw_bounds(const struct distribution *distribution, double *lo, double *hi);

/* The key of the stream named KIND NAME, or KIND NAME/DETAIL where detail is not NULL:
 * "population.exc/V_m", "input.background/exc", "record.some". */
struct philox_key draw_stream_key(uint64_t seed, const char *kind, const char *name,
                                  const char *detail);

#endif
