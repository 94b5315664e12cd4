/* Characters that look like ASCII's and are not, as word processors and web pages have them.
 * Thread-safe. */
#ifndef MEGALIF_BASE_LOOK_ALIKE_H
#define MEGALIF_BASE_LOOK_ALIKE_H

#include <stddef.h>

/* The first such character of a text in UTF-8, with what is meant, to follow "there is ": "a
 * no-break space (U+00A0); write a blank". NULL: none. */
const char *look_alike(const char *text, size_t length);

#endif
