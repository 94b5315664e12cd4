/* fixed_total_number: N synapses on all pairs alike. A tree shares them out among tiles. In a tile
 * they are independent and come by source, then as drawn; or, without multapses, are distinct pairs
 * in the order in which they were drawn. */
#ifndef MEGALIF_NET_RULE_TOTAL_H
#define MEGALIF_NET_RULE_TOTAL_H

#include "net/wiring_private.h"

extern const struct wiring_rule rule_fixed_total_number;

#endif
