/* Rules that leave nothing to chance: one_to_one, all_to_all. Order: by target, then source. */
#ifndef MEGALIF_NET_RULE_PAIRS_H
#define MEGALIF_NET_RULE_PAIRS_H

#include "net/wiring_private.h"

extern const struct wiring_rule rule_one_to_one, rule_all_to_all;

#endif
