/* Names: their form, and the nearest known one to a wrong one. */
#ifndef MEGALIF_CONFIG_NAMES_H
#define MEGALIF_CONFIG_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Letters, digits and _, not starting with a digit, not empty. ASCII only, whatever the locale. */
bool config_is_name(const char *text, size_t length);

/* Equal but for upper and lower case. */
bool config_is_same_word(const char *a, const char *b);

/* Our word for one of others', where it is among `known` (NULLs are skipped); NULL: it is not. */
const char *config_translate(const char *name, const char *const *known, size_t count);

/* Our word for one of others', whatever is known; NULL: there is none. */
const char *config_our_word(const char *name);

/* Fills hint with "did you mean X?" for our word for what other simulators call so, or the nearest
 * of `known` (NULLs are skipped) by edit distance, upper and lower case being near; when none is
 * near, with "what: a, b, c" or, when there is none at all, "there are none". Returns hint, cut to
 * size. */
const char *config_suggest(const char *name, const char *what, const char *const *known,
                           size_t count, char *hint, size_t size);

#endif
