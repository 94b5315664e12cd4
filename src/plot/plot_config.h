/* What a run's config, which stands in its files, tells the pictures. */
#ifndef MEGALIF_PLOT_CONFIG_H
#define MEGALIF_PLOT_CONFIG_H

#include "config/config.h"

#include <hdf5.h>

/* The config that stands in a file of ours; NULL when there is none, or it cannot be read here. The
 * caller frees it with config_free. */
struct config *plot_read_config(hid_t file);

/* From text; set NULL, or one key set anew: "SECTION.KEY=VALUE". */
struct config *plot_parse_config(const char *text, const char *set);

/* A population's place in a config, which may be NULL; SIZE_MAX: it has none. */
size_t plot_config_place(const struct config *config, const char *population);

/* The times in ms between which spikes of the population at a place are recorded, (from, to]; to
 * INFINITY: up to the end. */
void plot_config_window(const struct config *config, size_t place, double *from, double *to);

/* Whether spikes of a neuron are recorded at any time. */
enum status plot_config_records(const struct config *config, size_t place, uint64_t id,
                                bool *recorded, struct error *err);

/* All neurons whose spikes are recorded, of a selection that leaves some out: *ids, ascending, to
 * be freed. NULL: all are recorded, or there are too many to list, and *all says which. */
enum status plot_config_recorded(const struct config *config, size_t place, uint64_t **ids,
                                 uint64_t *count, bool *all, struct error *err);

#endif
