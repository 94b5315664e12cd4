/* Rules that give each target a number of synapses, and these their sources: fixed_indegree;
 * pairwise_bernoulli, where it is binomial and the sources are distinct; pairwise_poisson, where it
 * has Poisson's law and they are independent. Both are the same as drawing for each pair. Order: by
 * target, then as drawn. */
#ifndef MEGALIF_NET_RULE_INDEGREE_H
#define MEGALIF_NET_RULE_INDEGREE_H

#include "net/wiring_private.h"

extern const struct wiring_rule rule_fixed_indegree, rule_pairwise_bernoulli, rule_pairwise_poisson;

#endif
