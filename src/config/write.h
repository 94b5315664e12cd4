/* A config to INI text. */
#ifndef MEGALIF_CONFIG_WRITE_H
#define MEGALIF_CONFIG_WRITE_H

#include "config/config.h"

/* The resolved config as INI text that runs again to the same raster: every key with its value and
 * unit, defaults included; but a section's seed only where it was given, so that the simulation's
 * still rules the others. The caller frees the string; NULL when out of memory. */
char *config_to_text(const struct config *config);

#endif
