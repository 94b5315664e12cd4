/* Advice on keys and sections that are not known where they stand: where they belong, or what takes
 * the place of what other simulators have. */
#ifndef MEGALIF_CONFIG_ADVICE_H
#define MEGALIF_CONFIG_ADVICE_H

#include "config/config.h"

/* What is to be said of a key in a section ("projection.ee") where it is unknown, after "unknown
 * key; "; NULL: nothing. Returns hint, cut to size. */
const char *config_advise(const struct config_types *types, const char *section, const char *key,
                          char *hint, size_t size);

/* The prefix ("projection.") of our sections for what others call by the part of a name before its
 * dot ("synapses"); NULL: there is none. */
const char *config_advise_section(const char *name);

#endif
