/* [projection.NAME]: synapses from sources to targets. */
#ifndef MEGALIF_CONFIG_READ_PROJECTION_H
#define MEGALIF_CONFIG_READ_PROJECTION_H

#include "config/sections.h"

/* Needs the populations, which it names. */
void config_read_projection(struct reading *reading, struct ini_section *section,
                            struct projection_config *out);

#endif
