/* The points of a sweep. */
#ifndef MEGALIF_CONFIG_SWEEP_POINTS_H
#define MEGALIF_CONFIG_SWEEP_POINTS_H

#include "config/sweep.h"

/* Reads [sweep] and checks the config of every point. STATUS_OK with *out NULL when nothing is
 * swept: then the config has still to be read (config_read_text). Otherwise as config_read: all
 * errors at once; those of a value that is swept name its line of [sweep]. Thread-safe. */
enum status config_read_sweep(const struct sweep_source *source, struct sweep **out,
                              struct messages *errors);
void config_sweep_free(struct sweep *sweep);

/* Index of the value that a key has in a point. */
size_t config_sweep_value(const struct sweep *sweep, const struct sweep_key *key, size_t point);

/* The i-th value of a key as its kind says; false when it is no constant number. */
bool config_sweep_number(const struct sweep_key *key, size_t i, struct value *out);

/* How many overrides make a point. */
size_t config_sweep_set_count(const struct sweep *sweep);

/* The i-th of them, "section.key=value"; the caller frees it. NULL without memory. */
char *config_sweep_set(const struct sweep *sweep, size_t point, size_t i);

/* The seed of a point by `seed = point`: FNV-1a-64 of "SEED NAME", the config's own seed in decimal
 * and the point's name. No position plays a part: a longer grid keeps the seeds it had. */
uint64_t config_sweep_seed(const struct sweep *sweep, size_t point);

#endif
