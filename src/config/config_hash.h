/* Do two resolved configs (config_to_text) describe the same simulation? */
#ifndef MEGALIF_CONFIG_HASH_H
#define MEGALIF_CONFIG_HASH_H

#include "base/error.h"

#include <stdint.h>

/* What may differ, beside how projections keep their synapses. */
enum config_compared {
    CONFIG_RESUMED, /* while a run is interrupted: simulation.duration, [output], [checkpoint] and
                       the names of files, whose content stands elsewhere (setup/setup_files.h) */
    CONFIG_RESULTS  /* where results are the same, as config_hash: [output] file and [checkpoint] */
};

/* Compares two texts of config_to_text key by key, whatever their order, and adds a line for each
 * difference that counts: "[simulation] seed: 1 before, 2 now". */
void config_compare_text(const char *before, const char *now, enum config_compared what,
                         struct messages *differences);

/* A hash of a resolved config (config_to_text) but for [output] file, [checkpoint], `storage` of
 * projections and empty lines: two with the same one run to the same results. */
uint64_t config_hash(const char *resolved);

#endif
