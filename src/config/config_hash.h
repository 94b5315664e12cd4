/* Do two resolved configs describe the same simulation? */
#ifndef MEGALIF_CONFIG_HASH_H
#define MEGALIF_CONFIG_HASH_H

#include "base/error.h"

/* What may differ. */
enum config_compared {
    CONFIG_RESUMED, /* while a run is interrupted: simulation.duration, [output] and [checkpoint] */
    CONFIG_RESULTS  /* where results are the same, as config_hash: [output] file and [checkpoint] */
};

/* Compares two texts of config_to_text key by key, whatever their order, and adds a line for each
 * difference that counts: "[simulation] seed: 1 before, 2 now". */
void config_compare_text(const char *before, const char *now, enum config_compared what,
                         struct messages *differences);

#endif
