/* Making a population: everything is drawn, checked and stored. */
#ifndef MEGALIF_POPULATION_OPEN_H
#define MEGALIF_POPULATION_OPEN_H

#include "neuron/neuron_findings.h"
#include "population/population.h"

/* Draws, checks and stores all neurons of config->population[population]. Drawn values out of range
 * are STATUS_CONFIG, one line each in `errors`; what deserves a warning goes to `warnings`.
 * STATUS_MEMORY. Uses settings->threads threads. The config must outlive the population;
 * population_close also after an error. */
enum status population_open(struct population *out, const struct config *config, size_t population,
                            const struct population_settings *settings, struct messages *errors,
                            struct messages *warnings, struct error *err);

/* The same in two steps, between which parts of a population that several processes have can be put
 * together: draws and stores; then checks what has been found of all neurons. What is remarkable of
 * this population's own is in *findings; no other has warnings or errors. */
enum status population_draw(struct population *out, const struct config *config, size_t population,
                            const struct population_settings *settings, struct findings *findings,
                            struct error *err);
enum status population_check(struct population *p, int threads, const struct findings *findings,
                             struct messages *errors, struct messages *warnings, struct error *err);

/* The same draws and checks without storing anything. */
enum status population_survey(const struct config *config, size_t population, int threads,
                              struct messages *errors, struct messages *warnings);

#endif
