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
    const struct input_type *const *types;
    size_t type_count;
    struct config *config;
};

/* Is it a section without a name of its own, such as [simulation]? */
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

/* The section's seed, or the simulation's. */
uint64_t config_seed(const struct reading *reading, const struct value *value);

void config_read_simulation(struct reading *reading, struct ini_section *section);
void config_read_population(struct reading *reading, struct ini_section *section,
                            struct population_config *out);
void config_read_input(struct reading *reading, struct ini_section *section,
                       struct input_config *out);
void config_read_record(struct reading *reading, struct ini_section *section,
                        struct record_config *out);
/* present: the section is in the file; else `section` is an empty one. */
void config_read_checkpoint(struct reading *reading, struct ini_section *section, bool present);
void config_read_output(struct reading *reading, struct ini_section *section);

/* Fixes population->membrane and checks it: which of C_m, tau_m, g_L, R_m hold; the others become
 * absent. */
void config_read_membrane(struct reading *reading, const struct ini_section *section,
                          struct population_config *population);

/* `a, b[0:10] | all`: sorted and disjoint. False and a count of 0 when something is wrong. */
bool config_read_targets(struct reading *reading, const struct parser *parser, const char *text,
                         struct target **out, size_t *count);

/* `all | none | a:b | a:b:step | 3, 7, 12 | sample(n)` for all populations of the record. */
bool config_read_selection(struct reading *reading, const struct parser *parser, const char *text,
                           struct record_config *record);

/* Reports `levels` among the values where the population, or every target, is not made of copies.
 */
void config_check_levels(struct reading *reading, const struct ini_section *section,
                         const struct key *keys, size_t count, const struct value *values,
                         bool copies);

/* What concerns several sections: a population recorded twice; streams of random numbers, named
 * after sections, that would be the same. The latter needs a config without errors. */
void config_check_records(struct reading *reading);
void config_check_streams(struct reading *reading);

/* A config with a section [sweep] describes many runs; reports the swept keys that no override
 * gives, so that it is one. */
void config_check_single(struct reading *reading, const char *const *overrides, size_t count);

#endif
