/* How often values occur, in bounded memory whatever they are: whole multiples of a unit, which are
 * put together by twos, fours, ... as soon as they lie too far apart. What comes out depends on no
 * order. */
#ifndef MEGALIF_VALUE_COUNTS_H
#define MEGALIF_VALUE_COUNTS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { VALUE_COUNTS_ROOM = 1 << 14 };

struct value_counts {
    double unit;            /* values go to the nearest multiple of it */
    double bin;             /* multiples that make one bin: 1, 2, 4, ... */
    double first;           /* number of the bin of count[0] */
    double low, high;       /* numbers of the outermost bins in use; none: low > high */
    double least, greatest; /* multiples */
    uint64_t *count;        /* [VALUE_COUNTS_ROOM] */
    uint64_t all;
};

/* STATUS_MEMORY; value_counts_close in any case. */
enum status value_counts_open(struct value_counts *counts, double unit, struct error *err);
void value_counts_close(struct value_counts *counts);

/* A value in units. */
static inline double value_counts_multiple(const struct value_counts *counts, double value)
{
    return __builtin_floor(value / counts->unit + 0.5);
}

/* Adds `times` values that are this multiple of the unit; infinite ones count as the largest
 * double. */
void value_counts_add(struct value_counts *counts, double multiple, uint64_t times);

/* Adds all of another one with the same unit. */
void value_counts_merge(struct value_counts *counts, const struct value_counts *from);

/* Of all values, as far as bins tell them apart; NaN without values. */
double value_counts_mean(const struct value_counts *counts);
double value_counts_deviation(const struct value_counts *counts);

/* Bars of one width, each of a round number of the bins that occur. */
struct value_bars {
    double from, width; /* of the first bar; 0 wide: a value that has all */
    size_t count;
    uint64_t *height; /* [count] */
};

/* Some `most` bars. Freed by value_bars_free, also on error. STATUS_MEMORY. */
enum status value_bars_make(struct value_bars *bars, const struct value_counts *counts, size_t most,
                            struct error *err);
void value_bars_free(struct value_bars *bars);

#endif
