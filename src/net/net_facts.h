/* What there is of a projection, once its synapses are made. */
#ifndef MEGALIF_NET_FACTS_H
#define MEGALIF_NET_FACTS_H

#include "base/digest.h"
#include "config/config.h"

struct net_facts {
    struct digest digest;            /* net/connectivity.h; digest.spikes counts the synapses */
    uint64_t bytes;                  /* that they take */
    enum projection_storage storage; /* as they are kept: any but automatic */
};

#endif
