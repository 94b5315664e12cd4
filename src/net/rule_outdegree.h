/* fixed_outdegree: as many synapses from each source, on its targets alike. A tree for each source
 * shares them out among tiles. Order: by source, then as drawn. */
#ifndef MEGALIF_NET_RULE_OUTDEGREE_H
#define MEGALIF_NET_RULE_OUTDEGREE_H

#include "net/wiring_private.h"

extern const struct wiring_rule rule_fixed_outdegree;

#endif
