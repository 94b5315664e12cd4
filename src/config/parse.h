/* Text to the value of a key, whatever its kind is. */
#ifndef MEGALIF_CONFIG_PARSE_H
#define MEGALIF_CONFIG_PARSE_H

#include "config/number.h"

/* What the text says, by the kind of parser->key. False when something is wrong, which is reported.
 * The texts and lists of out belong to the store. */
bool config_parse_value(const struct parser *parser, const char *text, struct value *out);

/* Reports a word that is none of the known ones, and which would do. */
void config_report_word(struct report *errors, const struct place *place, const char *text,
                        size_t length, const char *const *known, size_t count);

#endif
