/* Text to the values of one line of [sweep]. */
#ifndef MEGALIF_CONFIG_SWEEP_LIST_H
#define MEGALIF_CONFIG_SWEEP_LIST_H

#include "config/number.h"

/* What one line of [sweep] says (sweep.h): the texts of its values, in their order. */
struct sweep_list {
    const char **text;
    size_t count;
};

/* `grid(first, last, n)`, `logspace(first, last, n)`, `values(a; b; ...)` or `range(a:b)`. */
bool config_parse_sweep_list(const struct parser *parser, struct span text, struct sweep_list *out);

/* `zip(LIST, LIST, ...)`: one list, of one length, for each of `keys` keys. */
bool config_parse_sweep_zip(const struct parser *parser, struct span text, size_t keys,
                            struct sweep_list *out);

#endif
