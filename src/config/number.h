/* Text to numbers with units. Every function that has a parser reports what is wrong and returns
 * false. */
#ifndef MEGALIF_CONFIG_NUMBER_H
#define MEGALIF_CONFIG_NUMBER_H

#include "config/report.h"
#include "config/store.h"
#include "config/units.h"
#include "config/value.h"

/* A piece of text, not terminated. */
struct span {
    const char *text;
    size_t length;
};

/* What the parsing of one key's text needs to know. */
struct parser {
    struct store *store;
    struct report *errors;
    struct place place;
    const struct key *key;    /* NULL where only plain functions below are used */
    const struct decimal *dt; /* NULL: unknown, times are not checked against it */
};

struct quantity {
    struct decimal number;   /* as written */
    const struct unit *unit; /* NULL: none written */
};

struct span config_span(const char *text);

/* Without blanks at both ends. */
struct span config_trim(struct span span);

/* Cuts off the part before the next comma; false when nothing is left. *rest starts as the whole
 * text; "" gives one empty part; rest->text is NULL after the last. */
bool config_next_part(struct span *rest, struct span *part);

/* Whether the text is free of ; and #: they stand for a comma, or for a comment, which
 * needs a blank before. For all but free text. */
bool config_check_marks(const struct parser *parser, struct span text);

/* Length of the decimal literal that text begins with; 0: none. */
size_t config_literal_length(struct span text);

/* A number with or without a unit of the dimension. */
bool config_parse_quantity(const struct parser *parser, struct span text, enum dimension dimension,
                           struct quantity *out);

/* Quantities with commas between. Each has its unit, or none, or the last one's holds for all.
 * *out is in the dimension's kept unit. */
bool config_parse_quantities(const struct parser *parser, struct span text,
                             enum dimension dimension, struct decimal **out, size_t *count);

/* A whole number from 0 to 2^64 - 1; 8e5 works too. Reports nothing. When false *out is UINT64_MAX
 * for a whole number beyond that, else 0. */
bool config_read_integer(struct span text, uint64_t *out);

/* A time, in ms, as a multiple of dt. True, and *steps 0, when dt is not known. */
bool config_parse_steps(const struct parser *parser, struct decimal time, uint64_t *steps);

/* steps * dt exactly; false when that needs more than 18 digits. */
bool config_exact_time(struct decimal dt, uint64_t steps, struct decimal *out);

/* Whether a number, in the kept unit, is what the key allows. */
bool config_check_range(const struct parser *parser, double number, struct span text);

/* One number within the key's range: `number` and `exact` of out. */
bool config_parse_number(const struct parser *parser, struct span text, struct value *out);

#endif
