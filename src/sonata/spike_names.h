/* The populations that a file of spikes has: what spike_source_open can be asked for. */
#ifndef MEGALIF_SPIKE_NAMES_H
#define MEGALIF_SPIKE_NAMES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The names of a file's populations: SONATA's sorted, those of a CSV file in the order in which
 * they come. */
struct spike_names {
    char **name;
    size_t count;
    bool unnamed; /* one population without name: CSV without that column, or SONATA's older layout
                   */
};

/* Reads all of a CSV file with names. One thread at a time for one file. STATUS_OUTPUT, also when
 * these are too many to be names. */
enum status spike_names_read(struct spike_names *names, const char *path, struct error *err);
void spike_names_free(struct spike_names *names); /* also after an error */

#endif
