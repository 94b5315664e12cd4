/* Lists of populations, slices and neurons. */
#ifndef MEGALIF_CONFIG_READ_TARGETS_H
#define MEGALIF_CONFIG_READ_TARGETS_H

#include "config/sections.h"

/* `a, b[0:10] | all`: sorted and disjoint. False and a count of 0 when something is wrong. */
bool config_read_populations(struct reading *reading, const struct parser *parser, const char *text,
                             struct target **out, size_t *count);

/* The same of those that something is to act on: `all` leaves out populations that are only
 * sources; one that is named is reported. */
bool config_read_targets(struct reading *reading, const struct parser *parser, const char *text,
                         struct target **out, size_t *count);

/* `all | none | a:b | a:b:step | 3, 7, 12 | sample(n)` for all populations of the record. */
bool config_read_selection(struct reading *reading, const struct parser *parser, const char *text,
                           struct record_config *record);

#endif
