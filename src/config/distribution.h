/* Text to a number or a distribution. */
#ifndef MEGALIF_CONFIG_DISTRIBUTION_H
#define MEGALIF_CONFIG_DISTRIBUTION_H

#include "config/number.h"

/* A number or a distribution. */
bool config_parse_distribution(const struct parser *parser, struct span text, struct value *out);

/* "uniform" ...; NULL for a constant. */
const char *config_distribution_name(enum distribution_kind kind);

/* How many parameters it has. */
int config_distribution_parameters(enum distribution_kind kind);

#endif
