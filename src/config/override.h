/* `--set section.key=value` on INI text that has been read. */
#ifndef MEGALIF_CONFIG_OVERRIDE_H
#define MEGALIF_CONFIG_OVERRIDE_H

#include "config/ini.h"

/* Applies each `section.key=value`: replaces the text of a key or adds the key, before any value
 * is parsed. [simulation], [output], [checkpoint], [sweep] and [defaults] are added where they are
 * missing, [record.NAME] by its key `what`, [input.NAME] by its `type`; any other section must
 * exist. Those that add one come first, wherever they stand. Of two for one key the later one
 * holds. */
void config_ini_override(const char *const *texts, size_t count, struct report *errors,
                         struct ini *ini);

/* Whether a line of a config could say it: no control characters, no comment. */
bool config_value_is_plain(const char *value);

#endif
