/* What may be set in a population between two steps. Values are in range: the caller has looked. */
#ifndef MEGALIF_POPULATION_SET_H
#define MEGALIF_POPULATION_SET_H

#include "population/population.h"

/* Membrane potentials (mV) of neurons begin ... end - 1 before step `step`, but of those that are
 * refractory in it, which stay at V_reset. One thread, between two blocks. */
void population_set_V(struct population *population, uint64_t step, uint64_t begin, uint64_t end,
                      const double *V);

/* The amplitudes of a drive, or its values, which a program may set: of those of the neurons that
 * it acts on. `same`: value[0] for all of them, of amplitudes. */
void population_set_drive(struct population *population, struct drive *drive, uint64_t begin,
                          uint64_t end, const double *value, bool same);

/* Writes into their arrays the amplitudes that are only noted, as the same for all: before the
 * state is read. */
void population_settle_drives(struct population *population);

/* The numbers of a generator, which a program may set. */
void population_set_generator(struct population *population, uint64_t begin, uint64_t end,
                              const double *value);

#endif
