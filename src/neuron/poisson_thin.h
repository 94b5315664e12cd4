/* Poisson counts of neurons with a mean each, from a few tables: a neuron takes its count from the
 * table of the next power of two above its mean, and of these events each with a chance. Thinning a
 * Poisson number gives a Poisson number, so this is exact. Which table a neuron takes depends on
 * its own mean alone. */
#ifndef MEGALIF_POISSON_THIN_H
#define MEGALIF_POISSON_THIN_H

#include "kernel/philox.h"

#include <stddef.h>

enum { POISSON_LEVELS_MOST = 17 };

/* Tables of means 2^lowest, 2^(lowest + 1) ...; the last has the mean `most` where that is less. */
struct poisson_levels {
    int lowest;
    size_t count;
    double mean[POISSON_LEVELS_MOST];
};

/* For means from `lo` to `hi`, none above `most` <= 1000. Means below 2^-6 share a level. */
struct poisson_levels poisson_levels_for(double lo, double hi, double most);

/* The level of a mean; the last for one that is out of range. */
size_t poisson_level_of(const struct poisson_levels *levels, double mean);

/* Where a neuron's numbers stand in a stream. */
struct poisson_place {
    struct philox_key key;
    uint64_t step, group;
    unsigned slot;
};

/* poisson_thin where the bits do not decide at once. */
uint32_t poisson_thin_slowly(uint32_t n, double chance, uint32_t bits,
                             const struct poisson_place *place);

/* How many of n events are left when each is kept with a chance (cut to [0, 1], and at least 1/2
 * where n is above 64): Binomial(n, chance), its distribution right to 2^-40. `bits` are uniform;
 * where they do not decide, and for each 512 events more, draw 11 + slot, + 8, + 16 ... does. Pure,
 * thread-safe. */
static inline uint32_t poisson_thin(uint32_t n, double chance, uint32_t bits,
                                    const struct poisson_place *place)
{
    double u = bits * 0x1p-32;
    if (n == 1 && ((u >= chance) | (u + 0x1p-32 <= chance))) /* most often */
        return u < chance;
    return poisson_thin_slowly(n, chance, bits, place);
}

#endif
