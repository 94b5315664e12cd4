/* [population.NAME] */
#ifndef MEGALIF_CONFIG_READ_POPULATION_H
#define MEGALIF_CONFIG_READ_POPULATION_H

#include "config/sections.h"

/* What the section says, to *out. What is wrong is reported (sections.h). */
void config_read_population(struct reading *reading, struct ini_section *section,
                            struct population_config *out);

/* Reports `levels` among the values where the population, or every target, is not made of copies.
 */
void config_check_levels(struct reading *reading, const struct ini_section *section,
                         const struct key *keys, size_t count, const struct value *values,
                         bool copies);

#endif
