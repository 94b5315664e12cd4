/* Parameters whose values stand in a file: `file(path, dataset)` in place of a distribution. */
#ifndef MEGALIF_SETUP_VALUES_H
#define MEGALIF_SETUP_VALUES_H

#include "setup/setup_files.h"

/* Values read from files, one list for each key that names one. */
struct setup_values {
    double **list;
    size_t count;
    uint64_t bytes;
};

/* Reads what the populations of a config name, one value for each neuron, adds it to files, and
 * lets the config's values point to it: setup_values_free comes after the last use of the config.
 * What does not fit goes to `errors`, a line each, with STATUS_CONFIG or STATUS_MEMORY. */
enum status setup_values_read(struct setup_values *values, struct config *config,
                              struct setup_files *files, struct messages *errors);
void setup_values_free(struct setup_values *values);

#endif
