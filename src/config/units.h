/* Units of the keys' dimensions. All numbers are kept in NEST's units: ms, mV, pF, nS, MOhm, pA,
 * Hz. */
#ifndef MEGALIF_CONFIG_UNITS_H
#define MEGALIF_CONFIG_UNITS_H

#include "config/value.h"

struct unit {
    const char *name;
    enum dimension dimension;
    int shift; /* one of it is 10^shift of the unit that numbers are kept in */
};

/* The unit of that name (case matters), or NULL. */
const struct unit *config_find_unit(const char *name, size_t length);

/* "ms", "mV" ...; "" for DIMENSION_NONE. */
const char *config_kept_unit(enum dimension dimension);

/* "a time", "a voltage" ...; "a plain number". */
const char *config_dimension_name(enum dimension dimension);

/* Fills buffer (>= 64 bytes) with the units of the dimension whose names differ from `name` only in
 * case, "MHz or mHz"; false when there are none. */
bool config_near_units(const char *name, size_t length, enum dimension dimension, char *buffer,
                       size_t size);

/* All units of a dimension, "s, ms, us, ns"; buffer: >= 64 bytes. */
const char *config_list_units(enum dimension dimension, char *buffer, size_t size);

#endif
