/* Which neurons a rank has (comm/comm.h): of every population a range of ids, so that ranks take
 * about as long as each other whatever populations differ in. Ids ascend with the ranks: what they
 * have to say of a population, one behind the other, is in the order of ids. */
#ifndef MEGALIF_PART_H
#define MEGALIF_PART_H

#include "config/config.h"

/* A rank of so many; {0, 0} has all neurons, too. */
struct part {
    int rank, ranks;
};

struct part_range {
    uint64_t first, neurons; /* first: a multiple of TILE_ALIGN; neurons may be 0 */
};

struct part_range part_range(const struct config *config, size_t population, struct part part);

/* Those of its neurons with the ids begin ... end - 1. Pure. */
struct part_range part_range_within(struct part_range range, uint64_t begin, uint64_t end);

/* The share of a list of targets that is in it. */
double part_share(const struct config *config, const struct target *target, size_t count,
                  struct part part);

/* Neurons of all populations in it. */
uint64_t part_neurons(const struct config *config, struct part part);

#endif
