/* [defaults]: keys that all populations have which do not say them themselves. */
#ifndef MEGALIF_CONFIG_DEFAULTS_H
#define MEGALIF_CONFIG_DEFAULTS_H

#include "config/ini.h"

struct reading;

/* Gives each [population.NAME] the entries that it lacks; after overrides, before any section is
 * read. Those that its model does not have are left out of it in silence. */
void config_apply_defaults(struct reading *reading);

/* After the populations: reports entries that no population has asked for. */
void config_check_defaults(struct reading *reading);

#endif
