/* From INI sections to the parts of a config. Everything wrong is reported; what stands in the
 * config of a section that was reported is of no meaning. */
#ifndef MEGALIF_CONFIG_SECTIONS_H
#define MEGALIF_CONFIG_SECTIONS_H

#include "config/config.h"
#include "config/ini.h"
#include "config/keys.h"
#include "config/parse.h"
#include "config/report.h"

/* A config that is being read. */
struct reading {
    struct store *store;
    struct report errors, warnings;
    struct ini ini;
    const struct decimal *dt; /* NULL: not known, for it was wrong */
    const struct config_types *types;
    struct config *config;
};

/* The sections without a name of their own, in brackets: "[simulation]" ... */
enum { CONFIG_SINGLES = 5 };
extern const char *const config_single_sections[CONFIG_SINGLES];

/* Is it one of these, written without brackets? */
bool config_is_single_section(const char *name);

/* Where a value stands, or where its section does when it was not given. */
struct place config_value_place(const struct ini_section *section, const struct key *key,
                                const struct value *value);

/* Reads the keys of one table into values[count]: parsed, or their fallback, or absent. False when
 * something is wrong with one of them. */
bool config_read_keys(struct reading *reading, struct ini_section *section, const struct key *keys,
                      size_t count, struct value *values);

/* Reports the entries that no table had. `more` may be empty. */
void config_report_unknown(struct reading *reading, const struct ini_section *section,
                           const struct key *keys, size_t count, const struct key *more,
                           size_t more_count);

/* What the check of a type has to say of a key, or, where it is NULL, of the section. */
void config_report_check(struct reading *reading, const struct ini_section *section,
                         const struct key *key, const struct value *value, const char *text);

/* The section's seed, or the simulation's. */
uint64_t config_seed(const struct reading *reading, const struct value *value);

/* What the section says, to reading->config. [simulation] comes before all others, whose times are
 * counted in its dt; [output] after the populations, whose sizes decide a default of it. */
void config_read_simulation(struct reading *reading, struct ini_section *section);
void config_read_output(struct reading *reading, struct ini_section *section);

#endif
