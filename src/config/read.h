/* INI text to a config. */
#ifndef MEGALIF_CONFIG_READ_H
#define MEGALIF_CONFIG_READ_H

#include "config/config.h"

/* Reads, overrides, completes and checks a config.
 *   path       the INI file, "-" for standard input
 *   overrides  `section.key=value` strings (the section may have dots: population.exc.I_e=200 pA)
 *   types      the input types and models that exist
 * On success STATUS_OK and *out, owned by the caller (config_free). Otherwise STATUS_CONFIG with
 * all errors of the file, one line each, in `errors`, or STATUS_MEMORY, and *out NULL. Creates no
 * files. Thread-safe. */
enum status config_read(const char *path, const char *const *overrides, size_t override_count,
                        const struct config_types *types, struct config **out,
                        struct messages *errors);

/* The same from text in memory; name stands for the file in messages. */
enum status config_read_text(const char *text, size_t length, const char *name,
                             const char *const *overrides, size_t override_count,
                             const struct config_types *types, struct config **out,
                             struct messages *errors);

/* All of a config's text, "-" for standard input, with a zero byte behind it, to be freed; NULL and
 * a message in errors when it cannot be read. */
char *config_load(const char *path, size_t *length, struct messages *errors);

void config_free(struct config *config);

#endif
