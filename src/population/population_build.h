/* The neurons of a population: drawn, checked and stored. */
#ifndef MEGALIF_POPULATION_BUILD_H
#define MEGALIF_POPULATION_BUILD_H

#include "neuron/neuron_findings.h"
#include "population/population.h"

/* Draws all neurons of a population that is described, and fills its arrays where it has any (u is
 * there), padding included; each tile by the thread that steps it. What must be said of the neurons
 * goes to *findings. Uses `threads` threads. */
void population_build(struct population *p, const struct neuron_source *source, int threads,
                      struct findings *findings);

#endif
