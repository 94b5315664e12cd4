/* The section [sweep]: its lines, and what it means for a single run. */
#ifndef MEGALIF_CONFIG_SWEEP_SECTION_H
#define MEGALIF_CONFIG_SWEEP_SECTION_H

#include "config/ini.h"
#include "config/sections.h"
#include "config/sweep.h"

/* A sweep that is being read; its first member, so that config_sweep_free finds the store. */
struct sweep_reading {
    struct sweep sweep;
    struct store memory, *store; /* store: &memory */
    struct report errors;
    struct ini ini;
};

/* The lines of [sweep] and of --vary, as lists of texts. */
void config_sweep_read_section(struct sweep_reading *r, const struct sweep_source *source);

/* Whether one of the overrides sets this key. */
bool config_sweep_is_set(const char *const *overrides, size_t count, const char *key,
                         size_t length);

/* A config with a section [sweep] describes many runs; reports the swept keys that no override
 * gives, so that it is one. */
void config_check_single(struct reading *reading, const char *const *overrides, size_t count);

#endif
