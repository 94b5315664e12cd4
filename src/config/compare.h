/* Do two resolved configs describe the same simulation? */
#ifndef MEGALIF_CONFIG_COMPARE_H
#define MEGALIF_CONFIG_COMPARE_H

#include "base/error.h"

/* Compares two texts of config_to_text key by key, whatever their order, and adds a line for each
 * difference: "[simulation] seed: 1 before, 2 now". What may change while a run is interrupted is
 * left out: simulation.duration, [output] and [checkpoint]. */
void config_compare_text(const char *before, const char *now, struct messages *differences);

#endif
